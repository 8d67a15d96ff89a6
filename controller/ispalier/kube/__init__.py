"""Kubernetes: the API server as the place where resources are declared and statuses told."""
