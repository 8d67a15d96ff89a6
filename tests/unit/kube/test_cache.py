"""The cache believes what is newest, however late or out of order it arrives."""

from random import Random
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from ispalier.api.base import Resource
from ispalier.api.parties import Tenant
from ispalier.kube.cache import Cache
from ispalier.world.snapshot import Broken, Ident, Snapshot

SILVA = Ident("Tenant", "silva", "silva")
READY = {
    "observedGeneration": 1,
    "conditions": [{"type": "Ready", "status": "True", "reason": "R"}],
}
WAITING = {
    "observedGeneration": 1,
    "conditions": [{"type": "Ready", "status": "False", "reason": "W"}],
}


def raw(number: int, uid: str = "a", generation: int = 1, **more: object) -> dict[str, Any]:
    meta = {
        "name": "silva",
        "namespace": "silva",
        "uid": uid,
        "resourceVersion": str(number),
        "generation": generation,
    }
    spec = {"number": "1", "displayName": "Silva", "businessUnitRef": {"name": "londrina"}}
    return {"metadata": meta, "spec": spec, **more}


def cache_with(*objects: dict[str, Any]) -> Cache:
    cache = Cache(Snapshot())
    for each in objects:
        cache.see("Tenant", each)
    return cache


def listed(cache: Cache, number: int, *seen: Ident) -> list[Ident]:
    return [change.which for change in cache.listed("Tenant", set(seen), number)]


def ready(cache: Cache) -> list[str]:
    thing = cache.world.find(SILVA)
    assert isinstance(thing, Resource)
    return [each.status for each in thing.status.conditions]


def test_a_new_object_is_a_change() -> None:
    change = Cache(Snapshot()).see("Tenant", raw(5))

    assert change is not None
    assert change.before is None
    assert isinstance(change.after, Tenant)


def test_a_status_alone_is_taken_in_and_is_no_change() -> None:
    cache = cache_with(raw(5))

    change = cache.see("Tenant", raw(6, status=READY))

    assert change is None
    assert ready(cache) == ["True"]


def test_a_new_generation_is_a_change() -> None:
    assert cache_with(raw(5)).see("Tenant", raw(6, generation=2)) is not None


def test_the_beginning_of_a_deletion_is_a_change() -> None:
    going = raw(6)
    going["metadata"]["deletionTimestamp"] = "2026-11-22T00:00:00Z"

    assert cache_with(raw(5)).see("Tenant", going) is not None


def test_an_older_version_never_replaces_a_newer_one() -> None:
    cache = cache_with(raw(6, status=READY))

    assert cache.see("Tenant", raw(5, generation=7, status=WAITING)) is None
    assert ready(cache) == ["True"]


def test_a_deletion_counts_only_for_the_object_that_is_known() -> None:
    cache = cache_with(raw(5, uid="new"))

    assert cache.lose("Tenant", raw(6, uid="old")) is None
    assert cache.world.find(SILVA) is not None


def test_an_object_made_again_under_its_name_is_a_change() -> None:
    assert cache_with(raw(5)).see("Tenant", raw(7, uid="b")) is not None


def test_a_page_read_before_a_deletion_brings_nothing_back() -> None:
    cache = cache_with(raw(5))
    cache.lose("Tenant", raw(8))

    assert cache.see("Tenant", raw(5)) is None
    assert cache.world.find(SILVA) is None


def test_a_list_removes_what_it_does_not_hold() -> None:
    assert listed(cache_with(raw(5)), 9) == [SILVA]


def test_a_list_does_not_remove_what_is_newer_than_itself() -> None:
    assert listed(cache_with(raw(10)), 9) == []


def test_what_was_gone_at_a_list_stays_gone() -> None:
    cache = cache_with(raw(5))
    listed(cache, 9)

    assert cache.see("Tenant", raw(5)) is None


def test_what_cannot_be_read_is_kept_with_its_generation_and_without_its_values() -> None:
    bad = raw(5, generation=3)
    bad["spec"]["displayName"] = 17

    cache = cache_with(bad)

    found = cache.world.find(SILVA)
    assert isinstance(found, Broken)
    assert found.generation == 3
    assert "spec.displayName" in found.message
    assert "17" not in found.message


def test_fields_of_newer_versions_are_ignored() -> None:
    newer = raw(5)
    newer["spec"]["mood"] = "sunny"
    newer["metadata"]["mood"] = "sunny"

    assert isinstance(cache_with(newer).world.find(SILVA), Tenant)


def test_a_status_that_cannot_be_read_is_as_good_as_none() -> None:
    cache = cache_with(raw(5, status={"conditions": "many"}))

    assert ready(cache) == []


def test_while_a_status_is_written_an_older_one_does_not_count() -> None:
    cache = cache_with(raw(5))
    cache.telling(SILVA, READY)
    cache.see("Tenant", raw(6, status=WAITING))

    during = ready(cache)
    cache.told(SILVA, raw(7, status=READY))

    assert during == ["True"]
    assert ready(cache) == ["True"]


def test_a_status_that_was_not_taken_is_forgotten() -> None:
    cache = cache_with(raw(5, status=WAITING))
    cache.telling(SILVA, READY)

    cache.told(SILVA, None)

    assert ready(cache) == ["False"]


def test_a_status_that_somebody_wrote_over_ours_counts() -> None:
    cache = cache_with(raw(5))
    cache.telling(SILVA, READY)
    cache.see("Tenant", raw(8, status=WAITING))

    cache.told(SILVA, raw(7, status=READY))

    assert ready(cache) == ["False"]


STEPS = st.lists(st.sampled_from(("create", "edit", "delete")), max_size=12)


@given(STEPS, st.randoms(use_true_random=False))
def test_in_whatever_order_news_arrive_one_more_list_makes_it_right(
    steps: list[str], order: Random
) -> None:
    """What happened, told out of order and with gaps; then a list of what there is."""
    news: list[tuple[str, dict[str, Any]]] = []
    there: dict[str, Any] | None = None
    for number, step in enumerate(steps, start=1):
        if step == "delete" and there is not None:
            news.append(("DELETED", raw(number, there["metadata"]["uid"])))
            there = None
        elif step != "delete":
            uid = there["metadata"]["uid"] if there else f"uid-{number}"
            there = raw(number, uid, generation=number)
            news.append(("MODIFIED", there))
    cache = Cache(Snapshot())
    for kind, each in order.sample(news, order.randint(0, len(news))):
        (cache.lose if kind == "DELETED" else cache.see)("Tenant", each)

    now = len(steps) + 1
    held = [there] if there else []
    for each in held:
        cache.see("Tenant", each)
    listed(cache, now, *(SILVA for _ in held))

    found = cache.world.find(SILVA)
    known = found.metadata.generation if isinstance(found, Resource) else None
    assert known == (there["metadata"]["generation"] if there else None)
