"""Causes: why a change is made, as far as what is declared and remembered tells."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property

from ispalier.api.base import Resource
from ispalier.api.machines import ServiceHost
from ispalier.core.applied import Cause
from ispalier.core.changes import Change, Verb
from ispalier.core.engine import Engine, Plan
from ispalier.core.items import Owner
from ispalier.core.memory import Fact
from ispalier.core.shown import differences
from ispalier.world.days import change_days
from ispalier.world.references import references
from ispalier.world.snapshot import Ident, ident
from ispalier.world.state import State

HOST = ServiceHost.__name__
LATELY = timedelta(minutes=10)
"""For so long an edit of the provider's, or a hold, may be the cause of what leans on it."""


@dataclass(frozen=True)
class Causes:
    """Knows the causes of the changes of one unit."""

    engine: Engine
    plan: Plan
    edited: Mapping[Owner, Resource]
    """The resources whose last edit is not known to be in force, and below by whom it was."""
    by_whom: Mapping[Ident, str]

    def cause(self, change: Change) -> tuple[Cause, str]:
        """The cause of a change, and what is known of it."""
        owner, plan = change.owner, self.plan
        assert owner is not None  # noqa: S101 - what we change is ours
        if owner in plan.fates.fates:
            return self._gone(owner, plan.fates.fates[owner])
        edit = self._edit(owner, change.item.host)
        if owner in plan.fates.returned or _was_retired(change):
            return Cause.RETURN, edit or "declared again"
        if edit is not None:
            return Cause.EDIT, edit
        if day := self._day(owner):
            return Cause.DATE, day
        if held := self._held(owner):
            return Cause.HOLD, held
        return Cause.DRIFT, _drift(change)

    def _gone(self, owner: Owner, fate: State | None) -> tuple[Cause, str]:
        record = self.plan.memory.absences.get(owner)
        since = f"no longer declared since {record.since:%Y-%m-%dT%H:%M:%SZ}" if record else ""
        if fate is None:
            purge = f"; purge asked for at {record.purge}" if record and record.purge else ""
            return Cause.RETENTION, f"{since}{purge}"
        approved = f"; approved by {record.approved}" if record and record.approved else ""
        return Cause.ABSENCE, f"{since}{approved}"

    def _edit(self, owner: Owner, host: str) -> str | None:
        """By whom the nearest thing was edited.

        That is itself, its contract or another part of it, the Tenant, or lately something of the
        provider's that it leans on.
        """
        if owner in self.edited:
            return self.by_whom.get(ident(self.edited[owner]), "")
        for each in self._near(owner):
            who = self.by_whom.get(ident(each), "")
            return f"{each.kind}/{each.name}{': ' * bool(who)}{who}"
        leaned_on = {Ident(HOST, "", host), *self._leans_on(owner)}
        for which in sorted(leaned_on & self.engine.edited.keys()):
            who = self.engine.edited[which].by_whom
            return f"{which}{': ' * bool(who)}{who}"
        return None

    def _near(self, owner: Owner) -> Iterator[Resource]:
        """What was edited of the same contract, and the Tenant."""
        contracts = self.plan.view.contracts
        own = contracts.get(self._ident(owner))
        parts = sorted(self.edited.values(), key=lambda each: each is not own)
        yield from (each for each in parts if own and contracts.get(ident(each)) is own)
        yield from (each for each in parts if each is self.plan.view.tenant)

    def _leans_on(self, owner: Owner) -> set[Ident]:
        """Everything of the provider's that a resource refers to, directly or through others."""
        waiting, seen = [self._ident(owner)], set[Ident]()
        while waiting:
            thing = self.plan.view.world.find(waiting.pop())
            if isinstance(thing, Resource):
                new = {each.target for each in references(thing)} - seen
                seen |= new
                waiting += new
        return {each for each in seen if not each.namespace}

    def _day(self, owner: Owner) -> str:
        """The day that came since something of the contract was last observed."""
        view = self.plan.view
        contract = view.contracts.get(self._ident(owner))
        if contract is None:
            return ""
        known = [each.day for each in self.plan.memory.facts if each.subscription == contract.name]
        came = [
            day
            for day in change_days(contract)
            if day == view.today or (known and max(known) < day < view.today)
        ]
        is_new = came and max(came) > max(known, default=max(came) - timedelta(days=1))
        return f"{contract.kind}/{contract.name} says so from {max(came)} on" if is_new else ""

    def _held(self, owner: Owner) -> str:
        """What else refuses or cuts service back, or does not any more, since it was observed."""
        view = self.plan.view
        contract = view.contracts.get(self._ident(owner))
        of = contract.name if contract else ""
        for each in view.holds:
            is_new = each.is_on(view.now) and view.now - each.since < LATELY
            if is_new and each.covers(owner.kind, owner.name, of):
                return f"{each.source}: {each.reason} (by {each.by})"
        if contract is None:
            return ""
        declared = {each.reason for each in contract.spec.suspensions}
        return ", ".join(
            f"{each.topic} {each.value}"
            for each in self._facts
            if each.subscription == contract.name
            and (reason := each.topic.partition(":")[2])
            and reason not in declared
        )

    @cached_property
    def _facts(self) -> Sequence[Fact]:
        """What would be observed if all of it was served."""
        return self.engine.facts(self.plan.view, self.plan.memory, {})

    def _ident(self, owner: Owner) -> Ident:
        tenant = self.plan.view.tenant
        return Ident(owner.kind, tenant.namespace if tenant else "", owner.name)


def _drift(change: Change) -> str:
    """What a host held otherwise."""
    if change.verb is Verb.CREATE:
        return "was not there, without an edit"
    found = differences(change)
    is_secret = bool(found) and all(each.before == each.after for each in found)
    return f"held {'another secret' if is_secret else 'something else'}, without an edit"


def _was_retired(change: Change) -> bool:
    """Only we retire."""
    before = change.before
    return change.verb is Verb.RESTORE and before is not None and before.state is State.RETIRED
