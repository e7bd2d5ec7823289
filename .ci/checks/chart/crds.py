"""The parts of two operators' resource types that the chart uses; their schemas come with no package."""


def closed(required, **properties):
    return {"type": "object", "additionalProperties": False, "required": required, "properties": properties}


TEXT = {"type": "string", "minLength": 1}
COUNT = {"type": "integer", "minimum": 0}
LABELS = {"type": "object", "additionalProperties": {"type": "string"}}
METADATA = closed(["name"], name=TEXT, labels=LABELS, annotations=LABELS)
REFERENCE = closed(["name"], name=TEXT)
DURATION = {"type": "string", "pattern": "^([0-9]+(ms|s|m|h))+$"}

# https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.ServiceMonitor
SERVICE_MONITOR = closed(
    ["endpoints", "selector"],
    endpoints={
        "type": "array",
        "minItems": 1,
        "items": closed(["port"], port=TEXT, path=TEXT, interval=DURATION, scrapeTimeout=DURATION),
    },
    podTargetLabels={"type": "array", "items": TEXT},
    selector=closed(["matchLabels"], matchLabels=LABELS),
)

# https://keda.sh/docs/latest/reference/scaledobject-spec/, and for the metadata the pages of both scalers: all of it is text.
PROMETHEUS = closed(["serverAddress", "threshold", "query"], serverAddress=TEXT, threshold=TEXT, query=TEXT)
KAFKA = {
    "type": "object",
    "required": ["bootstrapServers", "consumerGroup", "lagThreshold"],
    "additionalProperties": {"type": "string"},
}
SCALED_OBJECT = closed(
    ["scaleTargetRef", "triggers"],
    scaleTargetRef=REFERENCE,
    minReplicaCount=COUNT,
    maxReplicaCount=COUNT,
    pollingInterval=COUNT,
    cooldownPeriod=COUNT,
    advanced=closed(
        ["horizontalPodAutoscalerConfig"],
        horizontalPodAutoscalerConfig=closed(
            ["behavior"],
            behavior=closed(
                ["scaleDown"],
                scaleDown=closed(
                    ["stabilizationWindowSeconds", "policies"],
                    stabilizationWindowSeconds=COUNT,
                    policies={
                        "type": "array",
                        "items": closed(
                            ["type", "value", "periodSeconds"],
                            type={"enum": ["Pods", "Percent"]},
                            value=COUNT,
                            periodSeconds={"type": "integer", "minimum": 1, "maximum": 1800},
                        ),
                    },
                ),
            ),
        ),
    ),
    triggers={
        "type": "array",
        "minItems": 1,
        "items": {
            "oneOf": [
                closed(["type", "metadata"], type={"const": "prometheus"}, metadata=PROMETHEUS, authenticationRef=REFERENCE),
                closed(["type", "metadata"], type={"const": "kafka"}, metadata=KAFKA, authenticationRef=REFERENCE),
            ]
        },
    },
)

SCHEMAS = {
    ("monitoring.coreos.com/v1", "ServiceMonitor"): SERVICE_MONITOR,
    ("keda.sh/v1alpha1", "ScaledObject"): SCALED_OBJECT,
}


def schema_of(each):
    """The schema of one object, or None when Kubernetes itself knows its type."""
    spec = SCHEMAS.get((each["apiVersion"], each["kind"]))
    return spec and closed(["apiVersion", "kind", "metadata", "spec"], apiVersion=TEXT, kind=TEXT, metadata=METADATA, spec=spec)
