"""The operator as a process of its own: it loses nobody, tells no secret, leaves nothing stuck."""

import asyncio
import json
import subprocess
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest

from hack.bench.api import Api, connected
from hack.stack.controlplane import ControlPlane
from hack.stack.operator import ispalier, journal_url
from hack.stack.stack import Stack
from ispalier.api.generate import ROOT
from ispalier.api.kinds import ACTS, KINDS
from tests.e2e.planted import LOGINS, MAILBOXES, PATIENCE, SEED, TENANTS, Planted, install, planted

SOME = 3
"""Namespaces that are deleted at once."""


pytestmark = pytest.mark.timeout(200 + 2 * PATIENCE)


@pytest.fixture(scope="module")
def crds(controlplane: ControlPlane) -> Iterator[ControlPlane]:
    install(controlplane)
    yield controlplane
    install(controlplane)  # a test of this module takes them away


@pytest.fixture(scope="module")
def scene(stack: Stack, crds: ControlPlane) -> Iterator[Planted]:
    print(f"ISPALIER_PLANT_SEED={SEED}")  # noqa: T201 - to make it so again
    with planted(stack, crds) as made:
        yield made


@pytest.fixture(scope="module")
def posted(scene: Planted) -> Planted:
    """What is owed until then is posted."""
    entries, said = bill(scene, "--first-run")
    assert entries >= TENANTS, said
    return scene


def bill(scene: Planted, *words: str) -> tuple[int, str]:
    """Post what will be owed in 40 days: how many entries that are, and what is told."""
    kubeconfig = str(scene.stack.controlplane.kubeconfig)
    day = f"{datetime.now(UTC) + timedelta(days=40):%Y-%m-%d}"
    command = [ispalier(), "bill", "--as-of", day, "--allow-future", "--post", *words]
    done = subprocess.run(  # noqa: S603 - our own command
        [*map(str, command), "--format", "jsonl", "--kubeconfig", kubeconfig],
        env={"ISPALIER_JOURNAL_URL": journal_url(scene.operator.folder)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.stdout.count("dev.ispalier.entry.posted"), done.stderr


def all_the_while(scene: Planted, act: Any) -> list[Mapping[str, object]]:  # noqa: ANN401
    """What the systems held meanwhile, without repetitions."""
    seen = [scene.held()]
    with ThreadPoolExecutor(1) as thread:
        acting = thread.submit(act)
        while not acting.done():
            now = scene.held()
            seen += [] if now == seen[-1] else [now]
            time.sleep(0.05)
        acting.result()
    return seen


def test_made_in_any_order_everybody_is_served(scene: Planted) -> None:
    users = scene.stack.postgres.rows("radius_plant", "SELECT DISTINCT username FROM radcheck")

    assert len(users) == TENANTS * LOGINS, SEED


def test_namespaces_deleted_and_made_again_lose_no_login_and_bill_nothing(posted: Planted) -> None:
    scene, kubectl = posted, posted.stack.controlplane.run_kubectl
    some = [f"plant{each:03}" for each in Random(SEED).sample(range(TENANTS), SOME)]  # noqa: S311

    def story() -> None:
        kubectl("delete", "namespace", *some, f"--timeout={PATIENCE}s")
        time.sleep(3)
        for each in some:
            asyncio.run(scene.serve(only=each))

    seen = all_the_while(scene, story)

    assert len(seen) == 1, (SEED, seen[:2])
    assert bill(scene)[0] == 0


def test_a_definition_deleted_and_installed_again_with_its_objects_loses_nobody(
    posted: Planted,
) -> None:
    scene, cluster = posted, posted.stack.controlplane
    gone = ("Login", "Subscription")
    names = [f"{each.plural}.ispalier.dev" for each in KINDS if each.__name__ in gone]

    def story() -> None:
        cluster.run_kubectl("delete", "crd", *names, f"--timeout={PATIENCE}s")
        time.sleep(3)
        install(cluster)
        asyncio.run(scene.serve(kinds=gone))

    seen = all_the_while(scene, story)

    assert len(seen) == 1, (SEED, seen[:2])
    assert bill(scene)[0] == 0


def test_of_a_thousand_secrets_none_is_told_whatever_goes_wrong(scene: Planted) -> None:
    stack, operator = scene.stack, scene.operator
    scene.dns.stop()
    stack.postgres.execute("radius_plant", "ALTER TABLE radcheck RENAME TO away")
    stack.postgres.execute(
        "mail_plant", "ALTER TABLE mailbox ADD CHECK (quota_bytes > 4000000000000) NOT VALID"
    )
    try:
        asyncio.run(_edit_everything(scene))
        time.sleep(6)  # passes fail, sweeps fail, what failed is tried again
        during = dict(_told(scene))
    finally:
        stack.postgres.execute("radius_plant", "ALTER TABLE away RENAME TO radcheck")
        stack.postgres.execute(
            "mail_plant", "ALTER TABLE mailbox DROP CONSTRAINT mailbox_quota_bytes_check"
        )
        scene.dns.start()
    time.sleep(3)
    operator.stop()
    texts = dict(_told(scene))
    operator.start()

    assert len(scene.secrets) > TENANTS * (LOGINS + MAILBOXES)
    assert [
        where
        for where, text in (*during.items(), *texts.items())
        if any(each.encode() in text for each in scene.secrets)
    ] == []
    assert b"radcheck" in during["objects"]  # faults are told
    assert b"violates check constraint" in during["objects"]


def _told(scene: Planted) -> Iterator[tuple[str, bytes]]:
    """Everything that anybody can read without being let into a system or a Secret."""
    yield "log", (scene.operator.folder / "operator.log").read_bytes()
    for file in scene.operator.folder.glob("journal.db*"):
        yield file.name, file.read_bytes()
    kubectl = scene.stack.controlplane.run_kubectl
    kinds = ",".join(f"{kind.plural}.ispalier.dev" for kind in (*KINDS, *ACTS))
    yield "objects", kubectl("get", kinds, "-A", "-o", "json").encode()
    yield "events", kubectl("get", "events", "-A", "-o", "json").encode()


async def _edit_everything(scene: Planted) -> None:
    async with connected(scene.stack.controlplane) as api:
        for kind, change in (
            ("logins", {"macAddresses": ["02:00:00:00:00:01"]}),
            ("mailboxes", {"quotaMiB": 4001}),
            ("domains", {"serviceHostRef": {"name": "dns-1"}}),
        ):
            for body in await _all(api, kind):
                await api.patch(body, {"spec": change})


async def _all(api: Api, plural: str) -> list[Any]:
    path = f"/apis/ispalier.dev/v1alpha1/{plural}"
    names = {kind.plural: kind.__name__ for kind in KINDS}
    items = await api.list(path)
    return [{**each, "kind": names[plural]} for each in items]


def test_uninstalled_nothing_is_stuck_and_nothing_is_deleted(scene: Planted) -> None:
    stack = scene.stack
    before = scene.held()
    scene.operator.stop()

    stack.controlplane.run_kubectl("delete", "-f", str(ROOT / "crds"), f"--timeout={PATIENCE}s")

    left = json.loads(stack.controlplane.run_kubectl("get", "crds", "-o", "json"))["items"]
    assert left == []
    assert all(before.values())
    assert scene.held() == before
