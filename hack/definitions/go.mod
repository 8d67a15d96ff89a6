module ispalier.dev/hack/definitions

go 1.26

// Only definitions and schemas are taken from these: nothing of them is compiled.
require (
	github.com/argoproj/argo-cd/v3 v3.2.0
	github.com/fluxcd/kustomize-controller v1.7.3
	github.com/fluxcd/source-controller v1.8.5
	github.com/prometheus-operator/prometheus-operator v0.93.0
	github.com/securego/gosec/v2 v2.30.0
)
