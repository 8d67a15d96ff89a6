"""The journal on SQLite and on PostgreSQL: the same tests for both."""

from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from datetime import timedelta
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import inspect, select, update

from ispalier.core.items import Owner
from ispalier.core.memory import (
    Absence,
    Allocation,
    Choice,
    Claim,
    Fact,
    Generation,
    Tombstone,
    Update,
)
from ispalier.journal.database import VERSION, connect
from ispalier.journal.journal import Journal
from ispalier.journal.missing import Graveyard
from ispalier.journal.seal import Seal
from ispalier.journal.tables import BINDING, FACT, PASSWORD, metadata
from ispalier.world.errors import Invalid, Unavailable
from ispalier.world.secret import Secret
from ispalier.world.view import Chosen
from tests.builders import NOW
from tests.inmemory import KEY

SILVA = Owner("test", "10042", "Login", "joao")
SOUZA = Owner("test", "10043", "Login", "joao")
NOBODY: frozenset[Owner] = frozenset()
DAY = timedelta(days=1)


def taken(value: str, owner: Owner = SILVA) -> Claim:
    return Claim("user name", value, owner)


def test_the_migrations_make_exactly_the_tables(journal: Journal) -> None:
    with journal.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, metadata) == []


def test_a_claim_is_granted_once_and_to_one_customer(journal: Journal) -> None:
    first = journal.grant([taken("joao")], frozenset({SILVA}), NOW)
    again = journal.grant([taken("joao")], frozenset({SILVA}), NOW)
    other = journal.grant([taken("joao", SOUZA)], frozenset({SOUZA}), NOW)

    assert first == {}
    assert again == {}
    assert other == {SOUZA: "user name 'joao' belongs to another customer: use another"}
    assert {binding.value for binding in journal.memory("10042").bindings} == {"joao"}


def test_of_one_customer_a_live_resource_keeps_its_claim(journal: Journal) -> None:
    twin = SILVA._replace(name="twin")
    journal.grant([taken("joao")], frozenset({SILVA}), NOW)

    refused = journal.grant([taken("joao", twin)], frozenset({SILVA, twin}), NOW)

    assert refused == {twin: "user name 'joao' belongs to Login/joao: use another"}


def test_a_resource_that_is_gone_passes_its_claim_on(journal: Journal) -> None:
    renamed = SILVA._replace(name="renamed")
    journal.grant([taken("joao")], frozenset({SILVA}), NOW)

    refused = journal.grant([taken("joao", renamed)], frozenset({renamed}), NOW + DAY)

    assert refused == {}
    with journal.engine.connect() as connection:
        history = connection.execute(select(BINDING).order_by(BINDING.c.id)).all()
    assert [(row.owner_name, row.since, row.until) for row in history] == [
        ("joao", NOW, NOW + DAY),
        ("renamed", NOW + DAY, None),
    ]


def test_another_value_of_the_same_owner_ends_the_one_before(journal: Journal) -> None:
    journal.grant([taken("joao")], frozenset({SILVA}), NOW)
    journal.grant([taken("joana")], frozenset({SILVA}), NOW)

    assert {binding.value for binding in journal.memory("10042").bindings} == {"joana"}
    assert journal.grant([taken("joao", SOUZA)], frozenset({SOUZA}), NOW) == {}


def pool(owner: Owner, *values: str) -> Allocation:
    return Allocation(
        "IP address", lambda: iter(values), values.__contains__, owner, "IPPool/homes"
    )


def test_an_allocation_is_the_first_free_value_and_stays(journal: Journal) -> None:
    journal.grant([pool(SILVA, "a", "b")], NOBODY, NOW)
    journal.grant([pool(SOUZA, "a", "b")], NOBODY, NOW)
    journal.grant([pool(SILVA, "a", "b")], NOBODY, NOW)
    third = SILVA._replace(name="third")

    refused = journal.grant([pool(third, "a", "b")], NOBODY, NOW)

    assert {binding.value for binding in journal.memory("10042").bindings} == {"a"}
    assert {binding.value for binding in journal.memory("10043").bindings} == {"b"}
    assert refused == {third: "IPPool/homes is full: add a prefix or free an address"}


