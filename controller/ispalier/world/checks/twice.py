"""What only one may have."""

import ipaddress
from collections.abc import Callable, Hashable, Iterator

from ispalier.api.access import Login
from ispalier.api.addresses import IPClaim, IPPool
from ispalier.api.base import Resource
from ispalier.api.hosting import Database, FTPUser, Site
from ispalier.api.machines import Server, ServiceHost
from ispalier.api.mail import MailAlias, Mailbox, MailDomain
from ispalier.api.names import Domain, RecordSet
from ispalier.api.parties import Tenant
from ispalier.world.checks.files import Check, Files
from ispalier.world.findings import Level
from ispalier.world.snapshot import age, ident
from ispalier.world.sound import names_of


def same_twice(files: Files) -> Iterator[Check]:
    """What only one may have: of several the first by namespace and name is left alone."""
    for kind, field, value in UNIQUE:
        holders: dict[Hashable, list[Resource]] = {}
        for each in files.world.of(kind):
            holders.setdefault(value(each), []).append(each)
        holders.pop(None, None)
        for several in (sorted(each, key=age) for each in holders.values() if len(each) > 1):
            first, *others = several
            space = f" of namespace {first.namespace}" if first.namespace else ""
            what = f"{kind.__name__}/{first.name}{space} has the same"
            remedy = "choose another one or remove one of the two"
            for each in others:
                yield Check(ident(each), field, what, remedy, other=ident(first))


def sites_of_one_name(files: Files) -> Iterator[Check]:
    """Names that two sites would answer to: who has it as its own comes before who also answers."""
    holders: dict[str, list[tuple[Site, str]]] = {}
    for site in sorted(files.world.of(Site), key=age):
        for field, name in names_of(site):
            holders.setdefault(name, []).append((site, field))
    for several in holders.values():
        (first, _), *others = sorted(several, key=lambda each: each[1] != "spec.hostname")
        for site, field in others:
            if site is not first:
                what = f"Site/{first.name} of namespace {first.namespace} has the same"
                remedy = "choose another one or remove one of the two"
                yield Check(ident(site), field, what, remedy, other=ident(first))


def pools_that_overlap(files: Files) -> Iterator[Check]:
    """Prefixes of which two pools would give out the same addresses."""
    there: dict[int, list[tuple[int, int, IPPool, int, str]]] = {4: [], 6: []}
    for pool in files.world.of(IPPool):
        for index, each in enumerate(pool.spec.prefixes):
            network = ipaddress.ip_network(each.prefix)
            first, last = int(network[0]), int(network[-1])
            there[network.version].append((first, -last, pool, index, each.prefix))
    for ranges in there.values():
        widest: tuple[int, IPPool, str] | None = None
        for first, last, pool, index, prefix in sorted(ranges, key=lambda e: (*e[:2], e[2].name)):
            if widest is not None and first <= widest[0] and pool is not widest[1]:
                what = f"{prefix} lies in {widest[2]} of IPPool/{widest[1].name}"
                field = f"spec.prefixes[{index}].prefix"
                remedy = "part the two, for each gives out the other's addresses"
                yield Check(ident(pool), field, what, remedy, Level.WARNING, other=ident(widest[1]))
            if widest is None or -last > widest[0]:
                widest = (-last, pool, prefix)


def unclear_hosts(files: Files) -> Iterator[Check]:
    """Several systems of a type that are all the default."""
    first: dict[str, ServiceHost] = {}
    for host in sorted(files.world.of(ServiceHost), key=age):
        if host.spec.default and first.setdefault(host.spec.type, host) is not host:
            other = first[host.spec.type]
            what = f"ServiceHost/{other.name} is the default of type {host.spec.type} too"
            remedy = "leave it true on one of them"
            yield Check(ident(host), "spec.default", what, remedy, other=ident(other))


def _record_set(resource: RecordSet) -> Hashable:
    spec = resource.spec
    return resource.namespace, spec.domain_ref.name, spec.name, spec.type


def _ip(resource: IPClaim) -> Hashable:
    return ipaddress.ip_address(resource.spec.address) if resource.spec.address else None


UNIQUE: tuple[tuple[type[Resource], str, Callable[..., Hashable]], ...] = (
    (Tenant, "spec.number", lambda each: each.spec.number),
    (Login, "spec.username", lambda each: each.spec.username),
    (Login, "spec.mac", lambda each: each.spec.mac and each.spec.mac.upper().replace(":", "-")),
    (Login, "spec.serial", lambda each: each.spec.serial),
    (Login, "spec.circuit", lambda each: each.spec.circuit),
    (Domain, "spec.name", lambda each: each.spec.name),
    (RecordSet, "spec.name", _record_set),
    (MailDomain, "spec.name", lambda each: each.spec.name),
    (Mailbox, "spec.address", lambda each: each.spec.address),
    (MailAlias, "spec.address", lambda each: each.spec.address),
    (IPClaim, "spec.address", _ip),
    (FTPUser, "spec.username", lambda each: each.spec.username),
    (Database, "spec.name", lambda each: (each.spec.engine, each.spec.name)),
    (Server, "spec.hostname", lambda each: each.spec.hostname),
    (Server, "spec.machine", lambda each: each.spec.machine),
)
