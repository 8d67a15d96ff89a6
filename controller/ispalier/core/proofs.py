"""Proofs: what resources prove once and for all, and what is asked until they have.

What was proven is claimed in the journal: who has it keeps it, whoever is asked afterwards.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import NamedTuple

from ispalier.api.base import Resource
from ispalier.core.gather import has_had, owner_of
from ispalier.core.probe import Question, Reason, Subject
from ispalier.core.room import Room
from ispalier.core.verdicts import Verdicts
from ispalier.world.view import Chosen, View

RESOLVERS = "resolvers"
"""In the place of a host: whoever knows what the world sees."""


class Open(NamedTuple):
    """Something to prove: what is claimed then, what is asked about it, whether it is proven."""

    resource: Resource
    subject: Subject
    kind: str
    value: str
    question: Question
    is_proven: bool


def proofs(rooms: Sequence[Room], view: View) -> Iterator[Open]:
    """All that resources of a unit have to prove."""
    for room in rooms:
        for kind, proof in room.proofs.items():
            for resource in view.of(kind):
                question = proof.question(view, resource)
                if question is not None:
                    place, value = (room.name, RESOLVERS), proof.value(view, resource)
                    owner = owner_of(view, resource)
                    subject = Subject(owner, place, proof.condition, is_ours=False)
                    is_proven = has_had(view, proof.kind, value)
                    yield Open(resource, subject, proof.kind, value, question, is_proven)


def with_proven(view: View, rooms: Sequence[Room], verdicts: Verdicts) -> View:
    """The same view with what was proven since the last pass, or by what is no longer declared."""
    found: dict[Chosen, str] = {}
    for each in proofs(rooms, view):
        told = verdicts.told(each.subject, each.question)
        if each.is_proven or (told is not None and told.reason is Reason.ANSWERS):
            found[Chosen(each.resource.kind, each.resource.name, each.kind)] = each.value
    return replace(view, proven=found) if found else view
