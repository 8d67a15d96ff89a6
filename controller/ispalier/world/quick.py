"""Quick reading of YAML: plain cases by a parser in Rust, which is the C parser translated.

It builds values ten times as fast, but reads words and numbers by YAML 1.2. So a text in which the
two could differ anywhere, or where a key is not plain text, is left to the careful reader; and so
is everything that cannot be read, for the places of its errors.
"""

import re

import ryaml

from ispalier.world.findings import Json

_WORDS = "y|Y|yes|Yes|YES|n|N|no|No|NO|on|On|ON|off|Off|OFF"
_END = r"(?=[\s,\]}:]|\Z)"
_PLAIN_INTEGER = r"(?:0|-?[1-9][0-9]{0,14})(?=[\s,\]}]|\Z)"
_DAY = r"[0-9]{4}-[0-9]{2}-[0-9]{2}(?=[\s,\]}]|\Z)"
_DOTTED = r"[0-9]+\.[0-9]+\.[0-9]"
_WITH_LETTERS = r"""[^\s,\[\]{}:#]*[g-np-wyzG-NP-WYZ/@"']"""
_DOUBTFUL = re.compile(
    # Where a scalar may begin: after space, a bracket or a comma; most begin with other letters.
    r"[\s\[{,](?=[-+._0-9yYnNoOtTfF&*!%~?:<])(?:"
    rf"(?:{_WORDS}){_END}"
    rf"|(?=[-+._]*[0-9_])(?!{_PLAIN_INTEGER}|{_DAY}|{_DOTTED}|{_WITH_LETTERS})"
    r"|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)"
    r"|(?:[Tt]rue|TRUE|[Ff]alse|FALSE|[Nn]ull|NULL)\s*:"
    r"|[&*!%~?:]|<<|-\s+-"
    r")"
)
_AT_A_COLON = re.compile(r"""["']:\S""")
_COMMENT = re.compile(
    r"""^([^"'\n\r\x85\u2028\u2029]*?)(?<!\S)#[^"'\n\r\x85\u2028\u2029]*$""", re.MULTILINE
)
"""In a line without quotes: whatever stands behind is a comment, or else within a text."""
_DEEPEST = 30
"""Brackets of a text, more may nest deeper than is read; and half the spaces before a line."""


def quick(text: bytes) -> list[Json] | None:
    """The values of the documents, or None where only the careful reader can tell."""
    try:
        told = text.decode()
        if _is_doubtful(told):
            return None
        values: list[Json] = ryaml.loads_all(told)
    except (ryaml.InvalidYamlError, ValueError):
        return None
    return values


def _is_doubtful(text: str) -> bool:
    if "#" in text:
        text = _COMMENT.sub(r"\1", text)
    return (
        _DOUBTFUL.search(f"\n{text}") is not None
        or text.count("{") + text.count("[") > _DEEPEST
        or " " * 2 * _DEEPEST in text
        or "\ufeff" in text
        or (('":' in text or "':" in text) and _AT_A_COLON.search(text) is not None)
    )
