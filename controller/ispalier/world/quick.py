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
    # Where a scalar may begin: after space, a bracket, a comma, or the colon of a quoted key.
    r"""(?:(?<![^\s\[{,])|(?<=["']:))(?:"""
    rf"(?:{_WORDS}){_END}"
    rf"|(?=[-+._]*[0-9_])(?!{_PLAIN_INTEGER}|{_DAY}|{_DOTTED}|{_WITH_LETTERS})"
    r"|[-+]?\.(?:inf|Inf|INF|nan|NaN|NAN)"
    r"|(?:[Tt]rue|TRUE|[Ff]alse|FALSE|[Nn]ull|NULL)\s*:"
    r"|[&*!%~?:]|<<"
    r")"
    r"|\ufeff|^[ ?:-]{60}",
    re.MULTILINE,
)
_DEEPEST = 30
"""Brackets of a text; more may nest deeper than is read."""


def quick(text: bytes) -> list[Json] | None:
    """The values of the documents, or None where only the careful reader can tell."""
    try:
        told = text.decode()
        if _DOUBTFUL.search(told) or told.count("{") + told.count("[") > _DEEPEST:
            return None
        values: list[Json] = ryaml.loads_all(told)
    except (ryaml.InvalidYamlError, ValueError):
        return None
    return values
