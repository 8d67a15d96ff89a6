"""The careful reader of YAML: by libyaml, which knows where everything stands."""

from collections.abc import Iterator
from typing import Any

from yaml import MappingNode, Node, ScalarNode, SequenceNode, YAMLError
from yaml._yaml import CParser
from yaml.reader import ReaderError

from ispalier.world.documents import Repeated, Unreadable, mark_of
from ispalier.world.findings import Json, Place
from ispalier.world.scalars import plain

DEEPEST = 100
"""Levels of nesting that are read; the C parser would not survive any number."""
MOST_ALIASED = 100_000
"""Lists, mappings and what they hold of one document that may come from aliases."""

_REMEDIES = {
    "mapping values are not allowed in this context": "check the indentation, and put text that"
    " holds `: ` into quotes",
    "found character that cannot start any token": "indent with spaces, not tabs, and put text that"
    " begins with @ or ` into quotes",
    "did not find expected key": "check the indentation of this line",
    "did not find expected '-' indicator": "check the indentation of this line",
}
_UNCLOSED = {
    "did not find expected ',' or ']'": "close the bracket",
    "did not find expected ',' or '}'": "close the brace",
    "did not find expected node content": "write what is missing, or close the bracket",
    "found unexpected end of stream": "close the quotes",
}
_TAG = "tag:yaml.org,2002:"
_OF_TAG: dict[str, tuple[type, ...]] = {
    "int": (int,),
    "float": (int, float),
    "bool": (bool,),
    "null": (type(None),),
}
_PLAIN = "plain"
_QUOTED = "quoted"


def composed(text: bytes) -> Iterator[tuple[Json, Node, tuple[Repeated, ...]]]:
    """The value of every document with the places of its fields, and keys that stand there twice."""
    parser = _Parser(text)
    try:
        while parser.check_node():
            node = parser.get_node()
            if node is None:
                break
            reader = _Reader()
            value = reader.value(node)
            if value is not None:
                yield value, node, tuple(reader.repeated)
    except ReaderError as error:
        before = text[: error.position] if isinstance(error.position, int) else b""
        what = f"cannot be read: {error.reason}"
        column = len(before.rpartition(b"\n")[2]) + 1
        place = Place(before.count(b"\n") + 1, column)
        raise Unreadable(place, what, "save it as UTF-8 text") from None
    except YAMLError as error:
        raise _unreadable(error) from None
    except RecursionError:
        raise Unreadable(Place(1), "is nested too deeply", "write it flatter") from None
    finally:
        parser.dispose()


def is_plain(node: ScalarNode) -> bool:
    """Whether a scalar stands without quotes."""
    return bool(node.tag == _PLAIN)


class _Parser(CParser):
    """libyaml, told to leave it to us what a scalar means."""

    def __init__(self, text: bytes) -> None:
        super().__init__(text)
        self._depth = 0

    def resolve(self, kind: type[Node], _value: str | None, implicit: Any) -> str:  # noqa: ANN401 - libyaml's: a pair for scalars, else a flag
        return _PLAIN if kind is ScalarNode and implicit[0] else _QUOTED

    def descend_resolver(self, parent: Node | None, _index: Node | int | None) -> None:
        self._depth += 1
        if self._depth > DEEPEST:
            place = mark_of(parent) if parent else Place(1)
            raise Unreadable(place, "is nested too deeply", "write it flatter")

    def ascend_resolver(self) -> None:
        self._depth -= 1


class _Reader:
    """Makes the value of one document."""

    def __init__(self) -> None:
        self.repeated: list[Repeated] = []
        self._seen: set[int] = set()
        self._open: set[int] = set()
        self._aliased = 0

    def value(self, node: Node) -> Json:
        if isinstance(node, ScalarNode):
            tag = node.tag
            if tag == _PLAIN:
                value = plain(node.value)
                if value.__class__ is float:
                    _refuse_special(node, value)
                return value
            return node.value if tag == _QUOTED else _tagged(node)
        self._enter(node)
        if isinstance(node, MappingNode):
            made: Json = self._mapping(node)
        else:
            made = [self.value(each) for each in node.value]
        self._open.discard(id(node))
        return made

    def _enter(self, node: Node) -> None:
        """Count what aliases repeat, and refuse what contains itself."""
        if id(node) in self._open:
            raise Unreadable(mark_of(node), "contains itself", "write it without the alias")
        if id(node) in self._seen:
            self._aliased += 1 + len(node.value)
            if self._aliased > MOST_ALIASED:
                raise Unreadable(mark_of(node), "has too many aliases", "write them out")
        self._open.add(id(node))
        self._seen.add(id(node))

    def _mapping(self, node: MappingNode) -> dict[str, Json]:
        made: dict[str, Json] = {}
        lines: dict[str, Node] = {}
        for key_node, value_node in node.value:
            if key_node.value == "<<" and key_node.tag == _PLAIN:
                made.update(self._merged(value_node))
                continue
            key = self._key(key_node)
            if key in lines:
                self.repeated.append(Repeated(key_node, mark_of(lines[key]).line))
            lines[key] = key_node
            made[key] = self.value(value_node)
        return made

    def _merged(self, node: Node) -> dict[str, Json]:
        parts = node.value if isinstance(node, SequenceNode) else [node]
        merged: dict[str, Json] = {}
        for part in reversed(parts):
            value = self.value(part)
            if not isinstance(value, dict):
                what = "merges (`<<`) something that is not a mapping"
                raise Unreadable(mark_of(node), what, "write the fields out")
            merged.update(value)
        return merged

    def _key(self, node: Node) -> str:
        value = self.value(node) if isinstance(node, ScalarNode) else None
        match value:
            case str():
                return value
            case bool():
                return str(value).lower()
            case int() | float():
                return f"{value:g}" if isinstance(value, float) else str(value)
            case _:
                what = "has a key that is not text"
                raise Unreadable(mark_of(node), what, "write the key as text")


def _tagged(node: ScalarNode) -> Json:
    """A scalar with an explicit tag such as `!!str`."""
    text: str = node.value
    tag = node.tag.removeprefix(_TAG)
    if tag in ("str", "timestamp") or not node.tag.startswith(_TAG):
        return text
    value = plain(text)
    if type(value) not in _OF_TAG.get(tag, ()):
        what = f"{text!r} is no {tag}, as its tag says"
        raise Unreadable(mark_of(node), what, "remove the tag or correct the value")
    _refuse_special(node, value)
    return value


def _refuse_special(node: Node, value: object) -> None:
    if value != value or value in (float("inf"), float("-inf")):  # noqa: PLR0124 - only NaN differs from itself
        what = f"{node.value} is a number that JSON does not know"
        raise Unreadable(mark_of(node), what, "write a number, or quote it if it is text")


def _unreadable(error: YAMLError) -> Unreadable:
    """What libyaml says; of what is not closed it is the beginning that matters."""
    problem = getattr(error, "problem", None) or str(error)
    begun, noticed = getattr(error, "context_mark", None), getattr(error, "problem_mark", None)
    mark = (begun if problem in _UNCLOSED else noticed) or noticed or begun
    place = Place(mark.line + 1, mark.column + 1) if mark else Place(1)
    remedy = {**_REMEDIES, **_UNCLOSED}.get(problem, "correct the text")
    return Unreadable(place, f"is not YAML: {problem}", remedy)
