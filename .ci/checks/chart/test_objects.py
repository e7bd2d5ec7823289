"""Every rendered object is one that Kubernetes takes, and names in one object exist in another."""

import re

import helm_python
import jsonschema
import kubernetes_validate
import pytest
from chart import CHART, NAMESPACE, VALUES, is_hook, of_kind, pods, rendered, values_of
from crds import schema_of

# The oldest version that Chart.yaml names, and the newest with schemas.
KUBERNETES = ["1.27", kubernetes_validate.latest_version()]


@pytest.mark.parametrize("kubernetes", KUBERNETES)
@pytest.mark.parametrize("name", VALUES)
def test_lint_finds_nothing(name, kubernetes):
    report = helm_python.lint(CHART, values_of(name), strict=True, namespace=NAMESPACE, kube_version=f"v{kubernetes}.0")
    findings = [each for each in report["messages"] if each["severity"] >= 2 or "icon" not in each["error"]]
    assert findings == [] and report["errors"] == []


@pytest.mark.parametrize("kubernetes", KUBERNETES)
@pytest.mark.parametrize("name", VALUES)
def test_objects_validate(name, kubernetes):
    assert rendered(name)
    for each in rendered(name):
        schema = schema_of(each)
        if schema:
            jsonschema.validate(each, schema)
        else:
            kubernetes_validate.validate(each, kubernetes, strict=True)


@pytest.mark.parametrize("name", VALUES)
def test_names_are_valid_and_unique(name):
    seen = set()
    for each in rendered(name):
        identity = (each["kind"], each["metadata"]["name"])
        assert identity not in seen
        seen.add(identity)
        assert re.fullmatch(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?", identity[1]), identity
        for label in each["metadata"]["labels"].values():
            assert re.fullmatch(r"([A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?)?", label), (identity, label)


def selects(selector, template):
    labels = template["metadata"]["labels"]
    return all(labels.get(key) == value for key, value in selector.items())


@pytest.mark.parametrize("name", VALUES)
def test_selectors_find_their_pods(name):
    objects = rendered(name)
    templates = {each["metadata"]["name"]: template for each, template in pods(objects)}
    deployments = {each["metadata"]["name"]: each for each in of_kind(objects, "Deployment")}
    for deployment_name, deployment in deployments.items():
        found = [pod for pod, template in templates.items() if selects(deployment["spec"]["selector"]["matchLabels"], template)]
        assert found == [deployment_name]
        for spread in deployment["spec"]["template"]["spec"].get("topologySpreadConstraints", []):
            assert selects(spread["labelSelector"]["matchLabels"], deployment["spec"]["template"])
    for budget in of_kind(objects, "PodDisruptionBudget"):
        found = [pod for pod, template in templates.items() if selects(budget["spec"]["selector"]["matchLabels"], template)]
        assert found == [budget["metadata"]["name"]]
    for service in of_kind(objects, "Service"):
        found = {pod for pod, template in templates.items() if selects(service["spec"]["selector"], template)}
        assert found == set(deployments)
        for monitor in of_kind(objects, "ServiceMonitor"):
            assert selects(monitor["spec"]["selector"]["matchLabels"], service)
            ports = {port["name"] for port in service["spec"]["ports"]}
            assert {endpoint["port"] for endpoint in monitor["spec"]["endpoints"]} <= ports
    for scaled in of_kind(objects, "ScaledObject"):
        assert scaled["spec"]["scaleTargetRef"]["name"] in deployments
    for policy in of_kind(objects, "NetworkPolicy"):
        found = {pod for pod, template in templates.items() if selects(policy["spec"]["podSelector"]["matchLabels"], template)}
        assert found if is_hook(policy) else set(templates) == found


@pytest.mark.parametrize("name", VALUES)
def test_a_pod_finds_what_it_mounts_before_it_starts(name):
    objects = rendered(name)
    for owner, template in pods(objects):
        spec = template["spec"]
        hook = owner["metadata"].get("annotations", {}).get("helm.sh/hook", "")
        volumes = {volume["name"]: volume for volume in spec["volumes"]}
        for volume in volumes.values():
            if "configMap" in volume:
                maps = [each for each in of_kind(objects, "ConfigMap") if each["metadata"]["name"] == volume["configMap"]["name"]]
                assert len(maps) == 1
                # A hook before the install cannot wait for an object of the release.
                assert is_hook(maps[0]) == hook.startswith("pre-install")
        for container in spec["containers"]:
            assert {mount["name"] for mount in container["volumeMounts"]} == set(volumes)
        account = spec.get("serviceAccountName", "default")
        made = {each["metadata"]["name"] for each in of_kind(objects, "ServiceAccount")}
        assert account == "default" or account in made or name == "bare"
        if hook.startswith("pre-install"):
            assert account == "default"


def test_optional_parts_are_seen_somewhere():
    kinds = {each["kind"] for name in VALUES for each in rendered(name)}
    assert kinds == {
        "ConfigMap", "Deployment", "Job", "NetworkPolicy", "Pod", "PodDisruptionBudget", "ScaledObject", "Service",
        "ServiceAccount", "ServiceMonitor",
    }  # fmt: skip
    assert {each["kind"] for each in rendered("bare")} == {"ConfigMap", "Deployment", "Pod"}
    assert len(of_kind(rendered("per-provider"), "Deployment")) == 5


@pytest.mark.parametrize("name", VALUES)
def test_network_policies_let_work_through(name):
    objects = rendered(name)
    for policy in of_kind(objects, "NetworkPolicy"):
        ports = [port["port"] for rule in policy["spec"]["egress"] for port in rule["ports"]]
        servers = values_of(name)["config"]["kafka"]["bootstrap.servers"]
        kafka = {int(server.partition(":")[2] or 9092) for server in servers.split(",")}
        assert {53, *kafka} <= set(ports)
        if not is_hook(policy):
            assert 443 in ports
            container = of_kind(objects, "Deployment")[0]["spec"]["template"]["spec"]["containers"][0]
            assert policy["spec"]["ingress"][0]["ports"][0]["port"] == container["ports"][0]["containerPort"]
