"""What RADIUS servers should hold: groups of plans, NASes as clients, logins as subscribers."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from ispalier.api.access import NAS, AccessPoint, IPClaim, Login
from ispalier.api.catalogue import Access, Plan
from ispalier.api.contracts import Subscription
from ispalier.api.machines import ServiceHost
from ispalier.core.gather import owner_of
from ispalier.core.items import Item
from ispalier.core.memory import Choice, Claim, Wish
from ispalier.radius.hashes import stored, stored_hash
from ispalier.radius.items import (
    FRAMED,
    REJECT,
    SUSPENDED_GROUP,
    Attribute,
    Client,
    Group,
    Membership,
    Subscriber,
    any_of,
    as_address,
    attribute,
    attributes,
)
from ispalier.radius.speeds import group_of, served, speed_of
from ispalier.world.days import term_on
from ispalier.world.effect import Effect
from ispalier.world.errors import Invalid, IspalierError, Waiting
from ispalier.world.holds import on_line
from ispalier.world.per_view import per_view
from ispalier.world.state import State
from ispalier.world.view import View

TYPE = "RADIUS"
ADDRESS = "IP address"
"""The kind of claim on an IP address, as the register has it."""


def group_of_plan(view: View, plan: Plan) -> Iterable[Item]:
    """Groups on every RADIUS, with the speed in the words of the NASes that ask there.

    One as the plan is sold, and one for each way in which it can be cut back.
    """
    access = plan.spec.access
    if access is None:
        return
    vendors = _vendors(view)
    for host in view.hosts(TYPE):
        for name, reply in served(plan.name, access, vendors.get(host.name, set())):
            yield Group(
                host=host.name,
                owner=owner_of(view, plan),
                name=name,
                check=(attribute("Simultaneous-Use", ":=", str(access.sessions)),),
                reply=attributes(*reply),
            )


def group_of_suspended(view: View, host: ServiceHost) -> Iterable[Item]:
    """The group that refuses, and says why."""
    if host.spec.radius is None:
        return
    yield Group(
        host=host.name,
        owner=owner_of(view, host),
        name=SUSPENDED_GROUP,
        check=(REJECT,),
        reply=(attribute("Reply-Message", ":=", host.spec.radius.suspended_message),),
    )


def client_of_nas(view: View, nas: NAS) -> Iterable[Item]:
    """A NAS may ask the RADIUS that serves it."""
    yield Client(
        host=view.host(nas, nas.spec.service_host_ref, TYPE).name,
        owner=owner_of(view, nas),
        address=as_address(nas.spec.address),
        secret=view.secret(nas.spec.secret_ref, nas.namespace),
        shortname=nas.name,
    )


def wishes_of_nas(view: View, nas: NAS) -> Iterable[Wish]:
    """Its IP address on that RADIUS, and the RADIUS if it names none."""
    owner = owner_of(view, nas)
    host = view.host(nas, nas.spec.service_host_ref, TYPE).name
    yield Claim("NAS", f"{host}/{as_address(nas.spec.address)}", owner)
    if nas.spec.service_host_ref is None:
        yield Choice("host", host, owner)


def subscriber_of_login(view: View, login: Login) -> Iterable[Item]:
    """A subscriber on every RADIUS that the NASes of its line ask."""
    subscription = view.subscription_of(login.spec.subscription_ref, login.namespace)
    _is_begun(view, subscription)
    plan, access = _access(view, subscription)
    password, is_hash = view.password(login, login.spec.password)
    check = [
        stored_hash(password)
        if is_hash
        else stored(access.password_storage, password, view.salt(login, password))
    ]
    if login.spec.mac_addresses:
        macs = any_of(login.spec.mac_addresses)
        check.append(attribute("Calling-Station-Id", "=~", macs))
    reply = attributes(*_framed(_addresses(view, login)))
    for host in _hosts(view, login, subscription):
        yield Subscriber(
            host=host,
            owner=owner_of(view, login),
            state=view.state_of(login),
            username=login.spec.username,
            check=attributes(*check),
            reply=reply,
            groups=(Membership(group_of(plan.name, _cut_back(view, login, access)), 1),),
        )


def reply_of_groups(view: View, login: Login, item: Subscriber) -> Iterator[Attribute]:
    """What the groups of a login's plan add to its reply attributes."""
    subscription = view.subscription_of(login.spec.subscription_ref, login.namespace)
    plan, access = _access(view, subscription)
    groups = {each.group for each in item.groups}
    for name, reply in served(plan.name, access, _vendors(view).get(item.host, ())):
        if name in groups:
            yield from reply


def wishes_of_login(view: View, login: Login) -> Iterable[Wish]:
    """Its user name, and a RADIUS if its line leads to none."""
    owner = owner_of(view, login)
    yield Claim("user name", login.spec.username, owner)
    subscription = view.subscription_of(login.spec.subscription_ref, login.namespace)
    if not _nases(view, subscription):
        yield Choice("host", view.host(login, None, TYPE).name, owner)


def told(item: Item) -> Iterable[Claim]:
    """What an item that is there says that its owner has: user name, NAS, IP addresses.

    Which IPClaim gave an address is not said, so it is the Login's until one asks for it.
    """
    if item.owner is None:
        return
    match item:
        case Subscriber():
            yield Claim("user name", item.username, item.owner)
            for each in item.reply:
                if each.name in FRAMED:
                    yield Claim(ADDRESS, each.text, item.owner)
        case Client():
            yield Claim("NAS", f"{item.host}/{item.address}", item.owner)
        case _:
            pass


