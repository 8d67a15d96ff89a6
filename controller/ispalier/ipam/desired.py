"""What the register of IP addresses should hold: an entry for every claim that was granted."""

import ipaddress
from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from ipaddress import IPv4Address, IPv6Address
from typing import ClassVar

from ispalier.api.addresses import IPClaim, IPPool, PoolPrefix
from ispalier.api.contracts import Subscription
from ispalier.core.gather import has_had, owner_of
from ispalier.core.items import Item, Key
from ispalier.core.memory import Allocation, Claim, Wish
from ispalier.world.errors import Invalid, Waiting
from ispalier.world.per_view import per_view
from ispalier.world.snapshot import ident
from ispalier.world.state import State
from ispalier.world.view import View

CLAIM = "IP address"
"""The kind of claim on an IP address."""
_SMALLEST = 2
"""Addresses of a prefix in which the first and the last are addresses like others (RFC 3021)."""
_BROADCASTS = 4
"""The version of IP in which the last address of a prefix is nobody's (RFC 919; RFC 4291, 2)."""
REGISTER = "register"
"""The host of own pools: a table in the journal's database."""
SHOWN = 16
"""So many addresses of a contract its status tells at most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Address(Item):
    """An IP address in use, or in quarantine when it is retired.

    It serves nobody by itself: what a line loses is told by its subscriber's Framed-IP-Address.
    """

    serves: ClassVar[bool] = False

    address: str
    pool: str
    used_by: str

    @property
    def key(self) -> Key:
        """The IP address."""
        return ("ip", self.address)


def wishes(view: View, claim: IPClaim) -> Iterable[Wish]:
    """This very IP address, or the next free one of the pool."""
    pool = view.refer(IPPool, claim.spec.pool_ref)
    owner = owner_of(view, claim)
    if claim.spec.use != "WAN":
        message = f"use {claim.spec.use} is not acted on yet: only WAN is"
        raise Waiting(message)
    if pool.spec.allocator != "Journal":
        message = f"{_name(pool)} has allocator {pool.spec.allocator}, which is not acted on yet"
        raise Waiting(message)
    if claim.spec.address is None:
        yield Allocation(
            CLAIM,
            partial(_usable, pool),
            partial(_contains, pool),
            owner,
            _name(pool),
            owner._replace(kind="Login", name=claim.spec.login_ref.name),
        )
        return
    address = str(ipaddress.ip_address(claim.spec.address))
    if not _contains(pool, address):
        message = f"{address} is in no prefix of {_name(pool)}: choose one that is, or add a prefix"
        raise Invalid(message)
    if not has_had(view, CLAIM, address) and (why := _withheld(pool, address)):
        message = f"{address} {why} of {_name(pool)}, and given to nobody: choose another"
        raise Invalid(message)
    yield Claim(CLAIM, address, owner)


def desired(view: View, claim: IPClaim) -> Iterable[Item]:
    """The entry of a claim; the error of its wish is told here."""
    list(wishes(view, claim))
    address = view.chosen_for(claim, CLAIM)
    if address is None:
        message = "no IP address is allocated yet"
        raise Waiting(message)
    yield Address(
        host=REGISTER,
        owner=owner_of(view, claim),
        state=State.RETIRED if view.state_of(claim) is State.RETIRED else State.ACTIVE,
        address=address,
        pool=claim.spec.pool_ref.name,
        used_by=claim.spec.login_ref.name,
    )


def told(item: Item) -> Iterable[Claim]:
    """The claim that an entry stands for."""
    if isinstance(item, Address) and item.owner is not None:
        yield Claim(CLAIM, item.address, item.owner)


def shown(view: View, claim: IPClaim) -> Mapping[str, str | None]:
    """The IP address in the status."""
    return {"address": view.chosen_for(claim, CLAIM)}


def shown_of_contract(view: View, subscription: Subscription) -> Mapping[str, list[str] | None]:
    """The IP addresses that a contract has, in the status."""
    found = sorted(_by_contract(view).get(subscription.name, ()))
    return {"addresses": [str(each) for _, each in found[:SHOWN]] or None}


@per_view
def _by_contract(view: View) -> Mapping[str, set[tuple[int, IPv4Address | IPv6Address]]]:
    """The addresses of each contract, with their versions."""
    found: dict[str, set[tuple[int, IPv4Address | IPv6Address]]] = {}
    for claim in view.of(IPClaim):
        contract, text = view.contracts.get(ident(claim)), view.chosen_for(claim, CLAIM)
        if contract is not None and text and view.state_of(claim) is not State.RETIRED:
            address = ipaddress.ip_address(text)
            found.setdefault(contract.name, set()).add((address.version, address))
    return found


def _usable(pool: IPPool) -> Iterator[str]:
    """The addresses to give out, in order: without network, broadcast and reserved ones."""
    for each in pool.spec.prefixes:
        if each.state == "Active":
            reserved = _reserved(each)
            hosts = ipaddress.ip_network(each.prefix).hosts()
            yield from (str(address) for address in hosts if address not in reserved)


def _withheld(pool: IPPool, address: str) -> str:
    """Why an address of a pool is given to nobody who does not have it; empty if it is."""
    wanted = ipaddress.ip_address(address)
    for each in pool.spec.prefixes:
        network = ipaddress.ip_network(each.prefix)
        if wanted not in network:
            continue
        if each.state != "Active":
            return f"is in the {each.state} prefix {each.prefix}"
        if wanted in _reserved(each):
            return "is reserved or the gateway"
        is_wide = network.num_addresses > _SMALLEST
        if is_wide and wanted == network.network_address:
            return f"is the first address of prefix {each.prefix}"
        if is_wide and wanted == network.broadcast_address and network.version == _BROADCASTS:
            return f"is the broadcast address of prefix {each.prefix}"
    return ""


def _reserved(prefix: PoolPrefix) -> Container[IPv4Address | IPv6Address]:
    own = (prefix.gateway,) if prefix.gateway else ()
    return {ipaddress.ip_address(address) for address in (*prefix.reserved, *own)}


def _contains(pool: IPPool, address: str) -> bool:
    """Whether an address may be of this pool; reserving one later does not take it away."""
    wanted = ipaddress.ip_address(address)
    return any(wanted in ipaddress.ip_network(each.prefix) for each in pool.spec.prefixes)


def _name(pool: IPPool) -> str:
    return f"IPPool/{pool.name}"
