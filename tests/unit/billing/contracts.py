"""Contracts to bill: everything declared happens on its day unless a test says otherwise."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from ispalier.billing.entries import Entry, entries
from ispalier.billing.grid import Cycle, anchor, grid
from ispalier.billing.history import History, InForce, Lineage, Pause, Price, Term
from ispalier.billing.rating import Rated, rate
from ispalier.billing.spans import Span

LINEAGE = Lineage("9f2c", "10042", "home", 0)


def day(text: str) -> date:
    """`day("2007-05-21")`."""
    return date.fromisoformat(text)


def span(start: str, end: str) -> Span:
    """The days from `start` on, `end` not included."""
    return Span(day(start), day(end))


def price(
    amount: str, valid_from: str = "2000-01-01", existing: str = "", *, mid_period: bool = False
) -> Price:
    """A version of a plan's price."""
    return Price(amount, day(valid_from), day(existing) if existing else None, mid_period)


@dataclass(frozen=True)
class Calendar:
    """Makes the terms of one contract, all on the grid of its anchor."""

    start: str
    closing_day: int | None = None
    cycle: Cycle = "P1M"

    def term(
        self,
        amount: str | tuple[Price, ...],
        since: str = "",
        plan: str = "fibra-300",
        *,
        cycle: Cycle | None = None,
        quantity: int = 1,
    ) -> Term:
        """A term of this contract."""
        origin = anchor(day(self.start), closing_day=self.closing_day)
        prices = (price(amount),) if isinstance(amount, str) else amount
        return Term(
            since=day(since or self.start),
            plan=plan,
            grid=grid(origin, cycle or self.cycle),
            prices=prices,
            quantity=quantity,
        )


def contract(terms: Iterable[Term], today: str) -> History:
    """A contract in arrears whose service was ready, and each plan in force, on the day declared."""
    terms = tuple(terms)
    return History(
        lineage=LINEAGE,
        payer="10042",
        unit="londrina",
        currency="BRL",
        timing="Arrears",
        due_day=10,
        day_count="Actual",
        terms=terms,
        today=day(today),
        ready=terms[0].since,
        in_force=tuple(
            InForce(term.since, seq, term.plan)
            for seq, term in enumerate(terms)
            if term.since <= day(today)
        ),
    )


def in_advance(history: History) -> History:
    """The same contract, billed in advance."""
    return replace(history, timing="Advance")


def pause(since: str, until: str = "", reason: str = "Unpaid") -> Pause:
    """Days on which billing stops."""
    return Pause(reason, day(since), day(until) if until else None)


def suspended(history: History, *pauses: Pause) -> History:
    """The contract with suspensions that the service followed on their days."""
    return replace(history, suspensions=pauses, offs=pauses)


@dataclass
class Books:
    """A ledger in memory: it only grows."""

    entries: list[Entry] = field(default_factory=list)

    def bill(self, history: History, as_of: str) -> list[Entry]:
        """Posts what is missing and returns it."""
        new = entries(rate(history, day(as_of)), self.entries)
        self.entries += new
        return new


def bill(history: History, as_of: str) -> list[Entry]:
    """The entries of a first run."""
    return Books().bill(history, as_of)


def amounts(posted: Iterable[Entry]) -> list[str]:
    """Amounts as people write them, without the currency."""
    return [str(entry.money).removesuffix(f" {entry.slot.currency}") for entry in posted]


def rated(history: History, as_of: str) -> Rated:
    """What a contract should have been charged."""
    return rate(history, day(as_of))
