"""Shows that each of the chart's checks turns red when its subject is broken."""

import pathlib
import sys

HERE = pathlib.Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from chart import CHART  # noqa: E402
from breakage import Breakage, prove  # noqa: E402

DEPLOYMENT = "templates/deployment.yaml"
POD = "templates/_pod.tpl"
TOPICS = "templates/topics.yaml"
SCHEMA = "values.schema.json"
DASHBOARD = "dashboards/bulkhead.json"

BREAKAGES = [
    Breakage("Chart.yaml without a version", "Chart.yaml", r"^version: .*\n", "", "test_lint_finds_nothing"),
    Breakage("a version that is none", "Chart.yaml", r"^version: .*", "version: one", "test_lint_finds_nothing"),
    Breakage("a template that does not close", DEPLOYMENT, r"\{\{- end \}\}\n\Z", "", "test_objects_validate"),
    Breakage("a field that Kubernetes does not know", DEPLOYMENT, r"minReadySeconds:", "minimumReadySeconds:", "test_objects_validate"),
    Breakage("a number where text belongs", "templates/service.yaml", r"name: admin", "name: 8087", "test_objects_validate"),
    Breakage("a field that a ServiceMonitor does not have", "templates/servicemonitor.yaml", r"scrapeTimeout:", "timeout:", "test_objects_validate"),
    Breakage("a number in the metadata of a KEDA trigger", "templates/scaledobject.yaml", r"\$scaling.kafka.lagThreshold \| quote", r"$scaling.kafka.lagThreshold", "test_objects_validate"),
    Breakage("the name of two objects of one kind", TOPICS, r"%s-topics", "%s", "test_names_are_valid_and_unique"),
    Breakage("a Service that selects nothing", "templates/service.yaml", r"selector:\n.*", "selector: { app: other }", "test_selectors_find_their_pods"),
    Breakage("the worker's labels on the topics job", "templates/_names.tpl", r'printf "%s-%s" \(include "bulkhead.name" .root\) .command', 'include "bulkhead.name" .root', "test_selectors_find_their_pods"),
    Breakage("a disruption budget for all components at once", "templates/poddisruptionbudget.yaml", r"\n      app.kubernetes.io/component: .*(\n\{\{- end)", r"\1", "test_selectors_find_their_pods"),
    Breakage("a hook that mounts the release's own ConfigMap", TOPICS, r'"settings" \$name', '"settings" (include "bulkhead.fullname" .)', "test_a_pod_finds_what_it_mounts"),
    Breakage("a volume that is not mounted", POD, r"  - name: scratch\n    mountPath: /tmp\n", "", "test_a_pod_finds_what_it_mounts"),
    Breakage("a NetworkPolicy without Kafka", "templates/_network.tpl", r"port: \{\{ \. \}\}, protocol", "port: 1, protocol", "test_network_policies_let_work_through"),
    Breakage("a schema that lets unknown values pass", SCHEMA, r'"additionalProperties": false', '"additionalProperties": true', "test_schema_"),
    Breakage("a schema that takes a token written out", SCHEMA, r'"pattern": "\^\\\\\$\\\\\{\([^"]*"', '"minLength": 1', "test_schema_refuses"),
    Breakage("a schema that is none", SCHEMA, r'"type": "integer"', '"type": "whole"', "test_schema_is_a_schema"),
    Breakage("a setting that the program does not have", SCHEMA, r'"maxAttempts"', '"maximumAttempts"', "test_schema_of_the_settings"),
    Breakage("a termination grace that may be too short", "templates/_settings.tpl", r"le \(int \$given\) \$grace", "le (int $given) 0", "test_templates_refuse"),
    Breakage("a value that no example tries", SCHEMA, r'"nameOverride": \{', '"untried": {"type": "string"}, "nameOverride": {', "test_every_value_of_the_schema_is_tried"),
    Breakage("a default that the README does not say", "values.yaml", r"^replicas: 2", "replicas: 3", "test_readme_lists_every_value"),
    Breakage("a value that the README does not list", "README.md", r"^\| `podLabels`.*\n", "", "test_readme_lists_every_value"),
    Breakage("an example in the README with a typo", "README.md", r"kind: hatif", "knd: hatif", "test_objects_validate"),
    Breakage("a chart's default that is not the program's", "templates/_settings.tpl", r'"20s"', '"10s"', "test_the_charts_own_defaults"),
    Breakage("root", "values.yaml", r"runAsNonRoot: true", "runAsNonRoot: false", "test_pods_are_restricted"),
    Breakage("a writable root", "values.yaml", r"readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "test_pods_are_restricted"),
    Breakage("a capability kept", "values.yaml", r"drop: \[ALL\]", "drop: [NET_RAW]", "test_pods_are_restricted"),
    Breakage("a volume of the host", POD, r"emptyDir:\n    sizeLimit: .*", "hostPath: { path: /tmp }", "test_pods_are_restricted"),
    Breakage("a token of the API server", POD, r"automountServiceAccountToken: false", "automountServiceAccountToken: true", "test_pods_have_no_token"),
    Breakage("service links", POD, r"enableServiceLinks: false", "enableServiceLinks: true", "test_pods_have_no_token"),
    Breakage("a shell", DEPLOYMENT, r"        - name: bulkhead\n", "        - name: bulkhead\n          command: [sh, -c]\n", "test_containers_need_no_shell"),
    Breakage("a secret in the environment", POD, r"valueFrom:\n +secretKeyRef:\n.*\n.*", "value: hunter2", "test_secrets_are_references"),
    Breakage("settings with a secret in an annotation", DEPLOYMENT, r"\| sha256sum", "| quote", "test_secrets_are_references"),
    Breakage("settings with a secret in an argument", TOPICS, r"args: \[topics", 'args: ["${HATIF_SECRET}", topics', "test_secrets_are_references"),
    Breakage("a reference whose Secret is not mounted", POD, r"mountPath: /etc/bulkhead/secrets/", "mountPath: /run/secrets/", "test_every_reference_has_its_secret"),
    Breakage("two replicas at a time", DEPLOYMENT, r"maxSurge: 1", "maxSurge: 2", "test_one_replica_at_a_time"),
    Breakage("a kill within shutdown.grace", "templates/_settings.tpl", r"add \$grace 25", "add $grace 0", "test_one_replica_at_a_time"),
    Breakage("a readiness probe on /livez", DEPLOYMENT, r"path: /readyz", "path: /livez", "test_probes_ask_the_admin_server"),
    Breakage("a role that nothing plays", "templates/_components.tpl", r'\(list "--roles" "jobs"\)', '(list "--roles" "intake")', "test_deployments_together"),
    Breakage("replicas beside an autoscaler", DEPLOYMENT, r"if not \(include", "if (include", "test_either_the_deployment_or_the_autoscaler"),
    Breakage("lag of a group that does not exist", "templates/_autoscaling.tpl", r"%s.lane.%s", "%s.lanes.%s", "test_lag_is_read"),
    Breakage("overrides that reach nothing", "templates/_components.tpl", r"\(deepCopy \$own\) ", "", "test_overrides_reach"),
    Breakage("settings that change without a rollout", DEPLOYMENT, r"\n +checksum/settings: .*", "\n        checksum/settings: same", "test_changed_settings_roll"),
    Breakage("topics after the release", TOPICS, r"(kind: Job\n(?:.*\n)+?.*)pre-install,pre-upgrade", r"\1post-install", "test_topics_are_created"),
    Breakage("a ConfigMap that leaves something out", "templates/_settings.tpl", r"toYaml .Values.config", 'toYaml (omit .Values.config "retry" "providers")', "test_the_configmap_says"),
    Breakage("a metric that does not exist", DASHBOARD, r"bulkhead_lane_utilization", "bulkhead_lane_usage", "test_query_names_metrics"),
    Breakage("a label that does not exist", DASHBOARD, r"by \(disposition\)", "by (outcome)", "test_query_names_metrics"),
    Breakage("a query that is none", DASHBOARD, r"histogram_quantile\(0.5, ", "histogram_quantile(0.5 ", "test_query_names_metrics"),
    Breakage("the buckets of what is no histogram", DASHBOARD, r"bulkhead_calls_total", "bulkhead_calls_total_bucket", "test_query_names_metrics"),
    Breakage("an autoscaler on a metric that does not exist", "templates/_autoscaling.tpl", r"bulkhead_lane_useful_backlog", "bulkhead_lane_ready", "test_autoscaler_names_metrics"),
    Breakage("two panels in one place", DASHBOARD, r'"x": 8', '"x": 4', "test_panels_have_ids"),
    Breakage("a dashboard that is not the file", "templates/dashboard.yaml", r"\.Files\.Get \S+", r'.Files.Get "dashboards/bulkhead.json" | replace "Bulkhead" "Other"', "test_the_configmap_holds_the_dashboard"),
]  # fmt: skip

if __name__ == "__main__":
    prove(BREAKAGES, CHART, HERE, {"BULKHEAD_CHART": ""})
