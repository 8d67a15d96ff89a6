"""Whether an author may do what became of a repository, by the lanes that it had before."""

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from os.path import relpath
from pathlib import Path, PurePosixPath
from typing import NamedTuple

from ispalier.api.lanes import Lanes
from ispalier.cli.git import beginnings, check_revision, git
from ispalier.cli.validate.asked import STDIN
from ispalier.world.edited import State, edits
from ispalier.world.errors import Invalid
from ispalier.world.findings import Problem
from ispalier.world.folder import LANES as NAME
from ispalier.world.folder import is_manifest, read_file
from ispalier.world.laned import Author, folders, judged
from ispalier.world.lanes import read_lanes
from ispalier.world.load import Loaded, unread

_ABSENT = "000000"
_PLAIN = frozenset({_ABSENT, "100644", "100755"})
"""Modes of files that are neither links nor other repositories."""


class Differs(NamedTuple):
    """A file that differs: how git knows it before and after, empty where it was or is not."""

    file: str
    before: str
    after: str
    is_plain: bool


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository between a revision and another one, or what stands there now."""

    top: Path
    since: str
    revision: str = ""

    @classmethod
    def of(cls, paths: Sequence[Path], since: str, revision: str = "") -> "Repository":
        """The one in which all paths are; raises Invalid."""
        tops = set()
        for path in [each for each in paths if each != STDIN] or [Path()]:
            real = path.resolve()
            here = real if real.is_dir() else real.parent
            told = git(here, "rev-parse", "--show-toplevel", about=f"whose {path} is")
            tops.add(Path(told.decode().rstrip("\n")))
        if len(tops) > 1:
            raise Invalid("lanes are those of one repository: name the paths of one at a time")
        (top,) = tops
        for each in filter(None, (since, revision)):
            check_revision(top, each)
        return cls(top, since, revision)

    def lanes(self) -> Lanes | None:
        """Those of before; raises Invalid if they cannot be read."""
        if not self._git("ls-tree", "-z", self._tree(), "--", NAME):
            return None
        text = self._git("cat-file", "blob", f"{self._tree()}:{NAME}")
        found = read_lanes(text, f"{NAME} at {self.since}")
        if isinstance(found, Lanes):
            return found
        raise Invalid(f"nobody can be judged: {found[0]}")

    def author(self) -> str:
        """Who made the commits; raises Invalid unless it was one."""
        words = ("log", "--format=%aE", f"{self._tree()}..{self.revision or 'HEAD'}")
        people = sorted(set(self._git(*words).decode().split()))
        if len(people) == 1:
            return people[0]
        told = f"several people: {', '.join(people)}" if people else "nobody"
        raise Invalid(f"the commits since {self.since} are by {told}: name who asks with --author")

    def states(self, before: Loaded, after: Loaded, at: Mapping[Path, Path]) -> tuple[State, State]:
        """What differs, as it was and as it is; `at` says where what was read really stands."""
        old, new = State(homes=self._homes(before, at)), State(homes=self._homes(after, at))
        differing = list(self._differing())
        blobs = {each.before for each in differing}
        texts = self._texts(blobs | {each.after for each in differing if self.revision})
        for each in differing:
            if each.before:
                _read(old, each, each.before, lambda of: texts[of])
            if each.after and self.revision:
                _read(new, each, each.after, lambda of: texts[of])
            elif each.after:
                _read(new, each, each.after, lambda of: (self.top / of).read_bytes())
        return old, new

    def _differing(self) -> Iterator[Differs]:
        quiet = ("--no-renames", "--no-abbrev", "--no-ext-diff", "--no-relative")
        whole = "--ignore-submodules=none"  # .gitmodules may say to be silent of some
        there = [self._start(), *([self.revision] if self.revision else [])]
        parts = _split(self._git("diff", "--raw", "-z", *quiet, whole, *there, "--"))
        for told, file in zip(parts[::2], parts[1::2], strict=True):
            old_mode, new_mode, before, after, _ = told.removeprefix(":").split(" ")
            is_there = new_mode != _ABSENT
            yield Differs(
                file,
                before="" if old_mode == _ABSENT else before,
                after="" if not is_there else after if self.revision else file,
                is_plain={old_mode, new_mode} <= _PLAIN,
            )
        if not self.revision:
            for file in _split(self._git("ls-files", "-z", "--others", "--exclude-standard")):
                yield Differs(file, "", file, not (self.top / file).is_symlink())

    def _texts(self, blobs: Collection[str]) -> Mapping[str, bytes]:
        """What git keeps, by its names."""
        wanted = sorted(filter(None, blobs))
        asked = "".join(f"{each}\n" for each in wanted).encode()
        whole, found, at = self._git("cat-file", "--batch", given=asked), {}, 0
        for each in wanted:
            head, _, _ = whole[at:].partition(b"\n")
            at += len(head) + 1
            if not head.endswith(b" missing"):
                size = int(head.rpartition(b" ")[2])
                found[each] = whole[at : at + size]
                at += size + 1
        return found

    def _start(self) -> str:
        """Where the change began: others may have gone on since; raises Invalid unless it is one place.

        Of several, one may lack what another brought, and taking that back would be no change.
        """
        about = f"where the change since {self.since} began (a shallow clone does not know)"
        found = beginnings(self.top, self._tree(), self.revision or "HEAD", about=about)
        if len(found) > 1:
            raise Invalid(
                f"the change since {self.since} began at several commits, {' and '.join(found)}:"
                f" merge {self.since} into it, or rebase it"
            )
        return found[0]

    def _tree(self) -> str:
        words = ("rev-parse", "--verify", "--end-of-options", f"{self.since}^{{commit}}")
        return self._git(*words).decode().strip()

    def _homes(self, loaded: Loaded, at: Mapping[Path, Path]) -> Mapping[str, Collection[str]]:
        found: dict[str, set[str]] = {}
        for which, origin in loaded.origins.items():
            if which.kind == "Tenant":
                for there, here in at.items():
                    if origin.file == there or there in origin.file.parents:
                        real = (here / origin.file.relative_to(there)).resolve()
                        if real.is_relative_to(self.top):
                            name = real.relative_to(self.top).as_posix()
                            found.setdefault(which.namespace, set()).add(name)
        return found

    def _git(self, *words: str, given: bytes = b"") -> bytes:
        about = f"what was changed since {self.since}"
        return git(self.top, *words, about=about, given=given)


def not_allowed(
    repository: Repository, authors: Sequence[Author], old: State, new: State
) -> list[Problem]:
    """What one of the authors may not do, with files as they are called from here."""
    lanes = repository.lanes()
    if lanes is None:
        return []
    done = list(edits(old, new, folders(lanes)))
    found = (each for author in authors for each in judged(lanes, author, done))
    return [_called(each, repository.top) for each in dict.fromkeys(found)]


def misread(names: Mapping[Path, str]) -> Iterator[Problem]:
    """What is wrong with the lanes of folders."""
    for path, name in names.items():
        file = path / NAME
        if file.is_file():
            here = Path(name) / NAME
            try:
                found = read_lanes(read_file(file), str(here))
            except OSError as error:
                yield unread(here, error)
                continue
            yield from found if isinstance(found, list) else ()


def _split(told: bytes) -> list[str]:
    return told.decode(errors="surrogateescape").split("\0")[:-1]


def _called(problem: Problem, top: Path) -> Problem:
    file = relpath(top / problem.position.file)
    return problem._replace(position=problem.position._replace(file=file))


def _read(state: State, file: Differs, known_as: str, text: Callable[[str], bytes]) -> None:
    if not file.is_plain:
        state.others[file.file] = known_as
    elif is_manifest(PurePosixPath(file.file)):
        state.read(file.file, text(known_as))
    else:
        state.others[file.file] = text(known_as)
