"""Lean: equal in everything to what validation made, in less memory."""

import gc
import tracemalloc
from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from ispalier.api.base import Resource
from ispalier.api.kinds import BY_NAME
from ispalier.api.lean import lean, replaced
from ispalier.core.conditions import status_of

EXAMPLES = Path(__file__).parents[2] / "examples"


def bodies() -> Iterator[dict[str, object]]:
    for path in sorted(EXAMPLES.rglob("*.yaml")):
        for body in yaml.safe_load_all(path.read_text()):
            if isinstance(body, dict) and body.get("kind") in BY_NAME:
                yield body


def read(body: dict[str, object]) -> Resource:
    return BY_NAME[str(body["kind"])].model_validate(body, extra="ignore")


ALL = list(bodies())


@pytest.mark.parametrize("body", ALL, ids=lambda each: f"{each['kind']}/{each['metadata']['name']}")
def test_it_is_equal_in_all_that_can_be_asked(body: dict[str, object]) -> None:
    plain, made = read(body), lean(read(body))

    assert made == plain
    assert made.model_dump(mode="json", by_alias=True) == plain.model_dump(
        mode="json", by_alias=True
    )
    assert made.model_dump(exclude_unset=True) == plain.model_dump(exclude_unset=True)
    assert made.memo is made.memo


def test_what_was_replaced_is_the_rest_as_it_was() -> None:
    plain = read(ALL[0])
    told = status_of(type(plain), {"observedGeneration": 7})

    made = replaced(lean(plain), status=told)

    assert made == plain.model_copy(update={"status": told})
    assert made.model_copy(update={"status": plain.status}) == plain


def test_equal_conditions_are_held_once() -> None:
    body = {"conditions": [{"type": "Ready", "status": "True", "reason": "Ready"}]}

    first, second = (status_of(type(read(ALL[0])), body) for _ in range(2))

    assert first.conditions[0] is second.conditions[0]


def test_it_takes_less_memory() -> None:
    def held(count: int, *, is_lean: bool) -> int:
        kept, before = [], tracemalloc.get_traced_memory()[0]
        for _ in range(count):
            kept += [lean(read(each)) if is_lean else read(each) for each in ALL]
        gc.collect()  # whatever is garbage is not held
        return tracemalloc.get_traced_memory()[0] - before

    held(1, is_lean=True)
    tracemalloc.start()
    try:
        plain, made = held(20, is_lean=False), held(20, is_lean=True)
    finally:
        tracemalloc.stop()

    assert made * 1.5 < plain, (made, plain)
