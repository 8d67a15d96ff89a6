"""Secrets in a folder: NAMESPACE/NAME/KEY, one value a file."""

from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from ispalier.world.findings import Position, Problem
from ispalier.world.secret import Secret


class SecretFile(NamedTuple):
    """One value of a Secret."""

    namespace: str
    name: str
    key: str
    value: Secret


def secret_files(folder: Path) -> Iterator[SecretFile | Problem]:
    """Every secret of a folder; one final line break is not part of it."""
    for file in sorted(folder.glob("*/*/*")):
        if file.is_dir() or file.name.startswith("."):
            continue
        namespace, name, key = file.relative_to(folder).parts
        try:
            text = file.read_bytes().decode()
        except (OSError, UnicodeDecodeError) as error:
            why = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            what, remedy = f"cannot be read: {why}", "make it a text file that you may read"
            yield Problem(Position(str(file), 1), "", "", what, remedy)
            continue
        yield SecretFile(namespace, name, key, Secret(text.removesuffix("\n")))
