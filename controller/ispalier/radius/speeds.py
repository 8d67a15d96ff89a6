"""Speeds: what the group of an access profile replies, in the words of the vendors."""

import re
from collections.abc import Collection, Iterable, Iterator

from ispalier.api.access import AccessProfileSpec, Burst, WalledGarden
from ispalier.radius.items import Attribute, attribute

_UNITS = {"k": 1_000, "M": 1_000_000, "G": 1_000_000_000}
_MOST = 2**32 - 1
"""What an integer attribute can say (RFC 2865, 5)."""
GENERIC = "Generic"


def replies(profile: AccessProfileSpec, vendors: Collection[str]) -> Iterable[Attribute]:
    """What access servers of these vendors are told of lines with this profile."""
    if profile.download and profile.upload:
        yield from _speed(profile.download, profile.upload, profile.burst, vendors)
    if profile.walled_garden is not None:
        yield from _walls(profile.walled_garden, vendors)
    for each in profile.reply:
        if each.vendor == GENERIC or each.vendor in vendors:
            yield attribute(each.name, ":=", each.value)


def _walls(garden: WalledGarden, vendors: Collection[str]) -> Iterator[Attribute]:
    if "MikroTik" in vendors and garden.address_list:
        yield attribute("Mikrotik-Address-List", ":=", garden.address_list)
    if "WISPr" in vendors and garden.redirect_url:
        yield attribute("WISPr-Redirection-URL", ":=", garden.redirect_url)


def _speed(
    download: str, upload: str, burst: Burst | None, vendors: Collection[str]
) -> Iterator[Attribute]:
    """Speed attributes for each vendor; seen from a MikroTik, receiving comes first."""
    if "MikroTik" in vendors:
        limit = _pair(upload, download)
        if burst is not None:
            most = _pair(burst.upload, burst.download)
            average = _pair(burst.threshold_upload, burst.threshold_download)
            limit = f"{limit} {most} {average} {burst.seconds}/{burst.seconds}"
        yield attribute("Mikrotik-Rate-Limit", ":=", limit)
    if "WISPr" in vendors:
        yield attribute("WISPr-Bandwidth-Max-Up", ":=", _bits(upload))
        yield attribute("WISPr-Bandwidth-Max-Down", ":=", _bits(download))


def _pair(received: str, sent: str) -> str:
    return f"{_mikrotik(received)}/{_mikrotik(sent)}"


def _mikrotik(rate: str) -> str:
    """RouterOS knows k and M only."""
    return re.sub("G$", "000M", rate)


def _bits(rate: str) -> str:
    return str(min(int(rate[:-1]) * _UNITS[rate[-1]], _MOST))
