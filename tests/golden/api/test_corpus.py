"""The corpus: what is right is taken, what is wrong is told in the words that its first lines say."""

from pathlib import Path
from typing import Any

import pytest

from ispalier.api.base import Resource
from ispalier.api.crd import structural
from ispalier.api.generate import ROOT
from ispalier.api.kinds import ACTS, BY_NAME
from ispalier.world.documents import documents
from ispalier.world.manifests import declared
from tests.golden.api.making import SHOWN, files, said
from tests.golden.api.mistakes import INVALID, VALID, Object
from tests.unit.api.schemas import EVERY_KIND, SPECS

WRONG = sorted(INVALID.glob("*.yaml"))


def read(path: Path) -> Object:
    [document] = documents(path.read_bytes())
    assert isinstance(document.value, dict)
    return dict(document.value)


def promised(path: Path) -> list[str]:
    lines = path.read_text().splitlines()
    return [line.removeprefix("# ") for line in lines if line.startswith("# ")]


def rules(node: Object) -> list[str]:
    """What is told of every rule that needs no earlier version."""
    own = [
        each["message"].partition(": ")[0]
        for each in node.get("x-kubernetes-validations", ())
        if "oldSelf" not in each["rule"]
    ]
    inner = [*node.get("properties", {}).values(), *([node["items"]] if "items" in node else [])]
    return [*own, *(each for one in inner for each in rules(one))]


@pytest.mark.parametrize("kind", BY_NAME)
def test_the_example_of_a_kind_is_right(kind: str) -> None:
    assert declared(read(VALID / f"{kind.lower()}.yaml")).findings == []


@pytest.mark.parametrize("kind", ACTS)
def test_the_example_of_an_act_is_read_as_it_stands(kind: type[Resource]) -> None:
    written = read(VALID.parent / "acts" / f"{kind.__name__.lower()}.yaml")
    model: Any = kind.model_fields["spec"].annotation

    assert written["spec"] == model.model_validate(written["spec"]).model_dump(
        mode="json", by_alias=True, exclude_unset=True
    )


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_every_kind_has_a_page_that_the_list_names(kind: type[Resource]) -> None:
    page, pages = f"{kind.__name__.lower()}.md", ROOT / "reference"

    assert (pages / page).read_text().startswith(f"# {kind.__name__}\n")
    assert f"[{kind.__name__}]({page})" in (pages / "README.md").read_text()


@pytest.mark.parametrize("path", WRONG, ids=lambda path: path.stem)
def test_what_is_wrong_is_told_as_the_file_says(path: Path) -> None:
    assert promised(path) == said(read(path))[:SHOWN] != []


def test_the_files_are_fresh() -> None:
    stale = {path.name for path, text in files().items() if path.read_text() != text}

    assert stale == set()
    assert {path.name for path in WRONG} == {path.name for path in files()}
    assert len(WRONG) >= 250


@pytest.mark.parametrize("kind", BY_NAME)
def test_every_rule_is_broken_by_a_file_of_its_kind(kind: str) -> None:
    told = "\n".join(
        line for path in INVALID.glob(f"{kind.lower()}[.-]*.yaml") for line in promised(path)
    )
    of_entries = "is not an IP address", "is not a network"
    missing = {each for each in rules(structural(BY_NAME[kind])) if each not in told}

    assert missing - {*of_entries} == set()


def test_fields_of_every_kind_are_in_its_example() -> None:
    shown = {
        f"{kind}.{way}"
        for kind in BY_NAME
        for way in ways(read(VALID / f"{kind.lower()}.yaml")["spec"], "spec")
    }
    top = {str(node) for node in SPECS if node.kind in BY_NAME and node.path.count(".") == 1}
    other = {"Partner.spec.customerNumber", "Tenant.spec.profileSecretRef"}  # one or the other
    sections = {f"ServiceHost.spec.{each}" for each in ("radius", "dns", "web", "sql")}
    identities = {f"Login.spec.{each}" for each in ("mac", "circuit", "serial")}

    assert top - shown - other - sections - identities == {
        each for each in top if each.endswith("[]") and each not in shown
    }


def ways(value: object, way: str) -> list[str]:
    match value:
        case dict():
            return [
                found
                for name, each in value.items()
                for found in (f"{way}.{name}", *ways(each, f"{way}.{name}"))
            ]
        case list():
            return [f"{way}[]", *(found for each in value for found in ways(each, f"{way}[]"))]
        case _:
            return []
