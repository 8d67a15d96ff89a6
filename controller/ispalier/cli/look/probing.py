"""What `ispalier probe` does and tells."""

import asyncio
import time
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from itertools import chain
from pathlib import Path
from typing import NamedTuple

from rich.table import Table

from ispalier.assembly import build
from ispalier.cli.installation import identity, rehearsed
from ispalier.cli.output import (
    Exit,
    Format,
    err,
    fail,
    print_json,
    print_problems,
    print_whole,
)
from ispalier.cli.place import settings_for
from ispalier.cli.progress import progress
from ispalier.cli.serve.passes import BATCH, units
from ispalier.core.engine import Engine
from ispalier.core.items import PROVIDER, Place
from ispalier.core.probe import NotProbed, Probes, Question, Reason, Reply, Subject
from ispalier.core.probed import probes
from ispalier.core.reconcile import choose, gathered
from ispalier.core.remember import remembered
from ispalier.core.room import Room
from ispalier.settings import Settings
from ispalier.world.errors import IspalierError
from ispalier.world.load import Loaded, load

_SAID = {
    Reason.ANSWERS: "as declared",
    Reason.WRONG: "answered wrongly",
    Reason.NONE: "not answered",
    Reason.NOT_PROBED: "not probed",
}


class Line(NamedTuple):
    """One resource on one host, and what came of asking."""

    subject: Subject
    reply: Reply


def probed(path: Path, resource: str, secrets: Path | None, format_: Format) -> Exit:
    """Ask once about a resource, or about everything if it is empty; how it ended."""
    began = time.monotonic()
    settings = settings_for([path])
    if secrets is not None:
        settings = settings.model_copy(update={"secrets_folder": secrets})
    loaded = load([path], settings.secrets_folder)
    if loaded.errors:
        print_problems(loaded.errors)
        fail("these files cannot be read as they are: nothing was asked")
    try:
        lines = _asked(loaded, path, resource, settings)
    except IspalierError as error:
        fail(error)
    if resource and not lines:
        fail(f"nothing is asked about {resource}: name a Login, Mailbox or Domain of these files")
    _tell(lines, format_)
    counts = Counter(each.reply.reason for each in lines)
    parts = [f"{counts[reason]} {said}" for reason, said in _SAID.items() if counts[reason]]
    err().print(f"{', '.join(parts) or 'nothing to ask'} ({time.monotonic() - began:.1f} s)")
    return Exit.PROBLEMS if any(reason.is_failure for reason in counts) else Exit.OK


def _asked(loaded: Loaded, path: Path, resource: str, settings: Settings) -> Sequence[Line]:
    who = identity(loaded, [path], settings)
    with rehearsed(settings, who) as (settings_, journal):
        engine = build(loaded.world, journal, settings_, who)
        found = asyncio.run(_probes(engine, units(loaded)))
    wanted = {
        subject: probe for subject, probe in found.items() if resource in ("", str(subject.owner))
    }
    rooms = {room.name: room for room in engine.rooms}
    return _answers(wanted, rooms, settings.probe_rate)


async def _probes(engine: Engine, customers: Sequence[str]) -> Probes:
    """What to ask about these units."""
    found: Probes = {}
    tenants = [each for each in customers if each != PROVIDER]
    starts = range(0, len(tenants), BATCH)
    batches = [[PROVIDER], *(tenants[start : start + BATCH] for start in starts)]
    now = datetime.now(UTC)
    for batch in batches:
        memories = await remembered(engine, batch, now)
        aims = await choose(engine, await gathered(engine, memories, now), memories)
        for aim in aims:
            found |= probes(engine.rooms, aim.view, aim.wanted, aim.wanted.problems)
    return found


def _answers(wanted: Probes, rooms: Mapping[str, Room], rate: float) -> list[Line]:
    """Ask every host beside the others, each so many questions a second at most."""
    lines: list[Line] = []
    by_place: dict[Place, list[tuple[Subject, Question]]] = {}
    for subject, probe in wanted.items():
        if isinstance(probe, NotProbed):
            lines.append(Line(subject, probe.reply))
        else:
            by_place.setdefault(subject.place, []).append((subject, probe))

    def ask(place: Place) -> Iterable[Line]:
        asker = rooms[place[0]].ask
        assert asker is not None  # noqa: S101 - whoever describes questions asks them
        due = time.monotonic()
        for subject, question in by_place[place]:
            time.sleep(max(0, due - time.monotonic()))
            due = time.monotonic() + 1 / rate
            yield Line(subject, asker(question))
            one_more()

    questions = sum(map(len, by_place.values()))
    with progress(str, questions) as one_more, ThreadPoolExecutor(max(1, len(by_place))) as threads:
        lines += chain.from_iterable(threads.map(lambda place: list(ask(place)), by_place))
    return sorted(lines, key=lambda each: each.subject)


def _tell(lines: Sequence[Line], format_: Format) -> None:
    if format_ is Format.JSON:
        print_json({"probes": [_as_json(each) for each in lines]})
        return
    table = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    for title in ("Customer", "Resource", "Host", "Condition", "Reason", "Said"):
        table.add_column(title, overflow="fold")
    for subject, (reason, message) in lines:
        owner, host = subject.owner, subject.place[1]
        table.add_row(owner.customer, str(owner), host, subject.condition, reason, message)
    if lines:
        print_whole(table)


def _as_json(line: Line) -> dict[str, str]:
    (owner, (room, host), condition, _), reply = line
    where = {"customer": owner.customer, "resource": str(owner), "room": room, "host": host}
    what = {"condition": condition, "reason": reply.reason.value, "message": reply.message}
    return {**where, **what}
