"""Any contract: plans, prices, pauses, facts late, missing and early."""

from datetime import date, timedelta

from hypothesis import strategies as st

from ispalier.billing.grid import Cycle, anchor, grid
from ispalier.billing.history import History, InForce, Pause, Price, Term, Timing
from tests.unit.billing.contracts import LINEAGE

FIRST = date(2027, 11, 20)
PLANS = ("a", "b", "c")
AMOUNTS = st.sampled_from(["99.90", "10.01", "0.07", "149.90", "33.333", "0.00"])
TIMINGS: st.SearchStrategy[Timing] = st.sampled_from(["Advance", "Arrears"])
CYCLES: st.SearchStrategy[Cycle] = st.sampled_from(["P1M", "P1W", "P3M"])


def days(first: int, last: int) -> st.SearchStrategy[date]:
    """A day so many days after the first of all."""
    return st.integers(first, last).map(lambda number: FIRST + timedelta(number))


AS_OF = days(60, 200)


def seldom(value: st.SearchStrategy[date]) -> st.SearchStrategy[date | None]:
    """Mostly nothing."""
    return st.sampled_from([False, False, False, True]).flatmap(
        lambda is_there: value if is_there else st.none()
    )


@st.composite
def pauses(draw: st.DrawFn) -> Pause:
    since = draw(days(0, 150))
    lasts = draw(st.sampled_from([3, 10, 1, 0, 40, None]))
    reason = draw(st.sampled_from(["Spam", "Unpaid", "Absent"]))
    return Pause(reason, since, None if lasts is None else since + timedelta(lasts))


@st.composite
def price_lists(draw: st.DrawFn) -> tuple[Price, ...]:
    versions = [Price(draw(AMOUNTS), date(2020, 1, 1))]
    for valid_from in draw(st.lists(days(1, 160), max_size=2, unique=True).map(sorted)):
        existing = draw(st.sampled_from([0, 20, None]))
        versions.append(
            Price(
                amount=draw(AMOUNTS),
                valid_from=valid_from,
                valid_from_existing=None if existing is None else valid_from + timedelta(existing),
                mid_period=draw(st.booleans()),
            )
        )
    return tuple(versions)


@st.composite
def histories(draw: st.DrawFn) -> History:
    start = draw(days(0, 30))
    closing_day = draw(st.sampled_from([31, None, 1, 15, 28, 30]))
    own = grid(anchor(start, closing_day=closing_day), draw(CYCLES))
    catalogue = {plan: draw(price_lists()) for plan in PLANS}
    changes = draw(
        st.lists(
            st.tuples(days(31, 150), st.sampled_from(PLANS), st.integers(1, 2)),
            max_size=3,
            unique_by=lambda change: change[0],
        ).map(sorted)
    )
    terms = tuple(
        Term(since, plan, own, catalogue[plan], quantity=quantity)
        for since, plan, quantity in ((start, "a", 1), *changes)
    )
    late = [
        (term.since + timedelta(draw(st.sampled_from([0, 0, 3, -2]))), term.plan) for term in terms
    ]
    wrong = draw(st.lists(st.tuples(days(0, 150), st.sampled_from(PLANS)), max_size=2))
    known = (*late, *wrong)
    return History(
        lineage=LINEAGE,
        payer="10042",
        unit="londrina",
        currency="BRL",
        timing=draw(TIMINGS),
        due_day=draw(st.integers(1, 31)),
        day_count="Actual",
        terms=terms,
        today=draw(days(60, 200)),
        ready=draw(st.sampled_from([start, start + timedelta(9), start - timedelta(9), None])),
        in_force=tuple(InForce(day, seq, plan) for seq, (day, plan) in enumerate(known)),
        offs=tuple(draw(st.lists(pauses(), max_size=2))),
        suspensions=tuple(draw(st.lists(pauses(), max_size=1))),
        holds=tuple(draw(st.lists(pauses(), max_size=1))),
        end=draw(seldom(days(20, 180))),
        ledger_start=draw(seldom(days(20, 100))),
    )
