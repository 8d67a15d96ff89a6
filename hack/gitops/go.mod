module ispalier.dev/hack/gitops

go 1.26

// Only the definitions of their kinds are taken from these: nothing of them is compiled.
require (
	github.com/argoproj/argo-cd/v3 v3.2.0
	github.com/fluxcd/kustomize-controller v1.7.3
	github.com/fluxcd/source-controller v1.8.5
)
