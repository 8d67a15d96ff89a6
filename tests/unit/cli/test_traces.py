"""Traces: every step and every call of a host is a span, and nothing of a value is in it."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import anyio
import pytest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from ispalier.cli.serve.spans import spans_to
from ispalier.cli.serve.traces import traced
from ispalier.core.reconcile import reconcile
from ispalier.core.spans import no_spans
from ispalier.settings import Settings
from ispalier.world.errors import Unavailable
from tests.builders import NOW, snapshot
from tests.engine.passes import PROVIDER, SILVA, run
from tests.inmemory import HOST, Memory, engine


@contextmanager
def collector() -> Iterator[tuple[str, list[bytes]]]:
    """A server that takes traces, where it listens, and what it got."""
    bodies: list[bytes] = []

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["Content-Length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = HTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}", bodies
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def test_every_step_is_a_span_of_its_pass_and_every_call_of_its_step() -> None:
    exporter = InMemorySpanExporter()
    parts = engine(snapshot(*PROVIDER, *SILVA), Memory())
    parts.span = spans_to(SimpleSpanProcessor(exporter), "1")

    anyio.run(reconcile, parts, [""], NOW)

    spans = {each.name: each for each in exporter.get_finished_spans()}
    names = {each.context.span_id: each.name for each in spans.values() if each.context}
    parents = {each.name: names[each.parent.span_id] for each in spans.values() if each.parent}
    assert parents == {
        "introduce": "pass",
        "read host": "introduce",
        "gather": "pass",
        "recall": "pass",
        "choose": "pass",
        "observe": "pass",
        "observe host": "observe",
        "compare": "pass",
        "brake": "pass",
        "apply": "pass",
        "apply to host": "apply",
        "remember": "pass",
    }
    assert dict(spans["pass"].attributes or {}) == {"ispalier.units": 1}
    assert (spans["apply to host"].attributes or {})["ispalier.host"] == HOST


def test_a_failure_is_told_by_its_kind_alone() -> None:
    exporter = InMemorySpanExporter()
    parts = engine(snapshot(*PROVIDER, *SILVA), Memory(fail=lambda _: Unavailable("planted")))
    parts.span = spans_to(SimpleSpanProcessor(exporter), "1")

    run(parts)

    told = "".join(each.to_json() for each in exporter.get_finished_spans())
    assert '"description": "Unavailable"' in told
    assert "planted" not in told
    assert "wireless" not in told


def test_spans_reach_the_collector_that_the_environment_names(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    parts = engine(snapshot(*PROVIDER, *SILVA), Memory())
    with collector() as (url, bodies):
        monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", url)
        with traced(parts, Settings()):
            run(parts)

    (got,) = [ExportTraceServiceRequest.FromString(each) for each in bodies]
    spans = {each.name for some in got.resource_spans[0].scope_spans for each in some.spans}
    service = {
        each.key: each.value.string_value for each in got.resource_spans[0].resource.attributes
    }
    assert {"pass", "observe host", "apply to host"} <= spans
    assert service["service.name"] == "ispalier"
    assert b"wireless" not in bodies[0]


def test_without_a_collector_no_span_is_made() -> None:
    parts = engine(snapshot(*PROVIDER, *SILVA), Memory())

    with traced(parts, Settings()):
        span = parts.span

    assert span is no_spans
