"""A git repository as the origin of revisions, by the git program: it knows every protocol."""

import asyncio
import hashlib
import os
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple, Self
from urllib.parse import parse_qs

from ispalier.files.revision import Revision
from ispalier.world.errors import Invalid, Unavailable

TIMEOUT = 120.0
"""Seconds that a fetch may take."""
FORM = "git:URL[//FOLDER][?ref=BRANCH]"

# Nothing of a repository is run, and no link leads out of it.
SAFE = ("core.hooksPath=/dev/null", "core.symlinks=false", "protocol.ext.allow=never")
_PASSWORD = re.compile(r"(?<=://)[^/@\s]+@")


class Address(NamedTuple):
    """A repository, the branch or tag that counts, and the folder within."""

    url: str
    ref: str = "HEAD"
    folder: str = ""

    @classmethod
    def of(cls, text: str) -> Self:
        """Read `URL[//FOLDER][?ref=BRANCH]`."""
        rest, _, query = text.partition("?")
        options = parse_qs(query, keep_blank_values=True)
        scheme, slashes, place = rest.rpartition("://") if "://" in rest else ("", "", rest)
        url, _, folder = place.partition("//")
        if options.keys() - {"ref"} or not url or ".." in Path(folder).parts:
            raise Invalid(f"'{text}' names no repository: write {FORM}")
        if url.startswith("-") or (ref := options.get("ref", ["HEAD"])[0]).startswith("-"):
            raise Invalid(f"'{text}' names no repository: write {FORM}")
        return cls(f"{scheme}{slashes}{url}", ref, folder)

    def __str__(self) -> str:
        """In messages; a password in the URL is not shown."""
        return _PASSWORD.sub("", self.url)


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository with a copy of ours, which stays: what was read last serves while it is away."""

    address: Address
    cache: Path

    @property
    def copy(self) -> Path:
        """Where our copy is."""
        name = hashlib.sha256("\n".join(self.address).encode()).hexdigest()[:16]
        return self.cache / f"git-{name}"

    async def latest(self) -> Revision:
        """Fetch, and check the newest commit out; while that fails, Unavailable."""
        if shutil.which("git") is None:
            raise Unavailable("the program git is not there: install it")
        if not (self.copy / ".git").is_dir():
            self.copy.mkdir(mode=0o700, parents=True, exist_ok=True)
            await self._git("init", "--quiet")
        await self._git("fetch", "--quiet", "--no-tags", self.address.url, self.address.ref)
        return await self._checked_out("FETCH_HEAD")

    async def last(self) -> Revision | None:
        """What was read last, if there is anything."""
        try:
            return await self._checked_out("HEAD")
        except Unavailable:
            return None

    async def _checked_out(self, what: str) -> Revision:
        await self._git("checkout", "--quiet", "--force", "--detach", what)
        await self._git("clean", "--quiet", "-ffdx")
        told = await self._git("log", "-1", "--format=%H%x00%an%x00%s")
        commit, author, subject = told.rstrip("\n").split("\0", 2)
        folder = self.copy / self.address.folder
        return Revision(commit, f"{commit[:12]} {author}: {subject}", folder)

    async def _git(self, *arguments: str) -> str:
        settings = [word for each in SAFE for word in ("-c", each)]
        process = await asyncio.create_subprocess_exec(
            "git",
            *settings,
            *arguments,
            cwd=self.copy,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", "LC_ALL": "C"},
        )
        try:
            async with asyncio.timeout(TIMEOUT):
                out, err = await process.communicate()
        except TimeoutError:
            raise Unavailable(f"{self.address} did not answer in {TIMEOUT:g} s") from None
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()
        if process.returncode:
            said = _PASSWORD.sub("", err.decode(errors="replace")).strip()
            why = _why(said.splitlines()) or f"git ended {process.returncode}"
            raise Unavailable(f"{self.address} cannot be read: {why}")
        return out.decode(errors="replace")


def _why(lines: Sequence[str]) -> str:
    """Its first fatal error; what follows it is advice for who has a terminal."""
    fatal = (each.removeprefix("fatal: ") for each in lines if each.startswith("fatal: "))
    return next(fatal, lines[-1] if lines else "")
