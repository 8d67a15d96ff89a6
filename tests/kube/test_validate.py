"""`validate` with what a cluster holds beside the files."""

from pathlib import Path

import anyio
import pytest
import yaml
from typer.testing import CliRunner

from hack.stack.controlplane import ControlPlane
from ispalier.cli.main import app
from tests.builders import plan, profile, unit
from tests.operators import cluster_of

TENANT = """\
apiVersion: ispalier.dev/v1alpha1
kind: Tenant
metadata: {name: silva, namespace: silva}
spec: {number: "1", displayName: Silva, businessUnitRef: {name: londrina}}
---
apiVersion: ispalier.dev/v1alpha1
kind: Subscription
metadata: {name: home, namespace: silva}
spec:
  terms: [{from: 2026-01-01, planRef: {name: fibra-300}}]
"""


def validate(*words: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["validate", *words])
    return done.exit_code, done.stdout


@pytest.fixture
def file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("a.yaml").write_text(TENANT)
    return Path("a.yaml")


def test_what_is_not_in_the_files_is_taken_from_a_cluster(kinds: ControlPlane, file: Path) -> None:
    cluster_ = ("--kubeconfig", str(kinds.kubeconfig))
    other = file.with_name("b.yaml")
    other.write_text(TENANT.replace("fibra-300", "fibra-30"))

    async def story() -> tuple[tuple[int, str], ...]:
        async with cluster_of(kinds) as cluster:
            await cluster.create(unit(), profile(), plan())
            there = await anyio.to_thread.run_sync(validate, str(file), *cluster_)
            wrong = await anyio.to_thread.run_sync(validate, str(other), *cluster_)
        return there, wrong

    there, wrong = anyio.run(story)

    assert there == (0, "")
    assert wrong == (
        1,
        (
            "b.yaml:10:40: Subscription/home: spec.terms[0].planRef.name: Plan/fibra-30 does not"
            " exist; did you mean fibra-300?\n"
        ),
    )


def test_the_context_says_which_cluster(kinds: ControlPlane, file: Path, tmp_path: Path) -> None:
    known = yaml.safe_load(kinds.kubeconfig.read_text())
    [here], [there] = known["contexts"], known["clusters"]
    away = {"name": "away", "context": {**here["context"], "cluster": "away"}}
    gone = {"name": "away", "cluster": {**there["cluster"], "server": "https://127.0.0.1:1"}}
    both = {"contexts": [here, away], "clusters": [there, gone], "current-context": "away"}
    (tmp_path / "kubeconfig").write_text(yaml.safe_dump(known | both))
    words = (str(file), "--kubeconfig", str(tmp_path / "kubeconfig"))

    async def story() -> tuple[tuple[int, str], ...]:
        async with cluster_of(kinds) as cluster:
            await cluster.create(unit(), profile(), plan())
            named = await anyio.to_thread.run_sync(validate, *words, "--context", here["name"])
            current = await anyio.to_thread.run_sync(validate, *words)
            none = await anyio.to_thread.run_sync(validate, *words, "--context", "nowhere")
        return named, current, none

    assert anyio.run(story) == ((0, ""), (2, ""), (2, ""))


def test_what_is_missing_may_be_declared_elsewhere(file: Path) -> None:
    souza = TENANT.partition("---")[0].replace("silva", "souza").replace('"1"', '"2"')
    file.write_text(f"{TENANT}---\n{souza}")

    code, told = validate(str(file), "--allow-missing")

    assert code == 0
    assert all(": warning: " in line for line in told.splitlines())
