"""Which IP addresses may be asked for by name."""

import pytest

from ispalier.api.base import Resource
from ispalier.core.memory import Claim
from ispalier.ipam.room import ROOM
from ispalier.world.errors import Invalid
from tests.builders import claim, resource, snapshot, subscription, tenant, unit
from tests.views import view, wanted, wishes

PREFIXES = [
    {"prefix": "203.0.113.0/29", "gateway": "203.0.113.1", "reserved": ["203.0.113.2"]},
    {"prefix": "203.0.113.8/31"},
    {"prefix": "198.51.100.0/29", "state": "Draining"},
    {"prefix": "192.0.2.0/29", "state": "Reserved"},
]
POOL = resource("IPPool", "homes", {"prefixes": PREFIXES})


def asking(address: str) -> Resource:
    return claim("mine", "ann", address=address)


@pytest.mark.parametrize(
    "address",
    ["203.0.113.3", "203.0.113.6", "203.0.113.8", "203.0.113.9"],
)
def test_an_address_that_is_given_out_may_be_asked_for(address: str) -> None:
    mine = asking(address)
    there = snapshot(unit(), POOL, tenant(), subscription(), mine)

    [wish] = wishes(ROOM, view(there), mine)

    assert isinstance(wish, Claim)
    assert address == wish.value


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("203.0.113.1", "203.0.113.1 is reserved or the gateway of IPPool/homes, and given to no"),
        ("203.0.113.2", "203.0.113.2 is reserved or the gateway of IPPool/homes"),
        ("203.0.113.0", "203.0.113.0 is the first address of prefix 203.0.113.0/29"),
        ("203.0.113.7", "203.0.113.7 is the broadcast address of prefix 203.0.113.0/29"),
        ("198.51.100.3", "198.51.100.3 is in the Draining prefix 198.51.100.0/29 of IPPool/homes"),
        ("192.0.2.3", "192.0.2.3 is in the Reserved prefix 192.0.2.0/29 of IPPool/homes"),
    ],
)
def test_one_that_is_never_given_out_is_not_to_be_had_by_its_name_either(
    address: str, said: str
) -> None:
    """Who had the gateway's answered in its place."""
    mine = asking(address)
    there = snapshot(unit(), POOL, tenant(), subscription(), mine)

    with pytest.raises(Invalid, match=said):
        wanted(ROOM, view(there), mine)


def test_who_has_one_keeps_it_when_it_is_reserved_later() -> None:
    mine = asking("203.0.113.2")
    there = snapshot(unit(), POOL, tenant(), subscription(), mine)

    [item] = wanted(ROOM, view(there, {("IPClaim/mine", "IP address"): "203.0.113.2"}), mine)

    assert item.key == ("ip", "203.0.113.2")


def test_the_last_address_of_an_ipv6_prefix_is_one_like_others() -> None:
    """It is given out in its turn, too: there is no broadcast in IPv6."""
    wide = resource("IPPool", "homes", {"prefixes": [{"prefix": "2001:db8::/126"}]})
    first, last = asking("2001:db8::"), asking("2001:db8::3")
    there = snapshot(unit(), wide, tenant(), subscription())

    [wish] = wishes(ROOM, view(there), last)

    assert isinstance(wish, Claim)
    assert wish.value == "2001:db8::3"
    with pytest.raises(Invalid, match="2001:db8:: is the first address of prefix 2001:db8::/126"):
        wishes(ROOM, view(there), first)
