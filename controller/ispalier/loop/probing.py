"""Probing: asks the services beside the passes, at a gentle pace, and has changes told."""

import asyncio
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import structlog
from prometheus_client import Counter
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.registry import Collector

from ispalier.core.engine import Engine, Outcome
from ispalier.core.items import Place
from ispalier.core.probe import NotProbed, Question, Reply, Subject
from ispalier.loop.controller import Controller
from ispalier.loop.rounds import Rounds
from ispalier.loop.sleep import sleep_until
from ispalier.loop.workqueue import Lane

log = structlog.get_logger()

IDLE = 0.2
"""Seconds until somebody may be due again."""
THREADS = 16
"""Hosts that are waited for at once; passes have threads of their own."""


@dataclass(slots=True)
class Probing:
    """Asks one question at a time at each host.

    An answer writes to no back end. If something else is believed because of it, its customer has
    another pass, which tells so.
    """

    controller: Controller
    interval: float
    """Seconds between two turns of a customer at a host."""
    rate: float
    """Questions a second at a host."""
    _rounds: dict[Place, Rounds] = field(default_factory=dict)
    _answers: Counter = field(init=False)

    def __post_init__(self) -> None:
        """Show what is counted."""
        registry = self.controller.metrics.registry
        self._answers = Counter(
            "ispalier_probes",
            "Questions to services, by what came of them.",
            ["room", "host", "reason"],
            registry=registry,
        )
        registry.register(_Failures(self.controller.engine))

    def passed(self, outcome: Outcome) -> None:
        """Take in what is to be asked about a customer from now on."""
        questions = {
            subject: probe
            for subject, probe in outcome.probes.items()
            if not isinstance(probe, NotProbed)
        }
        changed = frozenset(self.controller.engine.verdicts.expect(outcome.customer, questions))
        by_place: dict[Place, list[Subject]] = {place: [] for place in self._rounds}
        for subject in questions:
            by_place.setdefault(subject.place, []).append(subject)
        for place, subjects in by_place.items():
            if place not in self._rounds:
                self._rounds[place] = Rounds(self.interval)
            self._rounds[place].expect(outcome.customer, subjects, changed)

    async def run(self, stop: asyncio.Event) -> None:
        """Ask until the end, every host beside the others."""
        started: set[Place] = set()
        threads = ThreadPoolExecutor(THREADS, "probe")
        try:
            async with asyncio.TaskGroup() as group:
                while not await sleep_until(stop, IDLE):
                    for place in self._rounds.keys() - started:
                        started.add(place)
                        group.create_task(self._ask_host(place, threads, stop))
        finally:
            threads.shutdown(wait=False, cancel_futures=True)

    async def _ask_host(
        self, place: Place, threads: ThreadPoolExecutor, stop: asyncio.Event
    ) -> None:
        loop, line = asyncio.get_running_loop(), deque[Subject]()
        while not stop.is_set():
            began, pause = loop.time(), IDLE
            line = line or deque(self._rounds[place].take(began))
            if line:
                pause = 1 / self.rate
                await self._ask(line.popleft(), threads)
            await sleep_until(stop, max(0, began + pause - loop.time()))

    async def _ask(self, subject: Subject, threads: ThreadPoolExecutor) -> None:
        verdicts = self.controller.engine.verdicts
        question = verdicts.question(subject)
        if question is None:  # no longer asked about
            return
        try:
            reply = await asyncio.get_running_loop().run_in_executor(
                threads, self._asker(subject.place), question
            )
        except Exception as error:  # noqa: BLE001 - our own fault must not end the others
            _broke(error)
            return
        room, host = subject.place
        self._answers.labels(room, host, reply.reason).inc()
        if verdicts.heard(subject, question, reply):
            tell = log.warning if reply.reason.is_failure else log.info
            who = {"unit": subject.owner.customer, "resource": str(subject.owner)}
            tell("probed", **who, room=room, host=host, reason=reply.reason, said=reply.message)
            self.controller.line_up([subject.owner.customer], Lane.LATER)
        if verdicts.is_in_doubt(subject):
            self._rounds[subject.place].doubt(subject.owner.customer)

    def _asker(self, place: Place) -> Callable[[Question], Reply]:
        (room,) = (each for each in self.controller.engine.rooms if each.name == place[0])
        assert room.ask is not None  # noqa: S101 - whoever describes questions asks them
        return room.ask


def _broke(error: Exception) -> None:
    # As text: a renderer that shows local variables would show secrets.
    log.error("probe broke", trace="".join(traceback.format_exception(error)))


class _Failures(Collector):
    """Counts what is believed when it is asked."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    def collect(self) -> Iterator[Metric]:
        """One number for every host."""
        family = GaugeMetricFamily(
            "ispalier_probe_failures",
            "Resources that a service does not serve as declared, as it was asked.",
            labels=["room", "host"],
        )
        failing = self.engine.verdicts.failing()
        for place in self.engine.hosts.places():
            if place[0] in {room.name for room in self.engine.rooms if room.ask}:
                family.add_metric(place, failing.get(place, 0))
        yield family
