"""Names that customers cannot have: the provider's, everybody's, and those of Kubernetes."""

from collections.abc import Iterator

from ispalier.api.base import Resource
from ispalier.api.hosting import Site
from ispalier.api.mail import MailDomain
from ispalier.api.names import Domain
from ispalier.api.parties import Tenant
from ispalier.world.checks.files import Check, Files
from ispalier.world.snapshot import ident
from ispalier.world.sound import names_of, own_hosts, public, reserved

_SPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


def reserved_names(files: Files) -> Iterator[Check]:
    """Customers in namespaces of Kubernetes, and domains that are the provider's or everybody's."""
    for tenant in files.world.of(Tenant):
        if tenant.namespace in _SPACES:
            what = f"{tenant.namespace} is a namespace of Kubernetes' own"
            yield Check(ident(tenant), "metadata.namespace", what, "give it one of its own")
    ours = own_hosts(files.world)
    for each, field, name in _named(files):
        for fault in reserved(field, name, ours):
            yield Check.of(ident(each), fault)
        for fault in public(files.world, each) if isinstance(each, Domain | MailDomain) else ():
            yield Check.of(ident(each), fault)


def _named(files: Files) -> Iterator[tuple[Resource, str, str]]:
    for domain in files.world.of(Domain):
        yield domain, "spec.name", domain.spec.name
    for mail in files.world.of(MailDomain):
        yield mail, "spec.name", mail.spec.name
    for site in files.world.of(Site):
        yield from ((site, field, name) for field, name in names_of(site))
