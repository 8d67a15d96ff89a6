"""Which files have to do with each other: only those need to be judged together.

What the provider declares is seen by all. Otherwise two files touch if they tell of one namespace,
or of one value that only one may have; so a tenant is usually judged without any other, and a
mistake between two tenants puts them together.
"""

from collections.abc import Mapping
from typing import NamedTuple

from ispalier.world.zones import above

IP_CLAIMS = "IP addresses"
"""What all touch who want an IP address, where the pools may not have enough for all."""


class Traits(NamedTuple):
    """What others have to know of a file."""

    shared: bool = False
    """Whether all others may refer to what it declares."""
    keys: tuple[str, ...] = ()
    """Whoever has one of them, too, touches this file."""
    kinds: tuple[str, ...] = ()
    domains: tuple[str, ...] = ()
    """Domains: whoever has a name in one touches this file."""
    names: tuple[str, ...] = ()
    """Names of the DNS, of domains and others."""
    zones: tuple[str, ...] = ()
    """Time zones of business units: their local days count."""
    claims: int = 0
    """IP addresses that are wanted."""
    wanting: tuple[str, ...] = ()
    """Pools of which any address is wanted."""
    rooms: tuple[tuple[str, int], ...] = ()
    """Pools, and how many addresses one has at least."""
    others: int = 0
    """Objects of other groups, which are left alone."""
    kept: bool = True
    """Whether a verdict on it may be kept; not where it cannot be read, or holds clear secrets."""


ROOT = Traits(shared=True)
UNREADABLE = Traits(kept=False)


def shared(files: Mapping[str, Traits]) -> list[str]:
    """The files that are seen by all."""
    return [file for file, each in files.items() if each.shared]


def cells(files: Mapping[str, Traits]) -> list[list[str]]:
    """The files in groups that do not touch each other, in their order; the shared ones are one."""
    tight = _is_tight(files)
    domains = {name for each in files.values() for name in each.domains}
    parents: dict[str, str] = {}
    for file, each in files.items():
        top = _top(parents, "" if each.shared else f"file {file}")
        among = {name for one in each.names for name in (one, *above(one)) if name in domains}
        claims = (IP_CLAIMS,) if tight and each.claims else ()
        for key in (*each.keys, *(f"domain {name}" for name in among), *claims):
            other = _top(parents, key)
            parents[other] = top
    found: dict[str, list[str]] = {}
    for file, each in files.items():
        found.setdefault(_top(parents, "" if each.shared else f"file {file}"), []).append(file)
    return list(found.values())


def _top(parents: dict[str, str], key: str) -> str:
    """The key that stands for all that touch this one."""
    while (parent := parents.setdefault(key, key)) != key:
        parents[key] = key = parents[parent]
    return key


def _is_tight(files: Mapping[str, Traits]) -> bool:
    """Whether an IP address could be lacking, depending on who else wants one."""
    claims = sum(each.claims for each in files.values())
    wanted = {pool for each in files.values() for pool in each.wanting}
    rooms = {name: size for each in files.values() for name, size in each.rooms}
    return any(rooms.get(pool, claims) < claims for pool in wanted)