def test_an_ip_address_that_an_edit_gave_up_is_held_back_for_its_quarantine(
    journal: Journal,
) -> None:
    journal.grant([pool(SILVA, "a")], NOBODY, NOW)
    journal.grant([pool(SILVA, "b")], NOBODY, NOW)

    early = journal.grant([pool(SOUZA, "a")], NOBODY, NOW + 6 * DAY)
    late = journal.grant([pool(SOUZA, "a")], NOBODY, NOW + 8 * DAY)

    assert SOUZA in early
    assert late == {}


def test_what_was_kept_for_its_retention_is_free_after_it(journal: Journal) -> None:
    journal.grant([pool(SILVA, "a")], NOBODY, NOW)
    journal.note({"10042": Update(released=[*journal.memory("10042").bindings])}, NOW)

    assert journal.grant([pool(SOUZA, "a")], NOBODY, NOW) == {}


def test_many_at_once_never_get_the_same_value(url: str) -> None:
    values = [str(number) for number in range(16)]
    owners = [Owner("test", str(number), "IPClaim", "x") for number in range(16)]

    with ExitStack() as stack:
        journals = [stack.enter_context(closing(Journal.open(url, KEY, "test"))) for _ in owners]
        threads = stack.enter_context(ThreadPoolExecutor(16))
        refused = list(
            threads.map(
                lambda journal, owner: journal.grant([pool(owner, *values)], NOBODY, NOW),
                journals,
                owners,
            )
        )
        memories = journals[0].memories()

    assert refused == [{}] * 16
    assert sorted(values) == sorted(
        binding.value for memory in memories.values() for binding in memory.bindings
    )


def test_a_choice_is_made_once(journal: Journal) -> None:
    journal.grant([Choice("host", "ns1", SILVA)], NOBODY, NOW)
    journal.grant([Choice("host", "ns2", SILVA)], NOBODY, NOW)

    assert journal.memory("10042").choices == {Chosen("Login", "joao", "host"): "ns1"}


def test_a_generated_password_is_sealed_and_read_back(journal: Journal) -> None:
    journal.grant([Generation(24, SILVA)], NOBODY, NOW)
    made = journal.memory("10042").passwords[Chosen("Login", "joao", "password")]
    journal.grant([Generation(24, SILVA)], NOBODY, NOW)

    assert isinstance(made, Secret)
    assert len(made.reveal()) == 24
    assert journal.memory("10042").passwords[Chosen("Login", "joao", "password")] == made
    with journal.engine.connect() as connection:
        assert made.reveal() not in str(connection.execute(select(PASSWORD)).all())


def test_two_resources_of_a_customer_exchange_what_they_have(journal: Journal) -> None:
    twin = SILVA._replace(name="jo")
    both = frozenset({SILVA, twin})
    journal.grant([taken("joao"), taken("jo", twin)], both, NOW)

    refused = journal.grant([taken("jo"), taken("joao", twin)], both, NOW + DAY)

    held = {each.value: each.owner for each in journal.memory("10042").bindings}
    assert refused == {}
    assert held == {"jo": SILVA, "joao": twin}


def test_a_resource_takes_what_another_lets_go_of_whichever_is_asked_first(
    journal: Journal,
) -> None:
    twin = SILVA._replace(name="jo")
    both = frozenset({SILVA, twin})
    journal.grant([taken("joao"), taken("jo", twin)], both, NOW)

    refused = journal.grant([taken("jo"), taken("josefa", twin)], both, NOW + DAY)

    held = {each.value: each.owner for each in journal.memory("10042").bindings}
    assert refused == {}
    assert held == {"jo": SILVA, "josefa": twin}


def test_who_is_refused_keeps_what_another_resource_waits_for(journal: Journal) -> None:
    twin = SILVA._replace(name="jo")
    both = frozenset({SILVA, twin})
    journal.grant([taken("joao"), taken("jo", twin), taken("maria", SOUZA)], both, NOW)

    refused = journal.grant([taken("jo"), taken("maria", twin)], both, NOW + DAY)

    held = {each.value: each.owner for each in journal.memory("10042").bindings}
    assert refused.keys() == {SILVA, twin}
    assert held == {"joao": SILVA, "jo": twin}


