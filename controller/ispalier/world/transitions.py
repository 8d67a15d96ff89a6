"""Transitions: what may not become of what is declared, judged by what was declared before."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Any

from ispalier.api.base import Resource
from ispalier.api.contracts import Subscription
from ispalier.api.crd import structural
from ispalier.world import rules
from ispalier.world.checks.files import Check, Files
from ispalier.world.findings import Path, shown
from ispalier.world.snapshot import Snapshot, ident

_Node = Mapping[str, Any]


def broken_transitions(before: Snapshot, after: Snapshot, now: datetime) -> Iterator[Check]:
    """What the API server would refuse of an edit, and what only the date forbids."""
    files = Files.of(before, now, whole=False)
    for new in after.everything():
        old = before.find(ident(new)) if isinstance(new, Resource) else None
        if not isinstance(new, Resource) or not isinstance(old, Resource):
            continue
        node = _schema(type(new))
        if _has_rules(node):
            for path, message in _broken(node, _plain(old), _plain(new), ("spec",)):
                what, _, remedy = message.partition(": ")
                yield Check(ident(new), shown(path), what, remedy)
        if isinstance(old, Subscription) and isinstance(new, Subscription):
            yield from _risen(files, old, new)


def _risen(files: Files, old: Subscription, new: Subscription) -> Iterator[Check]:
    """Contracts that had ended and go on; in a cluster the state of their status tells."""
    end = old.spec.end
    is_over = end is not None and end.date <= files.today(old)
    if is_over and end is not None and (new.spec.end is None or new.spec.end.date != end.date):
        what = f"this contract ended on {end.date} and never comes back"
        yield Check(ident(new), "spec.end", what, "put spec.end back, and make a new Subscription")


def _plain(resource: Resource) -> Any:  # noqa: ANN401 - JSON
    spec = resource.model_dump(mode="json", by_alias=True, exclude_none=True)["spec"]
    return _without_empty(spec)


def _without_empty(value: Any) -> Any:  # noqa: ANN401 - JSON
    """Empty lists and mappings are as good as none."""
    if isinstance(value, dict):
        return {name: _without_empty(each) for name, each in value.items() if each not in ([], {})}
    return [_without_empty(each) for each in value] if isinstance(value, list) else value


@cache
def _schema(kind: type[Resource]) -> _Node:
    found: _Node = structural(kind)["properties"]["spec"]
    return found


def _has_rules(node: _Node) -> bool:
    inner = [*node.get("properties", {}).values(), *([node["items"]] if "items" in node else [])]
    return bool(_rules(node)) or any(_has_rules(each) for each in inner)


def _rules(node: _Node) -> Sequence[tuple[str, str]]:
    marked = node.get("x-kubernetes-validations", ())
    return [(each["rule"], each["message"]) for each in marked if "oldSelf" in each["rule"]]


def _broken(node: _Node, old: Any, new: Any, path: Path) -> Iterator[tuple[Path, str]]:  # noqa: ANN401 - JSON
    for text, message in _rules(node):
        if not rules.of_a_change(text, message).holds(new, old):
            yield path, message
    if isinstance(new, dict) and isinstance(old, dict):
        for name, each in node.get("properties", {}).items():
            if name in old and name in new:
                yield from _broken(each, old[name], new[name], (*path, name))
    elif isinstance(new, list) and isinstance(old, list):
        keys = node.get("x-kubernetes-list-map-keys", ())
        before = {tuple(each.get(key) for key in keys): each for each in old} if keys else {}
        for index, each in enumerate(new):
            there = before.get(tuple(each.get(key) for key in keys)) if keys else None
            if there is not None:
                yield from _broken(node["items"], there, each, (*path, index))
