"""What only one may have."""

import ipaddress
from collections.abc import Callable, Hashable, Iterator

from ispalier.api.access import Login
from ispalier.api.addresses import IPClaim
from ispalier.api.base import Resource
from ispalier.api.hosting import Database, FTPUser, Site
from ispalier.api.machines import Server, ServiceHost
from ispalier.api.mail import MailAlias, Mailbox, MailDomain
from ispalier.api.names import Domain, RecordSet
from ispalier.api.parties import Tenant
from ispalier.world.checks.files import Check, Files
from ispalier.world.snapshot import age, ident


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
    (Site, "spec.hostname", lambda each: each.spec.hostname),
    (FTPUser, "spec.username", lambda each: each.spec.username),
    (Database, "spec.name", lambda each: (each.spec.engine, each.spec.name)),
    (Server, "spec.hostname", lambda each: each.spec.hostname),
    (Server, "spec.machine", lambda each: each.spec.machine),
)
