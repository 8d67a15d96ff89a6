"""What RADIUS servers should hold: groups of access profiles, NASes as clients, logins as subscribers."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import suppress

from ispalier.api.access import NAS, AccessPoint, AccessProfile, Login
from ispalier.api.addresses import IPClaim
from ispalier.api.base import Ref
from ispalier.api.catalogue import PlanAccess
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
from ispalier.radius.speeds import replies
from ispalier.world.effect import Effect
from ispalier.world.errors import Invalid, IspalierError, NotServed, Waiting
from ispalier.world.holds import on_line
from ispalier.world.per_view import per_view
from ispalier.world.state import State
from ispalier.world.view import View

TYPE = "RADIUS"
_SERVERS_OWN = frozenset({"exec-program", "exec-program-wait", "fall-through", "user-profile"})
"""Attributes by which FreeRADIUS runs programs, or passes over groups: that of the suspended, too."""
ADDRESS = "IP address"
"""The kind of claim on an IP address, as the register has it."""


def group_of_profile(view: View, profile: AccessProfile) -> Iterable[Item]:
    """A group on every RADIUS, with the speed in the words of the NASes that ask there."""
    vendors = _vendors(view)
    for host in view.hosts(TYPE):
        yield Group(
            host=host.name,
            owner=owner_of(view, profile),
            name=profile.name,
            check=(attribute("Simultaneous-Use", ":=", str(profile.spec.sessions)),),
            reply=attributes(*replies(profile.spec, vendors.get(host.name, set()))),
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
    """A NAS may ask the RADIUS that serves it, from each of its addresses."""
    for number, address in enumerate(nas.spec.addresses):
        yield Client(
            host=view.host(nas, nas.spec.service_host_ref, TYPE).name,
            owner=owner_of(view, nas),
            address=as_address(address),
            secret=view.secret(nas.spec.secret_ref, nas.namespace),
            shortname=f"{nas.name}-{number}" if number else nas.name,
        )


def wishes_of_nas(view: View, nas: NAS) -> Iterable[Wish]:
    """Its IP addresses on that RADIUS, and the RADIUS if it names none."""
    owner = owner_of(view, nas)
    host = view.host(nas, nas.spec.service_host_ref, TYPE).name
    for address in nas.spec.addresses:
        yield Claim("NAS", f"{host}/{as_address(address)}", owner)
    if nas.spec.service_host_ref is None:
        yield Choice("host", host, owner)


def subscriber_of_login(view: View, login: Login) -> Iterable[Item]:
    """A subscriber on every RADIUS that the NASes of its line ask."""
    subscription = view.begun(login.spec.subscription_ref, login.namespace)
    username = _username(login)
    access = _access(view, subscription)
    password, is_hash = view.password(login, login.spec.password)
    check = [
        stored_hash(password)
        if is_hash
        else stored(access.password_storage, password, view.salt(login, password))
    ]
    if login.spec.mac_addresses and login.spec.mac_policy == "Listed":
        macs = any_of(login.spec.mac_addresses)
        check.append(attribute("Calling-Station-Id", "=~", macs))
    reply = attributes(*_framed(_addresses(view, login)), *_own(login))
    for host in _hosts(view, login, subscription):
        yield Subscriber(
            host=host,
            owner=owner_of(view, login),
            state=view.state_of(login),
            username=username,
            check=attributes(*check),
            reply=reply,
            groups=(Membership(_profile(view, login, access).name, 1),),
            relief=frozenset(each.name for each in _slower(access)),
        )


def reply_of_groups(view: View, login: Login, item: Subscriber) -> Iterator[Attribute]:
    """What the group of a login's profile adds to its reply attributes."""
    subscription = view.subscription_of(login.spec.subscription_ref, login.namespace)
    profile = view.refer(AccessProfile, _profile(view, login, _access(view, subscription)))
    own = {each.name for each in item.reply}
    vendors = _vendors(view).get(item.host, ())
    yield from (each for each in replies(profile.spec, vendors) if each.name not in own)


def wishes_of_login(view: View, login: Login) -> Iterable[Wish]:
    """Its user name, and a RADIUS if its line leads to none."""
    owner = owner_of(view, login)
    yield Claim("user name", _username(login), owner)
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
            ref = _profile(view, login, _access(view, subscription))
            profile = view.refer(AccessProfile, ref).spec
            speed = f"{profile.download}/{profile.upload}" if profile.download else "unlimited"
    return {"address": addresses or None, "speed": speed}


def _username(login: Login) -> str:
    if login.spec.username is None:
        message = "a line without a username is not served yet: give it a username and a password"
        raise NotServed(message)
    return login.spec.username


def _access(view: View, subscription: Subscription) -> PlanAccess:
    plan = view.plan_of(subscription)
    if plan.spec.access is None:
        message = (
            f"Plan/{plan.name} has no spec.access, so it serves no logins:"
            " choose a plan of family Access"
        )
        raise Invalid(message)
    return plan.spec.access


def _profile(view: View, login: Login, access: PlanAccess) -> Ref:
    """The profile by which a line is served now: its own or its plan's, or what cuts it back."""
    cut_back = on_line(view.effects_on(login) - {Effect.REFUSE}, access)
    of = {
        Effect.WALLED_GARDEN: access.walled_garden_profile_ref,
        Effect.THROTTLE: access.throttled_profile_ref,
    }
    found = of[cut_back] if cut_back else None
    return found or login.spec.profile_ref or access.profile_ref


def _slower(access: PlanAccess) -> Iterator[Ref]:
    """The profiles that lines are cut back with."""
    for each in (access.throttled_profile_ref, access.walled_garden_profile_ref):
        if each is not None:
            yield each


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


def _own(login: Login) -> Iterator[Attribute]:
    """What a line is told beside its plan; never what tells the server itself what to do."""
    for each in login.spec.reply:
        if each.name.lower() in _SERVERS_OWN:
            raise Invalid(f"{each.name} in spec.reply is for RADIUS itself: remove it")
        found = attribute(each.name, ":=", each.value)
        if found.name in FRAMED:
            raise Invalid(f"{found.name} in spec.reply follows from IPClaims: declare one instead")
        yield found


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
