"""Whatever is declared and observed, billing neither fails nor loses its way."""

from datetime import UTC, date, datetime, time
from typing import Any

from hypothesis import event, given, settings
from hypothesis import strategies as st

from ispalier.api.base import Resource
from ispalier.billing.entries import Entry, entries
from ispalier.billing.history import History
from ispalier.billing.inputs import inputs
from ispalier.billing.rating import rate
from ispalier.core.memory import Fact
from ispalier.world.errors import Stalled
from tests.builders import resource, snapshot

SOME = st.dates(date(2026, 1, 1), date(2028, 12, 31))
LATE = st.dates(date(2028, 1, 1), date(2199, 12, 31))
FAR = st.sampled_from([date.min, date(1900, 1, 31), date(9999, 11, 30), date.max])
DAYS = st.sampled_from(range(20)).flatmap(lambda number: FAR if number == 1 else SOME)
MONTH_DAYS = st.integers(1, 31)
AMOUNTS = st.from_regex(r"[0-9]{1,12}(\.[0-9]{1,8})?", fullmatch=True)
CURRENCIES = st.sampled_from(["BRL"] * 12 + ["KWD", "XAU", "ABC"])
CYCLES = st.sampled_from(["P1M", "P1M", "P3M", "P1Y"])
PLANS = st.sampled_from(["a"] * 4 + ["b"] * 5 + ["missing"])
REASONS = st.sampled_from(["Unpaid", "Spam"])
READY = date(2026, 3, 3)
OLD = {"currency": "BRL", "amount": "99.90", "validFrom": "2000-01-01"}
Fields = dict[str, Any]


def fields(needed: Fields, optional: Fields) -> st.SearchStrategy[Fields]:
    """A mapping with these fields, dates as they stand in YAML."""
    return st.fixed_dictionaries(needed, optional=optional).map(
        lambda made: {
            name: str(each) if isinstance(each, date) else each for name, each in made.items()
        }
    )


PAUSES = st.lists(
    fields(
        {"reason": REASONS, "since": DAYS},
        {"until": DAYS},
    ),
    max_size=2,
    unique_by=lambda each: (each["reason"], each["since"]),
)
PRICES = st.lists(
    fields(
        {"currency": CURRENCIES, "amount": AMOUNTS, "validFrom": DAYS, "cycle": CYCLES},
        {"validFromExisting": DAYS, "midPeriod": st.booleans()},
    ),
    max_size=4,
)
TERMS = st.lists(
    fields(
        {"from": DAYS, "planRef": st.fixed_dictionaries({"name": PLANS})},
        {"cycle": CYCLES, "price": AMOUNTS, "quantity": st.integers(1, 100000)},
    ),
    min_size=1,
    max_size=4,
    unique_by=lambda each: each["from"],
)
CONTRACTS = fields(
    {"terms": TERMS},
    {
        "suspensions": PAUSES,
        "billing": fields({}, {"hold": PAUSES, "anchorDate": DAYS, "billedThrough": DAYS}),
        "end": fields({"date": DAYS, "reason": REASONS}, {}),
    },
)
BILLING = fields(
    {},
    {
        "timing": st.sampled_from(["Advance", "Arrears"]),
        "closingDay": MONTH_DAYS,
        "dueDay": MONTH_DAYS,
    },
)
FACTS = st.lists(
    st.one_of(
        st.tuples(st.just("plan"), SOME, PLANS),
        st.tuples(REASONS.map("service:{}".format), SOME, st.sampled_from(["On", "Off"])),
        st.tuples(st.just("ready"), SOME, st.just("")),
    ),
    max_size=5,
).map(
    lambda said: [
        Fact("home", *each, seq) for seq, each in enumerate([*said, ("ready", READY, "")])
    ]
)


@st.composite
def resources(draw: st.DrawFn) -> list[Resource]:
    """A unit, two plans, a customer, a contract."""
    unit = {"displayName": "x", "timeZone": "America/Sao_Paulo", "currency": draw(CURRENCIES)}
    unit |= draw(fields({"billing": BILLING}, {"ledgerStart": DAYS}))
    tenant = {"number": "1", "displayName": "x", "businessUnitRef": {"name": "u"}}
    plans = [
        {
            "family": "Mail",
            "availableIn": draw(st.sampled_from([["u"]] * 12 + [["v"]])),
            "cycles": draw(st.permutations(["P1M", "P3M", "P1Y"])),
            "prices": [*(OLD | {"cycle": each} for each in ("P1M", "P1Y")), *draw(PRICES)],
        }
        for _ in range(2)
    ]
    return [
        resource("BusinessUnit", "u", unit),
        *(resource("Plan", name, spec) for name, spec in zip("ab", plans, strict=True)),
        resource("Tenant", "t", {**tenant, "billing": draw(BILLING)}, "t"),
        resource("Subscription", "home", draw(CONTRACTS), "t"),
    ]


def posted(history: History, as_of: date, ledger: list[Entry]) -> list[Entry]:
    """The new entries of a contract, none where a person must act."""
    try:
        return entries(rate(history, as_of), ledger)
    except Stalled:
        return []


@settings(max_examples=200, deadline=None)
@given(resources(), FACTS, SOME, st.tuples(DAYS, LATE))
def test_any_yaml_is_billed_or_held_and_then_there_is_nothing_left(
    declared: list[Resource], facts: list[Fact], today: date, days: tuple[date, date]
) -> None:
    first, last = sorted(min(max(day, date(1900, 1, 1)), date(2199, 12, 31)) for day in days)
    noon = datetime.combine(today, time(12), UTC)

    found = inputs(snapshot(*declared), {"1": facts}, "test", noon)
    before = [entry for each in found.histories for entry in posted(each, first, [])]
    after = [entry for each in found.histories for entry in posted(each, last, before)]

    event("billed" if before or after else "nothing billed")
    whole = before + after
    assert len(found.histories) + len(found.unbilled) == 1
    assert not [entry for each in found.histories for entry in posted(each, last, whole)]
