"""A rollout replaces one pod at a time and kills none in its work."""

import copy
import re

import pytest
import yaml
from chart import SETTINGS_PATH, VALUES, is_hook, of_kind, render, rendered, settings, values_of

SECONDS = {"ms": 0.001, "s": 1, "m": 60, "h": 3600, "d": 86400}


def shutdown_grace(objects):
    text = yaml.safe_load(settings(objects)).get("shutdown", {}).get("grace", "20s")
    number, unit = re.fullmatch(r"([0-9.]+)([a-z]+)", text).groups()
    return float(number) * SECONDS[unit]


@pytest.mark.parametrize("name", VALUES)
def test_one_replica_at_a_time_and_enough_time_to_stop(name):
    objects = rendered(name)
    for deployment in of_kind(objects, "Deployment"):
        spec = deployment["spec"]
        assert spec["strategy"] == {"type": "RollingUpdate", "rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}
        assert spec["minReadySeconds"] >= 10
        pod = spec["template"]["spec"]
        assert pod["terminationGracePeriodSeconds"] >= shutdown_grace(objects) + 20


@pytest.mark.parametrize(("grace", "expected"), [("20s", 45), ("1500ms", 27), ("1m", 85), ("1d", 86425), ("1h", 3625), ("0s", 25)])
def test_termination_grace_follows_the_settings(grace, expected):
    values = copy.deepcopy(values_of("minimal"))
    values["config"]["shutdown"] = {"grace": grace}
    deployment = of_kind(render(values), "Deployment")[0]
    assert deployment["spec"]["template"]["spec"]["terminationGracePeriodSeconds"] == expected


@pytest.mark.parametrize("name", VALUES)
def test_probes_ask_the_admin_server(name):
    objects = rendered(name)
    port = int(yaml.safe_load(settings(objects))["admin"]["listen"].rpartition(":")[2])
    for deployment in of_kind(objects, "Deployment"):
        container = deployment["spec"]["template"]["spec"]["containers"][0]
        assert container["ports"] == [{"name": "admin", "containerPort": port}]
        paths = {probe: container[probe]["httpGet"] for probe in ("startupProbe", "livenessProbe", "readinessProbe")}
        assert paths == {
            "startupProbe": {"path": "/livez", "port": "admin"},
            "livenessProbe": {"path": "/livez", "port": "admin"},
            "readinessProbe": {"path": "/readyz", "port": "admin"},
        }
        # The poll loops may rest for 30 s before /livez says so.
        liveness = container["livenessProbe"]
        assert liveness["periodSeconds"] * liveness["failureThreshold"] >= 30


@pytest.mark.parametrize("name", VALUES)
def test_deployments_together_play_every_role_for_every_provider(name):
    work = set()
    values = values_of(name)
    providers = set(values["config"]["providers"])
    for deployment in of_kind(rendered(name), "Deployment"):
        arguments = deployment["spec"]["template"]["spec"]["containers"][0]["args"]
        assert arguments[:3] == ["run", "--config", SETTINGS_PATH]
        options = dict(zip(arguments[3::2], arguments[4::2], strict=True))
        assert set(options) <= {"--roles", "--providers"}
        for role in options.get("--roles", "intake,lanes,jobs").split(","):
            served = set(options["--providers"].split(",")) if "--providers" in options else providers
            for unit in {(role, provider) for provider in served} if role == "lanes" else {(role, "")}:
                assert unit not in work, f"two Deployments do {unit}"
                work.add(unit)
    assert work == {("intake", ""), ("jobs", "")} | {("lanes", provider) for provider in providers}


@pytest.mark.parametrize("name", VALUES)
def test_either_the_deployment_or_the_autoscaler_sets_replicas(name):
    objects = rendered(name)
    scaled = {each["spec"]["scaleTargetRef"]["name"] for each in of_kind(objects, "ScaledObject")}
    for deployment in of_kind(objects, "Deployment"):
        assert ("replicas" in deployment["spec"]) != (deployment["metadata"]["name"] in scaled)
    for each in of_kind(objects, "ScaledObject"):
        assert 1 <= each["spec"]["minReplicaCount"] <= each["spec"]["maxReplicaCount"]


def test_lag_is_read_from_the_groups_that_the_settings_name():
    triggers = {
        each["metadata"]["name"]: [trigger["metadata"]["consumerGroup"] for trigger in each["spec"]["triggers"]]
        for each in of_kind(rendered("per-provider"), "ScaledObject")
    }
    assert triggers == {
        "demo-bulkhead-intake": ["bulkhead.intake", "bulkhead.intake.imports"],
        "demo-bulkhead-lane-aelyst": ["bulkhead.lane.aelyst"],
        "demo-bulkhead-lane-hatif": ["bulkhead.lane.hatif"],
    }


def test_overrides_reach_their_component_only():
    replicas = {each["metadata"]["name"]: each["spec"].get("replicas") for each in of_kind(rendered("everything"), "Deployment")}
    assert replicas == {"mover-eu-intake": None, "mover-eu-lanes": None, "mover-eu-jobs": 1}
    pods = {each["metadata"]["name"]: each["spec"]["template"]["spec"] for each in of_kind(rendered("everything"), "Deployment")}
    assert pods["mover-eu-lanes"]["nodeSelector"] == {"kubernetes.io/arch": "amd64", "pool": "general"}
    assert pods["mover-eu-intake"]["nodeSelector"] == {"kubernetes.io/arch": "amd64"}


def test_changed_settings_roll_the_pods():
    def checksum(values):
        deployment = of_kind(render(values), "Deployment")[0]
        return deployment["spec"]["template"]["metadata"]["annotations"]["checksum/settings"]

    values = copy.deepcopy(values_of("minimal"))
    before = checksum(values)
    assert checksum(values) == before
    values["config"]["retry"] = {"maxAttempts": 3}
    assert checksum(values) != before


@pytest.mark.parametrize("name", VALUES)
def test_topics_are_created_before_anything_else(name):
    objects = rendered(name)
    jobs = of_kind(objects, "Job")
    assert len(jobs) == (0 if name == "bare" else 1)
    for job in jobs:
        annotations = job["metadata"]["annotations"]
        assert annotations["helm.sh/hook"] == "pre-install,pre-upgrade"
        assert job["spec"]["template"]["spec"]["containers"][0]["args"] == ["topics", "create", "--config", SETTINGS_PATH]
        for each in objects:
            if is_hook(each) and each["kind"] in ("ConfigMap", "NetworkPolicy"):
                weight = int(each["metadata"]["annotations"]["helm.sh/hook-weight"])
                assert weight < int(annotations["helm.sh/hook-weight"])
