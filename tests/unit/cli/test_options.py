"""The same option has the same name wherever it has a meaning."""

from typing import Any

import pytest
from typer.main import get_command

from ispalier.cli.main import app

SEVERAL = {"apply", "validate"}
"""These take several paths."""


def commands() -> dict[str, Any]:
    """Each command by its name, those of groups with the group's."""
    top: Any = get_command(app)
    groups = {
        name: each.commands for name, each in top.commands.items() if hasattr(each, "commands")
    }
    inner = (
        (f"{group} {name}", each) for group, some in groups.items() for name, each in some.items()
    )
    return {name: each for name, each in top.commands.items() if name not in groups} | dict(inner)


def options(command: Any) -> frozenset[str]:  # noqa: ANN401 - typer's
    return frozenset(word for each in command.params for word in (*each.opts, each.metavar or ""))


def having(word: str) -> set[str]:
    """The commands that have an option, or an argument of that name."""
    return {name for name, each in commands().items() if word in options(each)}


@pytest.mark.parametrize("option", ["--customer", "--namespace", "--folder"])
def test_whoever_names_a_resource_may_say_whose_it_is_and_where(option: str) -> None:
    assert having("KIND/NAME") | having("KIND/NAME|ID") <= having(option)


def test_whoever_takes_a_folder_takes_it_by_name_too() -> None:
    assert having("PATH") - SEVERAL <= having("--folder")


def test_whoever_asks_a_cluster_can_be_told_which() -> None:
    assert having("--kubeconfig") == having("--context")


def test_customers_are_never_named_by_another_option() -> None:
    assert having("--tenant") == set()
    assert having("--customer") == having("--namespace") - {"new"}


def test_lists_can_be_read_by_programs() -> None:
    lists = {"status", "show", "find", "why", "drift", "probe", "pending", "holds", "retired"}

    assert lists | {"bill", "entries", "journal show", "journal verify"} <= having("--format")


NAMED = ["KIND/NAME", "KIND/NAME|ID", "HOST", "DIGEST", "KIND", "NUMBER", "REV"]


@pytest.mark.parametrize("metavar", NAMED)
def test_a_shell_completes_what_has_a_name(metavar: str) -> None:
    found = [each for command in commands().values() for each in command.params]
    named = [each for each in found if each.metavar == metavar]

    assert named
    assert [each.name for each in named if not _completes(each)] == []


def _completes(parameter: Any) -> bool:  # noqa: ANN401 - typer's
    return parameter._custom_shell_complete is not None  # noqa: SLF001 - it is told nowhere else
