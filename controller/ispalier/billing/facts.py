"""From observed facts to the observed part of a history (R12, R13).

A fact says "from that local day on the value is V". Facts are append-only and may arrive in any
order: (day, seq) orders them and the last of a day wins. What a correction superseded is left out.
"""

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from ispalier.billing.history import InForce, Pause
from ispalier.core.contract import READY
from ispalier.core.memory import Fact

PLAN = "plan"
"""Topic: a plan is in force in all back ends; the value is its name."""
SERVICE = "service:"
"""Topics: the service by what refuses it, `service:Unpaid`; the value is one of the next three."""
HELD = f"{SERVICE}hold:"
"""Topics: the service by the source of what holds it, `service:hold:dunning`; no reason is so."""
ON = "On"
OFF = "Off"
"""Value: the service is off and billing stops."""
OFF_BILLED = "OffBilled"
"""Value: the service is off and billing goes on."""


class Observed(NamedTuple):
    """What facts say, in the words of a history."""

    ready: date | None
    in_force: tuple[InForce, ...]
    offs: tuple[Pause, ...]


def observations(facts: Iterable[Fact]) -> Observed:
    """R12: the earliest day of readiness, the plans in force. R13: when the service was off.

    The facts are those of one contract.
    """
    live = sorted(facts, key=lambda fact: (fact.day, fact.seq))
    sources = sorted({fact.topic for fact in live if fact.topic.startswith(SERVICE)})
    return Observed(
        ready=next((fact.day for fact in live if fact.topic == READY), None),
        in_force=tuple(InForce(f.day, f.seq, f.value) for f in live if f.topic == PLAN),
        offs=tuple(off for source in sources for off in _offs(source, live)),
    )


def _offs(source: str, live: list[Fact]) -> list[Pause]:
    reason = source.removeprefix(SERVICE)
    values = {fact.day: fact.value for fact in live if fact.topic == source}
    offs: list[Pause] = []
    since: date | None = None
    for day, value in values.items():
        if since is not None and value != OFF:
            offs.append(Pause(reason, since, day))
            since = None
        elif since is None and value == OFF:
            since = day
    if since is not None:
        offs.append(Pause(reason, since))
    return offs
