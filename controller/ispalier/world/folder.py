"""Which files of a folder are read."""

import errno
import os
from collections.abc import Callable, Iterator, Sequence
from operator import attrgetter
from pathlib import Path, PurePath

LANES = ".ispalier.yaml"
"""Who may change what; as a hidden file it is no manifest."""
_SUFFIXES = (".yaml", ".yml", ".json")
_NOT_OURS = frozenset(
    {"kustomization.yaml", "kustomization.yml", "Chart.yaml", "values.yaml", "package.json"}
)
_name = attrgetter("name")


def files(paths: Sequence[Path], but_not: Path | None = None) -> Iterator[Path]:
    """Every manifest below these paths, once, in the order of their names; as `names`."""
    return map(Path, names(paths, but_not))


def names(paths: Sequence[Path], but_not: Path | None = None) -> Iterator[str]:
    """The same as text, for of many files most are only looked up.

    Hidden files and folders are left out; a file that is named itself is read whatever it is called.
    A link back to a folder above is not followed, nor one out of its repository. Whatever cannot be looked into is told like a file,
    so that whoever reads it learns that something is missing.
    """
    left_out = _real(but_not) if but_not else None
    seen: set[str] = set()
    for path in paths:
        top = str(path)
        for file in _below(top, left_out, _real(top)) if path.is_dir() else (top,):
            if len(paths) > 1:
                real = _real(file)
                if real in seen:
                    continue
                seen.add(real)
            yield file


def is_manifest(file: PurePath) -> bool:
    """Whether a file of a folder is read, by its name and those of the folders above it."""
    is_hidden = any(part.startswith(".") for part in file.parts)
    return file.suffix in _SUFFIXES and not is_hidden and not _NOT_OURS.intersection(file.parts)


def read_file(file: str | Path) -> bytes:
    """What stands in a file; raises OSError, also for a link that leads out of its repository.

    Who may write files there does not have others read to him what lies beside them.
    """
    try:
        with open(file, "rb", buffering=0, opener=_no_link) as opened:
            return opened.read()
    except OSError as error:
        if error.errno != errno.ELOOP:
            raise
    if leads_out(file):
        raise OSError(errno.EXDEV, "it is a link that leads out of its repository", str(file))
    return Path(file).read_bytes()


def leads_out(link: str | Path) -> bool:
    """Whether a link leads out of the repository in which it lies, or to what git keeps in it."""
    real, folder = Path(_real(link)), Path(_real(Path(link).parent))
    for home in (folder, *folder.parents):
        if (git := home / ".git").exists():
            return not real.is_relative_to(home) or real.is_relative_to(git)
    return False


def _no_link(path: str, flags: int) -> int:
    return os.open(path, flags | os.O_NOFOLLOW)


def _below(folder: str, left_out: str | None, *above: str) -> Iterator[str]:
    within = "" if folder == "." else f"{folder.rstrip('/')}/"  # as Path writes it
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=_name)
    except OSError:
        yield folder
        return
    for entry in entries:
        name = entry.name
        if name.startswith(".") or name in _NOT_OURS:
            continue
        if name.endswith(_SUFFIXES):
            if _is(entry.is_file) or _leads_nowhere(entry):
                yield within + name
        elif not _is(entry.is_dir):
            continue
        elif entry.is_symlink() and leads_out(entry.path):
            yield within + name
        elif (real := _real(within + name)) not in (left_out, *above):
            yield from _below(within + name, left_out, *above, real)


def _is(what: Callable[[], bool]) -> bool:
    """Whether an entry is such; links in a circle are nothing."""
    try:
        return what()
    except OSError:
        return False


def _leads_nowhere(entry: "os.DirEntry[str]") -> bool:
    return entry.is_symlink() and not os.path.exists(entry.path)  # noqa: PTH110 - an entry, not a path


def _real(path: str | Path) -> str:
    return os.path.realpath(path)  # Path.resolve fails at links in a circle before Python 3.13
