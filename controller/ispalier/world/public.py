"""Public names: everybody has names below `com.br`, addresses in `gmail.com`; and reverse zones."""

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
_MAIL_ANYWHERE = frozenset(
    ["gmail", "gmx", "googlemail", "hotmail", "outlook", "protonmail", "yahoo", "yandex", "zoho"]
)
"""Providers of mail who have their name below many public suffixes: `yahoo.co.uk`, `yahoo.com.br`."""
_MAIL = frozenset(
    [
        "163.com",
        "126.com",
        "abv.bg",
        "alice.it",
        "aol.com",
        "att.net",
        "bigpond.com",
        "bk.ru",
        "bluewin.ch",
        "bol.com.br",
        "btinternet.com",
        "centrum.cz",
        "comcast.net",
        "cox.net",
        "daum.net",
        "email.cz",
        "fastmail.com",
        "fastmail.fm",
        "foxmail.com",
        "free.fr",
        "freemail.hu",
        "freenet.de",
        "globo.com",
        "globomail.com",
        "gmx.net",
        "hanmail.net",
        "hushmail.com",
        "icloud.com",
        "ig.com.br",
        "inbox.lv",
        "inbox.ru",
        "interia.pl",
        "laposte.net",
        "libero.it",
        "list.ru",
        "live.com",
        "mac.com",
        "mail.com",
        "mail.ru",
        "mailbox.org",
        "me.com",
        "msn.com",
        "naver.com",
        "o2.pl",
        "onet.pl",
        "op.pl",
        "orange.fr",
        "passport.com",
        "pm.me",
        "poczta.onet.pl",
        "posteo.de",
        "proton.me",
        "qq.com",
        "r7.com",
        "rambler.ru",
        "rediffmail.com",
        "rocketmail.com",
        "rogers.com",
        "sapo.pt",
        "sbcglobal.net",
        "seznam.cz",
        "sfr.fr",
        "shaw.ca",
        "sina.com",
        "sky.com",
        "sohu.com",
        "t-online.de",
        "talktalk.net",
        "telefonica.net",
        "telenet.be",
        "terra.com.br",
        "tim.it",
        "tiscali.it",
        "tuta.com",
        "tutanota.com",
        "ukr.net",
        "uol.com.br",
        "verizon.net",
        "virgilio.it",
        "virginmedia.com",
        "wanadoo.fr",
        "web.de",
        "wp.pl",
        "xs4all.nl",
        "ya.ru",
        "ymail.com",
        "ziggo.nl",
    ]
)
"""Domains at which people everywhere have addresses; others may be missing, as they come and go."""
_LONGEST = 4
"""Labels of a public suffix at most (`pvt.k12.ma.us`): the list is read for no longer name."""


def is_reverse(name: str) -> bool:
    """Whether a name is one of IP addresses (RFC 1035 3.5, RFC 3596 2.5)."""
    return f".{name}".endswith(_REVERSE)


def is_suffix(name: str) -> bool:
    """Whether registries give names below it to everybody (publicsuffix.org, its section ICANN)."""
    return name.count(".") < _LONGEST and _suffixes(name.rpartition(".")[2]).is_public(name)


def is_everybodys_mail(name: str) -> bool:
    """Whether mail for a domain is that of people everywhere: to have it here is to have theirs.

    What customers of this provider send to a domain that is declared here never leaves.
    """
    first, _, rest = name.partition(".")
    return name in _MAIL or (first in _MAIL_ANYWHERE and is_suffix(rest))


@cache
def registered(name: str) -> str | None:
    """The domain that one registers, of a name in it: `provider.com.br` of `ns1.provider.com.br`."""
    if is_suffix(name):
        return None
    names = (name, *above(name))
    return next((each for each in names if is_suffix(each.partition(".")[2])), None)


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
