"""Names that customers cannot have: the provider's own, and those of Kubernetes."""

from collections.abc import Iterator

from ispalier.api.base import Resource
from ispalier.api.hosting import Site
from ispalier.api.machines import ServiceHost
from ispalier.api.mail import MailDomain
from ispalier.api.names import Domain
from ispalier.api.parties import Tenant
from ispalier.world.checks.files import Check, Files
from ispalier.world.snapshot import ident

_SPACES = ("default", "kube-node-lease", "kube-public", "kube-system")


def reserved_names(files: Files) -> Iterator[Check]:
    """Customers in namespaces of Kubernetes, and their domains above the provider's own hosts."""
    for tenant in files.world.of(Tenant):
        if tenant.namespace in _SPACES:
            what = f"{tenant.namespace} is a namespace of Kubernetes' own"
            yield Check(ident(tenant), "metadata.namespace", what, "give it one of its own")
    ours = sorted(_hosts(files))
    for each, field, name in _named(files):
        host = next((one for one in ours if one == name or one.endswith(f".{name}")), None)
        if host is not None:
            what = f"{name} is the provider's own: {host} is a host of it"
            yield Check(ident(each), field, what, "use a domain of the customer")


def _named(files: Files) -> Iterator[tuple[Resource, str, str]]:
    for domain in files.world.of(Domain):
        yield domain, "spec.name", domain.spec.name
    for mail in files.world.of(MailDomain):
        yield mail, "spec.name", mail.spec.name
    for site in files.world.of(Site):
        yield site, "spec.hostname", site.spec.hostname


def _hosts(files: Files) -> set[str]:
    found: set[str] = set()
    for host in files.world.of(ServiceHost):
        if host.spec.dns is not None:
            found |= {*host.spec.dns.name_servers}
        if host.spec.web is not None:
            found.add(host.spec.web.hostname)
    return found
