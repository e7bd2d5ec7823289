"""Pods pass the restricted pod security standard, and no secret leaves its Secret."""

import json
import re

import pytest
import yaml
from chart import VALUES, of_kind, pods, rendered, settings

# https://kubernetes.io/docs/concepts/security/pod-security-standards/, profile restricted.
VOLUMES = {"configMap", "csi", "downwardAPI", "emptyDir", "ephemeral", "persistentVolumeClaim", "projected", "secret"}


def containers(spec):
    return spec["containers"] + spec.get("initContainers", []) + spec.get("ephemeralContainers", [])


@pytest.mark.parametrize("name", VALUES)
def test_pods_are_restricted(name):
    for owner, template in pods(rendered(name)):
        spec, said = template["spec"], owner["metadata"]["name"]
        assert not any(spec.get(key) for key in ("hostNetwork", "hostPID", "hostIPC")), said
        for volume in spec["volumes"]:
            assert set(volume) - {"name"} <= VOLUMES, said
        pod = spec["securityContext"]
        assert not set(pod) & {"sysctls", "seLinuxOptions", "appArmorProfile", "windowsOptions"}, said
        for container in containers(spec):
            own = container["securityContext"]
            both = {**pod, **own}
            assert both["runAsNonRoot"] is True and both["runAsUser"] != 0, said
            assert both["seccompProfile"]["type"] == "RuntimeDefault", said
            assert own["allowPrivilegeEscalation"] is False and not own.get("privileged"), said
            assert own["capabilities"] == {"drop": ["ALL"]}, said
            assert own["readOnlyRootFilesystem"] is True, said
            assert not any(port.get("hostPort") for port in container.get("ports", [])), said


@pytest.mark.parametrize("name", VALUES)
def test_pods_have_no_token_and_no_service_variables(name):
    for owner, template in pods(rendered(name)):
        assert template["spec"]["automountServiceAccountToken"] is False, owner["metadata"]["name"]
        # BULKHEAD_PORT and its kin look like settings.
        assert template["spec"]["enableServiceLinks"] is False, owner["metadata"]["name"]
    for account in of_kind(rendered(name), "ServiceAccount"):
        assert account["automountServiceAccountToken"] is False


@pytest.mark.parametrize("name", VALUES)
def test_containers_need_no_shell(name):
    for _, template in pods(rendered(name)):
        for container in containers(template["spec"]):
            assert "command" not in container and "lifecycle" not in container
            for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
                assert "exec" not in container.get(probe, {})


SECRET_KEYS = re.compile(r"([sS]ecret|token|password|key\.pem|oauthbearer\.config|jaas\.config)$")
REFERENCE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*|file:/[^}]+)\}")


def scalars(value, key=""):
    if isinstance(value, dict):
        for inner_key, inner in value.items():
            yield from scalars(inner, inner_key)
    elif isinstance(value, list):
        for inner in value:
            yield from scalars(inner, key)
    else:
        yield key, value


@pytest.mark.parametrize("name", VALUES)
def test_secrets_are_references(name):
    objects = rendered(name)
    assert of_kind(objects, "Secret") == []
    seen = 0
    for each in of_kind(objects, "ConfigMap"):
        for file, text in each["data"].items():
            if file == "bulkhead.yaml":
                for key, value in scalars(yaml.safe_load(text)):
                    if SECRET_KEYS.search(key):
                        assert REFERENCE.fullmatch(value), (each["metadata"]["name"], key)
                        seen += 1
    assert seen
    for _, template in pods(objects):
        assert "${" not in json.dumps(template["metadata"])
        for container in containers(template["spec"]):
            for variable in container.get("env", []):
                assert set(variable) == {"name", "valueFrom"} and set(variable["valueFrom"]) == {"secretKeyRef"}
            assert "${" not in json.dumps(container["args"])
    for each in objects:
        assert "${" not in json.dumps(each["metadata"])


@pytest.mark.parametrize("name", VALUES)
def test_every_reference_has_its_secret(name):
    objects = rendered(name)
    references = set(REFERENCE.findall(settings(objects)))
    for owner, template in pods(objects):
        container = template["spec"]["containers"][0]
        variables = {variable["name"] for variable in container.get("env", [])}
        mounts = {mount["mountPath"] for mount in container["volumeMounts"]}
        for reference in references:
            if reference.startswith("file:"):
                assert any(reference.removeprefix("file:").startswith(mount + "/") for mount in mounts), reference
            else:
                assert reference in variables, (owner["metadata"]["name"], reference)
