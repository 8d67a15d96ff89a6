"""What a pass observes of contracts, as facts for the journal; again it observes nothing new."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

from ispalier.api.contracts import Subscription
from ispalier.billing.facts import HELD, OFF, OFF_BILLED, ON, PLAN, SERVICE
from ispalier.billing.revenue import monthly
from ispalier.core.contract import READY
from ispalier.core.gather import owner_of
from ispalier.core.items import Owner
from ispalier.core.memory import Fact, Memory
from ispalier.core.weight import MONTHLY
from ispalier.world import days
from ispalier.world.effect import Effect
from ispalier.world.errors import IspalierError
from ispalier.world.holds import Stop
from ispalier.world.references import references
from ispalier.world.snapshot import ident
from ispalier.world.state import State
from ispalier.world.view import View

ABSENT = f"{SERVICE}Absent"


def observed(view: View, memory: Memory, problems: Mapping[Owner, IspalierError]) -> Sequence[Fact]:
    """The facts that are new: ready, plan in force, service off and on by reason (R12, R13, R24).

    Also what it owes per month, for brakes to compare with.
    """
    latest = _latest(memory.facts)
    known = {of: fact.value for of, fact in latest.items()}
    services = view.services()
    found: list[Fact] = []
    for subscription in view.of(Subscription):
        parts = [owner_of(view, each) for each in services.get(ident(subscription), ())]
        if parts and not problems.keys() & {*parts, owner_of(view, subscription)}:
            found += _of(subscription, view, known)
    found += _absent(view, memory, known)
    return [_after(each, latest.get((each.subscription, each.topic))) for each in found]


def _of(
    subscription: Subscription, view: View, known: Mapping[tuple[str, str], str]
) -> Iterator[Fact]:
    """Facts of a contract all of whose services are in their back ends as declared."""
    name, today = subscription.name, view.today
    state = view.state_of(subscription)
    term = days.term_on(subscription, today)
    if term is not None and state is State.ACTIVE:
        if (name, READY) not in known:
            yield Fact(name, READY, today, "")
        if known.get((name, PLAN)) != term.plan_ref.name:
            yield Fact(name, PLAN, today, term.plan_ref.name)
    if name in monthly(view):
        value = "{} {}".format(*monthly(view)[name])
        if known.get((name, MONTHLY)) != value:
            yield Fact(name, MONTHLY, today, value)
    wanted = _offs(view.stops_of(subscription))
    if known.get((name, ABSENT)) == OFF:
        wanted[ABSENT] = ON
    for topic, value in sorted((_ended(name, known, wanted) | wanted).items()):
        if known.get((name, topic), ON) != value:
            yield Fact(name, topic, today, value)


def _offs(stops: Iterable[Stop]) -> dict[str, str]:
    """What is off, by the reason of a suspension or the source of holds; of several one stops all."""
    found: dict[str, str] = {}
    for each in stops:
        topic = f"{HELD}{each.source}" if each.source else f"{SERVICE}{each.reason}"
        if each.stops_billing:
            found[topic] = OFF
        elif each.effect in (Effect.REFUSE, Effect.WALLED_GARDEN):
            found.setdefault(topic, OFF_BILLED)
    return found


def _ended(
    name: str, known: Mapping[tuple[str, str], str], still: Collection[str]
) -> dict[str, str]:
    """Reasons that refused service until now."""
    return {
        topic: ON
        for (subscription, topic), value in known.items()
        if subscription == name and topic.startswith(SERVICE) and value != ON and topic not in still
    }


def _absent(view: View, memory: Memory, known: Mapping[tuple[str, str], str]) -> Iterator[Fact]:
    """A contract that is merely gone counts as suspended once its services were retired (R24)."""
    if "Subscription" not in view.world.complete or view.broken or _is_retiring(view, memory):
        return
    named = {
        target.name
        for each in view.resources
        for _, target in references(each)
        if target.kind == "Subscription"
    }
    there = named | {each.name for each in view.of(Subscription)}
    for name in sorted({name for name, topic in known if topic == READY} - there):
        if known.get((name, ABSENT), ON) == ON:
            yield Fact(name, ABSENT, view.today, OFF)


def _is_retiring(view: View, memory: Memory) -> bool:
    """Whether something of this customer is gone and waited for."""
    declared = {owner_of(view, each) for each in view.resources}
    gone = (memory.owners() | memory.absences.keys()) - declared
    retired = {owner for owner, absence in memory.absences.items() if absence.retired is not None}
    return any(owner.kind != "Tenant" for owner in gone - retired)


def _after(fact: Fact, last: Fact | None) -> Fact:
    """Not before what it follows upon: a clock may be set back, and facts count by their days."""
    return fact if last is None or last.day <= fact.day else fact._replace(day=last.day)


def _latest(facts: Collection[Fact]) -> dict[tuple[str, str], Fact]:
    """What is in force of every topic of every contract."""
    ordered = sorted(facts, key=lambda fact: (fact.day, fact.seq))
    return {(fact.subscription, fact.topic): fact for fact in ordered}
