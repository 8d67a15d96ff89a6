"""`ispalier bill`: what is owed, and posting it."""

from datetime import UTC, date, datetime
from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli import names
from ispalier.cli.options import FolderOption, Listing, ListingOption, day, named
from ispalier.cli.output import LockTimeoutOption
from ispalier.cli.serve.run import ContextOption, KubeconfigOption


def bill(  # noqa: PLR0913 - options of a command
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="PATH",
            exists=True,
            help="Folder that declares the contracts; default the one you are in if ispalier.yaml"
            " is there, else the cluster.",
        ),
    ] = None,
    *,
    as_of: Annotated[
        date,
        typer.Option(
            "--as-of", parser=day, metavar="DATE", help="Bill what is owed on that day, YYYY-MM-DD."
        ),
    ],
    post: Annotated[
        bool, typer.Option("--post", help="Write the entries to the ledger, for ever.")
    ] = False,
    first_run: Annotated[
        bool, typer.Option("--first-run", help="Post although the ledger is empty.")
    ] = False,
    allow_future: Annotated[
        bool, typer.Option("--allow-future", help="Post as of a day that is not here yet.")
    ] = False,
    unit: Annotated[
        str,
        typer.Option(
            "--unit",
            metavar="NAME",
            autocompletion=names.units,
            help="Only this BusinessUnit; default all.",
        ),
    ] = "",
    lock_timeout: LockTimeoutOption = 0,
    format_: ListingOption = Listing.TABLE,
    folder: FolderOption = None,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
) -> None:
    """Show what contracts owe and was not posted yet; with --post, post it.

    Contracts are read from files or the cluster, what happened from the journal.

    Doing it again posts nothing more.

    What cannot be billed is told and left as it is, and the exit code is then 1.
    """
    from ispalier.billing.guards import Request  # noqa: PLC0415 - other commands start faster
    from ispalier.cli.bill.billing import billed  # noqa: PLC0415
    from ispalier.cli.source import Source  # noqa: PLC0415

    request = Request(as_of, datetime.now(UTC), unit, first_run, allow_future)
    source = Source.named(named(path, folder), kubeconfig, context)
    raise typer.Exit(billed(source, request, format_, lock_timeout, dry_run=not post))
