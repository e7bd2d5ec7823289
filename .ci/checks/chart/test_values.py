"""Values with a mistake are refused before anything is installed, and each value that exists is documented and tried."""

import copy
import json
import re

import helm_python
import jsonschema
import pytest
import settings_schema
import yaml
from chart import CHART, StrictLoader, leaves, of_kind, render, values_of

SCHEMA = json.loads((CHART / "values.schema.json").read_text())
DEFAULTS = yaml.load((CHART / "values.yaml").read_text(), StrictLoader)


def changed(path, value, base="minimal"):
    """The values of a file with one more; dots separate keys, and a list is written as it is."""
    values = copy.deepcopy(values_of(base))
    inner = values
    *keys, last = path
    for key in keys:
        inner = inner.setdefault(key, {})
    inner[last] = value
    return values


ACCOUNT = ["config", "providers", "aelyst", "accounts", "main"]
REFUSED = [
    # Typos, at every depth.
    (["replica"], 3),
    (["image", "tags"], "1"),
    (["config", "kafka ", "x"], 1),
    (["config", "providrs"], {}),
    (["config", "providers", "aelyst", "knd"], "aelyst"),
    (["config", "providers", "aelyst", "baseUrl"], "https://x.example"),
    (["config", "providers", "aelyst", "limits"], [{"request": 5, "per": "1s"}]),
    (["config", "retry"], {"maxAttempt": 3}),
    (["config", "lanes"], {"maxByte": "1GiB"}),
    (["secretEnv", "X"], {"nme": "a", "key": "b"}),
    (["overrides"], {"worker": {"replica": 1}}),
    (["autoscaling"], {"trigger": "prometeus"}),
    (["probes"], {"live": {}}),
    (["layout"], "provider"),
    # Values of the wrong kind or outside their range.
    (["replicas"], "two"),
    (["config", "providers", "aelyst", "kind"], "elyst"),
    (["config", "providers", "aelyst", "timeout"], "30"),
    (["config", "providers", "aelyst", "timeout"], 30),
    (["config", "lanes"], {"bulkShare": 10}),
    (["config", "import"], {"cardsPerRequest": 1001}),
    (["config", "providers"], {}),
    (["config", "kafka"], {}),
    (["image", "digest"], "sha256:12"),
    # A listener that neither probes nor Prometheus could reach.
    (["config", "admin", "listen"], "127.0.0.1:8087"),
    # Secrets written out.
    ([*ACCOUNT, "token"], "c2VjcmV0"),
    ([*ACCOUNT, "token"], "${TOKEN:-c2VjcmV0}"),
    (["config", "kafka", "sasl.password"], "hunter2"),
    (["config", "kafka", "ssl.key.password"], "hunter2"),
    (["config", "kafka", "ssl.key.pem"], "-----BEGIN PRIVATE KEY-----"),
    (["config", "kafka", "sasl.oauthbearer.client.secret"], "hunter2"),
    (["config", "kafka", "sasl.oauthbearer.config"], "principal=me"),
    (["config", "providers", "aelyst", "baseURL"], "https://user:hunter2@api.example"),
    (["autoscaling"], {"kafka": {"metadata": {"password": "hunter2"}}}),
    (["autoscaling"], {"prometheus": {"serverAddress": "http://user:hunter2@prometheus:9090"}}),
    # Labels that the selectors rest on.
    (["podLabels"], {"app.kubernetes.io/name": "other"}),
]


@pytest.mark.parametrize(("path", "value"), REFUSED, ids=lambda each: ".".join(each) if isinstance(each, list) and each and isinstance(each[0], str) else None)
def test_schema_refuses(path, value):
    with pytest.raises(helm_python.HelmValuesError):
        render(changed(path, value))


@pytest.mark.parametrize(
    ("path", "value", "base", "said"),
    [
        (["terminationGracePeriodSeconds"], 20, "minimal", "shutdown.grace is 20 s"),
        (["terminationGracePeriodSeconds"], 60, "everything", "shutdown.grace is 60 s"),
        (["overrides"], {"lanes": {"replicas": 1}}, "minimal", "only worker"),
        (["serviceMonitor"], {"enabled": True}, "bare", "needs service.enabled"),
        (["autoscaling"], {"enabled": True, "minReplicas": 9}, "minimal", "minReplicas is above maxReplicas"),
        (
            ["config", "providers", "Convor-EU"],
            {"kind": "convor", "baseURL": "https://c.example", "accounts": {"m": {"token": "${T}"}}},
            "per-provider",
            "lane-convor-eu",
        ),
    ],
    ids=lambda each: ".".join(each) if isinstance(each, list) else None,
)
def test_templates_refuse(path, value, base, said):
    with pytest.raises(helm_python.HelmError, match=re.escape(said)):
        render(changed(path, value, base))


