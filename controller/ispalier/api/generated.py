"""The schemas as `make generate` has written them: to make them anew takes longer than most commands."""

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from ispalier.api.base import Resource
from ispalier.api.crd import structural


def generated(kind: type[Resource]) -> Mapping[str, Any]:
    """The properties of the structural schema of a kind."""
    return _all().get(kind.__name__) or structural(kind)["properties"]


@cache
def _all() -> Mapping[str, Mapping[str, Any]]:
    text = Path(__file__).with_name("structural.json").read_text(encoding="utf-8")
    found: dict[str, Mapping[str, Any]] = json.loads(text)
    return found
