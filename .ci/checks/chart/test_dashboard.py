"""The dashboard and the autoscaler ask for metrics and labels that the program's documentation lists."""

import functools
import json
import re

import promql_parser
import pytest
from chart import CHART, METRICS, VALUES, of_kind, rendered

DASHBOARD = json.loads((CHART / "dashboards/bulkhead.json").read_text())
# Added by Prometheus itself, or the bucket of a histogram.
TARGET_LABELS = {"namespace", "pod", "job", "instance", "service", "le", "app_kubernetes_io_component"}
GRAFANA = {"$__rate_interval": "5m", "$__interval": "1m", "$__range": "6h"}


@functools.cache
def documented():
    """Metric name -> what its row in the table of Metrics.md has in backticks, name and labels, and its type.

    The first column is the name, the second the type.
    """
    assert METRICS.exists(), f"{METRICS} is missing: the dashboard's metrics cannot be checked"
    rows = {}
    for line in METRICS.read_text().splitlines():
        match = re.match(r"\|\s*`([a-z_:][a-z0-9_:]*)`\s*\|\s*(\w+)", line)
        if match:
            rows[match[1]] = {match[2], *re.findall(r"`([^`]+)`", line)}
    assert rows, f"{METRICS} has no table of metrics"
    return rows


def queries():
    for panel in DASHBOARD["panels"]:
        for target in panel.get("targets", []):
            yield f"panel {panel['title']} {target['refId']}", target["expr"]
    for variable in DASHBOARD["templating"]["list"]:
        match = re.fullmatch(r"label_values\((.+), *(\w+)\)", variable.get("definition", ""))
        if match:
            # The label that is read becomes one that the query groups by.
            yield f"variable {variable['name']}", f"count by ({match[2]}) ({match[1]})"


def walk(expression):
    """Metric selectors of an expression with the labels that the groupings around them name."""
    if isinstance(expression, promql_parser.VectorSelector):
        yield expression.name, {matcher.name for matcher in expression.matchers.matchers}
        return
    around = set()
    if isinstance(expression, promql_parser.AggregateExpr) and expression.modifier is not None:
        around = set(expression.modifier.labels)
    inner = []
    for attribute in ("expr", "lhs", "rhs", "vector_selector", "param"):
        child = getattr(expression, attribute, None)
        if child is not None:
            inner.append(child)
    arguments = getattr(expression, "args", None)
    inner += list(getattr(arguments, "args", arguments) or [])
    for child in inner:
        for name, labels in walk(child):
            yield name, labels | around


QUERIES = list(queries())


def check(query):
    """Asserts that the documentation lists all that a query asks for."""
    for variable, value in GRAFANA.items():
        query = query.replace(variable, value)
    found = list(walk(promql_parser.parse(query)))
    assert found, "the query reads no metric"
    for name, labels in found:
        base = re.sub(r"_(bucket|sum|count)$", "", name)
        if base != name and name not in documented():
            assert "histogram" in documented().get(base, ()), f"{base} is not documented as a histogram"
        else:
            base = name
        assert base in documented(), f"{METRICS.name} does not list {base}"
        unknown = labels - TARGET_LABELS - documented()[base]
        assert not unknown, f"{METRICS.name} does not say that {base} has {unknown}"


@pytest.mark.parametrize(("where", "query"), QUERIES, ids=[where for where, _ in QUERIES])
def test_query_names_metrics_that_exist(where, query):
    check(query)


@pytest.mark.parametrize("name", VALUES)
def test_autoscaler_names_metrics_that_exist(name):
    for scaled in of_kind(rendered(name), "ScaledObject"):
        for trigger in scaled["spec"]["triggers"]:
            if trigger["type"] == "prometheus":
                check(trigger["metadata"]["query"])


def test_panels_have_ids_of_their_own_and_do_not_overlap():
    ids = [panel["id"] for panel in DASHBOARD["panels"]]
    assert len(ids) == len(set(ids))
    taken = set()
    for panel in DASHBOARD["panels"]:
        at = panel["gridPos"]
        cells = {(x, y) for x in range(at["x"], at["x"] + at["w"]) for y in range(at["y"], at["y"] + at["h"])}
        assert at["x"] + at["w"] <= 24 and not cells & taken, panel["title"]
        taken |= cells


def test_every_panel_says_what_it_shows_and_reads_the_chosen_source():
    for panel in DASHBOARD["panels"]:
        if panel["type"] != "row":
            assert panel["description"] and panel["targets"], panel["title"]
            for target in panel["targets"]:
                assert target["datasource"] == {"type": "prometheus", "uid": "${datasource}"}


def test_the_configmap_holds_the_dashboard_unchanged():
    maps = [each for each in of_kind(rendered("everything"), "ConfigMap") if "bulkhead.json" in each["data"]]
    assert len(maps) == 1 and maps[0]["metadata"]["labels"]["grafana_dashboard"] == "1"
    assert json.loads(maps[0]["data"]["bulkhead.json"]) == DASHBOARD
