"""How long what was switched off is kept."""

from dataclasses import replace
from datetime import timedelta

import pytest

from ispalier.api.base import Resource
from ispalier.core.changes import Verb
from ispalier.core.engine import Engine
from ispalier.core.retention import Retention
from ispalier.journal.journal import Journal
from ispalier.journal.missing import Graveyard
from ispalier.world.errors import Unavailable
from ispalier.world.snapshot import Ident, ident
from ispalier.world.state import State
from tests.builders import (
    NOW,
    claim,
    login,
    resource,
    snapshot,
)
from tests.engine.passes import HOUR, LINE, PROVIDER, SILVA, run, verbs
from tests.inmemory import Memory, engine

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)
LEGAL = Retention(minimum={"Login": 10 * DAY, "IPClaim": 10 * DAY})


@pytest.mark.parametrize("hours", [0, 1])
def test_retention_and_hold_times_are_settings(hours: int) -> None:
    memory = Memory()
    terms = Retention(retire_after=timedelta(0), keep=timedelta(0))
    parts = engine(snapshot(*PROVIDER, *SILVA), memory, retention=terms)
    run(parts)
    parts.world.remove(Ident("Login", "silva", "joao"))

    noted = run(parts)
    outcome = run(parts, later=timedelta(hours=hours))

    assert verbs(noted) == []
    assert verbs(outcome) == [Verb.DELETE]


def off(parts: Engine, *gone: Resource) -> None:
    """Two passes, after which these are off since an hour after NOW."""
    run(parts)
    for each in gone:
        parts.world.remove(ident(each))
    run(parts)
    run(parts, later=HOUR)


def deleted(parts: Engine, after: timedelta) -> list[Verb]:
    """What is changed so long after it was switched off."""
    return verbs(run(parts, later=HOUR + after))


def test_who_was_served_all_the_same_is_switched_off_before_it_is_deleted() -> None:
    down: list[str] = []
    memory = Memory(fail=lambda _: Unavailable("no answer") if down else None)
    parts = engine(snapshot(*PROVIDER, *SILVA), memory)
    run(parts)
    parts.world.remove(ident(SILVA[2]))
    run(parts)
    down.append("for 31 days")
    run(parts, later=HOUR)

    down.clear()
    late = verbs(run(parts, later=31 * DAY))
    kept = [verbs(run(parts, later=days * DAY)) for days in (32, 60)]
    over = verbs(run(parts, later=62 * DAY))

    assert late == [Verb.RETIRE]
    assert kept == [[], []]
    assert over == [Verb.DELETE]


@pytest.mark.parametrize(
    ("joao", "terms", "days"),
    [
        (login("joao", retentionDays=5), Retention(), 5),
        (login("joao", retentionDays=90), Retention(), 90),
        (login("joao", retentionDays=0), LEGAL, 10),
        (login("joao", retentionDays=12), LEGAL, 12),
        (login("joao"), LEGAL, 30),
    ],
)
def test_what_is_off_is_kept_as_long_as_it_was_declared_but_never_less_than_the_minimum(
    joao: Resource, terms: Retention, days: int
) -> None:
    parts = engine(snapshot(*PROVIDER, *SILVA[:2], joao), Memory(), retention=terms)
    off(parts, joao)

    before, after = deleted(parts, days * DAY - MINUTE), deleted(parts, days * DAY)

    assert before == []
    assert after == [Verb.DELETE]


def test_a_retention_that_was_edited_before_the_deletion_is_the_one_that_counts() -> None:
    joao = login("joao", retentionDays=90)
    parts = engine(snapshot(*PROVIDER, *SILVA[:2], joao), Memory())
    run(parts)
    parts.world.put(login("joao", retentionDays=2))
    off(parts, joao)

    assert deleted(parts, DAY) == []
    assert deleted(parts, 2 * DAY) == [Verb.DELETE]


@pytest.mark.parametrize(("terms", "days"), [(Retention(), 0), (LEGAL, 10)])
def test_a_purge_deletes_as_soon_as_the_minimum_is_over(terms: Retention, days: int) -> None:
    joao = login("joao", retentionDays=90)
    parts = engine(snapshot(*PROVIDER, *SILVA[:2], joao), Memory(), retention=terms)
    off(parts, joao)
    assert isinstance(parts.journal, Journal)
    graveyard = Graveyard(parts.journal.engine)
    before = deleted(parts, days * DAY)
    graveyard.purge(graveyard.missing(), "ana: she left", NOW + HOUR)

    early = run(parts, later=HOUR + days * DAY - MINUTE)
    after = deleted(parts, days * DAY)

    assert before == []
    assert verbs(early) == []
    assert after == [Verb.DELETE]


def test_who_is_declared_again_is_not_purged_when_it_goes_the_next_time() -> None:
    joao = login("joao")
    memory = Memory()
    parts = engine(snapshot(*PROVIDER, *SILVA[:2], joao), memory, retention=LEGAL)
    off(parts, joao)
    assert isinstance(parts.journal, Journal)
    graveyard = Graveyard(parts.journal.engine)
    graveyard.purge(graveyard.missing(), "ana: she left", NOW + HOUR)
    parts.world.put(joao)
    run(parts, later=DAY)
    parts.world.remove(ident(joao))
    run(parts, later=2 * DAY)
    run(parts, later=3 * DAY)

    assert verbs(run(parts, later=14 * DAY)) == []
    assert memory.items[LINE].state is State.RETIRED


@pytest.mark.parametrize(
    ("address", "days"),
    [(claim("four", "joao"), 10), (claim("four", "joao", retentionDays=20), 20)],
)
def test_an_address_is_in_quarantine_as_long_as_its_claim_is_kept(
    address: Resource, days: int
) -> None:
    terms = replace(LEGAL, keep_kind={"IPClaim": 7 * DAY})
    parts = engine(snapshot(*PROVIDER, *SILVA, address), Memory(), retention=terms)
    off(parts, address)

    before, after = deleted(parts, days * DAY - MINUTE), deleted(parts, days * DAY)

    assert before == []
    assert after == [Verb.DELETE]
    assert {each.kind for each in parts.journal.memories()["10042"].bindings} == {
        "customer number",
        "user name",
    }


def test_a_record_set_is_kept_as_long_as_its_domain_wants_to_be() -> None:
    zone = resource(
        "Domain",
        "silva",
        {"subscriptionRef": {"name": "home"}, "name": "silva.example", "retentionDays": 90},
        "silva",
    )
    www = resource(
        "RecordSet",
        "www",
        {"domainRef": {"name": "silva"}, "name": "www", "type": "A", "values": ["192.0.2.1"]},
        "silva",
    )
    parts = engine(snapshot(*PROVIDER, *SILVA, zone, www), Memory())
    run(parts)
    first = parts.journal.memories()["10042"].kept
    spec = zone.model_dump(mode="json", by_alias=True, exclude_none=True)["spec"]
    parts.world.put(resource("Domain", "silva", {**spec, "retentionDays": 60}, "silva"))
    run(parts)
    edited = parts.journal.memories()["10042"].kept
    parts.world.remove(ident(zone))
    run(parts)

    names = ("Domain/silva", "RecordSet/www")
    assert {str(each): days for each, days in first.items()} == dict.fromkeys(names, 90)
    assert {str(each): days for each, days in edited.items()} == dict.fromkeys(names, 60)
    assert parts.journal.memories()["10042"].kept == edited
