"""Own: the names by which the provider itself is reached, which no customer takes over."""

from collections.abc import Iterator, Mapping
from urllib.parse import urlsplit

from ispalier.api.machines import ServiceHost
from ispalier.api.units import BusinessUnit
from ispalier.world.public import registered
from ispalier.world.snapshot import Snapshot


def own_hosts(world: Snapshot) -> list[str]:
    """The provider's own names, as its ServiceHosts and business units have them; hosts first."""
    contacts = (host.spec.dns.soa.contact for host in world.of(ServiceHost) if host.spec.dns)
    named = (*sorted(_named(world)), *sorted(contacts))
    found = dict.fromkeys(each.rstrip(".").lower() for each in named)
    return [each for each in found if "." in each and not each[-1].isdecimal()]


def homes(hosts: list[str]) -> Mapping[str, str]:
    """The domains in which they are, as one registers them, each with a host of it."""
    found: dict[str, str] = {}
    for each in hosts:
        if (home := registered(each)) is not None:
            found.setdefault(home, each)
    return found


def _named(world: Snapshot) -> Iterator[str]:
    for unit in world.of(BusinessUnit):
        if unit.spec.help_desk_url is not None:
            yield _host(unit.spec.help_desk_url)
    for host in world.of(ServiceHost):
        dns, mail, radius, web = host.spec.dns, host.spec.mail, host.spec.radius, host.spec.web
        if dns is not None:
            yield from dns.name_servers
        if web is not None:
            yield web.hostname
        if radius is not None and radius.probe is not None:
            yield _host(f"//{radius.probe.address}")
        if mail is not None:
            urls = [mail.urls.webmail, mail.urls.admin] if mail.urls is not None else []
            asked = [mail.probe.imap] if mail.probe is not None else []
            yield from (_host(each) for each in (*urls, *asked) if each is not None)


def _host(url: str) -> str:
    """The host of a URL; nothing of an IPv6 address, which is no name."""
    host = urlsplit(url).hostname or ""
    return "" if ":" in host else host
