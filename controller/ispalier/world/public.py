"""Public names: those below which everybody has names, such as `com.br`, and those of IP addresses."""

from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from ispalier.api.units import BusinessUnit
from ispalier.world.snapshot import Snapshot
from ispalier.world.zones import above

if TYPE_CHECKING:
    from publicsuffixlist import PublicSuffixList

_REVERSE = (".in-addr.arpa", ".ip6.arpa")
_LONGEST = 4
"""Labels of a public suffix at most (`pvt.k12.ma.us`): the list is read for no longer name."""


def is_reverse(name: str) -> bool:
    """Whether a name is one of IP addresses (RFC 1035 3.5, RFC 3596 2.5)."""
    return f".{name}".endswith(_REVERSE)


def is_suffix(name: str) -> bool:
    """Whether registries give names below it to everybody (publicsuffix.org, its section ICANN)."""
    return name.count(".") < _LONGEST and _suffixes(name.rpartition(".")[2]).is_public(name)


def is_given(world: Snapshot, name: str, customer: str) -> bool:
    """Whether a business unit says that a customer may have a name, or one above it."""
    names = {name, *above(name)}
    return any(
        each.name in names and each.customer_number == customer
        for unit in world.of(BusinessUnit)
        for each in unit.spec.delegations
    )


@cache
def _suffixes(top: str) -> "PublicSuffixList":
    """Those below a top-level domain: to read the whole list takes six times as long."""
    from publicsuffixlist import PublicSuffixList  # noqa: PLC0415 - for who has domains

    is_encoded = top.startswith("xn--")  # the list has it in its own letters
    about = (each for each in _lines() if is_encoded or each.endswith((top, "DOMAINS===")))
    return PublicSuffixList(about, only_icann=True)


@cache
def _lines() -> Sequence[str]:
    """The list as it comes with the library, whose sections are marked by comments."""
    from publicsuffixlist import PSLFILE  # noqa: PLC0415

    return Path(PSLFILE).read_text().splitlines()
