"""Makes the files that are wrong: `python -m tests.golden.api.making`.

One for each bound of each field, each choice, each rule: the example of the kind with as little in
it as goes, and one mistake. The first line says what `validate` must say.
"""

import copy
from pathlib import Path
from typing import Any

import yaml

from ispalier.world.findings import shown
from ispalier.world.manifests import declared
from tests.golden.api.mistakes import (
    INVALID,
    MISSING,
    Mistake,
    Object,
    Rule,
    Way,
    examples,
    mistakes,
    read,
    schema,
)
from tests.golden.api.rules import RULES

SHOWN = 3
"""Of how many findings a file tells."""


def made(mistake: Mistake | Rule) -> Object:
    """The object with the mistake, and of the other fields those that must be there."""
    fields = mistake.fields if isinstance(mistake, Rule) else {mistake.way: mistake.value}
    whole = read(mistake.example if isinstance(mistake, Mistake) else examples(mistake.kind)[0])
    lean = {**whole, "spec": _pruned(schema(mistake.kind), whole["spec"], ("spec",), set(fields))}
    value = whole if declared(copy.deepcopy(lean)).findings else lean
    for way, each in fields.items():
        _put(value, way, each)
    return value


def _pruned(node: Object, value: Any, way: Way, kept: set[Way]) -> Any:  # noqa: ANN401 - JSON
    """Without what need not be there and leads to none of the fields that are kept."""
    if isinstance(value, dict):
        return {
            name: _pruned(node["properties"][name], each, (*way, name), kept)
            for name, each in value.items()
            if name in node.get("required", ())
            or any(k[: len(way) + 1] == (*way, name) for k in kept)
        }
    if isinstance(value, list) and "items" in node and node["items"]["type"] == "object":
        return [_pruned(node["items"], each, (*way, 0), kept) for each in value[:1]]
    return value


def _put(value: Any, way: Way, new: object) -> None:  # noqa: ANN401 - JSON
    for part in way[:-1]:
        value = value.setdefault(part, {}) if isinstance(value, dict) else value[part]
    if new is MISSING:
        value.pop(way[-1], None)
    else:
        value[way[-1]] = new


def said(value: Object) -> list[str]:
    """What `validate` says of an object by itself: kind, name, field, what, what to do."""
    found = declared(copy.deepcopy(value))
    return [
        ": ".join(filter(None, [found.subject, shown(each.path), f"{each.what}; {each.remedy}"]))
        for each in found.findings
    ]


def files() -> dict[Path, str]:
    """Every file that is wrong, with its text."""
    found: dict[Path, str] = {}
    every: list[Mistake | Rule] = [*mistakes(), *RULES]
    for each in every:
        value = made(each)
        told = said(value)
        parts = [each.kind.lower()]
        if isinstance(each, Mistake):
            parts.append(".".join(str(part) for part in each.way[1:]))
        name = f"{'.'.join(filter(None, parts))}-{each.word}.yaml"
        comment = "".join(f"# {line}\n" for line in told[:SHOWN])
        text = yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=100)
        found[INVALID / name] = comment + text
    return found


def main() -> None:
    """Write the files, and remove those that are no longer made."""
    INVALID.mkdir(exist_ok=True)
    wanted = files()
    for path in set(INVALID.glob("*.yaml")) - wanted.keys():
        path.unlink()
    for path, text in wanted.items():
        path.write_text(text)


if __name__ == "__main__":
    main()
