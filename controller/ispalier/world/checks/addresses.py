"""IP addresses outside their pool, and mail addresses outside their tenant's domains."""

import ipaddress
from collections import defaultdict
from collections.abc import Iterator

from ispalier.api.addresses import IPClaim, IPPool
from ispalier.api.mail import MailAlias, Mailbox, MailDomain
from ispalier.world.checks.files import Check, Files
from ispalier.world.findings import Level
from ispalier.world.snapshot import ident
from ispalier.world.units import tenant_of


def addresses_outside_pools(files: Files) -> Iterator[Check]:
    """IP addresses that are wished for and not of the pool."""
    for claim in files.world.of(IPClaim):
        pool = files.world.get(IPPool, "", claim.spec.pool_ref.name)
        if pool is None or claim.spec.address is None:
            continue
        wanted = ipaddress.ip_address(claim.spec.address)
        if not any(wanted in ipaddress.ip_network(each.prefix) for each in pool.spec.prefixes):
            what = f"{claim.spec.address} is in no prefix of IPPool/{pool.name}"
            remedy = "choose one that is, or add a prefix"
            yield Check(ident(claim), "spec.address", what, remedy)


def mail_in_foreign_domains(files: Files) -> Iterator[Check]:
    """Mail addresses in a domain that is not declared for their tenant."""
    owners: dict[str, list[MailDomain]] = defaultdict(list)
    for domain in files.world.of(MailDomain):
        owners[domain.spec.name].append(domain)
    addressed: list[Mailbox | MailAlias] = [
        *files.world.of(Mailbox),
        *files.world.of(MailAlias),
    ]
    for each in addressed:
        name = each.spec.address.rpartition("@")[2]
        tenant = tenant_of(files.world, each)
        tenants = [tenant_of(files.world, domain) for domain in owners.get(name, ())]
        if tenant is None or any(other is tenant for other in tenants):
            continue
        if tenants:
            what = f"mail domain {name} belongs to another customer"
            level, remedy = Level.ERROR, "use a domain of this tenant"
        else:
            what = f"no MailDomain is {name}"
            level, remedy = files.missing("MailDomain"), "create it or correct the address"
        yield Check(ident(each), "spec.address", what, remedy, level)
