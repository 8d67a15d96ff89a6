"""Collectors: what is counted only when Prometheus asks, of the snapshot and of the hosts."""

from collections import Counter as Count
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ispalier.api.kinds import KINDS
from ispalier.core.conditions import kind_and_ready
from ispalier.core.engine import Engine
from ispalier.core.items import Place
from ispalier.world.snapshot import Snapshot

HOST = ("room", "host")


@dataclass(frozen=True, slots=True, eq=False)
class Declared(Collector):
    """Counts the snapshot, and tells of which kinds it is complete."""

    world: Snapshot

    def collect(self) -> Iterator[Metric]:
        """By kind."""
        resources = GaugeMetricFamily(
            "ispalier_objects", "Resources by kind and by Ready.", labels=["kind", "ready"]
        )
        count = Count(kind_and_ready(each) for each in self.world.everything())
        for labels, number in sorted(count.items()):
            resources.add_metric(labels, number)
        complete = GaugeMetricFamily(
            "ispalier_view_complete",
            "1 while everything of a kind is seen; else nothing of it is switched off or billed.",
            labels=["kind"],
        )
        for kind in KINDS:
            complete.add_metric([kind.__name__], kind.__name__ in self.world.complete)
        yield from (resources, complete)


class Answer(NamedTuple):
    """How the last call of a host ended, and when one last ended well (0: never)."""

    is_good: bool
    good_at: float


@dataclass(frozen=True, slots=True, eq=False)
class Hosts(Collector):
    """Tells of every host that is declared whether it is asked and how it answers."""

    engine: Engine
    answers: dict[Place, Answer]

    def collect(self) -> Iterator[Metric]:
        """By room and host."""
        calls = self.engine.calls
        is_open = set(calls.circuits.open())
        up = GaugeMetricFamily(
            "ispalier_backend_up", "1 if the last call of a host ended well.", labels=HOST
        )
        answered = GaugeMetricFamily(
            "ispalier_backend_last_answer_timestamp_seconds",
            "When a call of a host last ended well.",
            labels=HOST,
        )
        circuit = GaugeMetricFamily(
            "ispalier_backend_circuit_open",
            "1 while a host is left alone because it did not answer in time.",
            labels=HOST,
        )
        at_work = GaugeMetricFamily(
            "ispalier_backend_calls_in_flight", "Calls on their way.", labels=HOST
        )
        queued = CounterMetricFamily(
            "ispalier_backend_call_waits",
            "Calls that had to wait for their turn at a host.",
            labels=HOST,
        )
        for place in self.engine.hosts.places():
            circuit.add_metric(place, int(place in is_open))
            at_work.add_metric(place, calls.at_work[place])
            queued.add_metric(place, calls.queued[place])
            if place in self.answers:
                up.add_metric(place, self.answers[place].is_good)
                if self.answers[place].good_at:
                    answered.add_metric(place, self.answers[place].good_at)
        yield from (up, answered, circuit, at_work, queued)


@dataclass(frozen=True, slots=True, eq=False)
class Held(Collector):
    """Tells what waits for a person."""

    engine: Engine

    def collect(self) -> Iterator[Metric]:
        """By kind and cause."""
        held = GaugeMetricFamily(
            "ispalier_pending",
            "1 for a kind of which so much is missing (cause Absence) or changed (cause Edit) that"
            " a person must approve it.",
            labels=["kind", "cause"],
        )
        for kind in sorted(self.engine.held):
            held.add_metric([kind, "Absence"], 1)
        for kind in sorted({owner.kind for owner in self.engine.brakes.held or ()}):
            held.add_metric([kind, "Edit"], 1)
        yield held
