"""What happens to whole providers, on a simulated clock: installed, emptied, wiped, restored."""

import sqlite3
from collections.abc import Sequence
from datetime import timedelta
from random import Random

import anyio
import pytest

from ispalier.api.base import Resource
from ispalier.billing.entries import Entry
from ispalier.billing.guards import Request
from ispalier.billing.ledger import Ledger
from ispalier.billing.run import bill
from ispalier.core.engine import Engine
from ispalier.core.reconcile import reconcile
from ispalier.core.sweep import sweep
from ispalier.world.days import local_day
from ispalier.world.snapshot import Ident, ident
from ispalier.world.state import State
from tests.builders import NOW, claim, login, plan, pool, snapshot, subscription, tenant, unit
from tests.engine.passes import told
from tests.inmemory import Line, Memory, engine

SEEDS = range(3)
MINUTE = timedelta(minutes=1)
PROVIDER = (unit(timing="Advance"), plan(), pool("homes", "100.64.0.0/22"))


def resources(number: int) -> list[Resource]:
    space = f"t{number}"
    return [
        tenant(space, str(number)),
        subscription(space),
        login(f"user{number}", space, "line"),
        claim("line", "line", space),
    ]


def street(count: int) -> list[Resource]:
    return [each for number in range(count) for each in resources(number)]


def built(count: int, *there: Resource) -> tuple[Engine, Memory]:
    spaces = [f"t{number}" for number in range(count)]
    memory = Memory()
    return engine(snapshot(*PROVIDER, *there, secrets=spaces), memory), memory


def settle(parts: Engine, later: timedelta = timedelta()) -> int:
    """Passes over whom a sweep finds, until it finds nobody; how many rounds that took."""

    async def rounds() -> int:
        for number in range(20):
            found = (await sweep(parts, NOW + later)).units
            if not found:
                return number
            for units in ([each for each in found if not each], [each for each in found if each]):
                for outcome in await reconcile(parts, units, NOW + later) if units else ():
                    told(parts, outcome)
        message = "twenty rounds were not enough"
        raise AssertionError(message)

    return anyio.run(rounds)


def states(memory: Memory) -> dict[str, State]:
    return {
        item.name: item.state
        for item in memory.items.values()
        if isinstance(item, Line) and item.owner and item.owner.kind == "Login"
    }


def addresses(parts: Engine) -> dict[str, str]:
    return {
        each.owner.customer: each.value
        for memory in parts.journal.memories().values()
        for each in memory.bindings
        if each.kind == "IP address"
    }


def post(parts: Engine, later: timedelta) -> Sequence[Entry]:
    """A billing run as of today."""
    now = NOW + later
    request = Request(local_day(now, "America/Sao_Paulo"), now, first_run=True, allow_future=True)
    ledger = Ledger(parts.journal.engine)  # type: ignore[attr-defined]  # the real journal
    return bill(ledger, parts.world, request, dry_run=False).entries


@pytest.mark.parametrize("seed", SEEDS)
def test_500_tenants_applied_in_any_order_are_all_served(seed: int) -> None:
    chance = Random(seed)  # noqa: S311 - not for secrets
    things = [*street(500), *PROVIDER]
    chance.shuffle(things)
    parts, memory = built(500)
    for each in PROVIDER:
        parts.world.remove(ident(each))
    sizes = chance.choices([1, 10, 300, 900], k=20)

    async def applied() -> None:
        for size in (*sizes, len(things)):
            some = [things.pop() for _ in range(min(size, len(things)))]
            for each in some:
                parts.world.put(each)
            units = sorted({each.namespace.removeprefix("t") for each in some if each.namespace})
            await reconcile(parts, [""], NOW)
            if units:
                await reconcile(parts, units, NOW)

    anyio.run(applied)
    settle(parts)
    writes = memory.writes

    assert {f"user{number}": State.ACTIVE for number in range(500)} == states(memory)
    assert len(set(addresses(parts).values())) == 500
    assert settle(parts) == 0
    assert memory.writes == writes


@pytest.mark.parametrize("seed", SEEDS)
def test_a_namespace_deleted_and_made_again_ten_minutes_later_loses_and_bills_nothing(
    seed: int,
) -> None:
    parts, memory = built(2, *street(2))
    settle(parts)
    posted = post(parts, MINUTE)
    before, had, writes = states(memory), addresses(parts), memory.writes
    pieces = resources(0)
    Random(seed).shuffle(pieces)  # noqa: S311 - not for secrets

    for minute, each in enumerate(pieces, start=1):
        parts.world.remove(ident(each))
        settle(parts, minute * MINUTE)
    for minute, each in enumerate(reversed(pieces), start=11):
        parts.world.put(each)
        settle(parts, minute * MINUTE)

    assert before == states(memory)
    assert had == addresses(parts)
    assert writes == memory.writes
    assert len(posted) == 2
    assert post(parts, 20 * MINUTE) == []


def test_a_definition_deleted_and_installed_again_with_its_objects_loses_nothing() -> None:
    parts, memory = built(20, *street(20))
    settle(parts)
    before, writes = states(memory), memory.writes
    logins = [Ident("Login", f"t{number}", "line") for number in range(20)]
    objects = [each for each in map(parts.world.find, logins) if each is not None]

    parts.world.complete.discard("Login")
    for which in logins:
        parts.world.remove(which)
    settle(parts, MINUTE)
    settle(parts, 60 * MINUTE)
    parts.world.complete.add("Login")
    parts.world.again["Login"] = NOW + 60 * MINUTE
    settle(parts, 61 * MINUTE)
    for each in objects:
        parts.world.put(each)
    settle(parts, 69 * MINUTE)
    settle(parts, 200 * MINUTE)

    assert before == states(memory)
    assert writes == memory.writes


def content(parts: Engine) -> sqlite3.Connection:
    """The journal's one connection."""
    with parts.journal.engine.connect() as connection:  # type: ignore[attr-defined]  # the real one
        raw = connection.connection.driver_connection
    assert isinstance(raw, sqlite3.Connection)
    return raw


def test_a_journal_restored_from_an_hour_ago_changes_nothing_of_whom_it_knows() -> None:
    parts, memory = built(4, *street(3))
    settle(parts)
    had = addresses(parts)
    backup = content(parts).serialize()
    for each in resources(3):
        parts.world.put(each)
    settle(parts, 30 * MINUTE)
    before, writes = states(memory), memory.writes

    content(parts).deserialize(backup)
    parts.provider = None
    settle(parts, 60 * MINUTE)

    assert before == states(memory)
    assert had.items() <= addresses(parts).items()
    assert writes == memory.writes


def test_a_journal_that_is_lost_costs_nobody_a_login() -> None:
    """Addresses of own pools are lost with it, for their register is in it: they are new ones."""
    parts, memory = built(3, *street(3))
    empty = content(parts).serialize()
    settle(parts)
    before, writes = states(memory), memory.writes

    content(parts).deserialize(empty)
    parts.provider = None
    settle(parts, 60 * MINUTE)

    assert before == states(memory)
    assert writes == memory.writes
    assert len(set(addresses(parts).values())) == 3
