{{- /* What both containers of the pod share. */ -}}
{{- define "ispalier.container" -}}
image: "{{ .Values.image.repository }}:{{ .Values.image.tag | default .Chart.AppVersion }}"
imagePullPolicy: {{ .Values.image.pullPolicy }}
securityContext:
  allowPrivilegeEscalation: false
  readOnlyRootFilesystem: true
  capabilities: {drop: [ALL]}
{{- end }}

{{- define "ispalier.environment" -}}
- name: ISPALIER_NAMESPACE
  valueFrom: {fieldRef: {fieldPath: metadata.namespace}}
- name: ISPALIER_LISTEN
  value: ":8080"
{{- if eq .Values.secrets.scope "Namespaces" }}
- name: ISPALIER_SECRET_NAMESPACES
  value: {{ join "," .Values.secrets.namespaces | quote }}
{{- end }}
- name: ISPALIER_JOURNAL_URL
{{- if .Values.journal.existingSecret.name }}
  valueFrom:
    secretKeyRef: {{- toYaml .Values.journal.existingSecret | nindent 6 }}
{{- else }}
  value: sqlite:////var/lib/ispalier/journal.db
{{- end }}
{{- range $name, $value := .Values.settings }}
- name: {{ $name }}
  value: {{ kindIs "string" $value | ternary $value (toJson $value) | quote }}
{{- end }}
{{- end }}

{{- define "ispalier.volumes" -}}
- name: tmp
  emptyDir: {}
{{- if not .Values.journal.existingSecret.name }}
- name: journal
  persistentVolumeClaim:
    claimName: {{ .Values.journal.sqlite.existingClaim | default (printf "%s-journal" (include "ispalier.name" .)) }}
{{- end }}
{{- end }}