def test_another_customer_cannot_slip_into_an_exchange(journal: Journal) -> None:
    twin = SILVA._replace(name="jo")
    all_three = frozenset({SILVA, twin, SOUZA})
    journal.grant([taken("joao"), taken("jo", twin)], all_three, NOW)

    wishes = [taken("jo"), taken("josefa", twin), taken("jo", SOUZA)]
    refused = journal.grant(wishes, all_three, NOW + DAY)

    assert refused == {SOUZA: "user name 'jo' belongs to another customer: use another"}
    held = {each.value: each.owner for each in journal.memory("10042").bindings}
    assert held == {"jo": SILVA, "josefa": twin}


def test_of_two_that_wait_for_one_value_the_second_keeps_what_it_has(journal: Journal) -> None:
    first, second = SILVA._replace(name="first"), SILVA._replace(name="second")
    all_three = frozenset({SILVA, first, second})
    journal.grant([taken("v"), taken("a", first), taken("b", second)], all_three, NOW)

    wishes = [taken("v", first), taken("v", second), taken("w")]
    refused = journal.grant(wishes, all_three, NOW + DAY)

    held = {each.value: each.owner for each in journal.memory("10042").bindings}
    assert refused.keys() == {second}
    assert held == {"v": first, "b": second, "w": SILVA}


def test_tombstones_are_kept_until_what_they_held_is_purged(journal: Journal) -> None:
    first, second = Tombstone(SILVA, "1", "{}"), Tombstone(SILVA, "2", '{"new": true}')
    journal.note({"10042": Update(declared=[first])}, NOW)
    journal.note({"10042": Update(declared=[second])}, NOW)
    kept = journal.memory("10042").tombstones
    bodies = journal.last_declared([SILVA, SOUZA])

    journal.note({"10042": Update(purged=[SILVA])}, NOW)

    assert kept == {SILVA: "2"}
    assert bodies == {SILVA: '{"new": true}'}
    assert journal.memory("10042").tombstones == {}


def test_how_long_a_resource_wants_to_be_kept_is_remembered_as_last_declared(
    journal: Journal,
) -> None:
    first, second = Tombstone(SILVA, "1", "{}", 90), Tombstone(SILVA, "2", "{}", 0)
    other = SILVA._replace(name="other")
    journal.note({"10042": Update(declared=[first, Tombstone(other, "1", "{}")])}, NOW)
    before = journal.memories(["10042"])["10042"].kept
    journal.note({"10042": Update(declared=[second])}, NOW)

    assert before == {SILVA: 90}
    assert journal.memories()["10042"].kept == {SILVA: 0}


def test_a_purge_is_remembered_until_its_resource_is_missing_anew(journal: Journal) -> None:
    off = Absence(SILVA, NOW, NOW)
    journal.note({"10042": Update(absent=[off])}, NOW)
    graveyard = Graveyard(journal.engine)
    graveyard.purge(graveyard.missing(), "ana: she left", NOW)
    journal.note({"10042": Update(absent=[off])}, NOW + DAY)
    asked = journal.memory("10042").absences[SILVA].purge
    journal.note({"10042": Update(absent=[off._replace(retired=None)])}, NOW + DAY)

    assert asked == "2026-11-21T12:00:00Z by ana: she left"
    assert journal.memory("10042").absences[SILVA].purge == ""


def test_absences_and_facts_are_remembered(journal: Journal) -> None:
    gone = Absence(SILVA, NOW, None)
    fact = Fact("home", "ready", NOW.date(), "")
    journal.note({"10042": Update(absent=[gone], facts=[fact])}, NOW)
    journal.note({"10042": Update(absent=[gone._replace(retired=NOW + DAY)], facts=[fact])}, NOW)

    memory = journal.memory("10042")

    assert memory.absences == {SILVA: Absence(SILVA, NOW, NOW + DAY)}
    assert memory.facts == {fact._replace(seq=0), fact._replace(seq=1)}
    journal.note({"10042": Update(returned=[SILVA])}, NOW)
    assert journal.memory("10042").absences == {}


