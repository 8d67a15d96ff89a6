{{- /* What every definition carries beside its name. A definition that goes takes all objects of its
     kind along, so Helm keeps it, whoever uninstalls. */ -}}
{{- define "ispalier-crds.metadata" -}}
annotations:
  helm.sh/resource-policy: keep
  {{- with .Values.annotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
labels:
  app.kubernetes.io/name: ispalier
  app.kubernetes.io/instance: {{ .Release.Name }}
  app.kubernetes.io/managed-by: {{ .Release.Service }}
  app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
  helm.sh/chart: {{ printf "%s-%s" .Chart.Name .Chart.Version }}
{{- end }}
