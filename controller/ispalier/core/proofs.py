"""Proofs: what resources prove once and for all, and what is asked until they have.

A proof is remembered as a choice in the journal: who has it keeps it, whoever is asked afterwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ispalier.api.base import Resource
from ispalier.core.gather import owner_of
from ispalier.core.probe import Question, Reason, Subject
from ispalier.core.room import Room
from ispalier.core.verdicts import Verdicts
from ispalier.world.view import Chosen, View

RESOLVERS = "resolvers"
"""In the place of a host: whoever knows what the world sees."""


class Open(NamedTuple):
    """Something to prove: what is asked about it, and whether it has been proven."""

    resource: Resource
    subject: Subject
    question: Question
    is_proven: bool


def proofs(rooms: Sequence[Room], view: View) -> Iterator[Open]:
    """All that resources of a unit have to prove."""
    for room in rooms:
        for kind, (condition, question_of) in room.proofs.items():
            for resource in view.of(kind):
                question = question_of(view, resource)
                if question is not None:
                    place = (room.name, RESOLVERS)
                    subject = Subject(owner_of(view, resource), place, condition, is_ours=False)
                    yield Open(resource, subject, question, has_proven(view, resource, condition))


def has_proven(view: View, resource: Resource, condition: str) -> bool:
    """Whether it is remembered as proven."""
    return view.chosen_for(resource, condition) is not None


def with_proven(view: View, rooms: Sequence[Room], verdicts: Verdicts) -> View:
    """The same view with what was proven since the last pass."""
    found = []
    for resource, subject, question, is_proven in proofs(rooms, view):
        told = None if is_proven else verdicts.told(subject, question)
        if told is not None and told.reason is Reason.ANSWERS:
            found.append(Chosen(resource.kind, resource.name, subject.condition))
    return replace(view, proven=frozenset(found)) if found else view
