"""The operator before a faulty API server: it waits, tries again, and never concludes too much."""

from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import anyio
import pytest

from hack.stack.controlplane import ControlPlane
from hack.stack.faultproxy import Answer, Cut, Fault, FaultProxy, Lose, Refuse, api_error
from ispalier.api.generate import ROOT
from ispalier.kube.listing import PAGE
from ispalier.world.snapshot import Ident
from ispalier.world.state import State
from tests.builders import login, mail_alias, plan, profile, subscription, tenant, unit
from tests.charted import account_of
from tests.inmemory import Memory
from tests.operators import Cluster, Running, cluster_of, operator, proxy_of, until

SILVA = (unit(), profile(), plan(), tenant(), subscription(), login("joao"))
JOAO = ("line", "joao")
LOGINS = "/logins"
FORBIDDEN = api_error(403, "Forbidden")
ALWAYS = None


@dataclass(slots=True)
class Scene:
    """A cluster, a proxy before it, and an operator behind that."""

    cluster: Cluster
    proxy: FaultProxy
    it: Running
    heal: Callable[[], None]
    """Ends the faults that it began with."""

    @property
    def state(self) -> State:
        """How far joao's line serves."""
        return self.it.memory.items[JOAO].state

    def knows(self, kind: str, name: str) -> bool:
        """Whether the operator's snapshot holds a resource of silva."""
        return self.it.engine.world.find(Ident(kind, "silva", name)) is not None

    def is_complete(self, kind: str) -> bool:
        """Whether the operator believes to see all of a kind."""
        return kind in self.it.engine.world.complete

    async def sees(self, kind: str, *, complete: bool) -> None:
        """Wait until the operator does, or does not, believe to see all of a kind."""

        async def does() -> bool:
            return self.is_complete(kind) is complete

        await until(does)


@asynccontextmanager
async def scene(
    kinds: ControlPlane, folder: Path, *faults: Fault, prepare: Callable[[], object] = str
) -> AsyncIterator[Scene]:
    """Silva is declared; the operator starts while these faults happen, and lists often."""
    with proxy_of(kinds) as proxy, ExitStack() as broken:
        async with cluster_of(kinds) as cluster:
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.create(*SILVA)
            for each in faults:
                broken.enter_context(proxy.fault(each))
            prepare()
            through = account_of(kinds, proxy.url)
            often = {"list_interval": 0.5, "sweep_interval": 0.5, "retire_after": 0}
            async with operator(through, folder, Memory(), **often) as it:
                yield Scene(cluster, proxy, it, broken.close)


