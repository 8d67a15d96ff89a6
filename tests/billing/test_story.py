"""From a pass of the engine to the bill: what passes observe is what contracts pay for."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import anyio
import pytest

from hack.demo.dates import story
from ispalier.api.base import Resource
from ispalier.billing.guards import Request
from ispalier.billing.ledger import Ledger
from ispalier.billing.run import bill
from ispalier.core.reconcile import reconcile
from ispalier.journal.holds import Held, Holds
from ispalier.world.snapshot import Ident, Snapshot
from tests.builders import hold, login, plan, snapshot, subscription, tenant, unit
from tests.inmemory import Memory, engine

ZONE = "America/Sao_Paulo"
BETTER = plan(
    "fibra-600",
    "600m",
    prices=[{"currency": "BRL", "amount": "149.90", "validFrom": "2026-01-01"}],
)
DAYS = [
    datetime(2026, month, day, hour, tzinfo=UTC)
    for month, day in ((2, 28), (4, 29), (4, 30), (5, 28), (5, 31), (12, 31), (6, 1))
    for hour in (1, 12)
]


def contract(today: date, name: str = "fibra-300", **spec: object) -> Resource:
    """A contract that begins today."""
    terms = [{"from": str(today), "planRef": {"name": name}}]
    return subscription(**{"terms": terms, **spec})  # type: ignore[arg-type]  # fields of the spec


class Provider:
    """An engine and a ledger on one journal."""

    def __init__(self, url: str, world: Snapshot) -> None:
        self.world, self.ledger = world, Ledger.open(url)
        self.engine = engine(world, Memory(), url)

    def declares(self, thing: Resource, now: datetime) -> None:
        """Somebody edits the YAML and the engine makes its passes."""
        self.world.put(thing)
        self.passes(now)

    def passes(self, now: datetime) -> None:
        """The provider's own pass, then the customer's."""

        async def both() -> None:
            await reconcile(self.engine, [""], now)
            await reconcile(self.engine, ["10042"], now)

        anyio.run(both)

    def bills(self, now: datetime, as_of: date) -> list[str]:
        """What is posted, as `32.23 BRL = 10 of 31 days × 99.90`."""
        request = Request(as_of, now, first_run=True, allow_future=True)
        posted = bill(self.ledger, self.world, request, dry_run=False).entries
        return [f"{entry.money} = {entry.arithmetic}" for entry in posted]


@contextmanager
def provider(tmp_path: Path, *resources: Resource) -> Iterator[Provider]:
    world = snapshot(unit(), plan(), BETTER, tenant(), login("joao"), *resources)
    made = Provider(f"sqlite:///{tmp_path}/journal.db", world)
    yield made
    made.engine.journal.close()  # type: ignore[attr-defined]  # a real one
    made.ledger.close()


@pytest.mark.parametrize("now", DAYS, ids=lambda now: f"{now:%m-%dT%H}")
def test_a_contract_that_begins_today_is_billed_at_the_next_close(
    tmp_path: Path, now: datetime
) -> None:
    told = story(now, ZONE)
    ended = {"suspensions": [{"reason": "Unpaid", "since": str(told.today)}]}
    with provider(tmp_path, contract(told.today)) as it:
        it.passes(now)
        it.declares(contract(told.today, "fibra-600"), now)
        it.declares(contract(told.today, "fibra-600", **ended), now)
        ended["suspensions"][0]["until"] = str(told.today)
        it.declares(contract(told.today, "fibra-600", **ended), now)

        first, again = it.bills(now, told.closes), it.bills(now, told.closes)

    assert [f"{told.charge('149.90')} BRL = {told.arithmetic('149.90')}"] == first
    assert again == []


NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)
BEGIN, CLOSE = date(2026, 6, 1), date(2026, 6, 30)


def later(days: int) -> datetime:
    return NOON + timedelta(days)


def test_a_service_that_was_late_is_paid_for_from_when_it_was_there(tmp_path: Path) -> None:
    with provider(tmp_path, contract(BEGIN)) as it:
        it.world.remove(Ident("Plan", "", "fibra-300"))
        it.passes(NOON)
        it.declares(plan(), later(9))

        assert it.bills(later(29), CLOSE) == ["66.60 BRL = 20 of 30 days × 99.90"]


def test_a_refusal_is_not_paid_for_even_if_the_suspension_is_deleted_later(
    tmp_path: Path,
) -> None:
    suspension = {"reason": "Unpaid", "since": "2026-06-10"}
    with provider(tmp_path, contract(BEGIN)) as it:
        it.passes(NOON)
        it.declares(contract(BEGIN, suspensions=[suspension]), later(9))
        it.declares(contract(BEGIN), later(19))

        assert it.bills(later(29), CLOSE) == ["63.27 BRL = (9 + 10) of 30 days × 99.90"]


@pytest.mark.parametrize(
    ("stops_billing", "paid"),
    [
        (True, "63.27 BRL = (9 + 10) of 30 days × 99.90"),
        (False, "96.57 BRL = 29 of 30 days × 99.90"),
    ],
)
def test_days_under_a_hold_are_not_paid_for_after_its_release_unless_it_says_so(
    tmp_path: Path, *, stops_billing: bool, paid: str
) -> None:
    held = hold("Subscription/home", since=NOON, stops_billing=stops_billing)
    with (
        provider(tmp_path, contract(BEGIN)) as it,
        closing(Holds.open(f"sqlite:///{tmp_path}/journal.db")) as holds,
    ):
        it.passes(NOON)
        made = holds.place(Held("10042", held), NOON)
        it.passes(later(9))
        holds.release([made], "ann", later(19))
        it.passes(later(19))

        assert it.bills(later(29), CLOSE) == [paid]


def test_a_contract_that_was_gone_for_a_while_pays_nothing_for_it(tmp_path: Path) -> None:
    home = contract(BEGIN)
    with provider(tmp_path, home) as it:
        it.passes(NOON)
        it.world.remove(Ident("Subscription", "silva", "home"))
        it.world.remove(Ident("Login", "silva", "joao"))
        it.passes(later(9))
        it.passes(later(10))
        it.passes(later(10))
        gone = it.bills(later(10), CLOSE)
        it.world.put(login("joao"))
        it.declares(home, later(20))

        assert gone == []
        assert it.bills(later(29), CLOSE) == ["63.27 BRL = (10 + 9) of 30 days × 99.90"]


def test_a_contract_that_is_gone_for_a_moment_pays_for_every_day(tmp_path: Path) -> None:
    home = contract(BEGIN)
    with provider(tmp_path, home) as it:
        it.passes(NOON)
        it.world.remove(Ident("Subscription", "silva", "home"))
        it.world.remove(Ident("Login", "silva", "joao"))
        it.passes(later(9))
        it.world.put(login("joao"))
        it.declares(home, later(9) + timedelta(minutes=5))

        assert it.bills(later(29), CLOSE) == ["96.57 BRL = 29 of 30 days × 99.90"]


def test_a_contract_that_is_gone_while_its_login_is_served_pays_for_every_day(
    tmp_path: Path,
) -> None:
    home = contract(BEGIN)
    with provider(tmp_path, home) as it:
        it.passes(NOON)
        it.world.remove(Ident("Subscription", "silva", "home"))
        it.passes(later(5))
        it.passes(later(6))
        it.declares(home, later(9))

        assert it.bills(later(29), CLOSE) == ["96.57 BRL = 29 of 30 days × 99.90"]
