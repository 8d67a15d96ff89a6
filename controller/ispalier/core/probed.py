"""Probed: what is asked of a unit's items, and what its statuses tell of the answers. Pure."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple, TypeAlias

from ispalier.api.base import Resource
from ispalier.core.conditions import Answer
from ispalier.core.engine import Engine, Plan
from ispalier.core.gather import owner_of
from ispalier.core.items import Owner
from ispalier.core.probe import PROBED, NotProbed, Probes, Proven, Reason, Reply, Subject
from ispalier.core.proofs import proofs
from ispalier.core.room import Room
from ispalier.core.verdicts import CHANGED
from ispalier.core.wanted import Wanted
from ispalier.world.errors import IspalierError
from ispalier.world.view import View

Told: TypeAlias = tuple[Subject, Reply | None]
"""Of whom, by which host, and what; None is nothing new."""

_NOT_SERVED = NotProbed("not asked while it is not served as declared")
_PROVEN = Proven("was proven")
_NOT_YET = Reply(Reason.NOT_PROBED, "not asked yet")
_STATUS = {"True": True, "False": False}


def probes(
    rooms: Sequence[Room], view: View, wanted: Wanted, problems: Mapping[Owner, IspalierError]
) -> Probes:
    """What to ask about everything that a unit wants, or why it is not asked."""
    by_room = {room.name: room.probes for room in rooms if room.probes}
    found: Probes = {}
    resources: dict[Owner, Resource] = {}
    for place, items in wanted.items.items():
        of_items = by_room.get(place[0], {})
        for item in items:
            if type(item) not in of_items or item.owner is None:
                continue
            resources = resources or {owner_of(view, each): each for each in view.resources}
            for question, condition, is_ours in of_items[type(item)]:
                subject = Subject(item.owner, place, condition, is_ours)
                try:
                    found[subject] = (
                        _NOT_SERVED
                        if item.owner in problems
                        else question(view, resources[item.owner], item, problems)
                    )
                except IspalierError as error:
                    found[subject] = NotProbed(str(error))
    for each in proofs(rooms, view):
        found[each.subject] = _PROVEN if each.is_proven else each.question
    return found


class Heard(NamedTuple):
    """What is believed of everything that is asked about a unit, by owner and room."""

    of: Mapping[Owner, Mapping[str, Sequence[Told]]]
    titles: Mapping[str, str]

    @classmethod
    def by(cls, engine: Engine, plan: Plan, asked: Probes) -> "Heard":
        """Look it up; of what this pass changed nothing older counts."""
        changed = {each.owner for changes in plan.changes.values() for each in changes}
        found: dict[Owner, dict[str, list[Told]]] = {}
        for subject, probe in asked.items():
            owner, room = subject.owner, subject.place[0]
            if isinstance(probe, NotProbed):
                told: Reply | None = probe.reply
            else:
                told = engine.verdicts.told(subject, probe)
                told = CHANGED if told is None and owner in changed else told
            found.setdefault(owner, {}).setdefault(room, []).append((subject, told))
        return cls(found, {room.name: room.title for room in engine.rooms})

    def answers(self, resource: Resource, owner: Owner, parts: Iterable[Owner]) -> Iterator[Answer]:
        """Of a resource itself, and of the parts of a contract or tenant room by room."""
        if not self.of:
            return
        own: dict[str, list[Told]] = {}
        for tolds in self.of.get(owner, {}).values():
            for each in tolds:
                own.setdefault(each[0].condition, []).append(each)
        for condition in sorted(own):
            yield _summed(condition, resource, own[condition])
        rooms: dict[str, list[Told]] = {}
        for part in parts:
            for room, tolds in self.of.get(part, {}).items():
                if ours := [each for each in tolds if each[0].is_ours]:
                    rooms.setdefault(room, []).extend(ours)
        for room in sorted(rooms):
            yield _summed(f"{self.titles[room]}{PROBED}", resource, rooms[room])


def _summed(type_: str, resource: Resource, tolds: Sequence[Told]) -> Answer:
    """The worst that is known; while something is not, what the resource carries stands."""
    known = [(subject, reply) for subject, reply in tolds if reply is not None]
    failures = [each for each in known if each[1].reason.is_failure]
    if failures:
        (subject, reply), others = failures[0], len(failures) - 1
        more = f" (and {others} more)" if others else ""
        message = f"{subject.owner} on {subject.place[1]}: {reply.message}{more}"
        return Answer(type_, true=False, reason=reply.reason, message=message)
    if len(known) < len(tolds):
        for each in resource.status.conditions:
            if each.type == type_:
                return Answer(type_, _STATUS.get(each.status), each.reason, each.message)
        return Answer(type_, None, _NOT_YET.reason, _NOT_YET.message)
    answered = (subject for subject, reply in known if reply.reason is Reason.ANSWERS)
    hosts = sorted({subject.place[1] for subject in answered})
    if hosts:
        return Answer(type_, true=True, reason=Reason.ANSWERS, message=f"by {', '.join(hosts)}")
    reply = known[-1][1]
    return Answer(type_, None, reply.reason, reply.message)
