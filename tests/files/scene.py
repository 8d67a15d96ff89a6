"""A provider's tree of files, and a controller that serves it."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hack.stack.ports import HOST, free_port
from ispalier.api.base import Resource
from ispalier.core.gather import Identity
from ispalier.files.folder import Folder
from ispalier.files.git import Address, Repository
from ispalier.files.revision import Origin, Revision
from ispalier.files.run import run
from ispalier.journal.seal import Seal
from ispalier.settings import Settings
from ispalier.world.snapshot import Snapshot
from ispalier.world.state import State
from tests.builders import login, plan, profile, subscription, tenant, unit
from tests.inmemory import Memory, engine
from tests.operators import Running, as_json, until, writer_of
from tests.repositories import git

HOME = Identity("test-installation", Seal.new_key())
NEVER = 3600.0
"""Seconds between looks: only who pokes is heard."""
OFTEN = 0.1


@dataclass(slots=True)
class Tree:
    """A provider's folder of files; `commit` makes it a repository."""

    path: Path
    secrets: Path

    @classmethod
    def of(cls, folder: Path) -> "Tree":
        tree = cls(folder / "tree", folder / "secrets")
        tree.write("ispalier.yaml", f"installation: {HOME.installation}\n")
        tree.put("provider.yaml", unit(), profile(), plan())
        tree.customer("silva", "10042", "joao")
        tree.customer("lopes", "10043", "pedro")
        return tree

    def customer(self, name: str, number: str, user: str, **spec: Any) -> None:  # noqa: ANN401 - as in builders
        own = (tenant(name, number), subscription(name), login(user, name, "line", **spec))
        self.put(f"{name}/all.yaml", *own)
        self.secret(f"{name}/passwords/login", "a password")

    def write(self, file: str, text: str) -> None:
        path = self.path / file
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def put(self, file: str, *resources: Resource) -> None:
        self.write(file, "---\n".join(json.dumps(as_json(each)) + "\n" for each in resources))

    def secret(self, place: str, text: str) -> None:
        path = self.secrets / place
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def git(self, *words: str) -> None:
        git(self.path, *words)

    def commit(self, subject: str = "Change something") -> None:
        if not (self.path / ".git").exists():
            self.git("init", "--quiet", "--initial-branch=main")
        self.git("add", "--all")
        self.git("commit", "--quiet", "--allow-empty", "-m", subject)


@dataclass(slots=True)
class Scene:
    """A controller that serves a tree."""

    tree: Tree
    it: Running
    memory: Memory

    async def serves(self, user: str, state: State = State.ACTIVE) -> None:
        async def does() -> bool:
            item = self.memory.items.get(("line", user))
            return item is not None and item.state is state

        await until(does)

    async def poke(self) -> None:
        assert await self.it.post("/poke") == 202

    async def says(self, metric: str) -> None:
        async def does() -> bool:
            return f"\n{metric}\n" in (await self.it.answer("/metrics"))[1]

        await until(does)

    def noted(self) -> set[str]:
        """Who is noted as missing."""
        memories = self.it.engine.journal.memories()
        return {str(owner) for each in memories.values() for owner in each.absences}


@dataclass(frozen=True, slots=True)
class Counted(Folder):
    """The same, with the times at which it was looked at."""

    looks: list[float] = field(default_factory=list)

    async def latest(self) -> Revision:
        self.looks.append(time.monotonic())
        return await Folder.latest(self)


@asynccontextmanager
async def serving(
    tree: Tree, origin: Origin, *, memory: Memory | None = None, interval: float = NEVER
) -> AsyncIterator[Scene]:
    """A controller on a tree, ended politely."""
    stop, memory = asyncio.Event(), memory or Memory()
    settings = Settings(
        listen=f"{HOST}:{free_port()}",
        secrets_folder=tree.secrets,
        source_interval=interval,
        retire_after=0.3,
    )
    url = f"sqlite:///{tree.path.parent / 'ispalier.db'}"
    made = engine(Snapshot(), memory, url, HOME, retention=settings.retention)
    with writer_of(made) as writer:
        task = asyncio.create_task(run(settings, made, origin, writer, stop))
        try:
            yield Scene(tree, Running(made, memory, settings.listen, stop, task), memory)
        finally:
            stop.set()
            await task


def repository(tree: Tree, query: str = "") -> Repository:
    return Repository(Address.of(f"file://{tree.path}{query}"), tree.path.parent / "cache")
