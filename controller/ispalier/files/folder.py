"""A folder as the origin of revisions: what lies there, once it lies still."""

import asyncio
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from ispalier.files.revision import Revision
from ispalier.world.errors import Unavailable
from ispalier.world.folder import files

STILL = 0.2
"""Seconds in which nothing may change, so that no copy that is under way is read."""
TRIES = 50


@dataclass(frozen=True, slots=True)
class Folder:
    """A folder that somebody else writes: a checkout, a mounted volume, an editor."""

    path: Path
    secrets: Path | None = None

    async def latest(self) -> Revision:
        """What lies in the folder now."""
        before = await asyncio.to_thread(self._digest)
        for _ in range(TRIES):
            await asyncio.sleep(STILL)
            now = await asyncio.to_thread(self._digest)
            if now == before:
                return Revision(now, f"folder {self.path}", self.path)
            before = now
        raise Unavailable(f"folder {self.path} changes all the time: write it less often")

    async def last(self) -> Revision | None:
        """Nothing of a folder is kept."""
        return None

    def _digest(self) -> str:
        if not self.path.is_dir():
            raise Unavailable(f"folder {self.path} is not there")
        digest = hashlib.sha256()
        for file in files([self.path], but_not=self.secrets):
            for part in _stamp(file):
                digest.update(part.encode(errors="surrogateescape") + b"\0")
        return digest.hexdigest()[:16]


def secrets_digest(folder: Path) -> str:
    """A digest that changes whenever a secret of a folder does."""
    digest = hashlib.sha256()
    for file in sorted(folder.glob("*/*/*")):
        for part in _stamp(file):
            digest.update(part.encode(errors="surrogateescape") + b"\0")
    return digest.hexdigest()[:16]


def _stamp(file: Path) -> Iterator[str]:
    """Path, size, time and number of a file: what is replaced by a rename has another number."""
    yield str(file)
    try:
        found = file.stat()
    except OSError as error:
        yield str(error.errno)
        return
    yield f"{found.st_size} {found.st_mtime_ns} {found.st_ino}"
