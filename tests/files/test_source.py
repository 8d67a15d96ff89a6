"""Files as a source: what is committed is served, what is wrong stops only its own tenant."""

import asyncio
import itertools
import json
import stat
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import anyio
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from hack.stack.ports import HOST, free_port
from ispalier.api.base import Resource
from ispalier.core.gather import Identity
from ispalier.files.folder import Folder
from ispalier.files.git import Address, Repository
from ispalier.files.revision import Origin, Revision
from ispalier.files.run import run
from ispalier.journal.journal import Journal
from ispalier.journal.pending import Pending
from ispalier.journal.seal import Seal
from ispalier.settings import Settings
from ispalier.world.snapshot import Snapshot
from ispalier.world.state import State
from tests.builders import login, plan, profile, subscription, tenant, unit
from tests.inmemory import Line, Memory, engine
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


def test_a_folder_is_served_and_what_is_edited_follows(tmp_path: Path) -> None:
    tree = Tree.of(tmp_path)

    async def story() -> None:
        origin = Folder(tree.path, tree.secrets)
        async with serving(tree, origin, interval=OFTEN) as scene:
            await scene.it.ready()
            await scene.serves("joao")
            await scene.serves("pedro")

            tree.customer("silva", "10042", "joana")

            await scene.serves("joana")
            assert ("line", "joao") not in scene.memory.items

    anyio.run(story)


def test_a_commit_that_suspends_many_suspends_nobody_until_it_is_approved(tmp_path: Path) -> None:
    tree = Tree.of(tmp_path)
    names = [f"c{number}" for number in range(60)]
    for name in names:
        tree.customer(name, name, name)

    unpaid = [{"reason": "Unpaid", "since": "2026-11-20"}]

    async def story() -> None:
        async with serving(tree, Folder(tree.path, tree.secrets)) as scene:
            for name in names:
                await scene.serves(name)
            for name in names:
                contract = subscription(name, suspensions=unpaid)
                own = (tenant(name, name), contract, login(name, name, "line"))
                tree.put(f"{name}/all.yaml", *own)
            await scene.poke()
            await scene.says('ispalier_pending{cause="Edit",kind="Login"} 1.0')
            limits = scene.it.engine.limits
            assert isinstance(scene.it.engine.journal, Journal)
            pending = Pending(scene.it.engine.journal.engine)
            (held,) = pending.sets(limits, datetime.now(UTC))
            assert held.subjects == 60
            assert {each.state for each in scene.memory.items.values()} == {State.ACTIVE}

            pending.approve(held.digest, "maria: meant", limits, datetime.now(UTC))

            for name in names:
                await scene.serves(name, State.SUSPENDED)

    anyio.run(story)


def test_a_secret_follows_though_the_journal_fails_while_the_revision_is_judged(
    tmp_path: Path,
) -> None:
    tree = Tree.of(tmp_path)
    tree.customer("souza", "10044", "eva")
    fails = [True]

    def fail(_: object, __: object, statement: str, *___: object) -> None:
        if "UNION" in statement and fails:
            fails.clear()
            raise OperationalError(statement, None, Exception("stopped"))

    async def story() -> None:
        async with serving(tree, Folder(tree.path, tree.secrets)) as scene:
            for name in ("joao", "pedro", "eva"):
                await scene.serves(name)
            journal = scene.it.engine.journal
            assert isinstance(journal, Journal)
            event.listen(journal.engine, "before_cursor_execute", fail)
            tree.customer("silva", "10042", "joana")
            tree.customer("lopes", "10043", "pedra")
            tree.secret("souza/passwords/login", "another password")
            await scene.poke()
            await scene.serves("joana")

            async def has_it() -> bool:
                item = scene.memory.items["line", "eva"]
                return isinstance(item, Line) and item.password.reveal() == "another password"

            await until(has_it)
            assert not fails

    anyio.run(story)


def test_a_commit_is_served_as_soon_as_a_webhook_tells_of_it(tmp_path: Path) -> None:
    tree = Tree.of(tmp_path)
    tree.commit("First")

    async def story() -> None:
        async with serving(tree, repository(tree)) as scene:
            await scene.serves("joao")
            tree.customer("silva", "10042", "joana")
            await scene.poke()
            await asyncio.sleep(0.5)
            assert ("line", "joana") not in scene.memory.items  # it is not committed

            tree.commit("Rename")
            await scene.poke()

            await scene.serves("joana")

    anyio.run(story)


def test_a_file_with_a_fault_leaves_its_tenant_as_it_was_and_no_other(tmp_path: Path) -> None:
    tree = Tree.of(tmp_path)
    tree.commit("First")

    async def story() -> None:
        async with serving(tree, repository(tree)) as scene:
            await scene.serves("joao")
            tree.put("silva/all.yaml", tenant(), subscription(), login("joana", name="line"))
            tree.write("silva/more.yaml", "kind: [")
            tree.customer("lopes", "10043", "paulo")
            tree.commit("Break one, change another")
            await scene.poke()
            await scene.serves("paulo")
            await scene.says("ispalier_source_held_namespaces 1.0")
            assert ("line", "joana") not in scene.memory.items

            (tree.path / "silva" / "more.yaml").unlink()
            tree.commit("Mend")
            await scene.poke()

            await scene.serves("joana")
            await scene.says("ispalier_source_held_namespaces 0.0")

    anyio.run(story)


