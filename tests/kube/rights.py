"""Rights: those that rules grant, and the one that a request needs."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from hack.stack.faultproxy import Seen
from tests.charted import Manifest

_VERBS = {"POST": "create", "PATCH": "patch", "PUT": "update", "DELETE": "delete"}


class Right(NamedTuple):
    """To do this with that resource of that group; of that name, if only one is granted."""

    group: str
    resource: str
    verb: str
    name: str = ""

    def __str__(self) -> str:
        return " ".join((self.verb, self.resource, *filter(None, [self.name])))


def granted(roles: Iterable[Manifest]) -> Iterator[Right]:
    """All that these roles allow, one by one."""
    for role in roles:
        for rule in role.get("rules", ()):
            for group in rule["apiGroups"]:
                for resource in rule["resources"]:
                    for verb in rule["verbs"]:
                        for name in rule.get("resourceNames", [""]):
                            yield Right(group, resource, verb, name)


def without(role: Manifest, right: Right) -> Manifest:
    """The same role, which does not allow this."""
    rules = [_rule(each) for each in granted([role]) if each != right]
    return {**role, "rules": rules}


def needed(seen: Seen, named: Sequence[str]) -> Right | None:
    """The right that a request needs; None for what everybody may, such as asking for the version.

    Of resources that are `named` the right is one for a name.
    """
    url = urlsplit(seen.path)
    parts = url.path.strip("/").split("/")
    match parts:
        case ["apis", group, _, first, *rest]:
            pass
        case ["api", _, first, *rest]:
            group = ""
        case _:
            return None
    in_namespace = first == "namespaces" and len(rest) > 1
    resource, *one = rest[1:] if in_namespace else [first, *rest]
    name = one[0] if one else ""
    verb = _VERBS.get(seen.method) or _read(url.query, name)
    path = "/".join((resource, *one[1:]))
    return Right(group, path, verb, name if resource in named else "")


def _read(query: str, name: str) -> str:
    if name:
        return "get"
    return "watch" if "watch=true" in query else "list"


def _rule(right: Right) -> dict[str, Any]:
    names = {"resourceNames": [right.name]} if right.name else {}
    return {
        "apiGroups": [right.group],
        "resources": [right.resource],
        "verbs": [right.verb],
        **names,
    }
