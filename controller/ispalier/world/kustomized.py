"""What kustomize, and so Flux, makes of files: a day without quotes becomes a time.

The API server refuses that, and a folder that is applied otherwise is right all the same.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from yaml import MappingNode, Node, ScalarNode, SequenceNode

from ispalier.api.base import GROUP
from ispalier.world.careful import is_plain
from ispalier.world.documents import nodes
from ispalier.world.findings import Level, Position, Problem, shown
from ispalier.world.findings import Path as FieldPath
from ispalier.world.folder import read_file

_FLUX = b"kustomize.toolkit.fluxcd.io/"
_NAMES = ("kustomization.yaml", "kustomization.yml")
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_LIKELY = re.compile(rb"[:\[,-] *\d{4}-\d\d-\d\d")
_OURS = f"{GROUP}/".encode()
_REMEDY = 'write "{}" with quotes'


def days_without_quotes(paths: Sequence[Path], files: Iterable[Path]) -> Iterator[Problem]:
    """The days of our resources that kustomize would spoil, where these files are for it."""
    texts = dict(_read(files))
    is_for_it = any((path / name).is_file() for path in paths for name in _NAMES)
    if not is_for_it and not any(_FLUX in text for text in texts.values()):
        return
    for file, text in texts.items():
        if _OURS in text and _LIKELY.search(text):
            for document in nodes(text):
                subject = _subject(document)
                for path, node in _days(document, ()) if subject else ():
                    mark, what = node.start_mark, "is a time for kustomize, which Flux uses"
                    position = Position(str(file), mark.line + 1, mark.column + 1)
                    remedy = _REMEDY.format(node.value)
                    yield Problem(position, subject, shown(path), what, remedy, Level.WARNING)


def _read(files: Iterable[Path]) -> Iterator[tuple[Path, bytes]]:
    for file in files:
        try:
            yield file, read_file(file)
        except OSError:
            continue  # the loader tells it


def _days(node: Node, path: FieldPath) -> Iterator[tuple[FieldPath, ScalarNode]]:
    match node:
        case MappingNode():
            for key, value in node.value:
                yield from _days(value, (*path, str(key.value)))
        case SequenceNode():
            for index, value in enumerate(node.value):
                yield from _days(value, (*path, index))
        case ScalarNode() if is_plain(node) and _DAY.fullmatch(node.value):
            yield path, node
        case _:
            pass


def _subject(document: Node) -> str:
    """`Kind/name` of a resource of ours; nothing of others."""
    fields = dict(_fields(document))
    version, kind, meta = (fields.get(name) for name in ("apiVersion", "kind", "metadata"))
    is_ours = isinstance(version, ScalarNode) and version.value.startswith(f"{GROUP}/")
    name = dict(_fields(meta)).get("name") if meta is not None else None
    if not is_ours or not isinstance(kind, ScalarNode):
        return ""
    return f"{kind.value}/{name.value}" if isinstance(name, ScalarNode) else str(kind.value)


def _fields(node: Node) -> Iterator[tuple[str, Node]]:
    for key, value in node.value if isinstance(node, MappingNode) else ():
        yield str(key.value), value
