"""Metrics: named like controller-runtime's, so that stock dashboards work (Prometheus)."""

from collections.abc import Mapping
from datetime import UTC, datetime, time

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from ispalier import __version__
from ispalier.core.engine import Engine
from ispalier.core.items import Place
from ispalier.core.memory import Billed
from ispalier.core.sweep import Tally
from ispalier.loop.collectors import Answer, Declared, Held, Hosts
from ispalier.loop.workqueue import Line
from ispalier.world.errors import IspalierError

CONTROLLER = "ispalier"
SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60)
UNITS = (1, 2, 4, 8, 16)


class Metrics:
    """Everything that is counted."""

    def __init__(self) -> None:
        self.registry = registry = CollectorRegistry()
        ProcessCollector(registry=registry)
        Gauge("ispalier_build_info", "1 for what runs.", ["version"], registry=registry).labels(
            __version__
        ).set(1)
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
        self.units = Histogram(
            "ispalier_pass_units", "Units of one pass.", buckets=UNITS, registry=registry
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
            "Changes made in back ends, by cause: Edit, Date, Hold, Absence, Drift and others.",
            ["room", "host", "verb", "cause"],
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
        self.failures = Counter(
            "ispalier_backend_call_failures",
            "Calls that a host did not answer, or refused, by reason.",
            ["room", "host", "verb", "reason"],
            registry=registry,
        )
        self.answers: dict[Place, Answer] = {}
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
        self.billed_at = Gauge(
            "ispalier_billing_last_run_timestamp_seconds",
            "When a business unit was last billed to the end.",
            ["unit"],
            registry=registry,
        )
        self.next_charge = Gauge(
            "ispalier_billing_next_charge_timestamp_seconds",
            "The day from which its contracts owe more than that run posted.",
            ["unit"],
            registry=registry,
        )
        self.unbilled = Gauge(
            "ispalier_billing_unbilled_contracts",
            "Contracts of a business unit that the last run could not bill.",
            ["unit"],
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

    def tell_books(self, runs: Mapping[str, Billed]) -> None:
        """Take in when the business units were last billed."""
        for gauge in (self.billed_at, self.next_charge, self.unbilled):
            gauge.clear()
        for unit, run in runs.items():
            self.billed_at.labels(unit).set(run.at.timestamp())
            self.unbilled.labels(unit).set(run.unbilled)
            if run.next_charge is not None:
                day = datetime.combine(run.next_charge, time(), UTC)
                self.next_charge.labels(unit).set(day.timestamp())

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
        self.registry.register(Declared(engine.world))
        self.registry.register(Hosts(engine, self.answers))
        self.registry.register(Held(engine))

    def count_call(
        self, place: Place, verb: str, seconds: float, error: IspalierError | None
    ) -> None:
        """Count an answer of a host, or why there was none."""
        self.calls.labels(*place, verb).observe(seconds)
        if error is None:
            self.answers[place] = Answer(is_good=True, good_at=datetime.now(UTC).timestamp())
            return
        self.failures.labels(*place, verb, error.reason).inc()
        good_at = self.answers[place].good_at if place in self.answers else 0
        self.answers[place] = Answer(is_good=False, good_at=good_at)

    def text(self) -> bytes:
        """All of it as Prometheus reads it."""
        return generate_latest(self.registry)

    def count_request(self, method: str, status: int) -> None:
        """Count an answer of the API server."""
        self.requests.labels(method, str(status)).inc()


def _seconds_since(at: datetime | None) -> float:
    return (datetime.now(UTC) - at).total_seconds() if at else 0.0
