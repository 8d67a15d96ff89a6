"""From any state, with any failures in between, repeated passes reach exactly what is declared."""

from datetime import timedelta
from typing import NamedTuple

import anyio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ispalier.core.engine import Engine
from ispalier.core.items import Item, Key, Owner
from ispalier.core.reconcile import reconcile
from ispalier.core.sweep import sweep
from ispalier.world.errors import IspalierError, Unavailable
from ispalier.world.snapshot import Ident, Snapshot
from ispalier.world.state import State
from tests.builders import NOW, login, plan, snapshot, subscription, tenant, unit
from tests.engine.passes import told
from tests.inmemory import HOST, Line, Memory, engine, shared

NAMES = ("ana", "bia", "caio", "davi")
USERS = ("u1", "u2", "u3", "u4", "u5")
FOREIGN = (None, Owner("elsewhere", "1", "Login", "x"))


class Declared(NamedTuple):
    """One state of the YAML: user name by login, and how the contract stands."""

    logins: dict[str, str]
    suspended: bool
    plan: str


declared = st.builds(
    Declared,
    logins=st.dictionaries(st.sampled_from(NAMES), st.sampled_from(USERS), max_size=4),
    suspended=st.booleans(),
    plan=st.sampled_from(["fibra-300", "fibra-600", "no-such-plan"]),
)
foreign = st.dictionaries(
    st.sampled_from(USERS), st.tuples(st.sampled_from(FOREIGN), st.sampled_from(list(State)))
)
faults = st.lists(st.sampled_from(["", "", "observe", "apply", "lost"]), max_size=12)


class Troubles:
    """Fails calls in the order of a list, then no more."""

    def __init__(self, names: list[str]) -> None:
        self.names = list(names)
        self.losing = False

    def fail(self, call: str) -> IspalierError | None:
        name = self.names.pop(0) if self.names else ""
        self.losing = name == "lost"
        return Unavailable("it fails now and then") if name == call else None

    def lose(self) -> bool:
        return self.losing


def world_of(state: Declared) -> Snapshot:
    suspensions = [{"reason": "Unpaid", "since": "2026-11-01"}] if state.suspended else []
    terms = [{"from": "2026-11-01", "planRef": {"name": state.plan}}]
    return snapshot(
        unit(),
        plan(),
        plan("fibra-600", "600m"),
        tenant(),
        subscription(terms=terms, suspensions=suspensions),
        tenant("souza", "10043"),
        subscription("souza"),
        login("eva", "souza"),
        *(login(user, name=name) for name, user in state.logins.items()),
    )


def declare(parts: Engine, state: Declared) -> None:
    new = world_of(state)
    for name in NAMES:
        which = Ident("Login", "silva", name)
        there, wanted = parts.world.find(which), new.find(which)
        if wanted is None:
            parts.world.remove(which)
        elif there is None or getattr(there, "spec", None) != getattr(wanted, "spec", None):
            parts.world.put(wanted)
    home = new.find(Ident("Subscription", "silva", "home"))
    assert home is not None
    parts.world.put(home)


def settle(parts: Engine, memory: Memory, later: timedelta) -> None:
    """Passes until one of them has nothing to do and nothing failed."""

    async def passes() -> None:
        for _ in range(40):
            before = memory.writes
            outcomes = [
                outcome
                for units in ([""], ["10042", "10043"])
                for outcome in await reconcile(parts, units, NOW + later)
            ]
            for outcome in outcomes:
                told(parts, outcome)
            quiet = not any(each.retry or any(each.changes.values()) for each in outcomes)
            if quiet and memory.writes == before:
                return
        message = "forty passes were not enough"
        raise AssertionError(message)

    anyio.run(passes)


@given(states=st.lists(declared, min_size=1, max_size=4), strangers=foreign, troubles=faults)
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
def test_repeated_passes_reach_what_is_declared_and_then_do_nothing(
    states: list[Declared],
    strangers: dict[str, tuple[Owner | None, State]],
    troubles: list[str],
) -> None:
    trouble = Troubles(troubles)
    theirs: dict[Key, Item] = {
        ("line", user): Line(host=HOST, owner=owner, state=state, name=user, speed="by hand")
        for user, (owner, state) in strangers.items()
    }
    memory = Memory(items=dict(theirs), fail=trouble.fail, lose_after=trouble.lose)
    parts = engine(world_of(states[0]), memory)
    shared(parts)
    later = timedelta()
    for state in states:
        declare(parts, state)
        settle(parts, memory, later)
        later += timedelta(hours=1)
    trouble.names.clear()  # else one is left for the sweep, which then has something to tell
    settle(parts, memory, later)
    writes = memory.writes

    settle(parts, memory, later)
    dirty = anyio.run(sweep, parts, NOW + later)

    assert memory.writes == writes
    disputed = len({*states[-1].logins.values()}) < len(states[-1].logins)
    assert dirty.units == [] or disputed  # a refused claim is asked for again at every sweep
    assert theirs.items() <= memory.items.items()
    assert memory.changed.count(("line", "eva")) <= 1 + troubles.count("lost")
    served = {
        item.name
        for item in memory.items.values()
        if isinstance(item, Line)
        and item.owner is not None
        and item.owner[:2] == ("test", "10042")
        and item.owner.kind == "Login"
        and item.state is not State.RETIRED
    }
    final = states[-1]
    free = {user for user in final.logins.values() if user not in strangers}
    assert served <= set(USERS) - set(strangers)
    assert final.plan == "no-such-plan" or disputed or free <= served
