"""The view of one unit: everything that a room may know when it says what should be there."""

import hmac
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import NamedTuple, TypeVar

from ispalier.api.base import Generate, Password, Ref, Resource, SecretRef
from ispalier.api.catalogue import Plan
from ispalier.api.contracts import Subscription
from ispalier.api.machines import ServiceHost
from ispalier.api.parties import Tenant
from ispalier.api.units import BusinessUnit
from ispalier.world import days, holds
from ispalier.world.effect import ACTS_ON, Effect
from ispalier.world.errors import Conflict, Invalid, NotBegun, Waiting
from ispalier.world.hashes import too_costly
from ispalier.world.holds import Hold, Stop
from ispalier.world.secret import MadeFor, Secret
from ispalier.world.snapshot import Broken, Ident, Snapshot, ident
from ispalier.world.state import State

R = TypeVar("R", bound=Resource)


class Chosen(NamedTuple):
    """The name of something that was chosen once and recorded: whose, and what."""

    kind: str
    name: str
    topic: str


@dataclass(frozen=True, slots=True)
class View:
    """One unit at one instant: a tenant with all that is its own, or the provider itself.

    `customer` is the customer number, empty for the provider. `by_kind` holds the same resources
    by kind, `contracts` the subscription that each leads to. `chosen` holds what was allocated,
    picked or generated before and is read back here, so that the same view gives the same items.
    """

    installation: str
    customer: str
    tenant: Tenant | None
    resources: tuple[Resource, ...]
    broken: tuple[Broken, ...]
    world: Snapshot
    now: datetime
    today: date
    controller_namespace: str
    key: Secret
    by_kind: Mapping[str, Sequence[Resource]]
    contracts: Mapping[Ident, Subscription]
    chosen: Mapping[Chosen, str] = field(default_factory=dict)
    generated: Mapping[Chosen, Secret | Invalid] = field(default_factory=dict)
    """Passwords that were made; one that cannot be read again is the reason instead."""

    generators: Mapping[tuple[str, str, str], Ident] = field(default_factory=dict)
    """The oldest resource that generates into each key of a Secret: namespace, name, key."""
    proven: Mapping[Chosen, str] = field(default_factory=dict)
    """What resources have proven, by the kind of claim; it may not be remembered yet."""

    waited_for: Sequence[Resource] = ()
    """What is no longer declared and still has its effect, until its hold time is over."""

    declared: frozenset[tuple[str, str]] = frozenset()
    """Kind and name of all that was declared at that instant, readable or not."""

    holds: Sequence[Hold] = ()
    """What the journal holds back of this customer, now or from a later instant on."""

    def still(self, kind: type[R]) -> Iterator[R]:
        """What is waited for of a kind."""
        return (each for each in self.waited_for if isinstance(each, kind))

    def of(self, kind: type[R]) -> Iterator[R]:
        """The unit's own resources of a kind."""
        return (each for each in self.by_kind.get(kind.__name__, ()) if isinstance(each, kind))

    def services(self) -> Mapping[Ident, Sequence[Resource]]:
        """The services of each subscription, and of the tenant those of all."""
        found: dict[Ident, list[Resource]] = {}
        for resource in self.resources:
            subscription = self.contracts.get(ident(resource))
            if subscription is not None and subscription is not resource:
                found.setdefault(ident(subscription), []).append(resource)
                if self.tenant is not None:
                    found.setdefault(ident(self.tenant), []).append(resource)
        return found

    def refer(self, kind: type[R], ref: Ref, namespace: str = "") -> R:
        """The resource that a reference names; Waiting if it is not there or cannot be read."""
        which = Ident(kind.__name__, namespace if kind.namespaced else "", ref.name)
        found = self.world.find(which)
        if isinstance(found, kind):
            return found
        if isinstance(found, Broken):
            message = f"{which} cannot be read: {found.message}"
        else:
            message = f"{which} does not exist (yet): create it or correct the reference"
        raise Waiting(message)

    def subscription_of(self, ref: Ref, namespace: str) -> Subscription:
        """The subscription that a service belongs to, as it was when the view was gathered."""
        known = self.contracts.get(Ident(Subscription.__name__, namespace, ref.name))
        if known is not None and known.spec.deployment == "Requested":
            message = f"Subscription/{known.name} is ordered only: set its deployment to Approved"
            raise Waiting(message)
        if known is not None:
            return known
        found = self.refer(Subscription, ref, namespace)
        if found.is_going:
            return found
        # It came after: its suspensions are not known to this view, so the next pass serves it.
        message = f"Subscription/{ref.name} was declared just now"
        raise Waiting(message)

    def begun(self, ref: Ref, namespace: str) -> Subscription:
        """The subscription that a service belongs to; NotBegun before its first term."""
        subscription = self.subscription_of(ref, namespace)
        if days.term_on(subscription, self.today) is None:
            first = min(term.from_ for term in subscription.spec.terms)
            message = f"Subscription/{subscription.name} begins {first}"
            raise NotBegun(message)
        return subscription

    def plan_of(self, subscription: Subscription) -> Plan:
        """The plan in force today, or the first one if no term has begun."""
        term = days.term_on(subscription, self.today) or subscription.spec.terms[0]
        plan = self.refer(Plan, term.plan_ref)
        unit = self.unit.name
        if unit not in plan.spec.available_in:
            message = (
                f"Plan/{plan.name} is not sold in BusinessUnit/{unit}:"
                " choose another plan or add the unit to its availableIn"
            )
            raise Invalid(message)
        return plan

    def state_of(self, resource: Resource) -> State:
        """How far a resource and the subscription behind it let it serve today."""
        subscription = self.contracts.get(ident(resource))
        if subscription is not None and days.ended_on(subscription, self.today):
            return State.RETIRED
        if not getattr(getattr(resource, "spec", None), "enabled", True):
            return State.SUSPENDED if resource.kind in ACTS_ON else State.RETIRED
        return State.SUSPENDED if Effect.REFUSE in self.effects_on(resource) else State.ACTIVE

    def state_of_broken(self, which: Ident) -> State:
        """How far holds let something serve that cannot be read."""
        stops = holds.held(self.holds, self.now, which.kind, which.name, "")
        is_refused = any(each.effect is Effect.REFUSE for each in stops)
        return State.SUSPENDED if is_refused else State.ACTIVE

    def effects_on(self, resource: Resource) -> frozenset[Effect]:
        """What is taken from a resource now, whoever takes it."""
        return frozenset(each.effect for each in self.stops_of(resource))

    def stops_of(self, resource: Resource) -> tuple[Stop, ...]:
        """Why a resource does not serve as declared: suspensions of its contract, and holds."""
        subscription = self.contracts.get(ident(resource))
        mine = tuple(holds.declared(subscription, self.today)) if subscription else ()
        if not self.holds:
            return mine
        contract = subscription.name if subscription else holds.contract_of(resource)
        kind, name = resource.kind, resource.name
        return (*mine, *holds.held(self.holds, self.now, kind, name, contract))

    @property
    def has_unit(self) -> bool:
        """Whether the tenant's business unit is there to ask."""
        ref = self.tenant.spec.business_unit_ref if self.tenant else None
        return ref is not None and self.world.get(BusinessUnit, "", ref.name) is not None

    @property
    def unit(self) -> BusinessUnit:
        """The tenant's business unit."""
        if self.tenant is None:
            message = "the Tenant is not there"
            raise Waiting(message)
        return self.refer(BusinessUnit, self.tenant.spec.business_unit_ref)

    def secret(self, ref: SecretRef, namespace: str) -> Secret:
        """One value of a Secret; provider kinds read the controller's namespace."""
        space = namespace or self.controller_namespace
        found = self.world.secret(space, ref.name, ref.key)
        if found is None:
            raise Waiting(self.world.lacking(space, ref.name, ref.key))
        return found

    def password(self, resource: Resource, source: Password | None) -> tuple[Secret, bool]:
        """The password of a resource, and whether it is a hash already."""
        if source is None:
            message = "has no password: say in spec.password where it comes from"
            raise Invalid(message)
        if source.secret_ref is not None:
            return self.secret(source.secret_ref, resource.namespace), False
        if source.hash_ref is not None:
            hashed = self.secret(source.hash_ref, resource.namespace)
            if why := too_costly(hashed.reveal().strip()):
                raise Invalid(
                    f"the hash in Secret '{source.hash_ref.name}' would take a server too long to"
                    f" check, {why}: hash the password anew"
                )
            return hashed, True
        return self._generated(resource, source.generate), False

    def _generated(self, resource: Resource, wish: Generate | None) -> Secret:
        """The password that was generated, if the Secret that is to tell it is ours to write."""
        made = self.generated_for(resource)
        if made is None:
            message = "its password is not generated yet"
            raise Waiting(message)
        if isinstance(made, Invalid):
            raise Invalid(str(made))
        if wish is None:
            return made
        place = (resource.namespace, wish.secret_name, wish.key)
        if not self.world.may_read_secrets(resource.namespace):
            raise Waiting(self.world.lacking(*place))
        first = self.generators.get(place)
        if first is not None and first != ident(resource):
            message = (
                f"the password of {first} is generated into key '{wish.key}' of Secret"
                f" '{wish.secret_name}': name another in generate.secretName"
            )
            raise Conflict(message)
        is_foreign = self.world.is_foreign_secret(*place, self.made_for(resource))
        if not is_foreign or self.world.secret(*place) == made:
            return made
        message = (
            f"secret '{wish.secret_name}' is there already and was not made for this: name another"
            " in generate.secretName, or use it by secretRef, or delete it if nobody needs it"
        )
        raise Conflict(message)

    def salt(self, resource: Resource, secret: Secret) -> bytes:
        """16 bytes of salt that follow from the owner and the secret.

        So a hash is a function of its input, and hashing again makes no difference.
        """
        parts = (self.installation, self.customer, resource.kind, resource.name, secret.reveal())
        return hmac.digest(self.key.reveal().encode(), "\0".join(parts).encode(), "sha256")[:16]

    def made_for(self, resource: Resource) -> MadeFor:
        """What stands on a Secret that is made for a resource."""
        return MadeFor(self.customer, resource.kind, resource.name)

    def generated_for(self, resource: Resource) -> Secret | Invalid | None:
        """The password that was generated for a resource, or why it cannot be read."""
        return self.generated.get(Chosen(resource.kind, resource.name, "password"))

    def chosen_for(self, resource: Resource, topic: str) -> str | None:
        """What was chosen for a resource: its IP address, its host."""
        return self.chosen.get(Chosen(resource.kind, resource.name, topic))

    def host(self, resource: Resource, ref: Ref | None, type_: str) -> ServiceHost:
        """The system that serves a resource: the named one, the recorded one, the default."""
        recorded = self.chosen_for(resource, "host")
        if ref is None and recorded is not None:
            ref = Ref(name=recorded)
        if ref is None:
            return self.default_host(type_)
        host = self.refer(ServiceHost, ref)
        if host.spec.type != type_:
            message = f"ServiceHost/{host.name} is of type {host.spec.type}, not {type_}"
            raise Invalid(message)
        return host

    def default_host(self, type_: str) -> ServiceHost:
        """The only system of a type, else the one marked as default."""
        hosts = self.hosts(type_)
        defaults = [host for host in hosts if host.spec.default]
        if len(hosts) == 1:
            return hosts[0]
        if len(defaults) == 1:
            return defaults[0]
        message = (
            f"no ServiceHost of type {type_} exists (yet)"
            if not hosts
            else f"of {len(hosts)} ServiceHosts of type {type_} exactly one must have"
            " `default: true`, or the resource must name one in serviceHostRef"
        )
        raise Waiting(message)

    def hosts(self, type_: str) -> list[ServiceHost]:
        """All systems of a type, by name."""
        found = (host for host in self.world.of(ServiceHost) if host.spec.type == type_)
        return sorted(found, key=lambda host: host.name)
