{{/* The settings file, as it stands in the ConfigMaps. */}}
{{- define "bulkhead.settings" -}}
{{ toYaml .Values.config }}
{{- end -}}

{{/* Port of admin.listen, where the probes and the Service go. */}}
{{- define "bulkhead.adminPort" -}}
{{- regexFind "[0-9]+$" .Values.config.admin.listen -}}
{{- end -}}

{{/* A duration of the settings (a whole number and ms, s, m, h or d) in seconds, rounded up. */}}
{{- define "bulkhead.seconds" -}}
{{- $number := regexFind "^[0-9]+" . | float64 -}}
{{- $unit := regexFind "[a-z]+$" . -}}
{{- $scale := get (dict "ms" 0.001 "s" 1.0 "m" 60.0 "h" 3600.0 "d" 86400.0) $unit -}}
{{- mulf $number $scale | ceil | int -}}
{{- end -}}

{{/*
Seconds that Kubernetes waits before it kills. Killing inside shutdown.grace would leave calls in doubt, so a number at or below it is
refused; the 25 s on top are for publishing, committing and leaving the groups.
*/}}
{{- define "bulkhead.terminationGrace" -}}
{{- $grace := include "bulkhead.seconds" (dig "shutdown" "grace" "20s" .Values.config) | int -}}
{{- $given := .Values.terminationGracePeriodSeconds -}}
{{- if kindIs "invalid" $given -}}
{{- add $grace 25 -}}
{{- else if le (int $given) $grace -}}
{{- fail (printf "terminationGracePeriodSeconds is %d, but shutdown.grace is %d s: it has to be longer" (int $given) $grace) -}}
{{- else -}}
{{- int $given -}}
{{- end -}}
{{- end -}}

{{/* Prefix of topics and groups. */}}
{{- define "bulkhead.prefix" -}}
{{- default "bulkhead" .Values.config.prefix -}}
{{- end -}}
