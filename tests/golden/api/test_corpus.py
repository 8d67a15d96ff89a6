"""The corpus: what is right is taken, what is wrong is told in the words that its first lines say."""

from pathlib import Path
from typing import Any

import pytest

from ispalier.api.base import Resource
from ispalier.api.generate import ROOT
from ispalier.api.kinds import ACTS, BY_NAME
from ispalier.world.manifests import declared
from tests.golden.api.making import SHOWN, files, said
from tests.golden.api.mistakes import INVALID, MORE, VALID, examples, read
from tests.unit.api.schemas import EVERY_KIND, SPECS

WRONG = sorted(INVALID.glob("*.yaml"))


def promised(path: Path) -> list[str]:
    lines = path.read_text().splitlines()
    return [line.removeprefix("# ") for line in lines if line.startswith("# ")]


RIGHT = [*sorted(VALID.glob("*.yaml")), *sorted(MORE.glob("*.yaml"))]


@pytest.mark.parametrize("path", RIGHT, ids=lambda path: path.stem)
def test_an_example_is_right(path: Path) -> None:
    assert declared(read(path)).findings == []


def test_every_kind_has_an_example() -> None:
    assert {path.stem for path in VALID.glob("*.yaml")} == {kind.lower() for kind in BY_NAME}


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


def test_every_field_is_in_an_example() -> None:
    shown = {
        f"{kind}.{way}"
        for kind in BY_NAME
        for path in examples(kind)
        for way in ways(read(path)["spec"], "spec")
    }

    assert {str(node) for node in SPECS if node.kind in BY_NAME} - shown == set()


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
