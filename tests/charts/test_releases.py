"""A release from its first day to its last, by the real helm: nothing of a tenant's is ever lost."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import anyio
import pytest
import yaml

from hack.charts.__main__ import CHARTS
from hack.stack.controlplane import ControlPlane
from hack.stack.errors import StackError
from hack.stack.stack import Stack
from ispalier.api.kinds import KINDS
from ispalier.core.gather import Identity
from ispalier.kube.client import Access, Client
from ispalier.kube.holder import hold_cluster
from ispalier.world.secret import Secret
from tests.builders import login, plan, pool, profile, subscription, tenant, unit
from tests.charted import HOME, helm
from tests.inmemory import Memory
from tests.operators import cluster_of, operator

FIELD = "message"
"""What a Login of the version before did not have."""
DECLARED = (unit(), profile(), plan(), pool(), tenant(), subscription(), login("joao"))
ADVISED = "delete lease ispalier -n kube-public"
SHOWN = "jsonpath={range .items[*]}{.kind}/{.metadata.name} {.metadata.uid}{'\\n'}{end}"


@dataclass(frozen=True, slots=True)
class Releases:
    """A cluster of its own, and what helm does there."""

    cluster: ControlPlane

    def helm(self, *words: str | Path, space: str = HOME) -> str:
        return helm(*words, "--namespace", space, "--kubeconfig", self.cluster.kubeconfig)

    def kinds(self, chart: Path = CHARTS / "ispalier-crds") -> str:
        """Install the kinds, or upgrade them."""
        words = ("upgrade", "--install", "ispalier-crds", chart, "--create-namespace", "--wait")
        return self.helm(*words)

    def controller(self, *values: str) -> str:
        """Install the controller, or upgrade it."""
        words = [word for each in values for word in ("--set", each)]
        return self.helm(
            "upgrade", "--install", "ispalier", CHARTS / "ispalier", "--create-namespace", *words
        )

    def second(self) -> str:
        """Install the controller once more, under another name and in another namespace."""
        words = ("install", "second", CHARTS / "ispalier", "--create-namespace")
        return self.helm(*words, space="beside")

    def shown(self, kinds: str, *words: str) -> list[str]:
        """Objects with their uids."""
        return self.cluster.run_kubectl("get", kinds, "-o", SHOWN, *words).splitlines()

    def declared(self) -> list[str]:
        """What tenants and the provider declared."""
        return self.shown(",".join(f"{kind.plural}.ispalier.dev" for kind in KINDS), "-A")

    def ours(self) -> list[str]:
        """What there is of the release."""
        kinds = "deploy,sa,role,rolebinding,clusterrole,clusterrolebinding,pvc,pdb"
        found = self.shown(kinds, "-A", "-l", "app.kubernetes.io/instance=ispalier")
        return sorted(each.split()[0] for each in found)


@pytest.fixture(scope="module")
def releases() -> Iterator[Releases]:
    with Stack() as stack:
        yield Releases(stack.controlplane)


@pytest.fixture(scope="module")
def before(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The chart of the kinds as it was when a Login had a field less."""
    chart = tmp_path_factory.mktemp("before") / "ispalier-crds"
    shutil.copytree(CHARTS / "ispalier-crds", chart)
    file = chart / "templates" / "logins.yaml"
    head, _, body = file.read_text().partition("spec:\n")
    definition = yaml.safe_load(f"spec:\n{body}")
    (version,) = definition["spec"]["versions"]
    del version["schema"]["openAPIV3Schema"]["properties"]["spec"]["properties"][FIELD]
    file.write_text(head + yaml.safe_dump(definition))
    return chart


@dataclass(slots=True)
class Life:
    """What was seen in the life of a release, step by step."""

    notes: list[str] = field(default_factory=list)
    """What helm told whoever installed the controller, without the kinds and with them."""
    declared: list[list[str]] = field(default_factory=list)
    """Objects with their uids after every step."""
    said: list[str] = field(default_factory=list)
    """What could be written into the new field, before and after the upgrade."""
    ours: dict[str, list[str]] = field(default_factory=dict)
    """What there is of the release."""
    ready: bool = False
    """Whether an operator with the account of the release served it all."""
    beside: list[str] = field(default_factory=list)
    """What helm said to a release in another namespace, and after that the advice was followed."""


@pytest.fixture(scope="module")
def life(releases: Releases, before: Path, tmp_path_factory: pytest.TempPathFactory) -> Life:
    """From the first day to the last, and begun anew."""
    life = Life()
    life.notes.append(releases.controller())
    releases.kinds(before)
    anyio.run(served, releases, life, tmp_path_factory.mktemp("operator"))
    return life


