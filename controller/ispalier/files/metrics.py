"""What is counted of files as a source."""

from prometheus_client import CollectorRegistry, Gauge

from ispalier.files.source import Files


def show(files: Files, registry: CollectorRegistry) -> None:
    """Show how the source is doing."""
    for name, text, value in (
        ("ispalier_source_up", "1 if the newest revision counts.", lambda: not files.refused),
        ("ispalier_source_faults", "Faults in the files.", lambda: files.wrong),
        (
            "ispalier_source_held_namespaces",
            "Namespaces that stay as they were because of faults.",
            lambda: len(files.good.faulty),
        ),
    ):
        Gauge(name, text, registry=registry).set_function(value)
