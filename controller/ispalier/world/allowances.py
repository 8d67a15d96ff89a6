"""Allowances: how many of something a contract may hold, and who is beyond that.

What its plan includes counts, and what the contracts sold beside it add.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import NamedTuple

from ispalier.api.base import Resource
from ispalier.api.catalogue import Includes, Plan
from ispalier.api.contracts import Subscription
from ispalier.api.hosting import FTPUser
from ispalier.api.mail import Mailbox
from ispalier.world.days import ended_on, term_on
from ispalier.world.fault import Fault
from ispalier.world.references import references
from ispalier.world.snapshot import Ident, age, ident
from ispalier.world.sound import Around

COUNTED: Mapping[str, str] = {
    "Mailbox": "mailboxes",
    "Login": "logins",
    "IPClaim": "ip_claims",
    "Domain": "domains",
    "Site": "sites",
    "FTPUser": "ftp_users",
    "Database": "databases",
}
"""Kinds that are counted, and the field of `Plan.spec.includes` that says how many."""

REMEDY = "remove one, choose a larger plan or add a contract beside it"


class Part(NamedTuple):
    """A plan that counts for a contract, and how often it is held."""

    plan: Plan
    quantity: int


def beyond(
    around: Around,
    held: Iterable[tuple[Resource, Subscription]],
    is_granted: Callable[[Resource], bool] = lambda _: False,
) -> Mapping[Ident, Fault]:
    """The newest above what a contract may hold; who was granted something comes first.

    `held` are resources with the contracts that they belong to.
    """
    groups: dict[tuple[Ident, str], list[Resource]] = {}
    contracts: dict[Ident, Subscription] = {}
    for each, contract in held:
        if each.kind in COUNTED and not (isinstance(each, FTPUser) and each.spec.primary):
            which = ident(contract)
            contracts[which] = contract
            groups.setdefault((which, each.kind), []).append(each)
    found: dict[Ident, Fault] = {}
    parts = {which: _parts(around, contract) for which, contract in contracts.items()}
    for (which, kind), some in groups.items():
        if not _could_be_beyond(parts[which], kind, some):
            continue
        ranked = sorted(some, key=lambda each: (not is_granted(each), age(each)))
        for each, what in _above(which, parts[which], ranked):
            found.setdefault(ident(each), Fault(_path(each), what, REMEDY))
    return found


def _could_be_beyond(parts: Sequence[Part], kind: str, some: Sequence[Resource]) -> bool:
    """Leave out the usual case before anything is sorted."""
    most = _most(parts, COUNTED[kind])
    return (most is not None and len(some) > most) or (
        kind == Mailbox.__name__ and _most(parts, "mailbox_mib") is not None
    )


def _above(
    contract: Ident, parts: Sequence[Part], ranked: Sequence[Resource]
) -> Iterator[tuple[Resource, str]]:
    kind = ranked[0].kind
    most = _most(parts, COUNTED[kind])
    for number, each in enumerate(ranked, 1):
        if most is not None and number > most:
            yield each, f"is {kind} {number} of {contract}, and {_sum(parts, COUNTED[kind])}"
    room = _most(parts, "mailbox_mib") if kind == Mailbox.__name__ else None
    taken = 0
    for each in ranked:
        taken += each.spec.quota if isinstance(each, Mailbox) else 0
        if room is not None and taken > room:
            what = f"with it the mailboxes of {contract} have {taken} MiB"
            yield each, f"{what}, and {_sum(parts, 'mailbox_mib')} MiB"


def _parts(around: Around, contract: Subscription) -> Sequence[Part]:
    """The plan of a contract and those sold beside it that run; none after its end."""
    plan = around.plan_of(contract)
    if plan is None:
        return ()
    term = term_on(contract, around.today) or contract.spec.terms[0]
    found = [Part(plan, term.quantity)]
    for each in around.contracts:
        parent, now = each.spec.parent_ref, term_on(each, around.today)
        is_beside = parent is not None and parent.name == contract.name
        runs = now is not None and not ended_on(each, around.today)
        if is_beside and runs and each.namespace == contract.namespace and now is not None:
            extra = around.plan_of(each)
            if extra is not None and each.spec.deployment == "Approved":
                found.append(Part(extra, now.quantity))
    return found


def _most(parts: Sequence[Part], field: str) -> int | None:
    """How much may be held; None where the contract's own plan sets no limit."""
    if not parts or _of(parts[0].plan.spec.includes, field) is None:
        return None
    return sum((_of(each.plan.spec.includes, field) or 0) * each.quantity for each in parts)


def _of(includes: Includes, field: str) -> int | None:
    value: int | None = getattr(includes, field)
    return value


def _sum(parts: Sequence[Part], field: str) -> str:
    """`Plan/mail includes 2 and 3 x Plan/more 1`, as in messages."""
    told = []
    for plan, quantity in parts:
        number = _of(plan.spec.includes, field)
        if number is not None:
            times = f"{quantity} × " if quantity > 1 else ""
            told.append(f"{times}Plan/{plan.name} includes {number}")
    return " and ".join(told)


def _path(resource: Resource) -> str:
    """The field by which a resource leads to its contract."""
    found = (f"{each.path}.name" for each in references(resource) if each.target.namespace)
    return next(found, "spec")
