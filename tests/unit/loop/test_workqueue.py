"""Units wait once, work once, and ring again when their time comes."""

import asyncio
from datetime import UTC, datetime, timedelta

import anyio

from ispalier.loop.workqueue import BREATH, TURNS, Lane, Line, Turn, WorkQueue

NOW = datetime(2026, 11, 22, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def line(*units: str, lane: Lane = Lane.FRESH) -> Line:
    made = Line()
    for unit in units:
        made.add(unit, lane, NOW)
    return made


def taken(made: Line) -> str | None:
    found = made.take()
    return found[0].unit if found else None


def test_units_come_in_the_order_in_which_they_were_named() -> None:
    made = line("a", "b", "a")

    assert [taken(made), taken(made), taken(made)] == ["a", "b", None]


def test_a_fresh_edit_goes_before_what_a_plan_reaches() -> None:
    made = line("reached", lane=Lane.LATER)
    made.add("edited", Lane.FRESH, NOW)

    assert taken(made) == "edited"


def test_what_is_reached_moves_too_while_edits_keep_coming() -> None:
    made = line(*(f"edited-{number}" for number in range(9)))
    made.add("reached", Lane.LATER, NOW)

    first = [taken(made) for _ in TURNS]

    assert "reached" in first


def test_an_edit_moves_a_unit_to_the_front_and_keeps_its_place_in_time() -> None:
    made = line("a", "b", lane=Lane.LATER)

    longer = made.add("b", Lane.FRESH, NOW + SECOND)

    assert not longer
    assert made.take() == [Turn("b", NOW, Lane.FRESH)]
    assert len(made) == 1


def test_what_arrives_during_a_pass_makes_one_more_pass() -> None:
    made = line("a")
    taken(made)
    made.add("a", Lane.FRESH, NOW)
    made.add("a", Lane.FRESH, NOW)

    during = taken(made)
    again = made.done("a")

    assert during is None
    assert again
    assert [taken(made), taken(made)] == ["a", None]


def test_a_unit_that_nobody_named_again_is_not_in_line_when_it_is_done() -> None:
    made = line("a")
    taken(made)

    assert not made.done("a")
    assert made.is_idle


def test_edits_are_not_taken_together_with_what_a_plan_reaches() -> None:
    made = line("edited", "edited too")
    made.add("reached", Lane.LATER, NOW)

    first = made.take(9)

    assert [each.unit for each in first] == ["edited", "edited too"]
    assert made.take(9) == [Turn("reached", NOW, Lane.LATER)]


def test_a_burst_gathers_while_somebody_is_at_work() -> None:
    async def story() -> list[list[str]]:
        queue, found = WorkQueue(), []
        queue.add(["a"], Lane.FRESH, NOW)
        found.append(await queue.take(9))
        queue.add(["b"], Lane.FRESH, NOW)
        waiting = asyncio.create_task(queue.take(9))
        await asyncio.sleep(0)
        queue.add(["c"], Lane.FRESH, NOW)
        queue.done("a")
        found.append(await waiting)
        return [[turn.unit for turn in each] for each in found]

    assert anyio.run(story) == [["a"], ["b", "c"]]


def test_a_long_line_does_not_wait_for_more() -> None:
    async def story() -> tuple[int, bool]:
        queue = WorkQueue()
        queue.add(["at work"], Lane.FRESH, NOW)
        await queue.take()
        queue.add(map(str, range(40)), Lane.LATER, NOW)
        begun = asyncio.get_running_loop().time()
        taken = await queue.take(16)
        return len(taken), asyncio.get_running_loop().time() - begun < BREATH

    assert anyio.run(story) == (16, True)


def test_who_is_stuck_does_not_stop_the_next() -> None:
    async def story() -> list[Turn]:
        queue = WorkQueue()
        queue.add(["stuck"], Lane.FRESH, NOW)
        await queue.take()
        queue.add(["b"], Lane.FRESH, NOW)
        return await asyncio.wait_for(queue.take(), 20 * BREATH)

    assert anyio.run(story) == [Turn("b", NOW, Lane.FRESH)]


def test_a_closed_queue_gives_nothing_to_anybody() -> None:
    async def story() -> list[list[Turn]]:
        queue = WorkQueue()
        waiting = [asyncio.create_task(queue.take()) for _ in range(3)]
        await asyncio.sleep(0)
        queue.close()
        return await asyncio.gather(*waiting)

    assert anyio.run(story) == [[], [], []]


def test_whose_service_ends_does_not_wait_for_ten_thousand_that_are_created() -> None:
    made = line(*(f"created-{number}" for number in range(10_000)))
    made.add("suspended", Lane.FRESH, NOW)
    made.add("suspended", Lane.URGENT, NOW)

    assert [each.unit for each in made.take(16)] == ["suspended"]


def test_many_whose_service_ends_do_not_stop_edits_nor_what_is_tried_again() -> None:
    made = line(*(f"suspended-{number}" for number in range(99)), lane=Lane.URGENT)
    made.add("edited", Lane.FRESH, NOW)
    made.add("reached", Lane.LATER, NOW)
    made.add("tried again", Lane.RETRY, NOW)

    first = [taken(made) for _ in TURNS]

    assert {"edited", "reached", "tried again"} < set(first)


def test_an_edit_makes_more_of_a_unit_than_another_try() -> None:
    made = line("a", lane=Lane.RETRY)
    made.add("a", Lane.FRESH, NOW)
    made.add("a", Lane.RETRY, NOW)

    assert made.take(9) == [Turn("a", NOW, Lane.FRESH)]
