"""A schedule: what happens in which order, all of it from one number."""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from random import Random

from ispalier.api.base import Resource
from ispalier.api.parties import Tenant
from ispalier.core.items import Item, Key
from ispalier.core.limits import Limits
from ispalier.world.snapshot import Broken, Ident
from ispalier.world.state import State
from tests.builders import NOW
from tests.faults import ending, person
from tests.faults.clock import Loop
from tests.faults.declared import Declared
from tests.faults.edits import EDITED, HIDDEN, OF_ABSENCE, OF_ALL, OF_NAMES, Edit, mend
from tests.faults.host import Host
from tests.faults.memory import store
from tests.faults.trial import UNITS, Trial
from tests.inmemory import Line

STEPS = 20
UNLIMITED = 1_000_000
RATES = (0.0, 0.05, 0.2, 0.5)


@dataclass(slots=True)
class Story:
    """A trial, and what of it has to be taken back at the end."""

    trial: Trial
    edits: Sequence[Edit] = OF_ALL
    hidden: list[Resource | Broken] = field(default_factory=list)
    saved: bytes = b""
    saved_at: datetime = NOW


async def edit(story: Story, chance: Random) -> None:
    """Somebody pushes something."""
    edit_ = chance.choice(story.edits)
    story.trial.tell(f"  {edit_.__name__}")
    edit_(story.trial.declared, chance)
    story.trial.look()


async def make(story: Story, chance: Random) -> None:
    """Some of the units that have something to do pass: alone, together, and side by side."""
    trial = story.trial
    some = [each for each in UNITS if each in trial.dirty and chance.random() < 0.8]
    groups: list[list[str]] = [[each] for each in some if not each]
    customers = [each for each in some if each]
    chance.shuffle(customers)
    while customers:
        size = chance.randint(1, len(customers))
        groups.append(customers[:size])
        customers = customers[size:]
    if chance.random() < 0.3:
        trial.meanwhile = lambda: chance.choice(story.edits)(trial.declared, chance)
    if chance.random() < 0.2:
        trial.dies_in = chance.randint(1, 60)
    if chance.random() < 0.5:
        await trial.make(*groups)
    else:
        for each in groups:
            await trial.make(each)
    trial.dies_in = trial.meanwhile = None


async def look(story: Story, chance: Random) -> None:
    """A sweep."""
    if chance.random() < 0.1:
        story.trial.dies_in = chance.randint(1, 15)
    await story.trial.sweep()
    story.trial.dies_in = None


async def wait(story: Story, chance: Random) -> None:
    """Time passes."""
    await story.trial.wait(chance.choice([1, 30, 300, 700, 2000, 4000, 9000]))


async def set_clock(story: Story, chance: Random) -> None:
    """Somebody sets the clock, forward or back."""
    minutes = chance.choice([-1500, -61, -2, 3, 30, 80, 300])
    story.trial.offset += timedelta(minutes=minutes)
    story.trial.look()


async def restart(story: Story, chance: Random) -> None:  # noqa: ARG001 - all have the same shape
    """A new process."""
    story.trial.start()


async def hide(story: Story, chance: Random) -> None:
    """The definition of a kind is deleted, and its objects with it."""
    declared = story.trial.declared
    kind = chance.choice(HIDDEN)
    if kind in declared.world.complete:
        declared.world.complete.discard(kind)
        spaces = {"", *declared.homes.values()}
        which = [
            Ident(kind, space, each.name if isinstance(each, Resource) else each.ident.name)
            for space in sorted(spaces)
            for each in declared.world.things(kind, space)
        ]
        story.hidden += declared.take(*which)
        story.trial.look()


async def show(story: Story, chance: Random) -> None:
    """Definitions are there again; their objects follow one by one, before or after."""
    trial, declared = story.trial, story.trial.declared
    if chance.random() < 0.3:
        _complete(trial)
    while story.hidden:
        thing = story.hidden.pop()
        if isinstance(thing, Resource) and _is_free(declared, thing):
            declared.put(thing)
        if chance.random() < 0.2:
            trial.look()
            return
    _complete(trial)


def _complete(trial: Trial) -> None:
    """All kinds are seen completely."""
    world = trial.declared.world
    for kind in HIDDEN:
        if kind not in world.complete:
            world.again[kind] = trial.now
            world.complete.add(kind)
    trial.look()


async def fail(story: Story, chance: Random) -> None:
    """A host is down, hangs, loses data, is edited by hand, or is set back to a backup."""
    host = chance.choice(story.trial.hosts)
    now = asyncio.get_running_loop().time()
    match chance.choice(["down", "hangs", "loses", "edited", "backed up", "set back"]):
        case "down":
            host.down_until = now + chance.uniform(1, 600)
        case "hangs":
            host.hangs_until = now + chance.uniform(1, 600)
        case "loses":
            host.lose(chance.choice([0.3, 1.0]))
        case "edited":
            _edit_by_hand(host, chance)
        case "backed up":
            host.back_up()
        case "set back":
            host.go_back()


async def attend(story: Story, chance: Random) -> None:
    """A person reads what is told, and says a word, or all that is waited for."""
    words = person.WORDS if chance.random() < 0.5 else [chance.choice(person.WORDS)]
    for each in words:
        await each(story.trial)


async def keep(story: Story, chance: Random) -> None:
    """The journal is backed up, set back to the backup, or lost."""
    memory, _ = store()
    trial = story.trial
    match chance.choice(["back up", "back up", "set back", "set back", "lose", "lose"]):
        case "back up":
            story.saved, story.saved_at = memory.backup(), trial.now
        case "set back" if story.saved:
            memory.restore(story.saved)
            trial.forget(abs(trial.now - story.saved_at))
        case "lose":
            lose(trial)


