"""`ispalier entries`: what the ledger holds."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli.options import Listing, ListingOption, day


def entries(  # noqa: PLR0913 - options of a command
    path: Annotated[
        Path,
        typer.Argument(
            metavar="PATH", exists=True, help="Folder whose journal it is; default this one."
        ),
    ] = Path(),
    *,
    tenant: Annotated[
        str, typer.Option("--tenant", metavar="NUMBER", help="Only what this customer owes.")
    ] = "",
    subscription: Annotated[
        str, typer.Option("--subscription", metavar="NAME", help="Only contracts of this name.")
    ] = "",
    since: Annotated[
        date | None,
        typer.Option(
            "--since", parser=day, metavar="DATE", help="Only periods that end after that day."
        ),
    ] = None,
    until: Annotated[
        date | None,
        typer.Option(
            "--until", parser=day, metavar="DATE", help="Only periods that begin before that day."
        ),
    ] = None,
    format_: ListingOption = Listing.TABLE,
) -> None:
    """Show what was posted: every line with its period, its due date and its arithmetic.

    The journal is that of ISPALIER_JOURNAL_URL, else it stands beside the root file of PATH.
    """
    from ispalier.cli.listing import Filter, listed  # noqa: PLC0415 - other commands start faster

    listed(path, Filter(tenant, subscription, since, until), format_)
