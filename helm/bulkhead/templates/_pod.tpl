{{/* What every pod of the chart shares: worker, topics job, tests. */}}
{{- define "bulkhead.pod" -}}
automountServiceAccountToken: false
# Service links would add variables such as BULKHEAD_PORT, which look like settings.
enableServiceLinks: false
{{- with .Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
securityContext:
  {{- toYaml .Values.podSecurityContext | nindent 2 }}
{{- end -}}

{{/* What every container shares, beside its name and arguments. */}}
{{- define "bulkhead.container" -}}
image: {{ include "bulkhead.image" . | quote }}
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  {{- toYaml .Values.securityContext | nindent 2 }}
{{- with .Values.secretEnv }}
env:
  {{- range $name, $source := . }}
  - name: {{ $name }}
    valueFrom:
      secretKeyRef:
        name: {{ $source.name }}
        key: {{ $source.key }}
  {{- end }}
{{- end }}
volumeMounts:
  - name: settings
    mountPath: /etc/bulkhead/settings
    readOnly: true
  - name: scratch
    mountPath: /tmp
  {{- range $name, $_ := .Values.secretFiles }}
  - name: secret-{{ $name }}
    mountPath: /etc/bulkhead/secrets/{{ $name }}
    readOnly: true
  {{- end }}
{{- end -}}

{{/* Takes root and settings, the name of the ConfigMap to mount. */}}
{{- define "bulkhead.volumes" -}}
- name: settings
  configMap:
    name: {{ .settings }}
- name: scratch
  emptyDir:
    sizeLimit: {{ .root.Values.scratchSize }}
{{- range $name, $source := .root.Values.secretFiles }}
- name: secret-{{ $name }}
  secret:
    secretName: {{ $source.secret }}
    # Readable by the pod's group (fsGroup), not by others.
    defaultMode: 0440
    {{- with $source.items }}
    items:
      {{- toYaml . | nindent 6 }}
    {{- end }}
{{- end }}
{{- end -}}
