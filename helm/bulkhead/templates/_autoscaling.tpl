{{/* Not empty when KEDA sets the component's replicas: it is on and there is something to measure. Takes component. */}}
{{- define "bulkhead.scales" -}}
{{- $scaling := .component.autoscaling -}}
{{- if and $scaling.enabled (or .component.providers (and (eq $scaling.trigger "kafka") (eq .component.name "intake"))) -}}
true
{{- end -}}
{{- end -}}

{{/* Useful backlog of the component's lanes in this namespace. Takes root and component. */}}
{{- define "bulkhead.usefulBacklogQuery" -}}
sum(bulkhead_lane_useful_backlog{namespace="{{ .root.Release.Namespace }}",provider=~"{{ join "|" .component.providers }}"})
{{- end -}}

{{/*
Consumer groups that the component is a member of, as a JSON list: <prefix>.lane.<provider> for lanes, <prefix>.intake for intake.
Takes root and component.
*/}}
{{- define "bulkhead.groups" -}}
{{- $prefix := include "bulkhead.prefix" .root -}}
{{- $groups := list -}}
{{- if has .component.name (list "worker" "intake") -}}
{{- $groups = concat $groups (list (printf "%s.intake" $prefix) (printf "%s.intake.imports" $prefix)) -}}
{{- end -}}
{{- range .component.providers -}}
{{- $groups = append $groups (printf "%s.lane.%s" $prefix .) -}}
{{- end -}}
{{- toJson $groups -}}
{{- end -}}
