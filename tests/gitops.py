"""What Flux and Argo CD make of an object, by what the repository tells them."""

from functools import cache
from pathlib import Path
from typing import Any

import yaml
from lupa import LuaRuntime

from ispalier.world.rules import of_a_change

ROOT = Path(__file__).parents[1]
BARE = """
string, io, debug, coroutine, math, require = nil, nil, nil, nil, nil, nil
getmetatable("").__index = nil
"""
"""Argo CD opens the base and table libraries alone."""

Body = dict[str, Any]


def argo_health(body: Body) -> tuple[str, str]:
    """Health and message, by the script in its ConfigMap."""
    patch = yaml.safe_load((ROOT / "hack" / "kit" / "argocd-cm.yaml").read_text())
    customizations = yaml.safe_load(patch["data"]["resource.customizations"])
    lua = LuaRuntime(unpack_returned_tuples=True)
    lua.execute(BARE)
    lua.globals().obj = lua.table_from(body, recursive=True)
    told = lua.execute(customizations["ispalier.dev/*"]["health.lua"])
    return told["status"], told["message"] or ""


def flux_health(story: str, body: Body) -> str:
    """Status by the expressions of an example, in the order in which Flux asks them."""
    found = _expressions(story)[body["kind"]]
    for name, status in (
        ("inProgress", "InProgress"),
        ("failed", "Failed"),
        ("current", "Current"),
    ):
        if _holds(found[name], body):
            return status
    return "InProgress"


def flux_kinds(story: str) -> set[str]:
    """The kinds for which an example has expressions."""
    return set(_expressions(story))


def _holds(expression: str, body: Body) -> bool:
    return of_a_change(expression, "").program.execute(body) is True


@cache
def _expressions(story: str) -> dict[str, dict[str, str]]:
    text = (ROOT / "examples" / story / "clusters" / "flux.yaml").read_text()
    checks = [
        check
        for each in yaml.safe_load_all(text)
        for check in each["spec"].get("healthCheckExprs", ())
    ]
    return {each["kind"]: each for each in checks}
