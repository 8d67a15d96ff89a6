"""Conclude: what a pass tells about every resource, and when to look again."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain

from ispalier.api.base import Resource
from ispalier.api.contracts import Subscription
from ispalier.core.absence import LOOK_AGAIN
from ispalier.core.conditions import Answer, StatusBody, is_told, status, summed
from ispalier.core.contract import told_of_contract, told_of_terms
from ispalier.core.effective import told_of_effect
from ispalier.core.engine import Engine, Outcome, Plan, SecretOut
from ispalier.core.gather import other_tenants, owner_of
from ispalier.core.items import ANYWHERE, Owner, Place
from ispalier.core.probed import Heard, probes
from ispalier.core.stopped import told_of_stops
from ispalier.core.weight import Charge
from ispalier.world import holds
from ispalier.world.days import change_days, first_instant
from ispalier.world.errors import (
    Handover,
    IspalierError,
    NotBegun,
    NotServed,
    Refused,
    Unasked,
    Waiting,
)
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Ident, ident
from ispalier.world.units import things_of
from ispalier.world.view import View


def conclude(engine: Engine, plan: Plan) -> Outcome:
    """Sum a pass up."""
    asked = probes(engine.rooms, plan.view, plan.wanted, plan.problems)
    return Outcome(
        customer=plan.view.customer,
        changes=plan.changes,
        problems=plan.problems,
        statuses=dict(_statuses(engine, plan, Heard.by(engine, plan, asked))),
        secrets=tuple(_secrets(plan.view)),
        failing=_failing(plan),
        wake=_wake(engine, plan),
        missed=tuple(each for each in plan.fates.absent if each.retired is None),
        probes=asked,
        applied=plan.applied,
    )


def _failing(plan: Plan) -> Mapping[Place, IspalierError]:
    """The hosts to be tried again; all of them unless everything else is as it should be."""
    of_changes = {
        place: min(each.values(), key=lambda error: isinstance(error, Refused))
        for place, each in plan.failed.items()
        if each
    }
    failing = {**plan.seen.down, **of_changes}
    handed_over = [each for each in plan.others.values() if isinstance(each, Handover)]
    if plan.fates.fates and not plan.seen.is_whole:
        return {ANYWHERE: Unasked("what is no longer declared was not seen everywhere"), **failing}
    if handed_over or (failing and plan.others):
        return {ANYWHERE: [*handed_over, *plan.others.values()][0], **failing}
    return failing


def _statuses(engine: Engine, plan: Plan, heard: Heard) -> Iterator[tuple[Ident, StatusBody]]:
    view = plan.view
    groups, kept = view.services(), _kept(plan)
    titles = {room.name: room.title for room in engine.rooms}
    for resource in view.resources:
        owner = owner_of(view, resource)
        parts = [owner_of(view, each) for each in groups.get(ident(resource), ())]
        problem = plan.problems.get(owner) or _of_parts(plan.problems, parts)
        answers = [
            *summed(problem, stays=owner in kept),
            *_by_host(plan, parts, titles),
            *heard.answers(resource, owner, parts),
            *told_of_stops(view, resource),
            *told_of_effect(resource),
            *(told_of_terms(view, resource) if isinstance(resource, Subscription) else ()),
            *engine.rollouts.answers(resource),
        ]
        extra = {
            name: value
            for room in engine.rooms
            if type(resource) in room.shown
            for name, value in room.shown[type(resource)](view, resource).items()
        }
        if isinstance(resource, Subscription):
            extra |= told_of_contract(plan, resource, parts)
            extra["price"] = engine.charges(view).get(resource.name, Charge()).told
        body = status(resource, answers, extra, view.now)
        if not is_told(resource, body):
            yield ident(resource), body
    if view.tenant:
        for tenant, problem in other_tenants(view):
            waits = Waiting(f"Tenant/{tenant.name} is not accepted: {problem}")
            for each in things_of(view.world, tenant):
                if isinstance(each, Resource):
                    body = status(each, summed(problem if each is tenant else waits), {}, view.now)
                    if not is_told(each, body):
                        yield ident(each), body


def _kept(plan: Plan) -> frozenset[Owner | None]:
    """Owners that are not served as declared, and of whom something is there that stays."""
    there = {item.owner for items in plan.seen.items.values() for item in items}
    return frozenset(there.intersection(keep.owner for keep in plan.wanted.kept))


def _of_parts(
    problems: Mapping[Owner, IspalierError], parts: Iterable[Owner]
) -> IspalierError | None:
    """One line for all parts of a contract or tenant that are not served.

    Where nothing acts on any of them there is nothing to wait for. What begins later is told as it
    tells it itself.
    """
    there = [(part, problems[part]) for part in parts if part in problems]
    troubled = [each for each in there if not isinstance(each[1], NotBegun)]
    if not troubled:
        return there[0][1] if there else None
    waiting = [each for each in troubled if not isinstance(each[1], NotServed)]
    first, problem = (waiting or troubled)[0]
    more = f" (and {len(troubled) - 1} more)" if len(troubled) > 1 else ""
    kind = Waiting if waiting else NotServed
    return kind(f"{first}: {problem.reason}: {problem}{more}")


def _by_host(plan: Plan, parts: Iterable[Owner], titles: Mapping[str, str]) -> Iterator[Answer]:
    """One condition per room on the contract or tenant whose parts have items there."""
    mine = frozenset(parts)
    if not mine:
        return
    hosts: dict[str, list[str]] = {}
    troubles: dict[str, tuple[Owner, IspalierError]] = {}
    for (room, host), items in plan.wanted.items.items():
        for owner in (each.owner for each in items if each.owner in mine):
            hosts.setdefault(room, []).append(host)
            if owner is not None and owner in plan.problems:
                troubles.setdefault(room, (owner, plan.problems[owner]))
    for room in sorted(hosts):
        name = titles[room]
        if room in troubles:
            owner, problem = troubles[room]
            yield Answer(name, true=False, reason=problem.reason, message=f"{owner}: {problem}")
        else:
            on = ", ".join(sorted(set(hosts[room])))
            yield Answer(name, true=True, reason="InSync", message=f"on {on}")


def _secrets(view: View) -> Iterator[SecretOut]:
    """Generated passwords that are not in their Secret, or in one that does not say whose it is."""
    for resource in view.resources:
        password = getattr(getattr(resource, "spec", None), "password", None)
        if password is None or password.generate is None:
            continue
        made, made_for = view.generated_for(resource), view.made_for(resource)
        place = (resource.namespace, password.generate.secret_name, password.generate.key)
        if not isinstance(made, Secret) or view.generators.get(place) != ident(resource):
            continue
        is_lacking = view.world.secret(*place) != made
        may_write = is_lacking and not view.world.is_foreign_secret(*place, made_for)
        if may_write or view.world.is_to_be_marked(*place, made_for, made):
            yield SecretOut(*place, made, made_for)


def _wake(engine: Engine, plan: Plan) -> datetime | None:
    view = plan.view
    declared = chain.from_iterable(change_days(each) for each in view.of(Subscription))
    priced = (each.until for each in engine.charges(view).values())
    days = [
        first_instant(day, view.unit.spec.time_zone)
        for day in {*declared, *priced}
        if view.has_unit and day is not None and day > view.today
    ]
    held = [view.now + LOOK_AGAIN] if plan.held else []
    others = [plan.fates.wake] if plan.fates.wake else []
    return min([*days, *held, *others, *holds.changes(view.holds, view.now)], default=None)
