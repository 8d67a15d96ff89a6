"""GitOps for internet, hosting and mail providers."""

__version__ = "0.1.0.dev0"
