{{- /* Head and binding of a policy: (dict "root" $ "name" "approval"). */ -}}
{{- define "ispalier.policy" -}}
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicyBinding
metadata:
  name: {{ include "ispalier.name" .root }}-{{ .name }}
  labels:
    {{- include "ispalier.labels" .root | nindent 4 }}
spec:
  policyName: {{ include "ispalier.name" .root }}-{{ .name }}
  validationActions: [Deny]
---
apiVersion: admissionregistration.k8s.io/v1
kind: ValidatingAdmissionPolicy
metadata:
  name: {{ include "ispalier.name" .root }}-{{ .name }}
  labels:
    {{- include "ispalier.labels" .root | nindent 4 }}
{{- end }}

{{- /* What git writes was judged there: CODEOWNERS, lanes, reviews. */ -}}
{{- define "ispalier.policy.exempt" -}}
- name: not-exempt
  expression: {{ printf "!(request.userInfo.username in %s)" (toJson .Values.policies.exempt) | quote }}
{{- end }}
