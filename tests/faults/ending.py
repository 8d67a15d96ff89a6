"""The end of a trial: faults stop, time passes, and every host holds what is declared."""

from collections.abc import Iterator
from contextlib import suppress

from ispalier.api.access import Login
from ispalier.api.parties import Tenant
from ispalier.billing.entries import ledger_digest
from ispalier.billing.guards import Request
from ispalier.billing.ledger import Ledger
from ispalier.billing.run import bill
from ispalier.core.items import Item, Owner
from ispalier.world.errors import Unavailable
from tests.faults.declared import Served, Version
from tests.faults.judge import is_served
from tests.faults.memory import store
from tests.faults.trial import Killed, Trial, is_ready

ROUNDS = 40
HOUR = 3600


async def settle(trial: Trial) -> None:
    """Sweeps and passes until they find nothing to do."""
    quiet = 0
    for _ in range(ROUNDS):
        before = _state(trial)
        await trial.sweep()
        await passes(trial)
        quiet = quiet + 1 if _state(trial) == before else 0
        if quiet == 2 or (quiet and not trial.dirty):
            return
        await trial.wait(70)
    raise AssertionError(f"{ROUNDS} rounds were not enough: {trial.dirty}")


def _state(trial: Trial) -> tuple[int, dict[str, Owner]]:
    """What says that something was done: writes, and names that were given up or taken."""
    return sum(each.writes for each in trial.hosts), trial.names()


async def passes(trial: Trial) -> None:
    """One pass of everybody who has something to do."""
    customers = sorted(each for each in trial.dirty if each)
    if "" in trial.dirty:
        await trial.make([""])
    if customers:
        await trial.make(customers)


async def elapse(trial: Trial) -> None:
    """All hold times and retentions end."""
    behind = max(0.0, (trial.latest - trial.now).total_seconds())
    for seconds in (60, behind + 2 * HOUR, 4 * HOUR, 4 * HOUR):
        await trial.wait(seconds)
        await settle(trial)


async def check(trial: Trial) -> None:
    """Nothing is lost, nothing too much, everything told as it is, and nothing more to do."""
    version = trial.declared.version()
    right = {owner: is_right(trial, owner, each) for owner, each in version.served.items()}
    held = trial.names()
    troubled = set(_troubled(trial, version, right))
    for owner, each in version.served.items():
        there = trial.find(owner)
        assert there is not None
        assert right[owner] or owner in troubled, f"lost: {owner.customer}/{owner}: {each}"
        # Who gave a name up and wants it back keeps what he has, and is told that it is another's.
        is_told = right[owner] and held.get(each.name, owner) == owner
        assert is_told == is_ready(there), f"{owner}: {there.status.conditions}: {right[owner]}"
    for host in trial.hosts:
        for item in host.items.values():
            if item.owner is not None and item.owner.installation == "test":
                known = version.served.get(item.owner)
                wanted = known is None or item.key == ("line", known.name)
                is_there = item.owner in version.present or _has_moved(trial, item.owner)
                is_kept = item.owner in troubled or (is_there and wanted)
                assert is_kept, f"ghost on {host.name}: {item}"
    before = sum(each.writes for each in trial.hosts)
    trial.dirty |= {"", *trial.declared.homes}
    await passes(trial)
    assert before == sum(each.writes for each in trial.hosts), "there was more to do"


def _has_moved(trial: Trial, owner: Owner) -> bool:
    """Whether a login of a tenant that is gone stands, as it was last declared, where no Tenant is."""
    world = trial.declared.world
    homes = {each.namespace for each in world.of(Tenant)}
    homes |= {home for customer, home in trial.declared.seen.items() if customer != owner.customer}
    versions = reversed(trial.judge.versions)
    last = next((each.served[owner].name for each in versions if owner in each.served), None)
    return not world.tenants(owner.customer) and any(
        each.name == owner.name and each.spec.username == last and each.namespace not in homes
        for each in world.of(Login)
    )


def is_right(trial: Trial, owner: Owner, served: Served) -> bool:
    """Whether every host serves it, and as its own."""
    found = [each.items.get(("line", served.name)) for each in trial.hosts]
    return all(
        each is not None and each.owner == owner and is_served(each, served) for each in found
    )


def _troubled(trial: Trial, version: Version, right: dict[Owner, bool]) -> Iterator[Owner]:
    """Who cannot be served as declared, and with good reason."""
    wrong = {owner for owner, each in right.items() if not each}
    held = trial.names()
    for owner in sorted(wrong):
        served = version.served[owner]
        holder = held.get(served.name, owner)
        is_held = holder != owner and (holder in version.present or _has_moved(trial, holder))
        on_hosts = [each.items.get(("line", served.name)) for each in trial.hosts]
        if (
            not served.whole
            or is_held
            or any(_has_another(each, owner, right) for each in on_hosts)
            or (
                trial.was_set_back
                and any(each and each.owner in wrong - {owner} for each in on_hosts)
            )
        ):
            yield owner


def _has_another(item: Item | None, owner: Owner, right: dict[Owner, bool]) -> bool:
    """Whether a key is a stranger's, or a rival's who is served."""
    if item is None or item.owner == owner:
        return False
    foreign = item.owner is None or item.owner.installation != "test"
    return foreign or (item.owner is not None and right.get(item.owner, False))


def bills(trial: Trial) -> None:
    """Billed with the process killed again and again, and once more: nothing is posted twice."""
    ledger = Ledger(store()[0].engine)
    today = trial.latest.date()
    request = Request(today, trial.now, first_run=True, allow_future=True)
    owed = bill(ledger, trial.declared.world, request, dry_run=True).entries
    for statements in sorted(trial.chance.sample(range(2, 40), 3)):
        trial.dies_in = statements
        with suppress(Killed, Unavailable):
            trial.in_call(
                lambda: bill(ledger, trial.declared.world, request, dry_run=False, chunk=1)
            )
        trial.is_dead, trial.dies_in = False, None
    bill(ledger, trial.declared.world, request, dry_run=False, chunk=1)
    again = bill(ledger, trial.declared.world, request, dry_run=False).entries
    found = [each.entry for each in ledger.recorded()]
    assert ledger_digest(owed) == ledger_digest(found), "what is posted is not what was owed"
    assert again == [], "it was posted twice"
    trial.seen["entries"] += len(found)