def shown_of_login(view: View, login: Login) -> Mapping[str, str | None]:
    """The IP addresses, and the speed while it is served as declared."""
    allocated = (view.chosen_for(each, "IP address") for each in _claims_of(view, login))
    addresses = ", ".join(as_address(each) for each in allocated if each is not None)
    speed = None
    if view.state_of(login) is State.ACTIVE:
        with suppress(IspalierError):
            subscription = view.subscription_of(login.spec.subscription_ref, login.namespace)
            _, access = _access(view, subscription)
            rate = speed_of(access, _cut_back(view, login, access))
            speed = f"{rate.download}/{rate.upload}"
    return {"address": addresses or None, "speed": speed}


def _is_begun(view: View, subscription: Subscription) -> None:
    if term_on(subscription, view.today) is None:
        first = min(term.from_ for term in subscription.spec.terms)
        message = f"Subscription/{subscription.name} begins on {first}"
        raise Waiting(message)


def _access(view: View, subscription: Subscription) -> tuple[Plan, Access]:
    plan = view.plan_of(subscription)
    if plan.spec.access is None:
        message = (
            f"Plan/{plan.name} has no spec.access, so it serves no logins:"
            " choose a plan of family Access"
        )
        raise Invalid(message)
    return plan, plan.spec.access


def _cut_back(view: View, login: Login, access: Access) -> Effect | None:
    """How a login is cut back and still served."""
    return on_line(view.effects_on(login) - {Effect.REFUSE}, access)


def _addresses(view: View, login: Login) -> list[str]:
    """The IP addresses allocated to a login, in the order of its claims' names."""
    found = []
    for claim in _claims_of(view, login):
        address = view.chosen_for(claim, "IP address")
        if address is None:
            message = f"IPClaim/{claim.name} has no IP address (yet)"
            raise Waiting(message)
        found.append(as_address(address))
    return found


def _claims_of(view: View, login: Login) -> Sequence[IPClaim]:
    return _claims(view).get((login.namespace, login.name), ())


@per_view
def _claims(view: View) -> Mapping[tuple[str, str], Sequence[IPClaim]]:
    """The claims of each login; those still waited for where none took their place."""
    declared, still = _by_login(view.of(IPClaim)), _by_login(view.still(IPClaim))
    return {
        login: [
            *mine,
            *(each for each in still.get(login, ()) if not _is_replaced(view, each, mine)),
        ]
        for login in declared.keys() | still.keys()
        for mine in [declared.get(login, ())]
    }


def _is_replaced(view: View, claim: IPClaim, by: Sequence[IPClaim]) -> bool:
    """Whether a declared claim gives an IP address of the same family."""
    return any(_is_v6(view, claim) == _is_v6(view, each) for each in by)


def _is_v6(view: View, claim: IPClaim) -> bool:
    return ":" in (view.chosen_for(claim, "IP address") or "")


def _by_login(claims: Iterable[IPClaim]) -> Mapping[tuple[str, str], Sequence[IPClaim]]:
    found: dict[tuple[str, str], list[IPClaim]] = {}
    for claim in sorted(claims, key=lambda each: each.name):
        found.setdefault((claim.namespace, claim.spec.login_ref.name), []).append(claim)
    return found


@per_view
def _vendors(view: View) -> Mapping[str, Collection[str]]:
    """The vendors of the NASes that ask each host; none is known while one cannot be read."""
    for each in view.broken:
        if each.ident.kind == "NAS":
            message = f"{each.ident} cannot be read, so its vendor is not known: {each.message}"
            raise Waiting(message)
    found: dict[str, set[str]] = {}
    for nas in (*view.world.of(NAS), *view.still(NAS)):
        found.setdefault(_asked(view, nas), set()).add(nas.spec.vendor)
    return found


def _framed(addresses: Sequence[str]) -> Iterator[Attribute]:
    names = ["Framed-IPv6-Address" if ":" in each else "Framed-IP-Address" for each in addresses]
    for name in names:
        if names.count(name) > 1:
            family = "IPv6" if "IPv6" in name else "IPv4"
            message = f"it has several {family} addresses: leave one IPClaim of that family"
            raise Invalid(message)
    for name, address in zip(names, addresses, strict=True):
        yield attribute(name, ":=", address)


def _hosts(view: View, login: Login, subscription: Subscription) -> list[str]:
    """The RADIUS servers that the NASes of its line ask; without any, one of its own."""
    asked = {_asked(view, nas) for nas in _nases(view, subscription)}
    return sorted(asked) or [view.host(login, None, TYPE).name]


def _nases(view: View, subscription: Subscription) -> list[NAS]:
    if subscription.spec.access_point_ref is None:
        return []
    point = view.refer(AccessPoint, subscription.spec.access_point_ref)
    return [view.refer(NAS, ref) for ref in point.spec.nas_refs]


def _asked(view: View, nas: NAS) -> str:
    """The name of the RADIUS that a NAS asks, whether it exists yet or not."""
    ref = nas.spec.service_host_ref
    return ref.name if ref else view.host(nas, None, TYPE).name
