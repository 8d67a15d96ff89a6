"""Hashes that are given: how much work one may be, which a server does before it answers others."""

import re

_TIMES = tuple(
    (re.compile(pattern), most)
    for pattern, most in (
        (r"^\$(?:[56]\$|md5,)rounds=(\d+)", 1_000_000),
        (r"^\$2[abxy]\$(\d+)\$", 14),
        (r"^\$argon2(?:i|d|id)\$(?:v=\d+\$)?m=(\d+),", 262_144),
        (r"^\$argon2(?:i|d|id)\$(?:v=\d+\$)?m=\d+,t=(\d+),", 10),
        (r"^\$argon2(?:i|d|id)\$(?:v=\d+\$)?m=\d+,t=\d+,p=(\d+)\$", 16),
        (r"^\{PBKDF2\}\$1\$[^$]*\$(\d+)\$", 1_000_000),
        (r"^\{SCRAM-SHA-\d+\}(\d+),", 1_000_000),
    )
)
"""Where a hash says how often, or in how many KiB, it is worked out; and what is a second or so."""
_KNOWN = re.compile(
    r"""^\$(
    1\$ | apr1\$ | md5[,$]
    | [56]\$(?!rounds=) | [56]\$rounds=\d+\$
    | 2[abxy]\$\d\d\$
    | argon2(i|d|id)\$(v=\d+\$)?m=\d+,t=\d+,p=\d+\$
    | g?y\$j[./0-9A-C][5T]\$            # yescrypt up to 128 MiB
    | 7\$[./0-9A-E][./0-9A-U]\.{4}/\.{4}   # scrypt, alike
    )""",
    re.VERBOSE,
)
_SCHEME = re.compile(r"^\{([^{}.]*)(\.[^{}]*)?\}")
_CRYPT = re.compile(r"^(|.*CRYPT|ARGON2I?D?)$")
"""Schemes whose hashes say by their beginning what they are; without any they do, too."""
_COUNTED = re.compile(r"^(PBKDF2|SCRAM-SHA-\d+)$")
_UNTOLD = "what work that is cannot be told from how it begins"


def too_costly(hashed: str) -> str:
    """Why nobody may have a hash checked again and again; empty if it is cheap enough."""
    found = _SCHEME.match(hashed)
    scheme, encoding = (found[1].upper(), found[2]) if found else ("", None)
    text = hashed[found.end() :] if found else hashed
    is_crypt, is_counted = bool(_CRYPT.match(scheme)), bool(_COUNTED.match(scheme))
    if not (is_crypt or is_counted):
        return ""
    if encoding is not None or (is_crypt and text.startswith("$") and not _KNOWN.match(text)):
        return _UNTOLD
    told = f"{{{scheme}}}{text}" if is_counted else text
    for pattern, most in _TIMES:
        if (times := pattern.match(told)) and int(times[1]) > most:
            return f"it says {int(times[1])} where {most} is the most"
    return ""
