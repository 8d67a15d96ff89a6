"""What every back end promises, held against its real server."""

from dataclasses import replace

import pytest

from ispalier.core.changes import Verb
from ispalier.core.items import Item, Keep
from ispalier.core.room import Backend, Scope
from ispalier.world.errors import (
    Conflict,
    Handover,
    IspalierError,
    Lost,
    Refused,
    Unavailable,
    Waiting,
)
from ispalier.world.state import State
from tests.contract.case import PASSWORD, Case, Clock, lease, owner, put, settle

pytestmark = pytest.mark.anyio

EVERYTHING = Scope(
    owners=frozenset({owner(), owner("second"), owner("third")}),
    claims=frozenset(),
    everything=True,
)


async def all_of(backend: Backend) -> dict[object, Item]:
    return {item.key: item for item in await backend.observe(EVERYTHING)}


async def test_what_was_applied_is_there(case: Case, backend: Backend) -> None:
    item = case.item(1, owner())

    done = await settle(backend, item)
    there = (await all_of(backend))[item.key]

    assert done.verbs == [Verb.CREATE]
    assert done.results == {item.key: None}
    assert there == item
    assert there.owner == owner()


async def test_a_second_pass_changes_nothing(case: Case, backend: Backend) -> None:
    await settle(backend, case.item(1, owner()), case.item(2, owner("second")))
    before = case.dump()

    again = await settle(backend, case.item(1, owner()), case.item(2, owner("second")))

    assert not again.verbs
    assert case.dump() == before


async def test_the_same_change_set_twice_is_harmless(case: Case, backend: Backend) -> None:
    done = await settle(backend, case.item(1, owner()))
    before = await all_of(backend)

    results = await backend.apply(done.changes)

    assert results == {case.item(1, owner()).key: None}
    assert await all_of(backend) == before


async def test_who_has_lost_the_lease_writes_nothing(case: Case) -> None:
    clock = Clock()
    backend = case.connect(lease(clock=clock))
    await settle(backend, case.item(1, owner()))
    before = case.dump()
    clock.now = 15

    with pytest.raises(Lost, match="it was not renewed for 15 s"):
        await settle(backend, case.other(1, owner()))
    await backend.close()

    assert before == case.dump()


async def test_an_edit_is_written(case: Case, backend: Backend) -> None:
    await settle(backend, case.item(1, owner()))
    changed = case.other(1, owner())

    await settle(backend, changed)

    assert (await all_of(backend))[changed.key] == changed


async def test_an_edit_by_hand_is_put_right(case: Case, backend: Backend) -> None:
    item = case.item(1, owner())
    await settle(backend, item)
    case.spoil(1)

    done = await settle(backend, item)

    assert len(done.changes) == 1
    assert (await all_of(backend))[item.key] == item


async def test_another_spelling_is_no_difference(case: Case, backend: Backend) -> None:
    await settle(backend, case.item(1, owner()))
    case.respell(1)
    before = case.dump()

    done = await settle(backend, case.item(1, owner()))

    assert not done.verbs
    assert case.dump() == before


async def test_what_is_spelt_otherwise_can_be_edited_and_purged(
    case: Case, backend: Backend
) -> None:
    await settle(backend, case.item(1, owner()))
    case.respell(1)
    changed = case.other(1, owner())
    await settle(backend, changed)
    there = (await all_of(backend))[changed.key]
    case.respell(1)

    await settle(backend, fates={owner(): None})

    assert there == changed
    assert changed.key not in await all_of(backend)


async def test_what_is_equal_and_unmarked_is_adopted(case: Case, backend: Backend) -> None:
    case.plant(1)

    done = await settle(backend, case.item(1, owner()))
    again = await settle(backend, case.item(1, owner()))

    assert done.verbs == [Verb.ADOPT]
    assert list(done.results.values()) == [None]
    assert not again.verbs


async def test_what_is_different_and_unmarked_is_a_conflict(case: Case, backend: Backend) -> None:
    case.plant(1)
    before = case.dump()

    done = await settle(backend, case.other(1, owner()))

    assert isinstance(done.refused[owner()], Conflict)
    assert case.dump() == before


async def test_what_another_customer_still_has_is_left_alone(case: Case, backend: Backend) -> None:
    await put(backend, case.item(1, owner(customer="20000")))
    before = case.dump()

    done = await settle(backend, case.item(1, owner()))

    # The mark of a zone is a digest: of whom nobody asked, nobody can say who it is.
    assert isinstance(done.refused[owner()], Handover | Conflict)
    assert case.dump() == before


async def test_what_is_another_installations_is_a_conflict(case: Case, backend: Backend) -> None:
    await put(backend, case.item(1, owner(customer="20000", installation="elsewhere")))
    before = case.dump()

    done = await settle(backend, case.item(1, owner()))

    assert isinstance(done.refused[owner()], Conflict)
    assert case.dump() == before


