"""Traces for OpenTelemetry, where OTEL_EXPORTER_OTLP_ENDPOINT says who collects them."""

from collections.abc import Iterator
from contextlib import contextmanager

from ispalier import __version__
from ispalier.core.engine import Engine
from ispalier.settings import Settings
from ispalier.world.errors import Invalid

TIMEOUT = 3.0
"""Seconds that sending some may take: a collector that is away must not hold up the end."""


@contextmanager
def traced(engine: Engine, settings: Settings) -> Iterator[None]:
    """Let an engine tell its spans for as long as this is open, if anybody collects them."""
    if not settings.traces_endpoint:
        yield
        return
    try:
        from opentelemetry.exporter.otlp.proto.http.trace_exporter import (  # noqa: PLC0415
            OTLPSpanExporter,
        )
        from opentelemetry.sdk.trace.export import BatchSpanProcessor  # noqa: PLC0415

        from ispalier.cli.serve.spans import spans_to  # noqa: PLC0415 - it needs the same libraries
    except ImportError as error:
        raise Invalid(
            f"OTEL_EXPORTER_OTLP_ENDPOINT is set and {error.name} is not there:"
            " install ispalier[traces], or unset it"
        ) from error
    processor = BatchSpanProcessor(OTLPSpanExporter(timeout=TIMEOUT))
    engine.span = spans_to(processor, __version__)
    try:
        yield
    finally:
        processor.shutdown()  # type: ignore[no-untyped-call]  # the SDK says no more
