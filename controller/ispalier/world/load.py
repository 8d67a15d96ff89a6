"""The loader: from a folder of YAML to a snapshot, and to all that is wrong with it."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from ispalier.api.kinds import BY_NAME, KINDS
from ispalier.world import root as root_file
from ispalier.world.documents import (
    Document,
    Unreadable,
    documents,
    nodes,
    objects,
    paths_of,
    place_of,
)
from ispalier.world.findings import Finding, Json, Level, Place, Position, Problem, parsed, shown
from ispalier.world.findings import Path as FieldPath
from ispalier.world.folder import files, read_file
from ispalier.world.manifests import Declared, declared
from ispalier.world.root import Root
from ispalier.world.secret import Secret
from ispalier.world.secret_files import secret_files
from ispalier.world.snapshot import Broken, Ident, Snapshot
from ispalier.world.sops import Opener, Sealed
from ispalier.world.sparse import is_sparse

if TYPE_CHECKING:
    from yaml import Node

SOPS_REMEDY = "give sops its key (SOPS_AGE_KEY_FILE and others), or use a folder of secrets"


class Origin(NamedTuple):
    """Where an object is written: the file, which of its documents, and where within that."""

    file: Path
    number: int
    within: FieldPath


@dataclass(slots=True)
class Loaded:
    """What was read from files: the snapshot, what is wrong, and where everything is written."""

    world: Snapshot = field(default_factory=Snapshot)
    problems: list[Problem] = field(default_factory=list)
    root: Root | None = None
    files: int = 0
    others: int = 0
    """Objects of other groups, which are left alone; Namespaces belong to tenants."""
    readable: bool = True
    """Whether all that stands in the files could be identified."""
    origins: dict[Ident, Origin] = field(default_factory=dict)
    secrets: dict[tuple[str, str], dict[str, Secret]] = field(default_factory=dict)
    sealed: dict[Path, list[Ident]] = field(default_factory=dict)
    """Secrets that are encrypted with SOPS, by file: keys without values until they are opened."""
    _nodes: "dict[Path, Sequence[Node]]" = field(default_factory=dict)

    @property
    def errors(self) -> list[Problem]:
        """The problems that make the files unfit for use."""
        return [each for each in self.problems if each.level is Level.ERROR]

    def problem(self, which: Ident, path: str, finding: Finding) -> Problem:
        """A finding about an object that was loaded, with its place in the files."""
        position = self.where(which, parsed(path) if path else ("metadata", "name"))
        _, what, remedy, level = finding
        return Problem(position, str(which), path, what, remedy, level)

    def take(self, file: Path, text: bytes) -> None:
        """Take in a file that is not written yet, or another text of one that was taken so."""
        self._nodes[file] = nodes(text)
        for origin, each in contents(file, text).declared:
            if each.which is not None and each.resource is not None:
                self.origins[each.which] = origin
                self.world.put(each.resource)

    def where(self, which: Ident, path: FieldPath = ()) -> Position:
        """The line of a field of an object; reads its file again."""
        origin = self.origins[which]
        if origin.file not in self._nodes:
            self._nodes[origin.file] = nodes(read_file(origin.file))
        node = self._nodes[origin.file][origin.number]
        return Position(str(origin.file), *place_of(node, (*origin.within, *path)))


def load(
    paths: Sequence[Path], secrets: Path | None = None, opener: Opener | None = None
) -> Loaded:
    """Read files and folders, and a folder of secrets; encrypted ones with somebody to open them.

    A kind is complete if every file could be read and no checkout leaves some out; kinds of the provider only where the root file
    says that this is the provider's own folder.
    """
    loaded = together(files(paths, but_not=secrets), paths)
    loaded.world.secrets_folder = str(secrets) if secrets else ""
    if opener is not None and loaded.sealed:
        _open(loaded, opener)
    for each in secret_files(secrets) if secrets else ():
        if isinstance(each, Problem):
            loaded.problems.append(each)
        else:
            loaded.secrets.setdefault((each.namespace, each.name), {})[each.key] = each.value
    for (namespace, name), data in loaded.secrets.items():
        loaded.world.put_secret(namespace, name, data)
    if loaded.readable and not any(is_sparse(each) for each in paths if each.is_dir()):
        loaded.world.complete.update(
            kind.__name__ for kind in KINDS if kind.namespaced or loaded.root
        )
    loaded.problems.sort()
    return loaded


class Contents(NamedTuple):
    """What one file declares, as far as it can be read, and what is wrong within it."""

    declared: Sequence[tuple[Origin, Declared]]
    problems: Sequence[Problem]
    readable: bool
    """Whether all that is in it could be identified."""

    @property
    def others(self) -> int:
        """How many objects of other groups are left alone; Namespaces belong to tenants."""
        return sum(
            each.which is None and not each.findings and not each.subject.startswith("Namespace/")
            for _, each in self.declared
        )


def contents(file: Path, text: bytes | None = None) -> Contents:
    """Read one file by itself, or its text where that is known already."""
    declared_: list[tuple[Origin, Declared]] = []
    problems: list[Problem] = []
    readable = True
    try:
        for number, document in enumerate(documents(read_file(file) if text is None else text)):
            if document.repeated:
                problems.extend(_repeated(file, document))
            for within, value in objects(document.value):
                found, origin = declared(value), Origin(file, number, within)
                if found.findings:
                    problems.extend(_placed(origin, found.subject, found.findings, document.node))
                readable = readable and (found.which is not None or not found.findings)
                declared_.append((origin, found))
    except Unreadable as error:
        problems.append(_unreadable(file, error))
        readable = False
    except OSError as error:
        problems.append(unread(file, error))
        readable = False
    return Contents(declared_, problems, readable)


def together(
    some: Iterable[Path], tops: Sequence[Path], read: Callable[[Path], Contents] = contents
) -> Loaded:
    """What some files below these paths declare together."""
    loaded = Loaded()
    for file in some:
        loaded.files += 1
        if file.name == root_file.NAME:
            _read_root(loaded, file, [each for each in tops if each in (file, file.parent)])
            continue
        found = read(file)
        loaded.problems.extend(found.problems)
        loaded.readable = loaded.readable and found.readable
        loaded.others += found.others
        for origin, each in found.declared:
            if each.which is not None:
                _put(loaded, each, each.which, origin)
    return loaded


def _put(loaded: Loaded, found: Declared, which: Ident, origin: Origin) -> None:
    """Take up what is declared."""
    if which in loaded.origins:
        first = loaded.where(which)
        repeated = Finding((), f"stands in {first} already", "remove one of the two")
        node = nodes(read_file(origin.file))[origin.number]
        loaded.problems.extend(_placed(origin, found.subject, [repeated], node))
        return
    loaded.origins[which] = origin
    if found.secret is not None:
        loaded.secrets[which.namespace, which.name] = dict(found.secret)
        if found.is_sealed:
            loaded.sealed.setdefault(origin.file, []).append(which)
    elif found.resource is not None:
        loaded.world.put(found.resource)
    elif which.kind in BY_NAME:
        loaded.world.put(Broken(which, str(found.findings[0].what)))


def _open(loaded: Loaded, opener: Opener) -> None:
    """Put values into encrypted Secrets; of one that cannot be opened nothing is known."""
    for file, text in opener.open(loaded.sealed).items():
        if isinstance(text, Sealed):
            for which in loaded.sealed[file]:
                del loaded.secrets[which.namespace, which.name]
                finding = Finding((), f"cannot be decrypted: {text}", SOPS_REMEDY)
                loaded.problems.append(loaded.problem(which, "", finding))
            continue
        for document in documents(text):
            for _, value in objects(document.value):
                found = declared(value)
                if found.which in loaded.sealed[file] and found.secret is not None:
                    loaded.secrets[found.which.namespace, found.which.name] = dict(found.secret)


def _placed(
    origin: Origin, subject: str, findings: Sequence[Finding], top: "Node"
) -> Iterator[Problem]:
    for path, what, remedy, level in findings:
        place = place_of(top, (*origin.within, *path))
        yield Problem(Position(str(origin.file), *place), subject, shown(path), what, remedy, level)


def _repeated(file: Path, document: Document) -> Iterator[Problem]:
    """Keys that stand twice in one mapping: only one of them would count."""
    value = document.value if isinstance(document.value, dict) else {}
    subject, ways = _name(value), paths_of(document.node)
    for key, first in document.repeated:
        position = Position(str(file), key.start_mark.line + 1, key.start_mark.column + 1)
        what = f"stands in line {first} already"
        yield Problem(position, subject, shown(ways[key]), what, "remove one of the two")


def _name(value: Mapping[str, Json]) -> str:
    return declared(dict(value)).subject if value else ""


def _unreadable(file: Path, error: Unreadable) -> Problem:
    return Problem(Position(str(file), *error.place), "", "", error.what, error.remedy)


def unread(file: Path, error: OSError) -> Problem:
    """Why a file cannot be read at all."""
    what, remedy = f"cannot be read: {error.strerror}", "make it a file that you may read"
    return Problem(Position(str(file), 1), "", "", what, remedy)


def _read_root(loaded: Loaded, file: Path, tops: Sequence[Path]) -> None:
    """Read the root file, which stands at the top of a folder that was named."""
    if not tops:
        what = "is a root file within another folder"
        remedy = "name its folder itself, or remove it"
        loaded.problems.append(Problem(Position(str(file), 1), "", "", what, remedy))
        return
    try:
        found = list(documents(read_file(file)))
    except Unreadable as error:
        loaded.problems.append(_unreadable(file, error))
        return
    except OSError as error:
        loaded.problems.append(unread(file, error))
        return
    read = root_file.root(found[0].value if found else None)
    if isinstance(read, Root):
        loaded.root = read
        return
    for path, what, remedy, level in read:
        place = place_of(found[0].node, path) if found else Place(1)
        loaded.problems.append(
            Problem(Position(str(file), *place), "", shown(path), what, remedy, level)
        )