def test_what_was_deleted_while_the_watch_was_broken_is_noticed(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        async with scene(kinds, tmp_path) as at:
            await at.cluster.all_ready()
            with at.proxy.fault(Fault(Refuse(), path="watch=true", times=ALWAYS)):
                at.proxy.break_watches()
                await at.cluster.delete("Login", "silva", "joao")

                async def noticed() -> bool:
                    return not at.knows("Login", "joao")

                await until(noticed)

            async def retired() -> bool:
                return at.state is State.RETIRED

            await until(retired)

    anyio.run(story)


def test_after_its_watches_were_refused_it_hears_again(kinds: ControlPlane, tmp_path: Path) -> None:
    gone = Fault(api_error(410, "Expired"), path="watch=true", times=15)

    async def story() -> None:
        async with scene(kinds, tmp_path) as at:
            await at.cluster.all_ready()
            with at.proxy.fault(gone):
                at.proxy.break_watches()
                await at.cluster.create(login("ana"))
                await at.cluster.all_ready()
                await at.cluster.create(login("rui"))
                await at.cluster.all_ready()

    anyio.run(story)


@pytest.mark.parametrize(
    "effect",
    [
        api_error(429, "TooManyRequests", 1),
        api_error(409, "Conflict"),
        api_error(410, "Expired"),
        api_error(503, "ServiceUnavailable"),
        Refuse(),
        Lose(),
        Answer(200, "<html>not what you think</html>"),
    ],
)
def test_statuses_are_written_in_the_end(
    kinds: ControlPlane, tmp_path: Path, effect: Answer
) -> None:
    fault = Fault(effect, method="PATCH", path="/status", times=4)

    async def story() -> None:
        async with scene(kinds, tmp_path, fault) as at:
            await at.cluster.all_ready()

            assert fault.hits == 4

    anyio.run(story)


def test_before_every_kind_was_seen_nothing_is_done(kinds: ControlPlane, tmp_path: Path) -> None:
    fault = Fault(FORBIDDEN, path=LOGINS, times=ALWAYS)

    async def story() -> None:
        async with scene(kinds, tmp_path, fault) as at:
            await at.sees("Mailbox", complete=True)
            await until(lambda: refused(at, "Login was never seen completely: Forbidden"))
            before = at.it.memory.writes
            at.heal()
            await at.cluster.all_ready()

            assert before == 0
            assert (await at.it.answer("/readyz"))[0] == 200

    anyio.run(story)


async def refused(at: Scene, reason: str) -> bool:
    """Whether the operator is not ready, and says this."""
    status, text = await at.it.answer("/readyz")
    return status == 503 and reason in text


def test_while_a_kind_is_refused_nothing_of_it_retires(kinds: ControlPlane, tmp_path: Path) -> None:
    async def story() -> None:
        async with scene(kinds, tmp_path) as at:
            await at.cluster.all_ready()
            with at.proxy.fault(Fault(FORBIDDEN, path=f"{LOGINS}.*limit", times=ALWAYS)):
                await at.sees("Login", complete=False)
                await at.cluster.delete("Login", "silva", "joao")
                await at.cluster.patch("Tenant", "silva", "silva", {"displayName": "Silva"})
                await at.cluster.all_ready()
                during = at.state

            async def retired() -> bool:
                return at.state is State.RETIRED

            await until(retired)
            assert during is State.ACTIVE

    anyio.run(story)


def test_a_kind_that_is_not_there_yet_is_waited_for(kinds: ControlPlane, tmp_path: Path) -> None:
    crd = str(ROOT / "crds" / "mailaliases.yaml")

    def drop() -> None:
        kinds.run_kubectl("delete", "-f", crd)

    async def story() -> None:
        async with scene(kinds, tmp_path, prepare=drop) as at:
            try:
                await until(lambda: refused(at, "MailAlias was never seen completely"))
            finally:
                kinds.run_kubectl("apply", "--server-side", "-f", crd)
            await until(at.cluster.can_list)
            await at.it.ready()
            await at.cluster.create(mail_alias("info@silva.example", "joao@silva.example"))
            await at.cluster.all_ready()

    anyio.run(story)


def test_a_list_that_is_cut_after_its_first_page_is_not_complete(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    many = [login(f"l{number}") for number in range(PAGE)]
    fault = Fault(Cut(100), path=f"{LOGINS}.*continue=", times=ALWAYS)

    async def story() -> None:
        async with scene(kinds, tmp_path) as at:
            await at.cluster.all_ready()
            await at.cluster.create_at_once(*many)
            with at.proxy.fault(fault):
                await at.sees("Login", complete=False)
            await at.sees("Login", complete=True)
            await at.cluster.all_ready()

            assert {State.ACTIVE} == {each.state for each in at.it.memory.items.values()}

    anyio.run(story)


def test_a_page_that_is_out_of_date_begins_the_list_again(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    many = [login(f"l{number}") for number in range(PAGE)]
    fault = Fault(api_error(410, "Expired"), path=f"{LOGINS}.*continue=")

    async def story() -> None:
        async with scene(kinds, tmp_path) as at:
            await at.cluster.create_at_once(*many)
            await at.it.ready()
            with at.proxy.fault(fault):
                await until(lambda: hit(fault))

            assert at.is_complete("Login")

    anyio.run(story)


async def hit(fault: Fault) -> bool:
    """Whether a fault has happened."""
    return fault.hits > 0


def test_what_is_deleted_and_made_again_at_once_never_stops_serving(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.create(*SILVA)
            async with operator(account_of(kinds), tmp_path, Memory(), retire_after=1) as it:
                await cluster.all_ready()
                before = it.memory.writes
                await cluster.delete("Login", "silva", "joao")
                await cluster.create(login("joao"))
                await cluster.all_ready()
                await anyio.sleep(1.5)  # beyond the time after which it would have retired
                await cluster.patch("Tenant", "silva", "silva", {"displayName": "Silva"})
                await cluster.all_ready()

                assert before == it.memory.writes
                assert it.memory.items[JOAO].state is State.ACTIVE

    anyio.run(story)


def test_a_tenant_that_comes_back_piece_by_piece_never_stops_serving(
    kinds: ControlPlane, tmp_path: Path
) -> None:
    async def story() -> None:
        async with cluster_of(kinds) as cluster:
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.create(*SILVA)
            async with operator(account_of(kinds), tmp_path, Memory(), retire_after=1) as it:
                await cluster.all_ready()
                before = it.memory.writes
                mine = [each for each in SILVA if each.namespace]
                for each in mine:
                    await cluster.delete(each.kind, each.namespace, each.name)
                await anyio.sleep(1.5)  # longer than single resources are waited for
                whole = sorted(mine, key=lambda each: each.kind != "Tenant")
                for each in whole:
                    await cluster.create(each)
                    await anyio.sleep(0.1)
                await cluster.all_ready()

                assert before == it.memory.writes
                assert it.memory.items[JOAO].state is State.ACTIVE

    anyio.run(story)
