"""The traits of a file: what others have to know of what it declares."""

import ipaddress
from collections.abc import Iterator, Sequence

from ispalier.api.access import Login
from ispalier.api.addresses import IPClaim, IPPool
from ispalier.api.base import Resource
from ispalier.api.hosting import Site
from ispalier.api.mail import MailAlias, Mailbox, MailDomain
from ispalier.api.names import Domain
from ispalier.api.units import BusinessUnit
from ispalier.world.checks.twice import UNIQUE
from ispalier.world.checks.zones import names
from ispalier.world.load import Contents
from ispalier.world.manifests import Declared
from ispalier.world.sound import names_of
from ispalier.world.touching import Traits


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


def _keys(resources: Sequence[Resource]) -> set[str]:
    sites = (each for each in resources if isinstance(each, Site))
    named = {f"site {name}" for site in sites for _, name in names_of(site)}
    return named | {key for resource in resources for key in _keys_of(resource)}


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
