"""Speeds: the groups of a plan's lines, one for each way to serve them, in the vendors' words."""

import re
from collections.abc import Collection, Iterable, Iterator

from ispalier.api.catalogue import Access, Throttled, WalledGarden
from ispalier.radius.items import Attribute, attribute
from ispalier.world.effect import Effect

_SUFFIXES = {Effect.THROTTLE: "throttled", Effect.WALLED_GARDEN: "walled"}
_UNITS = {"k": 1_000, "M": 1_000_000, "G": 1_000_000_000}
_MOST = 2**32 - 1
"""What an integer attribute can say (RFC 2865, 5)."""


def group_of(plan: str, cut_back: Effect | None) -> str:
    """The group of the lines that are so served; a plan's own name has no underscore."""
    return plan if cut_back is None else f"{plan}_{_SUFFIXES[cut_back]}"


def speed_of(access: Access, cut_back: Effect | None) -> Access | Throttled:
    """The speed of a line; where a plan says none for lines that are cut back, it is the full one."""
    return access if cut_back is None else access.throttled or access


def served(
    plan: str, access: Access, vendors: Collection[str]
) -> Iterator[tuple[str, Iterable[Attribute]]]:
    """Every group of a plan, and what it replies to access servers of these vendors."""
    yield group_of(plan, None), _speed(access, vendors)
    if access.throttled is not None:
        yield group_of(plan, Effect.THROTTLE), _speed(access.throttled, vendors)
    if access.walled_garden is not None:
        speed = _speed(speed_of(access, Effect.WALLED_GARDEN), vendors)
        inside = (*speed, *_walls(access.walled_garden, vendors))
        yield group_of(plan, Effect.WALLED_GARDEN), inside


def _walls(garden: WalledGarden, vendors: Collection[str]) -> Iterator[Attribute]:
    if "MikroTik" in vendors and garden.address_list:
        yield attribute("Mikrotik-Address-List", ":=", garden.address_list)
    if "WISPr" in vendors and garden.redirect_url:
        yield attribute("WISPr-Redirection-URL", ":=", garden.redirect_url)


def _speed(access: Access | Throttled, vendors: Collection[str]) -> Iterator[Attribute]:
    """Speed attributes for each vendor; seen from a MikroTik, receiving comes first."""
    if "MikroTik" in vendors:
        limit = f"{_mikrotik(access.upload)}/{_mikrotik(access.download)}"
        yield attribute("Mikrotik-Rate-Limit", ":=", limit)
    if "WISPr" in vendors:
        yield attribute("WISPr-Bandwidth-Max-Up", ":=", _bits(access.upload))
        yield attribute("WISPr-Bandwidth-Max-Down", ":=", _bits(access.download))


def _mikrotik(rate: str) -> str:
    """RouterOS knows k and M only."""
    return re.sub("G$", "000M", rate)


def _bits(rate: str) -> str:
    return str(min(int(rate[:-1]) * _UNITS[rate[-1]], _MOST))
