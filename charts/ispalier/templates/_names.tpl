{{- /* The name of everything that one release makes. */ -}}
{{- define "ispalier.name" -}}
{{- if contains "ispalier" .Release.Name }}{{ .Release.Name | trunc 53 | trimSuffix "-" }}
{{- else }}{{ printf "%s-ispalier" .Release.Name | trunc 53 | trimSuffix "-" }}{{ end }}
{{- end }}

{{- /* What selects the controller's pods: never changed by an upgrade. */ -}}
{{- define "ispalier.selector" -}}
app.kubernetes.io/name: ispalier
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{- define "ispalier.labels" -}}
{{ include "ispalier.selector" . }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}
