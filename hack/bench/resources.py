"""The resources of the benchmarks: a provider and as many tenants as asked for."""

from collections.abc import Iterator
from typing import Any, NamedTuple, TypeAlias

from hack.stack.stack import Stack
from ispalier.api.base import API_VERSION

Body: TypeAlias = dict[str, Any]
NAMESPACE = "ispalier"
PLAN = {"name": "fibra-300"}


def body(kind: str, name: str, spec: Body, namespace: str = "") -> Body:
    """A custom resource as JSON."""
    metadata = {"name": name, **({"namespace": namespace} if namespace else {})}
    return {"apiVersion": API_VERSION, "kind": kind, "metadata": metadata, "spec": spec}


def namespace(name: str) -> Body:
    """A namespace."""
    return {"apiVersion": "v1", "kind": "Namespace", "metadata": {"name": name}}


def secret(space: str, name: str, data: dict[str, str]) -> Body:
    """A labelled Secret."""
    metadata = {"name": name, "namespace": space, "labels": {"ispalier.dev/secret": "true"}}
    return {"apiVersion": "v1", "kind": "Secret", "metadata": metadata, "stringData": data}


class Urls(NamedTuple):
    """Where the systems are, and the key of one."""

    radius: str
    dns: str
    dns_key: str
    mail: str

    @classmethod
    def of(cls, stack: Stack) -> "Urls":
        """Those of systems that run."""
        dns = stack.powerdns
        return cls(stack.radius.database_url, dns.api_url, dns.api_key, stack.mail.database_url)


def provider(stack: Stack) -> Iterator[Body]:
    """The provider's own, with systems that run."""
    return provider_of(Urls.of(stack))


def provider_of(urls: Urls) -> Iterator[Body]:
    """The provider's own: namespace, secrets, one host of each type, a unit, a plan."""
    yield namespace(NAMESPACE)
    yield secret(NAMESPACE, "radius", {"url": urls.radius, "nas": "s3cret"})
    yield secret(NAMESPACE, "dns", {"key": urls.dns_key})
    yield secret(NAMESPACE, "mail", {"url": urls.mail})
    yield body(
        "BusinessUnit",
        "bench",
        {"displayName": "Bench", "timeZone": "UTC", "currency": "EUR", "billing": {"dueDay": 10}},
    )
    price = {"currency": "EUR", "amount": "99.90", "validFrom": "2026-01-01"}
    yield body("AccessProfile", PLAN["name"], {"download": "300M", "upload": "150M"})
    access = {"profileRef": PLAN}
    yield body(
        "Plan",
        PLAN["name"],
        {"family": "Access", "availableIn": ["bench"], "prices": [price], "access": access},
    )
    database = {"urlSecretRef": {"name": "radius", "key": "url"}}
    yield body("ServiceHost", "radius-1", {"type": "RADIUS", "radius": {"database": database}})
    dns = {
        "url": urls.dns,
        "apiKeySecretRef": {"name": "dns", "key": "key"},
        "nameServers": ["ns1.bench.example", "ns2.bench.example"],
        "soa": {"contact": "hostmaster.bench.example"},
    }
    yield body("ServiceHost", "dns-1", {"type": "DNS", "dns": dns})
    database = {"urlSecretRef": {"name": "mail", "key": "url"}}
    yield body("ServiceHost", "mail-1", {"type": "Mail", "mail": {"database": database}})


def tenant(name: str, number: str) -> Iterator[Body]:
    """A tenant and its contract."""
    yield body(
        "Tenant",
        name,
        {"number": number, "displayName": name, "businessUnitRef": {"name": "bench"}},
        name,
    )
    terms = [{"from": "2026-01-01", "planRef": PLAN}]
    yield body("Subscription", "home", {"terms": terms}, name)


def secrets(name: str) -> Iterator[Body]:
    """A tenant's namespace and its passwords."""
    yield namespace(name)
    yield secret(name, "passwords", {"login": "wireless", "mail": "letters"})


def services(name: str, logins: int, mailboxes: int, records: int) -> Iterator[Body]:
    """A domain with records, a mail domain with mailboxes, logins."""
    domain = f"{name}.example"
    contract = {"subscriptionRef": {"name": "home"}}
    if records:
        yield body("Domain", "main", contract | {"name": domain}, name)
    for number in range(records):
        record = {
            "domainRef": {"name": "main"},
            "name": f"w{number}",
            "type": "A",
            "values": [f"192.0.2.{number + 1}"],
        }
        yield body("RecordSet", f"w{number}", record, name)
    if mailboxes:
        yield body("MailDomain", "main", contract | {"name": domain}, name)
    for number in range(mailboxes):
        address = f"user{number}@{domain}"
        password = {"secretRef": {"name": "passwords", "key": "mail"}}
        mailbox = contract | {"address": address, "password": password}
        yield body("Mailbox", f"user{number}", mailbox, name)
    for number in range(logins):
        password = {"secretRef": {"name": "passwords", "key": "login"}}
        login = contract | {"username": f"{name}-{number}", "password": password}
        yield body("Login", f"line{number}", login, name)
