"""The account that the chart makes may do what the operator does, and no more."""

import json
import ssl
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import anyio
import httpx
import pytest
import yaml

from hack.stack.controlplane import ControlPlane
from hack.stack.faultproxy import FaultProxy, Seen
from ispalier.api.base import Resource
from ispalier.api.generate import EXAMPLES
from ispalier.api.kinds import ACTS, BY_NAME, KINDS
from ispalier.api.rbac import at_home, everywhere, in_public, of_secrets
from ispalier.cli.serve.operating import patiently
from ispalier.cli.source import Source
from ispalier.core.limits import Limits
from ispalier.kube.client import MERGE_PATCH, path_of
from tests.builders import login, plan, pool, profile, subscription, tenant, unit
from tests.charted import HOME, Manifest, account_of, applied, name_of, rights
from tests.inmemory import Memory
from tests.kube.rights import Right, granted, needed, without
from tests.operators import SOON, Cluster, cluster_of, operator, proxy_of, until

ALL = list(granted([{"rules": [*everywhere(), *of_secrets(), *at_home(), *in_public()]}]))
VALID = EXAMPLES / "valid"
NAMED = ["namespaces", "leases"]
"""Resources of which a right is one for a name."""
REDUCED = "reduced"
"""A release from whose account rights are taken."""
RBAC = "/apis/rbac.authorization.k8s.io/v1"
TYPES = {"PATCH": {"Content-Type": MERGE_PATCH}, "POST": {"Content-Type": "application/json"}}

RUI = login("rui", password={"generate": {"secretName": "made"}})
EVA = login("eva", password={"generate": {"secretName": "made", "key": "too"}})
SILVA = (unit(), profile(), plan(), pool(), tenant(), subscription(), login("joao"))
SWIFT = {"retire_after": 0, "list_interval": 1}
APPROVAL = {"approve": {"digest": "0" * 12}, "requestedBy": "admin", "why": "a test"}


@dataclass(frozen=True, slots=True)
class Work:
    """What an operator asked of the API server, from its first start to its end."""

    seen: tuple[Seen, ...]

    def by_right(self) -> Mapping[Right, Seen]:
        """The last request for each right that was needed."""
        found = ((needed(each, NAMED), each) for each in self.seen)
        return {right: each for right, each in found if right is not None}


@pytest.fixture(scope="module")
def work(kinds: ControlPlane, tmp_path_factory: pytest.TempPathFactory) -> Work:
    """One of everything that an operator does."""
    folder = tmp_path_factory.mktemp("work")
    with proxy_of(kinds) as proxy:
        anyio.run(everything, kinds, account_of(kinds, proxy.url), folder, proxy)
        return Work(tuple(proxy.seen))


async def everything(kinds: ControlPlane, account: Path, folder: Path, proxy: FaultProxy) -> None:
    async with cluster_of(kinds) as cluster:
        await cluster.namespace(HOME)
        await anyio.to_thread.run_sync(begun, account, folder)
        await patiently(Source(kubeconfig=account), HOME)
        await cluster.secret("silva", "passwords", label=False, login="wireless")
        await cluster.create(*SILVA, RUI)
        async with operator(account, folder, Memory(), **SWIFT) as it:
            await cluster.all_ready()
            await cluster.create(EVA)
            await cluster.all_ready()
            it.engine.limits = Limits(always=0)
            await cluster.delete("Login", "silva", "joao")
            await until(lambda: is_told(cluster))
            await cluster.create(*one_of_each())
            await cluster.client.request("POST", f"{PLACE}/operations", body=asked())
            await until(lambda: all_are_told(cluster))
            await until(lambda: has_watched(proxy))
        await cluster.client.request("DELETE", f"{SECRETS}/made")
        await cluster.client.request("DELETE", f"{PLACE}/operations/asked")
        await cluster.client.request("DELETE", f"/api/v1/namespaces/{HOME}/secrets/{IDENTITY}")


PLACE = f"/apis/ispalier.dev/v1alpha1/namespaces/{HOME}"
SECRETS = "/api/v1/namespaces/silva/secrets"
EVENTS = f"/apis/events.k8s.io/v1/namespaces/{HOME}/events"
IDENTITY = "ispalier-installation"


def begun(account: Path, folder: Path) -> None:
    """The installation's identity is made as the chart's first container does."""
    ispalier = Path(sys.executable).with_name("ispalier")
    command = (ispalier, "init", "--cluster", "--kubeconfig", account)
    subprocess.run(command, cwd=folder, check=True)  # noqa: S603 - our own command


