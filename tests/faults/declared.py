"""What is declared in a trial, and what of it a host should hold: said without the engine."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cache
from typing import NamedTuple

from ispalier.api.access import Login
from ispalier.api.base import Resource
from ispalier.api.catalogue import Plan
from ispalier.api.contracts import Subscription
from ispalier.core.items import PROVIDER, Owner
from ispalier.world.snapshot import Broken, Ident, Snapshot, ident
from ispalier.world.state import State
from ispalier.world.units import OF_PROVIDER, OF_TENANTS
from tests.builders import (
    NOW,
    PROFILES,
    claim,
    login,
    plan,
    pool,
    snapshot,
    subscription,
    tenant,
    unit,
)
from tests.inmemory import HOME

CUSTOMERS = {"10042": "silva", "10043": "souza", "10044": "lima"}
BYSTANDER = "10044"
"""Nothing of this customer is ever edited: what is changed of it must be a repair."""
NAMES = ("ana", "bia", "caio", "davi")
USERS = ("u1", "u2", "u3", "u4", "u5", "u6")
PLANS = {"fibra-300": "300m", "fibra-600": "600m"}
"""Plans with the profile of each."""
SPACES = (*CUSTOMERS.values(), "silva-2", "souza-2")
NAMESPACED = tuple(kind.__name__ for kind in OF_TENANTS)
OF_CLUSTER = tuple(kind.__name__ for kind in OF_PROVIDER)


class Served(NamedTuple):
    """What a login or a plan should have on each host."""

    name: str
    plan: str
    speed: str
    state: State
    whole: bool
    """Whether all that it refers to is there; else what it had is kept."""


@dataclass(frozen=True, slots=True)
class Version:
    """Everything declared at one time."""

    served: Mapping[Owner, Served]
    present: frozenset[Owner]
    gone: frozenset[str]
    """Customers without a Tenant."""
    used: frozenset[Owner]
    """Plans that a contract names."""
    stopped: frozenset[str]
    """Customers whose contract is suspended."""


@dataclass(slots=True)
class Declared:
    """The snapshot that the engine reads, and the same as facts that a judge can hold it to."""

    world: Snapshot = field(default_factory=lambda: snapshot(secrets=SPACES))
    homes: dict[str, str] = field(default_factory=lambda: dict(CUSTOMERS))
    """The namespace in which each customer was last declared."""
    seen: dict[str, str] = field(default_factory=dict)
    """The namespace in which the engine last saw each customer's Tenant."""
    generation: int = 1
    clock: Callable[[], datetime] = lambda: NOW

    @classmethod
    def begin(cls) -> "Declared":
        self = cls()
        self.put(*_first())
        return self

    def put(self, *resources: Resource) -> None:
        """Add or replace, each of a new generation and with the status that it had."""
        for each in resources:
            self.generation += 1
            there = self.world.find(ident(each))
            status = {"status": there.status} if isinstance(there, Resource) else {}
            meta = each.metadata.model_copy(update={"generation": self.generation})
            self.world.put(each.model_copy(update={"metadata": meta, **status}))
            if each.kind == "Tenant":
                number: str = each.spec.number  # type: ignore[attr-defined]  # of every Tenant
                self.homes[number] = each.namespace

    def take(self, *which: Ident) -> list[Resource | Broken]:
        """Remove, and return what was there."""
        found = [each for each in map(self.world.find, which) if each is not None]
        for each in which:
            self.world.leave(each, self.clock())
        return found

    def in_space(self, space: str) -> list[Ident]:
        """Everything in a namespace."""
        return [
            thing.ident if isinstance(thing, Broken) else ident(thing)
            for kind in NAMESPACED
            for thing in self.world.things(kind, space)
        ]

    def logins(self, customer: str) -> list[Login]:
        """The readable logins of a customer, by name."""
        found = self.world.of(Login, self.homes[customer])
        return sorted(found, key=lambda each: each.name)

    def version(self) -> Version:
        """What is declared now."""
        present = {
            Owner(HOME.installation, customer, which.kind, which.name)
            for customer in self.homes
            for which in self.in_space(self._home(customer))
        } | {
            Owner(HOME.installation, PROVIDER, kind, each.name)
            for kind in OF_CLUSTER
            for each in self._of_cluster(kind)
        }
        gone = frozenset(each for each in self.homes if not self.world.tenants(each))
        used = {
            Owner(HOME.installation, PROVIDER, "Plan", term.plan_ref.name)
            for each in self.world.of(Subscription)
            for term in each.spec.terms
        }
        contracts = {
            each: self.world.get(Subscription, space, "home") for each, space in self.homes.items()
        }
        stopped = frozenset(each for each, it in contracts.items() if it and it.spec.suspensions)
        return Version(dict(self._served()), frozenset(present), gone, frozenset(used), stopped)

    def _home(self, customer: str) -> str:
        """Where what is left of a customer is looked for."""
        is_there = self.world.tenants(customer)
        return self.homes[customer] if is_there else self.seen.get(customer, "")

    def _of_cluster(self, kind: str) -> Iterator[Ident]:
        for thing in self.world.things(kind, ""):
            yield thing.ident if isinstance(thing, Broken) else ident(thing)

    def _served(self) -> Iterator[tuple[Owner, Served]]:
        for each in self.world.of(Plan):
            speed = each.spec.access.profile_ref.name if each.spec.access else ""
            served = Served(f"plan:{each.name}", "", speed, State.ACTIVE, whole=True)
            yield Owner(HOME.installation, PROVIDER, "Plan", each.name), served
        for customer, space in self.homes.items():
            if not self.world.tenants(customer):
                continue
            contract = self.world.get(Subscription, space, "home")
            for login_ in self.world.of(Login, space):
                yield _owner(customer, login_), self._line(contract, login_)

    def _line(self, contract: Subscription | None, each: Login) -> Served:
        user = each.spec.username or ""
        if contract is None:
            return Served(user, "", "", State.ACTIVE, whole=False)
        name = contract.spec.terms[0].plan_ref.name
        state = State.SUSPENDED if contract.spec.suspensions else State.ACTIVE
        known = self.world.get(Plan, "", name) is not None
        return Served(user, f"plan:{name}", "", state, whole=known)


@cache
def _first() -> Sequence[Resource]:
    """What is declared at the beginning: made once, for that takes long."""
    found: list[Resource] = [unit(timing="Advance"), pool(), *PROFILES]
    found += [plan(name, speed) for name, speed in PLANS.items()]
    for number, space in CUSTOMERS.items():
        found += [tenant(space, number), subscription(space)]
    for name in ("lia", "luz"):
        found += [login(name, "lima"), claim(name, name, "lima")]
    found += [login("u1", "silva", "ana"), login("u2", "silva", "bia"), login("u3", "souza", "ana")]
    return found


def _owner(customer: str, each: Resource) -> Owner:
    return Owner(HOME.installation, customer, each.kind, each.name)


def contract(space: str, plan_: str, *, suspended: bool) -> Resource:
    """The contract of a customer."""
    terms = [{"from": "2026-11-01", "planRef": {"name": plan_}}]
    suspensions = [{"reason": "Unpaid", "since": "2026-11-01"}] if suspended else []
    return subscription(space, terms=terms, suspensions=suspensions)


def moved(resource: Resource, space: str = "", name: str = "") -> Resource:
    """The same in another namespace or under another name, as somebody would apply it there."""
    meta = {"name": name or resource.name, "namespace": space or resource.namespace}
    body = resource.model_dump(mode="json", by_alias=True, exclude_none=True)
    return type(resource).model_validate({"metadata": meta, "spec": body["spec"]})
