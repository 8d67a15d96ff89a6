"""Every example is right as it stands."""

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest

from ispalier.cli.validate.problems import problems_of
from ispalier.world.findings import Level

TOP = Path(__file__).parents[2]
PAGES = [*TOP.glob("*.md"), *TOP.glob("[!.]*/**/*.md"), *TOP.glob("charts/**/NOTES.txt")]
EXAMPLES = TOP / "examples"
STORIES = ("dedicated-server", "home-fibre", "mail-only", "reseller", "web-hosting")


def test_there_are_five() -> None:
    assert list(STORIES) == sorted(each.name for each in EXAMPLES.iterdir())


@pytest.mark.parametrize("story", STORIES)
def test_nothing_in_it_is_wrong_but_what_has_no_effect_yet(story: str) -> None:
    found = problems_of([EXAMPLES / story], datetime(2026, 11, 26, 12, tzinfo=UTC))

    assert [each for each in found if each.level is Level.ERROR] == []
    assert [each for each in found if not each.what.startswith("has no effect yet")] == []


@pytest.mark.parametrize("story", STORIES)
def test_its_readme_names_every_file(story: str) -> None:
    folder = EXAMPLES / story
    text = (folder / "README.md").read_text()
    files = [each.relative_to(folder) for each in folder.rglob("*.yaml")]

    assert [
        each for each in files if str(each) not in text and f"{each.parts[0]}/" not in text
    ] == []


def test_all_say_alike_how_their_files_are_read() -> None:
    told = {
        (EXAMPLES / story / "README.md")
        .read_text()
        .partition("## How to read")[2]
        .partition("## ")[0]
        for story in STORIES
    }

    assert len(told) == 1
    assert "`apiVersion`" in told.pop()


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(TOP)))
def test_what_a_page_leads_to_is_there(page: Path) -> None:
    text = re.sub(r"```.*?```", "", page.read_text(), flags=re.DOTALL)
    links = [each.partition("#")[0] for each in re.findall(r"\]\(([^)\s]+)\)", text)]

    assert [each for each in links if ":" not in each and not (page.parent / each).exists()] == []


def test_who_is_told_to_wait_is_told_how_long() -> None:
    told = [line for each in PAGES for line in each.read_text().splitlines()]
    waits = [line for line in told if "kubectl wait -" in line]

    assert len(waits) >= 5
    assert [line for line in waits if "--timeout=" not in line] == []