def one_of_each() -> Iterator[Resource]:
    """A resource of every other kind, where no Tenant is: each has a status all the same."""
    for file in sorted({*VALID.glob("*.yaml")} - {VALID / "tenant.yaml"}):
        raw = yaml.safe_load(file.read_text())
        kind = BY_NAME[raw["kind"]]
        space = "elsewhere" if kind.namespaced else ""
        metadata = {"name": f"each-{raw['metadata']['name']}", "namespace": space}
        yield kind.model_validate({"metadata": metadata, "spec": raw["spec"]})


def asked() -> dict[str, object]:
    return {
        "apiVersion": "ispalier.dev/v1alpha1",
        "kind": "Operation",
        "metadata": {"name": "asked", "namespace": HOME},
        "spec": APPROVAL,
    }


async def is_told(cluster: Cluster) -> bool:
    found = (await cluster.client.request("GET", EVENTS))["items"]
    return any("Login" in each["note"] for each in found)


async def has_watched(proxy: FaultProxy) -> bool:
    """Whether a watch of what is watched last has ended."""
    return any("/operations?" in each.path and "watch=true" in each.path for each in proxy.seen)


async def all_are_told(cluster: Cluster) -> bool:
    """Whether everything has a status."""
    lists = [await cluster.client.request("GET", path_of(kind)) for kind in (*KINDS, *ACTS)]
    return all(each["status"].get("conditions") for found in lists for each in found["items"])


def test_no_right_is_missing_and_none_is_left_over(work: Work) -> None:
    assert [each for each in work.seen if each.status in (401, 403)] == []
    assert sorted(ALL) == sorted(work.by_right())


@dataclass(frozen=True, slots=True)
class Reduced:
    """An account of which rights are taken away."""

    roles: Sequence[Manifest]
    admin: httpx.Client
    account: httpx.Client

    def take(self, right: Right) -> None:
        """Leave it all rights but this one."""
        for role in self.roles:
            meta = role["metadata"]
            space = f"/namespaces/{meta['namespace']}" if "namespace" in meta else ""
            path = f"{RBAC}{space}/{role['kind'].lower()}s/{meta['name']}"
            body = {"rules": without(role, right)["rules"]}
            self.admin.patch(
                path, json=body, headers={"Content-Type": MERGE_PATCH}
            ).raise_for_status()

    def refusal(self, of: Seen, told: str) -> str:
        """What is answered to a request, once the API server knows of the change."""
        deadline = time.monotonic() + SOON
        while True:
            asked = self.account.build_request(of.method, of.path, headers=TYPES.get(of.method))
            answer = self.account.send(asked, stream=True)
            try:
                text = answer.read().decode() if answer.status_code == httpx.codes.FORBIDDEN else ""
            finally:
                answer.close()
            if told in text or time.monotonic() > deadline:
                return text
            time.sleep(0.01)


@pytest.fixture(scope="module")
def reduced(kinds: ControlPlane) -> Iterator[Reduced]:
    made = rights(REDUCED)
    applied(kinds, made)
    token = kinds.run_kubectl("create", "token", name_of(REDUCED), "-n", HOME).strip()
    with client(kinds, kinds.token) as admin, client(kinds, token) as account:
        yield Reduced([each for each in made if "rules" in each], admin, account)


def client(kinds: ControlPlane, token: str) -> httpx.Client:
    headers = {"Authorization": f"Bearer {token}"}
    trust = ssl.create_default_context(cafile=kinds.ca_file)
    return httpx.Client(base_url=kinds.url, headers=headers, verify=trust)


@pytest.mark.parametrize("right", ALL, ids=str)
def test_without_one_right_what_the_operator_asks_for_is_refused(
    work: Work, reduced: Reduced, right: Right
) -> None:
    asked_for = work.by_right()[right]
    reduced.take(right)

    of = f'"{right.resource}" in API group "{right.group}"'
    told = json.dumps(f"cannot {right.verb} resource {of}")[1:-1]
    assert told in reduced.refusal(asked_for, told)


def test_who_may_not_see_a_kind_says_so_and_does_nothing(
    kinds: ControlPlane, reduced: Reduced, tmp_path: Path
) -> None:
    reduced.take(Right("ispalier.dev", "plans", "list"))
    account, memory = account_of(kinds, release=REDUCED), Memory()

    async def story() -> None:
        async with cluster_of(kinds) as cluster, operator(account, tmp_path, memory) as it:
            await cluster.secret("silva", "passwords", login="wireless")
            await cluster.create(*SILVA)

            async def says() -> bool:
                return (await it.answer("/readyz"))[1].startswith("Plan was never seen completely")

            await until(says)
            status, told = await it.answer("/readyz")

            assert status == 503
            assert 'cannot list resource "plans" in API group "ispalier.dev"' in told
            assert not memory.items

    anyio.run(story)