def test_a_fact_that_a_correction_superseded_is_not_remembered(journal: Journal) -> None:
    ready = Fact("home", f"service:{'A' * 64}", NOW.date(), "Off")
    journal.note({"10042": Update(facts=[ready, ready._replace(value="On")])}, NOW)
    with journal.engine.begin() as connection:
        connection.execute(update(FACT).where(FACT.c.seq == 1).values(supersedes=0))

    memory = journal.memory("10042")

    assert memory.facts == {ready._replace(value="On", seq=1)}
    assert journal.memories() == {"10042": memory}


def test_all_memories_are_what_each_is(journal: Journal) -> None:
    journal.grant([taken("joao"), Choice("host", "ns1", SILVA)], NOBODY, NOW)
    journal.grant([taken("maria", SOUZA), Generation(12, SOUZA)], NOBODY, NOW)

    memories = journal.memories()

    assert journal.customers() == ["10042", "10043"]
    assert memories == {number: journal.memory(number) for number in ("10042", "10043")}


def test_a_copy_forgets_what_it_grants(journal: Journal) -> None:
    journal.grant([taken("joao")], NOBODY, NOW)

    copy = journal.copy()
    refused = copy.grant([taken("joao", SOUZA), taken("maria", SOUZA)], NOBODY, NOW)

    copy.close()
    assert SOUZA in refused
    assert journal.memory("10043").bindings == frozenset()


def test_another_key_or_installation_is_refused(url: str) -> None:
    Journal.open(url, KEY, "test").close()

    with pytest.raises(Invalid, match="another installation"):
        Journal.open(url, Seal.new_key(), "test")
    with pytest.raises(Invalid, match="another installation"):
        Journal.open(url, KEY, "other")


def test_a_sealed_password_that_was_tampered_with_is_told_in_its_place(journal: Journal) -> None:
    journal.grant([Generation(12, SILVA), taken("joao")], NOBODY, NOW)
    with journal.engine.begin() as connection:
        connection.execute(update(PASSWORD).values(sealed="nonsense"))

    memory = journal.memory("10042")
    told = memory.passwords[Chosen("Login", "joao", "password")]

    assert isinstance(told, Invalid)
    assert "cannot be opened" in str(told)
    assert {binding.value for binding in memory.bindings} == {"joao"}


def test_a_database_that_does_not_answer_is_unavailable() -> None:
    with pytest.raises(Unavailable, match="the journal does not answer"):
        connect("postgresql://nobody@127.0.0.1:1/none")


@pytest.mark.parametrize("url", ["nonsense", "mysql://host/name"])
def test_an_url_that_names_no_journal_is_refused(url: str) -> None:
    with pytest.raises(Invalid):
        connect(url)


def test_the_tables_explain_themselves(journal: Journal) -> None:
    tables = set(inspect(journal.engine).get_table_names())

    assert {table.name for table in metadata.sorted_tables} <= tables


def test_a_journal_of_a_later_version_is_told_and_left_as_it_is(url: str, journal: Journal) -> None:
    with journal.engine.begin() as connection:
        connection.execute(update(VERSION).values(version_num="9999"))

    with pytest.raises(Invalid, match="of a later version of ispalier"):
        connect(url)


def test_a_file_that_is_no_journal_or_is_damaged_is_told_with_what_to_do(tmp_path: Path) -> None:
    other, damaged = tmp_path / "other.db", tmp_path / "damaged.db"
    other.write_text("a letter to a friend, which is no database\n" * 100)
    connect(f"sqlite:///{damaged}").dispose()
    content = damaged.read_bytes()
    damaged.write_bytes(content[:4096] + b"\xff" * (len(content) - 4096))

    with pytest.raises(Unavailable, match="not a database: name the right file"):
        connect(f"sqlite:///{other}")
    with pytest.raises(Unavailable, match="restore it from a backup"):
        connect(f"sqlite:///{damaged}")
