"""What a person does who reads what the engine tells: adopts, rebuilds, confirms, approves."""

from collections import Counter
from collections.abc import Awaitable, Callable
from contextlib import suppress

from ispalier.cli.keep.rebuilding import rebuild
from ispalier.journal.identity import Papers
from ispalier.journal.pending import Pending
from ispalier.world.errors import Unavailable
from tests.faults.memory import store
from tests.faults.trial import Trial
from tests.inmemory import Line

SAID = "maria: meant"


async def adopt(trial: Trial) -> None:
    """Lets hosts be shared with the other installation whose rows they hold."""
    for each in trial.hosts:
        if each.name not in trial.known.adopted and each.strangers():
            trial.tell(f"  {each.name} is adopted")
            _papers().adopt(each.name, SAID, trial.now)
    trial.read()


async def rebuild_journal(trial: Trial) -> None:
    """Has what hosts hold bound again, by a command beside the process that runs."""
    if trial.engine.standing.lost:
        trial.tell("  the journal is rebuilt")
        with suppress(Unavailable):
            await rebuild(trial.made(), _papers(), SAID, trial.now)
            _check_bound(trial)
        assert trial.known.unconfirmed, "what is missing is timed after a rebuild"
        trial.read()
        trial.look()


async def confirm(trial: Trial) -> None:
    """Stands by what is declared, as soon as all of it was compared."""
    papers = _papers()
    if trial.known.unconfirmed and "compared" in papers.meta():
        trial.tell("  what is missing is confirmed")
        papers.confirm(SAID, trial.now)
        trial.judge.confirm(trial.now)
        trial.read()
        trial.look()


async def approve(trial: Trial) -> None:
    """Lets everything go that is held back."""
    pending = Pending(store()[0].engine)
    for each in pending.sets(trial.limits, trial.now):
        trial.tell(f"  {each.cause} is approved")
        pending.approve(each.digest, SAID, trial.limits, trial.now)


WORDS: tuple[Callable[[Trial], Awaitable[None]], ...] = (adopt, rebuild_journal, confirm, approve)


def _check_bound(trial: Trial) -> None:
    """Whoever has one user name on the hosts, and alone, has it in the journal, or another one.

    A journal that was set back may know an older one: what is declared decides between them.
    """
    on_hosts = {
        (item.owner, item.name)
        for host in trial.hosts
        for item in host.items.values()
        if isinstance(item, Line) and item.owner is not None and item.owner.kind == "Login"
    }
    owners, names = Counter(each for each, _ in on_hosts), Counter(each for _, each in on_hosts)
    bound = trial.names()
    has_another = {owner for name, owner in bound.items() if (owner, name) not in on_hosts}
    for owner, name in sorted(on_hosts):
        is_clear = owners[owner] == names[name] == 1 and owner not in has_another
        if owner.installation == "test" and is_clear:
            assert bound.get(name) == owner, f"{name} of {owner} was not bound again"


def _papers() -> Papers:
    return Papers(store()[0].engine)
