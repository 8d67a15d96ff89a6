"""Resources for tests: each call states only what the test is about."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from ispalier.api.base import Resource
from ispalier.api.kinds import BY_NAME, KINDS
from ispalier.world.effect import Effect
from ispalier.world.holds import Hold
from ispalier.world.secret import Secret
from ispalier.world.snapshot import Snapshot

NOW = datetime(2026, 11, 21, 12, 0, tzinfo=UTC)
Spec = Mapping[str, Any]


def resource(kind: str, name: str, spec: Spec, namespace: str = "", **meta: object) -> Resource:
    """A resource of any kind from the JSON form of its spec."""
    metadata = {"name": name, "namespace": namespace, "generation": 1, **meta}
    return BY_NAME[kind].model_validate({"metadata": metadata, "spec": spec})


def unit(name: str = "londrina", verify: Sequence[str] = (), **billing: object) -> Resource:
    """A business unit that closes on the last day of the month; resolvers verify its domains."""
    terms = {"timing": "Arrears", "closingDay": 31, "dueDay": 10, **billing}
    zone = "America/Sao_Paulo"
    spec = {"displayName": name, "timeZone": zone, "currency": "BRL", "billing": terms}
    proof = {"verifyDomains": {"resolvers": list(verify)}} if verify else {}
    return resource("BusinessUnit", name, spec | proof)


def plan(name: str = "fibra-300", speed: str = "300m", **spec: object) -> Resource:
    """A plan of family Access at 99.90, with a profile of PROFILES."""
    price = {"currency": "BRL", "amount": "99.90", "validFrom": "2026-01-01"}
    access = {"profileRef": {"name": speed}}
    fields = {"family": "Access", "availableIn": ["londrina"], "prices": [price], "access": access}
    return resource("Plan", name, fields | spec)


def profile(
    name: str = "300m", download: str = "300M", upload: str = "150M", **spec: object
) -> Resource:
    """How lines are served: at this speed."""
    return resource("AccessProfile", name, {"download": download, "upload": upload, **spec})


PROFILES = tuple(
    profile(f"{speed}m", f"{speed}M", f"{speed // 2 or 1}M")
    for speed in (1, 100, 300, 400, 500, 600)
)
"""The profiles that are there in every world."""


def tenant(name: str = "silva", number: str = "10042", **meta: object) -> Resource:
    """A customer in a namespace of that name."""
    spec = {"number": number, "displayName": name, "businessUnitRef": {"name": "londrina"}}
    return resource("Tenant", name, spec, name, **meta)


def subscription(namespace: str = "silva", name: str = "home", **spec: object) -> Resource:
    """A contract for fibra-300 since the first of the month."""
    terms = [{"from": "2026-11-01", "planRef": {"name": "fibra-300"}}]
    return resource("Subscription", name, {"terms": terms, **spec}, namespace)


def login(
    username: str, namespace: str = "silva", name: str | None = None, **spec: object
) -> Resource:
    """A login whose password is in the Secret `passwords`."""
    fields = {
        "subscriptionRef": {"name": "home"},
        "username": username,
        "password": {"secretRef": {"name": "passwords", "key": "login"}},
    }
    return resource("Login", name or username, fields | spec, namespace)


def pool(name: str = "homes", *prefixes: str) -> Resource:
    """A pool of IP addresses."""
    entries = [{"prefix": prefix} for prefix in prefixes or ("100.64.0.0/29",)]
    return resource("IPPool", name, {"prefixes": entries})


def claim(name: str, login: str, namespace: str = "silva", **spec: object) -> Resource:
    """A wish for an IP address of the pool `homes`."""
    fields = {"loginRef": {"name": login}, "poolRef": {"name": "homes"}}
    return resource("IPClaim", name, fields | spec, namespace)


def service_host(name: str, type_: str, **spec: object) -> Resource:
    """A RADIUS or mail system whose database is in the Secret of its name."""
    database = {"database": {"urlSecretRef": {"name": name, "key": "url"}}}
    return resource("ServiceHost", name, {"type": type_, type_.lower(): database} | spec)


def nas(name: str = "tower", address: str = "127.0.0.1", **spec: object) -> Resource:
    """A MikroTik whose secret is in the Secret `nas`."""
    secret = {"name": "nas", "key": "secret"}
    fields = {"addresses": [address], "vendor": "MikroTik", "secretRef": secret}
    return resource("NAS", name, fields | spec)


def access_point(name: str = "hill", *nases: str) -> Resource:
    """A tower with the NAS `tower` behind it."""
    refs = [{"name": each} for each in nases or ("tower",)]
    return resource("AccessPoint", name, {"nasRefs": refs})


def mail_domain(domain: str, namespace: str = "silva", **spec: object) -> Resource:
    """A mail domain of the contract `home`."""
    fields = {"subscriptionRef": {"name": "home"}, "name": domain}
    return resource("MailDomain", domain.replace(".", "-"), fields | spec, namespace)


def mailbox(name: str, address: str, namespace: str = "silva", **spec: object) -> Resource:
    """A mailbox whose password is in the Secret `passwords`."""
    fields = {
        "subscriptionRef": {"name": "home"},
        "address": address,
        "password": {"secretRef": {"name": "passwords", "key": "mail"}},
    }
    return resource("Mailbox", name, fields | spec, namespace)


def mail_alias(address: str, *targets: str, name: str = "alias", **spec: object) -> Resource:
    """An alias of the contract `home`."""
    fields = {"subscriptionRef": {"name": "home"}, "address": address, "targets": list(targets)}
    return resource("MailAlias", name, fields | spec, "silva")


def hold(subject: str, effect: Effect = Effect.REFUSE, **fields: Any) -> Hold:  # noqa: ANN401 - any field
    """A hold by dunning, in force for a day."""
    kind, _, name = subject.partition("/")
    made = Hold(
        id=0,
        kind=kind,
        name=name,
        source="dunning",
        by="ann",
        reason="Invoice 17 is overdue",
        effect=effect,
        stops_billing=False,
        since=NOW - timedelta(days=1),
    )
    return made._replace(**fields)


def snapshot(*resources: Resource, secrets: Iterable[str] = ("silva", "souza")) -> Snapshot:
    """A complete snapshot with passwords in the given namespaces, and all PROFILES."""
    world = Snapshot(complete={kind.__name__ for kind in KINDS})
    for each in (*PROFILES, *resources):
        world.put(each)
    for namespace in secrets:
        passwords = {"login": Secret("wireless"), "mail": Secret("letters")}
        world.put_secret(namespace, "passwords", passwords)
    return world
