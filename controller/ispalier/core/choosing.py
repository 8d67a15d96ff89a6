"""Choosing: what units wish for and do not have yet, and what they ask for once they have it. Pure."""

from collections.abc import Mapping, Sequence
from itertools import chain
from typing import NamedTuple

from ispalier.core.gather import is_proven, present, unmet, wishes, with_choices
from ispalier.core.items import Owner
from ispalier.core.memory import Memory, Wish
from ispalier.core.room import Room
from ispalier.core.wanted import Wanted, wanted
from ispalier.world.errors import IspalierError
from ispalier.world.view import Chosen, View


class Aim(NamedTuple):
    """What a unit asks for: its view, what is remembered of it, what its rooms want."""

    view: View
    memory: Memory
    wanted: Wanted


ROUNDS = 3
"""A proof lets a mail domain be claimed, and that its addresses."""


class Lacking(NamedTuple):
    """Units that lack something, what they wish for, and everybody who is declared there.

    Those who are `waiting` may wish for more once they have that.
    """

    units: Sequence[str]
    wishes: Sequence[Wish]
    present: frozenset[Owner]
    waiting: Sequence[str]


def lacking(
    rooms: Sequence[Room], views: Mapping[str, View], memories: Mapping[str, Memory]
) -> Lacking:
    """What is wished for and not remembered yet."""
    asked = {each: wishes(view, rooms) for each, view in views.items()}
    units = [each for each, view in views.items() if unmet(view, asked[each])]
    there = frozenset(chain(*(present(views[each], memories[each]) for each in units)))
    mine = [each for unit in units for each in asked[unit] if is_proven(each)]
    waiting = [unit for unit in units if not all(map(is_proven, asked[unit]))]
    return Lacking(units, mine, there, waiting)


def aims(
    rooms: Sequence[Room],
    views: Mapping[str, View],
    memories: Mapping[str, Memory],
    provider: Mapping[Chosen, str],
    refused: Mapping[Owner, IspalierError],
) -> list[Aim]:
    """What units ask for, given what was chosen for them and for the provider."""
    return [
        Aim(view, memories[each], wanted(view, rooms, refused))
        for each, known in views.items()
        for view in [with_choices(known, memories[each], provider)]
    ]
