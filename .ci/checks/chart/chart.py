"""The chart under test and what it renders for each values file."""

import functools
import os
import pathlib
import re

import helm_python
import yaml

ROOT = pathlib.Path(__file__).resolve().parents[3]
CHART = pathlib.Path(os.environ.get("BULKHEAD_CHART", ROOT / "helm/bulkhead"))
METRICS = pathlib.Path(os.environ.get("BULKHEAD_METRICS", ROOT / "Sources/Bulkhead/Bulkhead.docc/Metrics.md"))
RELEASE, NAMESPACE = "demo", "work"
SETTINGS_PATH = "/etc/bulkhead/settings/bulkhead.yaml"
SECRETS_PATH = "/etc/bulkhead/secrets"


class StrictLoader(yaml.SafeLoader):
    """Refuses a key that stands twice in one map, as the API server does."""

    def construct_mapping(self, node, deep=False):
        keys = [self.construct_object(key, deep=True) for key, _ in node.value]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            raise yaml.YAMLError(f"keys stand twice: {twice}, {node.start_mark}")
        return super().construct_mapping(node, deep)


def readme_example():
    """The values that the README tells its reader to write."""
    blocks = re.findall(r"(?:^ {7}.*\n|^\n)+", (CHART / "README.md").read_text(), re.M)
    block = next(text for text in blocks if "# my-values.yaml" in text)
    return yaml.load(block, StrictLoader)


def values_of(name):
    if name == "README":
        return readme_example()
    return yaml.load((CHART / "ci" / f"{name}-values.yaml").read_text(), StrictLoader)


VALUES = sorted(path.name.removesuffix("-values.yaml") for path in (CHART / "ci").glob("*-values.yaml")) + ["README"]


@functools.cache
def loaded():
    return helm_python.Chart.load(CHART)


def render(values):
    """Objects of one rendering, after the values have passed the chart's schema."""
    chart = loaded()
    chart.validate_schema(chart.merge_values(values))
    texts = chart.render(values, name=RELEASE, namespace=NAMESPACE)
    objects = []
    for path, text in texts.items():
        if path.endswith(".yaml"):
            objects += [each for each in yaml.load_all(text, StrictLoader) if each]
    return objects


@functools.cache
def rendered(name):
    return render(values_of(name))


def of_kind(objects, kind):
    return [each for each in objects if each["kind"] == kind]


def pods(objects):
    """Pairs of object and pod template; a bare Pod is its own template."""
    for each in objects:
        if each["kind"] == "Pod":
            yield each, each
        elif each["kind"] in ("Deployment", "Job"):
            yield each, each["spec"]["template"]


def is_hook(each):
    return "helm.sh/hook" in each["metadata"].get("annotations", {})


def settings(objects):
    """The settings file of the release."""
    maps = [each for each in of_kind(objects, "ConfigMap") if "bulkhead.yaml" in each["data"] and not is_hook(each)]
    return maps[0]["data"]["bulkhead.yaml"]


def leaves(value, path=""):
    """Paths of all values below a map; lists and empty maps are leaves."""
    if isinstance(value, dict) and value:
        for key, inner in value.items():
            yield from leaves(inner, f"{path}.{key}" if path else key)
    else:
        yield path, value
