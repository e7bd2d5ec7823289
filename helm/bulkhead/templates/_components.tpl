{{/*
The Deployments to make, as a JSON list of: name, roles, providers (whose lanes it runs), arguments, and its settings after overrides
(replicas, resources, nodeSelector, tolerations, affinity, autoscaling).
*/}}
{{- define "bulkhead.components" -}}
{{- $root := . -}}
{{- $providers := keys .Values.config.providers | sortAlpha -}}
{{- $list := list -}}
{{- if eq .Values.layout "single" -}}
{{- $list = list (dict "name" "worker" "providers" $providers "arguments" list) -}}
{{- else -}}
{{- $list = list (dict "name" "intake" "providers" list "arguments" (list "--roles" "intake")) -}}
{{- if eq .Values.layout "roles" -}}
{{- $list = append $list (dict "name" "lanes" "providers" $providers "arguments" (list "--roles" "lanes")) -}}
{{- else -}}
{{- range $providers -}}
{{- $name := printf "lane-%s" (lower . | replace "_" "-") -}}
{{- $list = append $list (dict "name" $name "providers" (list .) "arguments" (list "--roles" "lanes" "--providers" .)) -}}
{{- end -}}
{{- end -}}
{{- $list = append $list (dict "name" "jobs" "providers" list "arguments" (list "--roles" "jobs")) -}}
{{- end -}}
{{- $names := list -}}
{{- $result := list -}}
{{- range $list -}}
{{- if has .name $names -}}
{{- fail (printf "two providers would both have the Deployment %q: rename one" .name) -}}
{{- end -}}
{{- $names = append $names .name -}}
{{- $own := dig .name (dict) $root.Values.overrides -}}
{{- $common := pick $root.Values "replicas" "resources" "nodeSelector" "tolerations" "affinity" "autoscaling" -}}
{{- $result = append $result (mergeOverwrite (deepCopy $common) (deepCopy $own) .) -}}
{{- end -}}
{{- range $name, $_ := .Values.overrides -}}
{{- if not (has $name $names) -}}
{{- fail (printf "overrides.%s: layout %q has no such component, only %s" $name $root.Values.layout (join ", " $names)) -}}
{{- end -}}
{{- end -}}
{{- toJson $result -}}
{{- end -}}
