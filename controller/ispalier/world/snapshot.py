"""The snapshot: every resource that is declared, by kind and namespace, and how complete it is."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import NamedTuple, TypeVar

from ispalier.api.base import Resource
from ispalier.api.names import Domain
from ispalier.api.parties import Tenant
from ispalier.world.hidden import Hidden
from ispalier.world.secret import MadeFor, Secret

R = TypeVar("R", bound=Resource)

MANY, LONG = 10_000, timedelta(days=2)
"""So many may be gone before those are forgotten that are gone for longer than anybody is waited for."""


NUMBER = "customer number"
"""Stands for a kind where a customer is meant, wherever its Tenant is."""


class Ident(NamedTuple):
    """Which object is meant: kind, namespace (empty for kinds of the cluster), name."""

    kind: str
    namespace: str
    name: str

    def __str__(self) -> str:
        """Kind/name, as in messages."""
        return f"{self.kind}/{self.name}"


@dataclass(frozen=True, slots=True)
class Broken:
    """An object that is there but cannot be read: nothing of it is ever taken away."""

    ident: Ident
    message: str
    generation: int = 0


def ident(resource: Resource) -> Ident:
    """The identity of a resource; made once for each."""
    known = resource.memo.get("ident")
    if isinstance(known, Ident):
        return known
    found = Ident(resource.kind, resource.namespace, resource.name)
    resource.memo["ident"] = found
    return found


_EARLIEST = datetime.min.replace(tzinfo=UTC)


def age(resource: Resource) -> tuple[datetime, str, str]:
    """Sort key: the older first, then by name."""
    made = resource.metadata.creation_timestamp or _EARLIEST
    return made, resource.namespace, resource.name


@dataclass(slots=True)
class Snapshot:
    """All resources and secrets that are declared.

    A kind is `complete` when all of it was read; what is missing from an incomplete kind may
    still be there, so nothing is concluded from its absence.
    """

    complete: set[str] = field(default_factory=set)
    again: dict[str, datetime] = field(default_factory=dict)
    """Kinds that could not be seen for a while: since when they are seen completely again."""
    left: dict[Ident, datetime] = field(default_factory=dict)
    """When what is gone was last seen to be there, as far as this process knows.

    A Tenant without a name stands for any of its namespace, a NUMBER for any Tenant that has it.
    """
    secrets_folder: str = ""
    """Where secrets come from without a cluster, one file a value; empty in a cluster."""
    secret_spaces: Sequence[str] = ()
    """In a cluster: the namespaces whose Secrets we may read; none means all."""
    knows_whose: bool = True
    """False where files are only checked: nobody can tell who made a secret, or has a domain."""
    secrets_are_ours: bool = False
    """Where a journal is rebuilt from a folder: what stands where we would generate was made so."""
    hidden: Hidden = field(default_factory=Hidden)
    """What logs and previews do not tell."""
    edits: Callable[[Collection["Ident"]], Mapping["Ident", str]] | None = None
    """By whom resources were edited last; None in a cluster, where objects tell it themselves."""
    _objects: dict[str, dict[str, dict[str, Resource | Broken]]] = field(default_factory=dict)
    _tenants: dict[str, dict[Ident, Tenant]] = field(default_factory=dict)
    _domains: dict[str, dict[Ident, Domain]] = field(default_factory=dict)
    _secrets: dict[tuple[str, str], Mapping[str, Secret]] = field(default_factory=dict)
    _made_for: dict[tuple[str, str], Mapping[str, MadeFor]] = field(default_factory=dict)
    """For Secrets of ours: whose their values are, by key."""

    def put(self, thing: Resource | Broken) -> None:
        """Add a resource, or replace the one of the same identity."""
        which = thing.ident if isinstance(thing, Broken) else ident(thing)
        self.remove(which)
        kind, namespace, name = which
        self._objects.setdefault(kind, {}).setdefault(namespace, {})[name] = thing
        if isinstance(thing, Tenant):
            self._tenants.setdefault(thing.spec.number, {})[which] = thing
        elif isinstance(thing, Domain):
            self._domains.setdefault(thing.spec.name, {})[which] = thing
            if thing.spec.confidential:
                self.hidden.ask(thing.spec.name)

    def leave(self, which: Ident, now: datetime) -> None:
        """Forget a resource that is gone now."""
        thing = self.find(which)
        if thing is None:
            return
        self.remove(which)
        self.left[which] = now
        if which.kind == Tenant.__name__:
            self.left[which._replace(name="")] = now
        if isinstance(thing, Tenant):
            self.left[Ident(NUMBER, "", thing.spec.number)] = now
        if len(self.left) > MANY:
            self.left = {each: at for each, at in self.left.items() if at > now - LONG}

    def remove(self, which: Ident) -> None:
        """Forget a resource; nothing happens if it is unknown."""
        spaces = self._objects.get(which.kind, {})
        names = spaces.get(which.namespace, {})
        thing = names.pop(which.name, None)
        if not names:
            spaces.pop(which.namespace, None)
        if isinstance(thing, Tenant):
            _drop(self._tenants, thing.spec.number, which)
        elif isinstance(thing, Domain):
            _drop(self._domains, thing.spec.name, which)

    def find(self, which: Ident) -> Resource | Broken | None:
        """The resource of that identity, as far as it is known."""
        return self._objects.get(which.kind, {}).get(which.namespace, {}).get(which.name)

    def get(self, kind: type[R], namespace: str, name: str) -> R | None:
        """The readable resource of that identity."""
        found = self.find(Ident(kind.__name__, namespace, name))
        return found if isinstance(found, kind) else None

    def of(self, kind: type[R], namespace: str | None = None) -> Iterator[R]:
        """Readable resources of a kind, of one namespace or of all."""
        spaces = self._objects.get(kind.__name__, {})
        chosen = spaces.values() if namespace is None else [spaces.get(namespace, {})]
        for names in chosen:
            for each in names.values():
                if isinstance(each, kind):
                    yield each

    def things(self, kind: str, namespace: str) -> Iterator[Resource | Broken]:
        """Everything of a kind in a namespace, unreadable objects too; by name.

        What a pass tells must not depend on the order in which things were heard of.
        """
        names = self._objects.get(kind, {}).get(namespace, {})
        for name in sorted(names):
            yield names[name]

    def namespaces(self, kind: str) -> frozenset[str]:
        """The namespaces in which there is anything of a kind; empty for kinds of the cluster."""
        return frozenset(self._objects.get(kind, {}))

    def everything(self) -> Iterator[Resource | Broken]:
        """Every object of every kind."""
        for spaces in self._objects.values():
            for names in spaces.values():
                yield from names.values()

    def tenants(self, number: str) -> list[Tenant]:
        """The Tenants that claim a customer number, the oldest first."""
        return sorted(self._tenants.get(number, {}).values(), key=age)

    def domains(self, name: str) -> list[Domain]:
        """The Domains of a name, the oldest first."""
        return sorted(self._domains.get(name, {}).values(), key=age)

    def numbers(self) -> list[str]:
        """Every customer number that is declared."""
        return sorted(self._tenants)

    def put_secret(
        self,
        namespace: str,
        name: str,
        data: Mapping[str, Secret],
        made_for: Mapping[str, MadeFor] | None = None,
    ) -> None:
        """Add or replace a Secret; of one that we made it is told for whom, as far as it says so."""
        self._secrets[namespace, name] = data
        self._made_for.pop((namespace, name), None)
        if made_for is not None:
            self._made_for[namespace, name] = made_for

    def remove_secret(self, namespace: str, name: str) -> None:
        """Forget a Secret."""
        self._secrets.pop((namespace, name), None)
        self._made_for.pop((namespace, name), None)

    def may_read_secrets(self, namespace: str) -> bool:
        """Whether Secrets of a namespace are ours to read."""
        return not self.secret_spaces or namespace in self.secret_spaces

    def lacking(self, namespace: str, name: str, key: str) -> str:
        """What is to be done about a value of a Secret that is not there."""
        if self.secrets_folder:
            file = f"{self.secrets_folder}/{namespace}/{name}/{key}"
            return f"there is no secret {file} (yet): put it there, readable by you alone"
        if not self.may_read_secrets(namespace):
            return (
                f"Secrets of namespace '{namespace}' may not be read: add it to the value"
                " secrets.namespaces of the chart (ISPALIER_SECRET_NAMESPACES)"
            )
        return (
            f"Secret '{name}' with key '{key}' is not in namespace '{namespace}' (yet):"
            " create it, with the label ispalier.dev/secret=true to have it seen at once"
        )

    def is_foreign_secret(self, namespace: str, name: str, key: str, of: MadeFor) -> bool:
        """Whether a value cannot be written for a resource: it, or its Secret, is not its own.

        A Secret is of one customer, for whose resources it may hold several keys.
        """
        there = self._secrets.get((namespace, name))
        if there is None or not self.knows_whose:
            return False
        if self.secrets_folder:
            return key in there
        made = self._made_for.get((namespace, name), {})
        if key in made or key in there:
            return not self.was_made_for(namespace, name, key, of)
        return {of.customer} != {each.customer for each in made.values()}

    def was_made_for(self, namespace: str, name: str, key: str, of: MadeFor) -> bool:
        """Whether we made a value for a resource, or for the one that it was before a rename."""
        if self.secrets_are_ours:
            return True
        owner = self._made_for.get((namespace, name), {}).get(key)
        if owner is None or owner == of:
            return owner is not None
        before = Ident(owner.kind, namespace, owner.name)
        return owner[:2] == of[:2] and self.find(before) is None

    def is_to_be_marked(
        self, namespace: str, name: str, key: str, of: MadeFor, made: Secret
    ) -> bool:
        """Whether a Secret of ours holds what was made for a resource, and does not say so.

        Whoever else wrote that very value there did not guess it: nothing is given away.
        """
        marks = self._made_for.get((namespace, name))
        if marks is None or marks.get(key) == of or self.secret(namespace, name, key) != made:
            return False
        return key not in marks or self.was_made_for(namespace, name, key, of)

    def secret(self, namespace: str, name: str, key: str) -> Secret | None:
        """One value of a Secret."""
        return self._secrets.get((namespace, name), {}).get(key)


def _drop(index: dict[str, dict[Ident, R]], value: str, which: Ident) -> None:
    """Take one out of those that have a value."""
    del index[value][which]
    if not index[value]:
        del index[value]
