"""Metrics: named like controller-runtime's, so that stock dashboards work (Prometheus)."""

from collections import Counter as Count
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest
from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ispalier.core.conditions import kind_and_ready
from ispalier.core.engine import Engine
from ispalier.core.items import Place
from ispalier.core.sweep import Tally
from ispalier.loop.workqueue import Line
from ispalier.world.snapshot import Snapshot

CONTROLLER = "ispalier"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)


class Metrics:
    """Everything that is counted."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        self.adds = Counter("workqueue_adds", "Units put in line.", ["name"], registry=registry)
        self.retries = Counter(
            "workqueue_retries", "Units to be tried again.", ["name"], registry=registry
        )
        self.waited = Histogram(
            "workqueue_queue_duration_seconds",
            "Time in line.",
            ["name"],
            buckets=SECONDS,
            registry=registry,
        )
        self.passes = Counter(
            "controller_runtime_reconcile",
            "Passes by result: success, requeue (something did not answer), error.",
            ["controller", "result"],
            registry=registry,
        )
        self.took = Histogram(
            "controller_runtime_reconcile_time_seconds",
            "Length of a pass.",
            ["controller"],
            buckets=SECONDS,
            registry=registry,
        )
        self.requests = Counter(
            "rest_client_requests",
            "Requests to the API server.",
            ["method", "code"],
            registry=registry,
        )
        self.statuses = Counter(
            "ispalier_status_writes", "Statuses written.", ["kind"], registry=registry
        )
        self.changes = Counter(
            "ispalier_backend_changes",
            "Changes made in back ends.",
            ["room", "host", "verb"],
            registry=registry,
        )
        self.errors = Counter(
            "ispalier_backend_errors",
            "Passes in which a resource was not served, by reason.",
            ["reason"],
            registry=registry,
        )
        self.calls = Histogram(
            "ispalier_backend_call_seconds",
            "Time until a host answered or its time was over: observe, apply, sweep.",
            ["room", "host", "verb"],
            buckets=SECONDS,
            registry=registry,
        )
        self.lists = Counter(
            "ispalier_lists", "Full listings of a kind.", ["kind"], registry=registry
        )
        self.losses = Counter(
            "ispalier_watch_losses",
            "How often a list failed or a watch broke.",
            ["kind"],
            registry=registry,
        )
        self.sweeps = Counter("ispalier_sweeps", "Sweeps.", registry=registry)
        self.swept = Gauge("ispalier_last_sweep_seconds", "Length of the last.", registry=registry)
        self.swept_at = Gauge(
            "ispalier_last_sweep_timestamp_seconds", "When it ended.", registry=registry
        )
        self.items = Gauge(
            "ispalier_items",
            "Items that a host held at the last sweep.",
            ["room", "host"],
            registry=registry,
        )
        self.differing = Gauge(
            "ispalier_differing_items",
            "Items of a host that differed at the last sweep from what is declared.",
            ["room", "host"],
            registry=registry,
        )
        self.leads = Gauge(
            "leader_election_master_status",
            "1 while this replica acts, 0 while it stands by.",
            ["name"],
            registry=registry,
        )
        self.leads.labels(CONTROLLER).set(0)
        self.lag = Gauge(
            "ispalier_loop_lag_seconds", "How late the event loop runs.", registry=registry
        )

    def tally(self, hosts: Mapping[Place, Tally]) -> None:
        """Take in what a sweep saw on the hosts that answered."""
        for gauge in (self.items, self.differing):
            gauge.clear()
        for place, each in hosts.items():
            self.items.labels(*place).set(each.items)
            self.differing.labels(*place).set(each.differing)

    def show(self, engine: Engine, line: Line) -> None:
        """Also show what is declared, which hosts are left alone, and who waits in line."""
        depth = Gauge(
            "workqueue_depth", "Units in line.", labelnames=["name"], registry=self.registry
        )
        depth.labels(CONTROLLER).set_function(lambda: len(line))
        oldest = Gauge(
            "ispalier_queue_oldest_seconds",
            "For how long the one waits who waits the longest.",
            registry=self.registry,
        )
        oldest.set_function(lambda: _seconds_since(line.oldest()))
        engine.calls.took = self.count_call
        self.registry.register(_Declared(engine.world))
        self.registry.register(_Hosts(engine))

    def count_call(self, place: Place, verb: str, seconds: float) -> None:
        """Count an answer of a host, or that there was none."""
        self.calls.labels(*place, verb).observe(seconds)

    def text(self) -> bytes:
        """All of it as Prometheus reads it."""
        return generate_latest(self.registry)

    def count_request(self, method: str, status: int) -> None:
        """Count an answer of the API server."""
        self.requests.labels(method, str(status)).inc()


class _Declared(Collector):
    """Counts the snapshot when it is asked."""

    def __init__(self, world: Snapshot) -> None:
        self.world = world

    def collect(self) -> Iterator[Metric]:
        family = GaugeMetricFamily(
            "ispalier_objects", "Resources by kind and by Ready.", labels=["kind", "ready"]
        )
        count = Count(kind_and_ready(each) for each in self.world.everything())
        for labels, number in sorted(count.items()):
            family.add_metric(labels, number)
        yield family


class _Hosts(Collector):
    """Tells of every host whether it is asked, and what is held back."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def collect(self) -> Iterator[Metric]:
        calls, labels = self.engine.calls, ["room", "host"]
        is_open = set(calls.circuits.open())
        circuit = GaugeMetricFamily(
            "ispalier_backend_circuit_open",
            "1 while a host is left alone because it did not answer in time.",
            labels=labels,
        )
        at_work = GaugeMetricFamily(
            "ispalier_backend_calls_in_flight", "Calls on their way.", labels=labels
        )
        queued = CounterMetricFamily(
            "ispalier_backend_call_waits",
            "Calls that had to wait for their turn at a host.",
            labels=labels,
        )
        for place in self.engine.hosts.places():
            circuit.add_metric(place, int(place in is_open))
            at_work.add_metric(place, calls.at_work[place])
            queued.add_metric(place, calls.queued[place])
        yield from (circuit, at_work, queued)
        held = GaugeMetricFamily(
            "ispalier_pending",
            "1 for a kind of which so much is removed or changed that a person must approve it.",
            labels=["kind"],
        )
        edited = (owner.kind for owner in self.engine.brakes.held or ())
        for kind in sorted({*self.engine.held, *edited}):
            held.add_metric([kind], 1)
        yield held


def _seconds_since(at: datetime | None) -> float:
    return (datetime.now(UTC) - at).total_seconds() if at else 0.0