async def served(releases: Releases, life: Life, folder: Path) -> None:
    async with cluster_of(releases.cluster) as cluster:
        await cluster.secret("silva", "passwords", login="wireless")
        await cluster.create(*DECLARED)
        account = releases.cluster.service_account_kubeconfig(HOME, "ispalier")
        async with operator(account, folder, Memory()):
            await cluster.all_ready()
            life.ready = True
        await held(account)
        await anyio.to_thread.run_sync(lived, releases, life)


async def held(account: Path) -> None:
    """The controller of the release says that it serves the cluster."""
    client = await Client.connect(Access(account))
    await hold_cluster(client, Identity("first", Secret("a key"), HOME))
    await client.close()


def lived(releases: Releases, life: Life) -> None:
    """Upgrade, uninstall, and install again."""
    life.declared.append(releases.declared())
    life.said.append(written(releases.cluster))
    releases.kinds()
    life.declared.append(releases.declared())
    life.said.append(written(releases.cluster))
    life.notes.append(releases.controller())
    with pytest.raises(StackError) as refused:
        releases.second()
    life.beside.append(str(refused.value))
    releases.cluster.run_kubectl(*ADVISED.split())
    life.beside.append(releases.second())
    releases.helm("uninstall", "second", space="beside")
    life.ours["one pod"] = releases.ours()
    narrow = ("secrets.scope=Namespaces", "secrets.namespaces={silva}")
    releases.controller("journal.existingSecret.name=journal", "replicas=2", *narrow)
    life.ours["two pods"] = releases.ours()
    releases.helm("uninstall", "ispalier", "--wait")
    releases.helm("uninstall", "ispalier-crds", "--wait")
    life.ours["uninstalled"] = releases.ours()
    life.declared.append(releases.declared())
    releases.kinds()
    releases.controller()
    life.ours["installed again"] = releases.ours()
    life.declared.append(releases.declared())


def written(cluster: ControlPlane) -> str:
    """Write into the new field; what is there afterwards."""
    patch = json.dumps({"spec": {FIELD: "Pay by Friday."}})
    words = ("login/joao", "-n", "silva")
    cluster.run_kubectl("patch", *words, "--type=merge", "-p", patch)
    return cluster.run_kubectl("get", *words, "-o", f"jsonpath={{.spec.{FIELD}}}")


def test_a_second_release_in_another_namespace_is_refused_with_what_to_do(life: Life) -> None:
    refused, installed = life.beside

    assert "this cluster is served by the installation in namespace 'ispalier'" in refused
    assert f"kubectl {ADVISED}" in refused
    assert "STATUS: deployed" in installed


def test_the_account_of_a_release_serves_what_is_declared(life: Life) -> None:
    assert life.ready


def test_an_upgrade_of_the_kinds_keeps_objects_and_brings_fields(life: Life) -> None:
    first, upgraded, *_ = life.declared

    assert len(DECLARED) == len(first)
    assert first == upgraded
    assert life.said == ["", "Pay by Friday."]


def test_nothing_that_is_declared_is_lost_or_made_anew_by_uninstalling(life: Life) -> None:
    first, _, uninstalled, again = life.declared

    assert first == uninstalled == again


def test_of_a_release_that_is_uninstalled_only_the_journal_stays(life: Life) -> None:
    assert life.ours["uninstalled"] == ["PersistentVolumeClaim/ispalier-journal"]


def test_a_release_has_the_account_the_rights_and_what_its_pods_need(life: Life) -> None:
    common = [
        "ClusterRole/ispalier:ispalier",
        "ClusterRoleBinding/ispalier:ispalier",
        "Deployment/ispalier",
        "PersistentVolumeClaim/ispalier-journal",
        "Role/ispalier",
        "RoleBinding/ispalier",
        "ServiceAccount/ispalier",
    ]
    more = [
        "PodDisruptionBudget/ispalier",
        "Role/ispalier-secrets",
        "RoleBinding/ispalier-secrets",
    ]

    one, two = set(life.ours["one pod"]), set(life.ours["two pods"])
    assert one.issuperset(common)
    assert one == set(life.ours["installed again"])
    assert set(more) == two - one


def test_who_installs_is_told_what_is_missing_and_what_comes_next(life: Life) -> None:
    without, with_kinds = life.notes

    assert "Its kinds are NOT in this cluster yet" in without
    assert "are NOT in this cluster" not in with_kinds
    assert "back it up" in with_kinds