def test_a_tree_without_its_root_file_changes_nothing(tmp_path: Path) -> None:
    tree = Tree.of(tmp_path)
    tree.commit("First")

    async def story() -> None:
        async with serving(tree, repository(tree)) as scene:
            await scene.serves("joao")
            await scene.serves("pedro")
            for path in ("silva", "lopes", "provider.yaml", "ispalier.yaml"):
                tree.git("rm", "-r", "--quiet", path)
            tree.commit("Empty it")
            await scene.poke()
            await scene.says("ispalier_source_up 0.0")
            await asyncio.sleep(1)

            await scene.serves("joao")
            await scene.serves("pedro")
            assert scene.noted() == set()
            assert (await scene.it.answer("/readyz"))[0] == 200

    anyio.run(story)


def test_while_a_file_cannot_be_read_nothing_is_missed(tmp_path: Path) -> None:
    tree = Tree.of(tmp_path)

    async def story() -> None:
        origin = Folder(tree.path, tree.secrets)
        async with serving(tree, origin, interval=OFTEN) as scene:
            await scene.serves("joao")
            tree.write("moved/silva.yaml", "kind: Login\n  name: [")
            (tree.path / "silva" / "all.yaml").unlink()
            await scene.says("ispalier_source_faults 1.0")
            await asyncio.sleep(1)
            assert scene.noted() == set()

            (tree.path / "moved" / "silva.yaml").unlink()
            tree.put("silva/all.yaml", tenant(), subscription())

            await scene.serves("joao", State.RETIRED)

    anyio.run(story)


def test_while_the_repository_is_away_its_last_copy_serves(tmp_path: Path) -> None:
    tree = Tree.of(tmp_path)
    tree.commit("First")
    memory = Memory()

    async def story() -> None:
        async with serving(tree, repository(tree), memory=memory) as scene:
            await scene.serves("joao")
        tree.path.rename(tmp_path / "away")
        memory.items.clear()

        async with serving(tree, repository(tree), memory=memory) as scene:
            await scene.serves("joao")
            await scene.it.ready()

    anyio.run(story)


def test_a_branch_and_a_folder_of_a_repository_are_served(tmp_path: Path) -> None:
    tree = Tree.of(tmp_path)
    tree.commit("First")
    tree.git("checkout", "--quiet", "-b", "live")
    (tree.path / "isp").mkdir()
    for path in ("silva", "lopes", "provider.yaml", "ispalier.yaml"):
        tree.git("mv", path, f"isp/{path}")
    tree.commit("Move")
    tree.git("checkout", "--quiet", "main")

    async def story() -> None:
        async with serving(tree, repository(tree, "//isp?ref=live")) as scene:
            await scene.serves("joao")

    anyio.run(story)


def test_a_changed_secret_follows_without_a_commit(tmp_path: Path) -> None:
    tree = Tree.of(tmp_path)
    tree.commit("First")

    async def story() -> None:
        async with serving(tree, repository(tree), interval=OFTEN) as scene:
            await scene.serves("joao")
            tree.secret("silva/passwords/login", "another")

            async def follows() -> bool:
                line = scene.memory.items["line", "joao"]
                return isinstance(line, Line) and line.password.reveal() == "another"

            await until(follows)

    anyio.run(story)


def test_a_generated_password_goes_into_the_folder_of_secrets(tmp_path: Path) -> None:
    tree = Tree.of(tmp_path)
    made = {"generate": {"secretName": "made", "key": "login", "length": 20}}
    tree.customer("silva", "10042", "joao", password=made)

    async def story() -> None:
        origin = Folder(tree.path, tree.secrets)
        async with serving(tree, origin, interval=OFTEN) as scene:
            await scene.serves("joao")
            file = tree.secrets / "silva" / "made" / "login"

            async def is_there() -> bool:
                return file.exists()

            await until(is_there)
            line = scene.memory.items["line", "joao"]
            assert isinstance(line, Line)
            assert file.read_text().strip() == line.password.reveal()
            assert stat.S_IMODE(file.stat().st_mode) == 0o600

    anyio.run(story)


def test_who_pokes_without_pause_makes_no_more_than_a_look_a_second(
    tmp_path: Path,
) -> None:
    tree = Tree.of(tmp_path)

    async def story() -> None:
        origin = Counted(tree.path, tree.secrets)
        async with serving(tree, origin) as scene:
            await scene.serves("joao")
            async with asyncio.timeout(10):
                while len(origin.looks) < 4:
                    await scene.poke()
        gaps = [later - earlier for earlier, later in itertools.pairwise(origin.looks)]
        assert min(gaps) > 0.95

    anyio.run(story)
