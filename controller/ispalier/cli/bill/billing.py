"""What `ispalier bill` does and tells."""

import asyncio
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import NamedTuple

from rich.text import Text

from ispalier.api.catalogue import Plan
from ispalier.api.contracts import Subscription
from ispalier.api.parties import Tenant
from ispalier.api.units import BusinessUnit
from ispalier.billing.guards import Request
from ispalier.billing.inputs import Unbilled
from ispalier.billing.money import formatted
from ispalier.billing.run import Bill, bill
from ispalier.cli.bill.ledger import opened
from ispalier.cli.bill.lines import as_json, print_event, print_table, shown, summary, totals
from ispalier.cli.options import Listing
from ispalier.cli.output import WAIT, Exit, counted, err, fail, print_json, print_problems
from ispalier.cli.repository import source_of
from ispalier.cli.source import Source
from ispalier.journal.identity import CLUSTER, Papers, check_source
from ispalier.journal.writer import Patience
from ispalier.settings import Settings
from ispalier.world.errors import Invalid, IspalierError
from ispalier.world.load import load
from ispalier.world.snapshot import Snapshot

KINDS = (Subscription, Tenant, Plan, BusinessUnit)
"""In the order of their references: what a contract names was there before it."""
_MOST = 50
"""Contracts that cannot be billed, as many as are told one by one."""


class Read(NamedTuple):
    """What is declared, whose it is (empty if that is not said), and how many faults it has."""

    world: Snapshot
    installation: str
    faults: int
    bound: str = ""
    """Which source it is, as a journal records it."""


def billed(
    source: Source, request: Request, format_: Listing, lock_timeout: float, *, dry_run: bool
) -> Exit:
    """Bill, and tell what came of it; how it ended."""
    settings = source.settings()
    try:
        with ExitStack() as end:
            ledger = end.enter_context(opened(settings))
            if not dry_run:
                alone = ledger.alone(Patience(settings.lease, lock_timeout, WAIT))
                ledger = end.enter_context(alone)
            read = (
                _from_folder(source.path, settings)
                if source.path
                else _seen(source, settings, dry_run=dry_run)
            )
            _check(source, read, Papers(ledger.engine).meta(), dry_run=dry_run)
            result = bill(ledger, read.world, request, dry_run=dry_run)
    except IspalierError as error:
        fail(error if dry_run else f"nothing was posted: {error}")
    _print(result, request, format_, dry_run=dry_run)
    _tell(result, dry_run=dry_run)
    return Exit.PROBLEMS if result.unbilled or read.faults else Exit.OK


def _from_folder(path: Path, settings: Settings) -> Read:
    loaded = load([path], settings.secrets_folder)
    print_problems(loaded.errors)
    installation = loaded.root.installation if loaded.root else ""
    bound = source_of(path) if loaded.root else ""
    return Read(loaded.world, installation, len(loaded.errors), bound)


def _seen(source: Source, settings: Settings, *, dry_run: bool) -> Read:
    from ispalier.kube.client import Access  # noqa: PLC0415 - files are billed faster without
    from ispalier.kube.oneshot import snapshot  # noqa: PLC0415

    access = Access.found(source.kubeconfig, source.context)
    look = asyncio.run(snapshot(access, settings.namespace, KINDS, serves=not dry_run))
    for each in look.unseen:
        err().print(each)
    installation = look.who.installation if look.who else ""
    cluster = f"{CLUSTER}:{look.uid}" if look.uid else ""
    return Read(look.world, installation, len(look.unseen), cluster)


def _check(source: Source, read: Read, says: Mapping[str, str], *, dry_run: bool) -> None:
    """What is declared and what was observed must be of one installation; for posting, known."""
    ours = says.get("installation", "")
    if ours and read.installation and read.installation != ours:
        raise Invalid(
            f"this {source} is of installation {read.installation}, the journal of {ours}:"
            " set ISPALIER_JOURNAL_URL to the journal that goes with it"
        )
    if dry_run:
        return
    if read.faults:
        raise Invalid(f"{counted(read.faults, 'error')} in this {source}: correct it first")
    if not read.installation:
        raise Invalid(
            f"this {source} does not tell its installation: bill the whole folder with its root"
            " file ispalier.yaml, or the cluster that the journal serves"
        )
    if not ours:
        raise Invalid("the journal was never used, so nothing was observed: name another journal")
    if unconfirmed := says.get("unconfirmed"):
        raise Invalid(f"nobody stands by what is declared yet: {unconfirmed}")
    if not read.bound:
        raise Invalid(
            f"this {source} does not tell which one it is: grant get on the namespace kube-system"
        )
    check_source(says.get("source", ""), read.bound)


def _print(result: Bill, request: Request, format_: Listing, *, dry_run: bool) -> None:
    match format_:
        case Listing.TABLE:
            print_table((entry, None) for entry in result.entries)
        case Listing.JSON:
            sums = totals(result.entries).values()
            print_json(
                {
                    "asOf": str(request.as_of),
                    "posted": not dry_run,
                    "contracts": result.contracts,
                    "waiting": result.waiting,
                    "totals": {
                        each.currency: formatted(each.minor, each.currency) for each in sums
                    },
                    "entries": [as_json(entry) for entry in result.entries],
                    "unbilled": [_unbilled(each) for each in result.unbilled],
                    "objections": list(result.objections),
                }
            )
        case Listing.JSONL:
            for entry in result.entries:
                print_event(entry, None if dry_run else request.now)


def _unbilled(each: Unbilled) -> dict[str, object]:
    return {
        "unit": each.unit,
        "customer": each.customer,
        "subscription": each.subscription,
        "reason": each.reason,
        "days": [{"start": str(span.start), "end": str(span.end)} for span in each.days],
    }


def _tell(result: Bill, *, dry_run: bool) -> None:
    """What is said beside the entries."""
    console = err()
    for each in result.unbilled[:_MOST]:
        who = f"{each.customer or 'unknown customer'} {each.subscription}"
        days = f" ({', '.join(map(shown, each.days))})" if each.days else ""
        console.print(Text(f"not billed: {who}: {each.reason}{days}", style="red"))
    if len(result.unbilled) > _MOST:
        console.print(f"not billed: {len(result.unbilled) - _MOST} more, all with --format json")
    if result.waiting:
        count = counted(result.waiting, "contract")
        console.print(f"{count} not seen in service yet: nothing is owed")
    if not result.entries:
        console.print(f"nothing to post for {counted(result.contracts, 'contract')}")
    elif not dry_run:
        console.print(f"posted {summary(result.entries)}")
    else:
        console.print(f"{summary(result.entries)}: nothing was written, add --post to post this")
    for objection in result.objections:
        console.print(f"before posting: {objection}")
