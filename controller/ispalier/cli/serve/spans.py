"""Spans of the OpenTelemetry SDK; what goes wrong is told by its kind alone: a text may be secret."""

from collections.abc import Iterator
from contextlib import contextmanager

from opentelemetry.sdk.resources import OTELResourceDetector, Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.trace import StatusCode

from ispalier.core.spans import Spans


def spans_to(processor: SpanProcessor, version: str) -> Spans:
    """Spans that a processor gets; OTEL_SERVICE_NAME and its like are heeded by the SDK."""
    service = Resource.create({"service.name": "ispalier", "service.version": version})
    provider = TracerProvider(resource=service.merge(OTELResourceDetector().detect()))
    provider.add_span_processor(processor)
    tracer = provider.get_tracer("ispalier", version)

    @contextmanager
    def span(name: str, **attributes: str | int) -> Iterator[None]:
        known = {f"ispalier.{key}": value for key, value in attributes.items()}
        with tracer.start_as_current_span(
            name, attributes=known, record_exception=False, set_status_on_exception=False
        ) as current:
            try:
                yield
            except BaseException as error:
                current.set_status(StatusCode.ERROR, type(error).__name__)
                raise

    return span
