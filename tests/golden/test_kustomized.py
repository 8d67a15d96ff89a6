"""Days without quotes are told where kustomize reads the files, and nowhere else."""

import shutil
from datetime import UTC, datetime
from pathlib import Path

import pytest

from hack.stack.places import ROOT
from hack.stack.process import call
from hack.stack.programs import find
from ispalier.cli.validate.ahead import ahead
from ispalier.cli.validate.asked import Wanted
from ispalier.cli.validate.looking import look

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
FLUX = "apiVersion: kustomize.toolkit.fluxcd.io/v1\nkind: Kustomization\nmetadata: {name: all}\n"
LOCAL = "resources: [tenant.yaml]\n"
FILE = """\
apiVersion: v1
kind: Namespace
metadata: {name: silva}
---
apiVersion: ispalier.dev/v1alpha1
kind: Subscription
metadata: {name: home, namespace: silva}
spec:
  terms:
    - {from: 2026-11-21, planRef: {name: fibra-300}}
    - {from: "2026-12-01", planRef: {name: fibra-600}}
  notes: |
    since: 2026-01-01
"""
TOLD = (
    "tenant.yaml:10:14: Subscription/home: spec.terms[0].from: warning: is a time for kustomize,"
    ' which Flux uses; write "2026-11-21" with quotes'
)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "tenant.yaml").write_text(FILE)
    (tmp_path / "other.yaml").write_text(FLUX.replace("kustomize.", "source."))
    monkeypatch.chdir(tmp_path)
    return tmp_path


def told() -> list[str]:
    found = look(Wanted([Path()], NOON), ahead(1)).problems
    return [str(each) for each in found if "kustomize" in each.what]


@pytest.mark.parametrize(("name", "text"), [("flux.yaml", FLUX), ("kustomization.yaml", LOCAL)])
def test_a_day_without_quotes_is_told_where_kustomize_is_used(
    folder: Path, name: str, text: str
) -> None:
    (folder / name).write_text(text)

    assert told() == [TOLD]


@pytest.mark.usefixtures("folder")
def test_it_is_right_where_it_is_not() -> None:
    assert told() == []


def test_kustomize_does_so(folder: Path) -> None:
    (folder / "kustomization.yaml").write_text(LOCAL)

    built = call([find("kubectl"), "kustomize", str(folder)])

    assert "from: 2026-11-21T00:00:00Z" in built or 'from: "2026-11-21T00:00:00Z"' in built
    assert 'from: "2026-12-01"' in built


def test_many_files_are_told_of_as_few_are(
    folder: Path, monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    monkeypatch.setenv("ISPALIER_CACHE_FOLDER", str(tmp_path_factory.mktemp("cache")))
    monkeypatch.setattr("ispalier.cli.validate.looking.MANY", 1)
    (folder / "flux.yaml").write_text(FLUX)

    assert [told(), told()] == [[TOLD], [TOLD]]


def test_the_examples_are_fit_for_flux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    shutil.copytree(ROOT / "examples", tmp_path / "examples")
    monkeypatch.chdir(tmp_path)

    assert told() == []
