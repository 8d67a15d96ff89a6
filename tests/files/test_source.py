"""Files as a source: what is committed is served, what is wrong stops only its own tenant."""

import asyncio
import itertools
import stat
from datetime import UTC, datetime
from pathlib import Path

import anyio
from sqlalchemy import event
from sqlalchemy.exc import OperationalError

from ispalier.files.folder import Folder
from ispalier.journal.journal import Journal
from ispalier.journal.pending import Pending
from ispalier.world.state import State
from tests.builders import login, subscription, tenant
from tests.files.scene import OFTEN, Counted, Tree, repository, serving
from tests.inmemory import Line, Memory
from tests.operators import until


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