def lose(trial: Trial) -> None:
    """The journal is gone, and an empty one is in its place."""
    memory, new = store()
    trial.tell("  the journal is lost")
    memory.restore(new)
    trial.forget(timedelta())


def _is_free(declared: Declared, resource: Resource) -> bool:
    """Whether a resource can be there again: nobody made it anew, nor its Tenant elsewhere."""
    if isinstance(resource, Tenant):
        return not declared.world.tenants(resource.spec.number)
    return declared.world.find(_ident(resource)) is None


def _ident(resource: Resource) -> Ident:
    return Ident(resource.kind, resource.namespace, resource.name)


def _edit_by_hand(host: Host, chance: Random) -> None:
    ours: list[tuple[Key, Item]] = sorted(
        ((key, item) for key, item in host.items.items() if item.owner and item.owner[0] == "test"),
        key=str,
    )
    if ours:
        _, item = chance.choice(ours)
        assert isinstance(item, Line)
        host.put(replace(item, speed="by hand", state=chance.choice(list(State))))


Act = Callable[[Story, Random], Awaitable[None]]


async def vanish(story: Story, chance: Random) -> None:
    """A namespace is deleted, and its Tenant comes back before the rest; or a kind is away."""
    trial, declared = story.trial, story.trial.declared
    space = declared.homes[chance.choice(EDITED)]
    things = declared.take(*declared.in_space(space))
    trial.look()
    await trial.make(UNITS[1:])
    if chance.random() < 0.5:
        await hide(story, chance)
    await trial.wait(chance.choice([30, 700, 2000]))
    await show(story, chance)
    things.sort(key=lambda each: not isinstance(each, Tenant))
    for each in things:
        if isinstance(each, Resource) and _is_free(declared, each):
            declared.put(each)
        if chance.random() < 0.4:
            trial.look()
            await trial.make(UNITS[1:])
    trial.look()


ACTS: tuple[Act, ...] = (
    *(edit, make, look, wait, set_clock, restart),
    *(hide, show, fail, keep, vanish, attend),
)
THEMES: tuple[tuple[Sequence[Edit], Sequence[int]], ...] = (
    (OF_ALL, (8, 12, 2, 4, 1, 1, 2, 2, 3, 1, 0, 1)),
    (OF_ABSENCE, (6, 14, 1, 8, 1, 0, 1, 2, 0, 0, 2, 0)),
    (OF_NAMES, (8, 12, 1, 1, 0, 1, 0, 1, 3, 0, 0, 0)),
    (OF_ABSENCE, (8, 14, 4, 8, 0, 1, 0, 1, 1, 4, 0, 5)),
)
"""What is edited, and how often each act is on."""


async def play(trial: Trial, chance: Random) -> Counter[str]:
    """Act one schedule out, and judge it; what was met with is counted."""
    if chance.random() < 0.2:
        trial.engine.limits = trial.limits = Limits(always=1)
    if chance.random() < 0.8:
        await person.adopt(trial)
    edits, weights = chance.choice(THEMES)
    story = Story(trial, edits)
    for act in chance.choices(ACTS, weights, k=STEPS):
        trial.seen[act.__name__] += 1
        trial.tell(act.__name__)
        await act(story, chance)
    if chance.random() < 0.2:
        lose(trial)
        await edit(story, chance)
    trial.check()
    await end(story, chance)
    return trial.seen


async def end(story: Story, chance: Random) -> None:
    """Faults stop, what was hidden is shown, time passes: all is as declared."""
    trial = story.trial
    with trial.peace():
        while story.hidden or any(each not in trial.declared.world.complete for each in HIDDEN):
            await show(story, chance)
        mend(trial.declared)
        trial.look()
        await release(trial)
        await ending.elapse(trial)
        await ending.check(trial)
        ending.bills(trial)


async def release(trial: Trial) -> None:
    """A person says all that is waited for, and nothing is held back any more."""
    trial.engine.limits = trial.limits = Limits(always=UNLIMITED, interrupted_always=UNLIMITED)
    await person.adopt(trial)
    await trial.wait(70)  # hosts that were left alone are asked again
    await trial.sweep()
    await person.rebuild_journal(trial)
    await ending.settle(trial)
    if trial.known.unconfirmed:
        await trial.wait(2 * ending.HOUR)  # what is missing waits all the same
        await ending.settle(trial)
    await trial.sweep()
    await person.confirm(trial)
    await person.approve(trial)
    assert not trial.known.unconfirmed, "nobody can confirm"


def run(seed: int, tell: Callable[[str], None] = lambda _: None) -> Counter[str]:
    """The same in an event loop of its own."""

    async def told() -> Counter[str]:
        chance = Random(seed)  # noqa: S311 - not for secrets
        trial = Trial(chance, rate=chance.choice(RATES))
        try:
            return await play(trial, chance)
        finally:
            for each in trial.told:
                tell(each)

    with asyncio.Runner(loop_factory=Loop) as runner:
        return runner.run(told())


def failures(seeds: Iterable[int]) -> list[str]:
    """What went wrong in which schedule, and how to see it again."""
    found = []
    for seed in seeds:
        try:
            run(seed)
        except Exception as error:  # noqa: BLE001 - whatever it is, its seed must be told
            again = f"python -m tests.faults {seed}"
            found.append(f"{type(error).__name__}: {error}; to see it again: {again}")
    return found
