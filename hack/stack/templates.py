"""Configuration files of the servers: text under conf/ with @NAME@ where a value goes."""

import re
from pathlib import Path

_FOLDER = Path(__file__).parent / "conf"
_MARK = re.compile(r"@([A-Z_]+)@")


def render(name: str, **values: object) -> str:
    """Fill a file of conf/ in; every mark must have its value, as upper case of the argument."""
    text = (_FOLDER / name).read_text()
    return _MARK.sub(lambda match: str(values[match[1].lower()]), text)
