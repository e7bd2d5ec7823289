{{/* Egress to DNS and Kafka, which the worker and the topics job both need. */}}
{{- define "bulkhead.kafkaEgress" -}}
- ports:
    - { port: 53, protocol: UDP }
    - { port: 53, protocol: TCP }
- ports:
    {{- range include "bulkhead.kafkaPorts" . | fromJsonArray }}
    - { port: {{ . }}, protocol: TCP }
    {{- end }}
  {{- with .Values.networkPolicy.kafka.to }}
  to:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{/* Ports as a JSON list: those given, else those of bootstrap.servers (9092 where a server names none). */}}
{{- define "bulkhead.kafkaPorts" -}}
{{- if .Values.networkPolicy.kafka.ports -}}
{{- toJson .Values.networkPolicy.kafka.ports -}}
{{- else -}}
{{- $ports := list -}}
{{- range splitList "," (get .Values.config.kafka "bootstrap.servers") -}}
{{- $ports = append $ports (default "9092" (regexFind "[0-9]+$" (regexFind ":[0-9]+$" (trim .))) | int) -}}
{{- end -}}
{{- $ports | uniq | toJson -}}
{{- end -}}
{{- end -}}
