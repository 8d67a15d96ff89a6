"""Every row of the systems that are replaced has its place."""

from functools import cache
from pathlib import Path
from typing import Any

import pytest
import typer
import yaml

from ispalier.api.base import NotYet, models_in
from ispalier.api.kinds import BY_NAME
from ispalier.api.roles import ROLES
from ispalier.cli.main import app
from tests.unit.api.schemas import SPECS, STATUSES

TOP = Path(__file__).parents[3]
FILE = TOP / "schemas" / "coverage.yaml"
POLICIES = TOP / "charts" / "ispalier" / "templates" / "policies"
ROWS = {"S0": 20, "S1": 39, "S2": 36, "S3": 118, "S4": 18}
PLACES = ("field", "status", "command", "role", "notOurs")
Row = dict[str, str]


@cache
def coverage() -> dict[str, Row]:
    return dict(yaml.safe_load(FILE.read_text()))


def rows_of(place: str) -> list[tuple[str, Row]]:
    return [(id_, row) for id_, row in coverage().items() if place in row]


def why_inert(path: str) -> str:
    """Why a field has no effect yet; empty if it has one."""
    kind, _, *parts = path.split(".")
    model: Any = BY_NAME[kind].model_fields["spec"].annotation
    found = [BY_NAME[kind].not_yet]
    for part in parts:
        fields = {field.alias or name: field for name, field in model.model_fields.items()}
        field = fields[part.removesuffix("[]")]
        found += [each for each in field.metadata if isinstance(each, NotYet) and not each.values]
        model = next(models_in(field.annotation), None)
    return next((each.why for each in found if each), "")


def test_every_row_is_there_in_its_order() -> None:
    assert list(coverage()) == [
        f"{system}-{number:02}" for system, count in ROWS.items() for number in range(1, count + 1)
    ]


def test_every_row_says_what_it_is_and_has_one_place() -> None:
    assert [id_ for id_, row in coverage().items() if len(row.keys() & {*PLACES}) != 1] == []
    assert [id_ for id_, row in coverage().items() if not row.get("what")] == []
    assert len(rows_of("notOurs")) <= 4


def test_every_field_is_in_its_definition() -> None:
    there = {str(node) for node in (*SPECS, *STATUSES)}
    rows = [*rows_of("field"), *rows_of("status")]

    assert [id_ for id_, row in rows if row.get("field", row.get("status")) not in there] == []


def test_a_field_without_effect_says_so_and_why() -> None:
    told = {id_: row.get("why", "") for id_, row in rows_of("field")}

    assert told == {id_: why_inert(row["field"]) for id_, row in rows_of("field")}


def test_rows_say_nothing_but_what_the_head_of_the_file_explains() -> None:
    known = {"what", *PLACES, "policy", "effect", "why", "lacks"}

    assert {id_: row for id_, row in coverage().items() if row.keys() - known} == {}
    assert [id_ for id_, row in coverage().items() if {"effect", "lacks"} <= row.keys()] == []


def test_effects_are_missing_with_a_reason_only() -> None:
    assert [id_ for id_, row in coverage().items() if ("effect" in row) != ("why" in row)] == []
    assert {row["effect"] for row in coverage().values() if "effect" in row} == {"none"}


@pytest.mark.parametrize("id_", [id_ for id_, row in rows_of("command") if "effect" not in row])
def test_every_command_is_there(id_: str) -> None:
    commands = typer.main.get_command(app)

    assert coverage()[id_]["command"] in commands.commands  # type: ignore[attr-defined]  # a group


def test_every_role_and_every_policy_is_in_the_chart() -> None:
    roles = {row["role"] for _, row in rows_of("role")}
    policies = {row["policy"] for _, row in rows_of("policy")}

    assert set() == roles - {role.name for role in ROLES}
    assert set() == policies - {file.stem for file in POLICIES.glob("[a-z]*.yaml")}
