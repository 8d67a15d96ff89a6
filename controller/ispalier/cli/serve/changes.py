"""Change sets as people read them, and as programs do; secrets are masked in both."""

from collections.abc import Iterator

from ispalier.core.changes import Change, Verb
from ispalier.core.shown import differences, named, values

SIGNS = {
    Verb.CREATE: "+",
    Verb.UPDATE: "~",
    Verb.SUSPEND: "~",
    Verb.RESTORE: "~",
    Verb.ADOPT: "=",
    Verb.RETIRE: "-",
    Verb.DELETE: "-",
}
STYLES = {"+": "green", "~": "yellow", "=": "cyan", "-": "red"}
DONE = {
    Verb.CREATE: "created",
    Verb.UPDATE: "updated",
    Verb.SUSPEND: "suspended",
    Verb.RESTORE: "restored",
    Verb.ADOPT: "adopted",
    Verb.RETIRE: "retired",
    Verb.DELETE: "deleted",
}
_SAID = {
    Verb.SUSPEND: "is suspended",
    Verb.RESTORE: "serves again",
    Verb.ADOPT: "is there already and is taken over",
    Verb.RETIRE: "is switched off; its data is kept for now",
    Verb.DELETE: "is deleted",
}


def line(change: Change) -> str:
    """One change in one line: `~ group fibra-300 on radius: Mikrotik-Rate-Limit '50M' -> '150M'`."""
    details = "; ".join([*filter(None, [_SAID.get(change.verb)]), *_details(change)])
    said = f"{SIGNS[change.verb]} {named(change.item)} on {change.item.host}"
    return f"{said}: {details}" if details else said


def as_json(room: str, change: Change) -> dict[str, object]:
    """A change as JSON."""
    return {
        "verb": change.verb.value,
        "room": room,
        "host": change.item.host,
        "item": named(change.item),
        "resource": str(change.owner) if change.owner else "",
        "differences": [each._asdict() for each in differences(change)],
    }


def _details(change: Change) -> Iterator[str]:
    match change.verb:
        case Verb.CREATE:
            yield from (f"{each.name} {each.text}" for each in values(change.item) if each.text)
        case Verb.DELETE | Verb.ADOPT:
            return
        case _:
            for name, before, after in differences(change):
                is_secret = before == after
                yield f"{name} is changed" if is_secret else f"{name} '{before}' -> '{after}'"