def test_schema_is_a_schema():
    jsonschema.Draft7Validator.check_schema(SCHEMA)


def closed_everywhere(schema, path=""):
    """Maps whose unknown keys the schema would let pass, by path."""
    if schema.get("type") == "object" and "properties" in schema and schema.get("additionalProperties", True) is True:
        yield path
    for key, inner in schema.get("properties", {}).items():
        yield from closed_everywhere(inner, f"{path}.{key}")
    if isinstance(schema.get("additionalProperties"), dict):
        yield from closed_everywhere(schema["additionalProperties"], f"{path}.*")


def test_schema_is_closed():
    assert list(closed_everywhere(SCHEMA)) == []


def schema_paths(schema, path=()):
    """Every path that the schema names; `*` stands for a name that the user chooses."""
    for key, inner in schema.get("properties", {}).items():
        yield (*path, key)
        yield from schema_paths(inner, (*path, key))
    if isinstance(schema.get("additionalProperties"), dict):
        yield from schema_paths(schema["additionalProperties"], (*path, "*"))
    if isinstance(schema.get("items"), dict):
        yield from schema_paths(schema["items"], (*path, "*"))


def reaches(value, path):
    if not path:
        return True
    if isinstance(value, list):
        return path[0] == "*" and any(reaches(each, path[1:]) for each in value)
    if not isinstance(value, dict):
        return False
    if path[0] == "*":
        return any(reaches(each, path[1:]) for each in value.values())
    return path[0] in value and reaches(value[path[0]], path[1:])


# Passed through to Kubernetes as they are; the shape of overrides is that of the values.
UNTRIED = {("global",), ("resources", "claims"), ("overrides", "*", "resources", "claims")}


def is_tried_elsewhere(path):
    return path[0] == "config" or path in UNTRIED or path[:3] == ("overrides", "*", "autoscaling")


def test_every_value_of_the_schema_is_tried():
    tried = [values_of(each) for each in ("everything", "minimal", "per-provider", "bare")] + [DEFAULTS]
    missing = [
        ".".join(path)
        for path in schema_paths(SCHEMA)
        if not is_tried_elsewhere(path) and not any(reaches(each, path) for each in tried)
    ]
    assert missing == [], missing


def test_schema_of_the_settings_is_that_of_the_program():
    made = settings_schema.build(settings_schema.table())
    assert SCHEMA["properties"]["config"] == made, "the table of settings has changed: run .ci/checks/helm --write"


def test_the_charts_own_defaults_are_those_of_the_program():
    defaults = {key: default.strip("`") for key, _, default, _ in settings_schema.table()}
    values = changed(["autoscaling"], {"enabled": True, "trigger": "kafka"})
    silent = render(values)
    values["config"]["shutdown"] = {"grace": defaults["shutdown.grace"]}
    values["config"]["prefix"] = defaults["prefix"]
    said = render(values)
    for kind, part in (("Deployment", lambda each: each["spec"]["template"]["spec"]), ("ScaledObject", lambda each: each["spec"])):
        assert [part(each) for each in of_kind(silent, kind)] == [part(each) for each in of_kind(said, kind)]
    port = defaults["admin.listen"].rpartition(":")[2]
    assert DEFAULTS["config"]["admin"]["listen"] == f"0.0.0.0:{port}" and DEFAULTS["service"]["port"] == int(port)


def readme_rows():
    rows = re.findall(r"^\| `([^`]+)` \| (.+?) \|", (CHART / "README.md").read_text().partition("## Values")[2], re.M)
    return {key: default.strip() for key, default in rows}


def test_readme_lists_every_value_with_its_default():
    rows = readme_rows()
    documented = set(rows)
    grouped = {"podSecurityContext", "securityContext", "topologySpread", "probes.startup", "probes.liveness", "probes.readiness"}
    for path, default in leaves({**DEFAULTS, **{key: None for key in ("podSecurityContext", "securityContext", "probes")}}):
        if path in grouped or path == "probes":
            continue
        key = "dashboard.labels" if path.startswith("dashboard.labels.") else path
        assert key in rows, f"README.md does not list {path}"
        documented.discard(key)
        if path == key:
            said = rows[key].strip("`")
            written = default if isinstance(default, str) and default else json.dumps(default)
            assert said == written, f"README.md says {said} for {path}, values.yaml {written}"
    assert documented <= grouped | {"config"}, "README.md lists values that do not exist"
    assert grouped <= set(rows)
