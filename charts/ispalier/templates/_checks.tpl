{{- /* What no schema can say: values that do not go together, told before anything is made. */ -}}
{{- define "ispalier.checks" -}}
{{- /* Without a cluster to ask nothing is found, and the controller itself sees to it. */ -}}
{{- with lookup "coordination.k8s.io/v1" "Lease" "kube-public" "ispalier" }}
{{- $home := splitList "/" (.spec.holderIdentity | default $.Release.Namespace) | first }}
{{- if ne $home $.Release.Namespace }}
{{- fail (printf "\n\nthis cluster is served by the installation in namespace '%s', and two would serve the same resources from two journals: upgrade the release there, or, if it is gone for good, first run: kubectl delete lease ispalier -n kube-public" $home) }}
{{- end }}
{{- end }}
{{- if and (gt (int .Values.replicas) 1) (not .Values.journal.existingSecret.name) }}
{{- fail (printf "\n\nreplicas: %d need a journal that all of them reach, and SQLite is a file of one pod: name a Secret with the URL of a PostgreSQL database in journal.existingSecret.name, or set replicas to 1" (int .Values.replicas)) }}
{{- end }}
{{- if and (eq .Values.secrets.scope "Namespaces") (not .Values.secrets.namespaces) }}
{{- fail "\n\nsecrets.scope is Namespaces, but secrets.namespaces names none: name the namespaces of your tenants, or set secrets.scope to Cluster" }}
{{- end }}
{{- if and (eq .Values.secrets.scope "Cluster") .Values.secrets.namespaces }}
{{- fail "\n\nsecrets.namespaces has no effect while secrets.scope is Cluster: set secrets.scope to Namespaces, or name none" }}
{{- end }}
{{- if and .Values.networkPolicy.enabled (not .Values.networkPolicy.backends) }}
{{- fail "\n\nnetworkPolicy.enabled without networkPolicy.backends keeps the controller from every host that it serves: name the networks and ports of your hosts" }}
{{- end }}
{{- end }}
