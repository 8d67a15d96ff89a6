"""Which files of a folder are read."""

import os
from collections.abc import Iterator, Sequence
from operator import attrgetter
from pathlib import Path, PurePath

_SUFFIXES = (".yaml", ".yml", ".json")
_NOT_OURS = frozenset(
    {"kustomization.yaml", "kustomization.yml", "Chart.yaml", "values.yaml", "package.json"}
)
_name = attrgetter("name")


def files(paths: Sequence[Path], but_not: Path | None = None) -> Iterator[Path]:
    """Every manifest below these paths, once, in the order of their names.

    Hidden files and folders are left out; a file that is named itself is read whatever it is called.
    """
    left_out = but_not.resolve() if but_not else None
    seen: set[Path] = set()
    for path in paths:
        for file in _below(path, left_out) if path.is_dir() else (path,):
            if len(paths) > 1:
                real = file.resolve()
                if real in seen:
                    continue
                seen.add(real)
            yield file


def is_manifest(file: PurePath) -> bool:
    """Whether a file of a folder is read, by its name and those of the folders above it."""
    is_hidden = any(part.startswith(".") for part in file.parts)
    return file.suffix in _SUFFIXES and not is_hidden and not _NOT_OURS.intersection(file.parts)


def _below(folder: Path, left_out: Path | None) -> Iterator[Path]:
    with os.scandir(folder) as found:
        entries = sorted(found, key=_name)
    for entry in entries:
        name = entry.name
        if name.startswith(".") or name in _NOT_OURS:
            continue
        if name.endswith(_SUFFIXES):
            if entry.is_file():
                yield folder / name
        elif entry.is_dir() and (folder / name).resolve() != left_out:
            yield from _below(folder / name, left_out)