async def test_what_is_neither_ours_nor_wanted_survives(case: Case, backend: Backend) -> None:
    case.plant(1)
    theirs = case.item(2, owner(installation="elsewhere"))
    await put(backend, theirs)
    before = await all_of(backend)

    await settle(backend, case.item(3, owner("third")))
    await settle(backend, fates={owner("third"): State.RETIRED})
    await settle(backend, fates={owner("third"): None, owner(): None})

    assert await all_of(backend) == before


async def test_a_renamed_resource_takes_its_item_over(case: Case, backend: Backend) -> None:
    await settle(backend, case.item(1, owner("old")))

    done = await settle(backend, case.item(1, owner()))
    there = (await all_of(backend))[case.item(1, owner()).key]

    assert done.verbs == [Verb.ADOPT]
    assert there.owner == owner()


async def test_what_is_retired_keeps_its_data_and_can_be_restored(
    case: Case, backend: Backend
) -> None:
    item = case.item(1, owner())
    await settle(backend, item)

    done = await settle(backend, fates={owner(): State.RETIRED})
    there = (await all_of(backend))[item.key]
    again = await settle(backend, fates={owner(): State.RETIRED})
    restored = await settle(backend, item)

    assert done.verbs == [Verb.RETIRE]
    assert there == replace(item, state=State.RETIRED)
    assert not again.verbs
    assert restored.verbs == [Verb.RESTORE]
    assert (await all_of(backend))[item.key] == item


async def test_what_was_edited_by_hand_can_be_retired_and_restored(
    case: Case, backend: Backend
) -> None:
    item = case.item(1, owner())
    await settle(backend, item)
    case.spoil(1)

    await settle(backend, fates={owner(): State.RETIRED})
    there = (await all_of(backend))[item.key]
    await settle(backend, item)

    assert there.state is State.RETIRED
    assert (await all_of(backend))[item.key] == item


async def test_what_is_purged_leaves_nothing(case: Case, backend: Backend) -> None:
    before = case.dump()
    await settle(backend, case.item(1, owner()))
    await settle(backend, fates={owner(): State.RETIRED})

    done = await settle(backend, fates={owner(): None})

    assert done.verbs == [Verb.DELETE]
    assert case.dump() == before


async def test_a_suspension_acts_and_ends(case: Case, backend: Backend) -> None:
    item = case.item(1, owner())
    stopped = replace(item, state=State.SUSPENDED) if item.suspends else item
    await settle(backend, item)

    await settle(backend, stopped)
    there = (await all_of(backend))[item.key]
    await settle(backend, item)

    assert there == stopped
    assert (await all_of(backend))[item.key] == item


async def test_a_suspension_acts_on_what_is_kept(case: Case, backend: Backend) -> None:
    item = case.item(1, owner())
    stopped = replace(item, state=State.SUSPENDED) if item.suspends else item
    await settle(backend, item)

    await settle(backend, kept=[Keep(owner(), Waiting("no password"), State.SUSPENDED)])

    assert (await all_of(backend))[item.key] == stopped


async def test_one_bad_item_does_not_stop_the_rest(case: Case, backend: Backend) -> None:
    good = [case.item(number, owner()) for number in (1, 2, 4, 5)]
    bad = case.bad(3, owner("third"))

    done = await settle(backend, *good, bad)
    there = await all_of(backend)

    assert {each.key for each in good} == {k for k, v in done.results.items() if v is None}
    assert isinstance(done.results[bad.key], Refused)
    assert {item.key: item for item in good}.items() <= there.items()
    assert bad.key not in there


async def test_what_is_said_of_a_bad_item_holds_no_secret(case: Case, backend: Backend) -> None:
    bad = case.bad(3, owner("third"))

    done = await settle(backend, bad)

    assert PASSWORD not in str(done.results[bad.key])


async def test_a_part_shows_what_the_whole_shows(case: Case, backend: Backend) -> None:
    await settle(backend, case.item(1, owner()), case.item(2, owner("second")))
    await settle(backend, case.item(3, owner(customer="20000")))
    await settle(backend, fates={owner("second"): State.RETIRED})
    marked = frozenset({owner(), owner("second")})

    part = await backend.observe(Scope(customers=frozenset({"10042"}), owners=marked))
    whole = await all_of(backend)

    assert {item.owner: item for item in part if item.owner in marked} == {
        item.owner: item for item in whole.values() if item.owner in marked
    }


async def test_a_key_is_seen_whoever_has_it(case: Case, backend: Backend) -> None:
    case.plant(1)
    key = case.item(1, owner()).key

    part = await backend.observe(Scope(keys=frozenset({key})))

    assert [key] == [item.key for item in part if item.key == key]


async def test_a_server_that_is_away_says_so_without_secrets(case: Case) -> None:
    away = case.unreachable()
    with pytest.raises(Unavailable, match=case.item(1, owner()).host) as looked:
        await away.observe(EVERYTHING)
    with pytest.raises(IspalierError) as changed:
        await settle(away, case.item(1, owner()))
    await away.close()

    assert "hidden" not in str(looked.value)
    assert "hidden" not in str(changed.value)
