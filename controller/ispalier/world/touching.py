"""Which files have to do with each other: only those need to be judged together.

What the provider declares is seen by all. Otherwise two files touch if they tell of one namespace,
or of one value that only one may have; so a tenant is usually judged without any other, and a
mistake between two tenants puts them together.
"""

import ipaddress
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

from ispalier.api.access import Login
from ispalier.api.addresses import IPClaim, IPPool
from ispalier.api.base import Resource
from ispalier.api.mail import MailAlias, Mailbox, MailDomain
from ispalier.api.names import Domain
from ispalier.api.units import BusinessUnit
from ispalier.world.checks.twice import UNIQUE
from ispalier.world.checks.zones import names
from ispalier.world.load import Contents
from ispalier.world.manifests import Declared
from ispalier.world.zones import above

IP_CLAIMS = "IP addresses"
"""What all touch who want an IP address, where the pools may not have enough for all."""


class Traits(NamedTuple):
    """What others have to know of a file."""

    shared: bool = False
    """Whether all others may refer to what it declares."""
    keys: tuple[str, ...] = ()
    """Whoever has one of them, too, touches this file."""
    kinds: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    """Domains: whoever has a name in one touches this file."""
    names: tuple[str, ...] = ()
    """Names of the DNS, of domains and others."""
    zones: tuple[str, ...] = ()
    """Time zones of business units: their local days count."""
    claims: int = 0
    """IP addresses that are wanted."""
    wanting: tuple[str, ...] = ()
    """Pools of which any address is wanted."""
    rooms: tuple[tuple[str, int], ...] = ()
    """Pools, and how many addresses one has at least."""
    others: int = 0
    """Objects of other groups, which are left alone."""
    kept: bool = True
    """Whether a verdict on it may be kept; not where it cannot be read, or holds clear secrets."""


ROOT = Traits(shared=True)
UNREADABLE = Traits(kept=False)


def traits(contents: Contents, controller_namespace: str) -> Traits:
    """The traits of a file that was read, and is not the root file."""
    found = [each for _, each in contents.declared if each.which is not None]
    resources = [each.resource for each in found if each.resource is not None]
    spaces = {each.which.namespace for each in found if each.which}
    claims = [each for each in resources if isinstance(each, IPClaim)]
    return Traits(
        shared=bool(spaces & {"", controller_namespace}),
        keys=tuple(sorted({f"namespace {each}" for each in spaces if each} | _keys(resources))),
        domains=tuple(each.spec.name for each in resources if isinstance(each, Domain)),
        names=tuple({named.name for each in resources for named in names(each)}),
        kinds=tuple(sorted({each.which.kind for each in found if each.which})),
        zones=tuple(each.spec.time_zone for each in resources if isinstance(each, BusinessUnit)),
        claims=len(claims),
        wanting=tuple({each.spec.pool_ref.name for each in claims if each.spec.address is None}),
        rooms=tuple((each.name, _room(each)) for each in resources if isinstance(each, IPPool)),
        others=contents.others,
        kept=not any(_is_clear(each) for each in found),
    )


def shared(files: Mapping[str, Traits]) -> list[str]:
    """The files that are seen by all."""
    return [file for file, each in files.items() if each.shared]


def cells(files: Mapping[str, Traits]) -> list[list[str]]:
    """The files in groups that do not touch each other, in their order; the shared ones are one."""
    tight = _is_tight(files)
    domains = {name for each in files.values() for name in each.domains}
    parents: dict[str, str] = {}
    for file, each in files.items():
        top = _top(parents, "" if each.shared else f"file {file}")
        among = {name for one in each.names for name in (one, *above(one)) if name in domains}
        claims = (IP_CLAIMS,) if tight and each.claims else ()
        for key in (*each.keys, *(f"domain {name}" for name in among), *claims):
            other = _top(parents, key)
            parents[other] = top
    found: dict[str, list[str]] = {}
    for file, each in files.items():
        found.setdefault(_top(parents, "" if each.shared else f"file {file}"), []).append(file)
    return list(found.values())


def _top(parents: dict[str, str], key: str) -> str:
    """The key that stands for all that touch this one."""
    while (parent := parents.setdefault(key, key)) != key:
        parents[key] = key = parents[parent]
    return key


def _is_tight(files: Mapping[str, Traits]) -> bool:
    """Whether an IP address could be lacking, depending on who else wants one."""
    claims = sum(each.claims for each in files.values())
    wanted = {pool for each in files.values() for pool in each.wanting}
    rooms = {name: size for each in files.values() for name, size in each.rooms}
    return any(rooms.get(pool, claims) < claims for pool in wanted)


def _keys(resources: Sequence[Resource]) -> set[str]:
    return {key for resource in resources for key in _keys_of(resource)}


def _keys_of(resource: Resource) -> Iterator[str]:
    """What only one may have: as checks compare it, and as rooms claim it."""
    match resource:
        case Login():
            spec = resource.spec
            for name in (spec.username, spec.mac, spec.serial, spec.circuit):
                if name is not None:
                    yield f"line {str(name).upper().replace(':', '-')}"
        case Domain():
            yield f"Domain spec.name {resource.spec.name}"
            for each in resource.spec.delegations:
                yield f"Tenant spec.number {each.customer_number}"
        case MailDomain():
            yield f"mail {resource.spec.name}"
        case Mailbox() | MailAlias():
            yield f"mail {resource.spec.address.rpartition('@')[2]}"
        case _:
            for kind, field, value in UNIQUE:
                if type(resource) is kind and (its := value(resource)) is not None:
                    yield f"{kind.__name__} {field} {its}"


def _room(pool: IPPool) -> int:
    """How many addresses a pool has at least; its prefixes may overlap."""
    networks = [
        ipaddress.ip_network(each.prefix).num_addresses - len(each.reserved) - 3
        for each in pool.spec.prefixes
        if each.state == "Active"
    ]
    return max(0, *networks, 0)


def _is_clear(each: Declared) -> bool:
    return each.which is not None and each.which.kind == "Secret" and not each.is_sealed
