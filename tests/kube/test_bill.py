"""`ispalier bill` without a folder: contracts as a real API server holds them."""

import uuid
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date
from pathlib import Path

import anyio
import pytest
from typer.testing import CliRunner, Result

from hack.stack.controlplane import ControlPlane
from ispalier.cli.main import app
from ispalier.core.gather import Identity
from ispalier.core.memory import Fact, Update
from ispalier.journal.journal import Journal
from ispalier.journal.seal import Seal
from ispalier.kube.holder import hold_cluster
from ispalier.kube.identity import create_identity
from tests.builders import NOW, plan, profile, subscription, tenant, unit
from tests.operators import Cluster, cluster_of

KEY = Seal.new_key()
POST = ("--as-of", "2026-11-30", "--post", "--first-run", "--allow-future")


@pytest.fixture
def env(tmp_path: Path) -> dict[str, str]:
    """A journal in which the contract was in service from its first day, and a namespace."""
    url = f"sqlite:///{tmp_path}/journal.db"
    journal = Journal.open(url, KEY, "the-installation")
    journal.note({"10042": Update(facts=[Fact("home", "ready", date(2026, 11, 1), "")])}, NOW)
    journal.close()
    return {"ISPALIER_JOURNAL_URL": url, "ISPALIER_NAMESPACE": f"own-{uuid.uuid4().hex[:8]}"}


@asynccontextmanager
async def declared(
    kinds: ControlPlane, env: dict[str, str], installation: str = "the-installation"
) -> AsyncIterator[Cluster]:
    """A cluster with an identity, a unit, a plan, a customer and a contract."""
    async with cluster_of(kinds) as cluster:
        identity = Identity(installation, KEY, env["ISPALIER_NAMESPACE"])
        await create_identity(cluster.client, identity)
        await cluster.create(unit(), profile(), plan(), tenant(), subscription())
        yield cluster


async def bill(env: dict[str, str], kubeconfig: Path, *words: str) -> Result:
    """Run the command beside the loop that talks to the cluster."""
    command = ("bill", "--kubeconfig", str(kubeconfig), *words)
    return await anyio.to_thread.run_sync(lambda: CliRunner().invoke(app, command, env=env))


def test_the_cluster_is_billed_once(kinds: ControlPlane, env: dict[str, str]) -> None:
    async def story() -> None:
        async with declared(kinds, env):
            first = await bill(env, kinds.kubeconfig, *POST)
            again = await bill(env, kinds.kubeconfig, *POST)

        assert (first.exit_code, again.exit_code) == (0, 0), first.stderr
        assert "29 of 30 days × 99.90" in first.stdout
        assert "posted 1 entry, 96.57 BRL" in first.stderr
        assert again.stdout == ""
        assert "nothing to post for 1 contract" in again.stderr

    anyio.run(story)


def test_a_contract_that_was_deleted_is_held(kinds: ControlPlane, env: dict[str, str]) -> None:
    async def story() -> None:
        async with declared(kinds, env) as cluster:
            await cluster.delete("Subscription", "silva", "home")
            result = await bill(env, kinds.kubeconfig, *POST)

        assert result.exit_code == 1
        assert "not billed: 10042 home: is not declared (any more)" in result.stderr

    anyio.run(story)


def test_a_kind_that_may_not_be_listed_posts_nothing(
    kinds: ControlPlane, env: dict[str, str]
) -> None:
    async def story() -> None:
        async with declared(kinds, env):
            space = env["ISPALIER_NAMESPACE"]
            kinds.run_kubectl("create", "serviceaccount", "clerk", "-n", space)
            some = "--resource=businessunits.ispalier.dev,tenants.ispalier.dev,secrets"
            contracts = "--resource=subscriptions.ispalier.dev"
            verbs = "--verb=get,list"
            kinds.run_kubectl("create", "clusterrole", space, verbs, some, contracts)
            account = f"--serviceaccount={space}:clerk"
            kinds.run_kubectl(
                "create", "clusterrolebinding", space, f"--clusterrole={space}", account
            )
            lease = ("--resource=leases.coordination.k8s.io", "-n", "kube-public")
            kinds.run_kubectl("create", "role", space, "--verb=get", *lease)
            kinds.run_kubectl(
                *("create", "rolebinding", space, f"--role={space}", account, "-n", "kube-public")
            )
            result = await bill(env, kinds.service_account_kubeconfig(space, "clerk"), *POST)

        assert result.exit_code == 1
        assert "Plan cannot be listed: plans.ispalier.dev is forbidden" in result.stderr
        assert "nothing was posted: 1 error in this cluster" in result.stderr

    anyio.run(story)


def test_another_cluster_than_the_journals_is_refused(
    kinds: ControlPlane, env: dict[str, str]
) -> None:
    async def story() -> None:
        async with declared(kinds, env, installation="another"):
            result = await bill(env, kinds.kubeconfig, "--as-of", "2026-11-30")

        assert result.exit_code == 1
        assert "this cluster is of installation another, the journal of" in result.stderr

    anyio.run(story)


def test_a_cluster_that_another_installation_serves_is_not_billed_from_here(
    kinds: ControlPlane, env: dict[str, str]
) -> None:
    """The journal is that of one who served it before: the other one bills the same contracts."""

    async def story() -> None:
        async with declared(kinds, env) as cluster:
            await hold_cluster(cluster.client, Identity("another", KEY, "elsewhere"))
            shown = await bill(env, kinds.kubeconfig, "--as-of", "2026-11-30")
            posted = await bill(env, kinds.kubeconfig, *POST)

        assert (shown.exit_code, posted.exit_code) == (0, 1)
        assert "nothing was posted: this cluster is served by the inst" in posted.stderr

    anyio.run(story)


def test_a_cluster_that_does_not_answer_is_told(env: dict[str, str], kinds: ControlPlane) -> None:
    async def story() -> None:
        nowhere = kinds.kubeconfig_through("https://127.0.0.1:1", "nowhere")
        result = await bill(env, nowhere, *POST)

        assert result.exit_code == 1
        assert "the API server does not answer" in result.stderr
        assert "Traceback" not in result.output

    anyio.run(story)
