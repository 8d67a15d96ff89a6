"""Names that customers cannot have: the provider's, everybody's, and those of Kubernetes."""

from collections.abc import Iterator

from ispalier.api.hosting import Site
from ispalier.api.mail import MailDomain
from ispalier.api.names import Domain
from ispalier.api.parties import Tenant
from ispalier.world.checks.files import Check, Files
from ispalier.world.own import own_hosts
from ispalier.world.snapshot import ident
from ispalier.world.sound import public, reserved

_SPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


def reserved_names(files: Files) -> Iterator[Check]:
    """Customers in namespaces of Kubernetes, and domains that are the provider's or everybody's."""
    for tenant in files.world.of(Tenant):
        if tenant.namespace in _SPACES:
            what = f"{tenant.namespace} is a namespace of Kubernetes' own"
            yield Check(ident(tenant), "metadata.namespace", what, "give it one of its own")
    ours = own_hosts(files.world)
    for each in _named(files):
        for fault in reserved(files.world, each, ours):
            yield Check.of(ident(each), fault)
        for fault in public(files.world, each) if isinstance(each, Domain | MailDomain) else ():
            yield Check.of(ident(each), fault)


def _named(files: Files) -> Iterator[Domain | MailDomain | Site]:
    yield from files.world.of(Domain)
    yield from files.world.of(MailDomain)
    yield from files.world.of(Site)
