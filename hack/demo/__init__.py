"""The demo: a tenant who was only YAML is served and billed by real systems."""
