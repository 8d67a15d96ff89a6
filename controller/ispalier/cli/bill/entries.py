"""`ispalier entries`: what the ledger holds."""

from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli import names
from ispalier.cli.decide.retired import CustomerOption, NamespaceOption
from ispalier.cli.options import FolderOption, Listing, ListingOption, day, named


def entries(  # noqa: PLR0913 - options of a command
    path: Annotated[
        Path | None,
        typer.Argument(
            metavar="PATH", exists=True, help="Folder whose journal it is; default this one."
        ),
    ] = None,
    *,
    customer: CustomerOption = "",
    namespace: NamespaceOption = "",
    subscription: Annotated[
        str,
        typer.Option(
            "--subscription",
            metavar="NAME",
            autocompletion=names.contracts,
            help="Only contracts of this name.",
        ),
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
    folder: FolderOption = None,
) -> None:
    """Show what was posted: every line with its period, its due date and its arithmetic.

    The journal is that of ISPALIER_JOURNAL_URL, else it stands beside the root file of PATH.
    """
    from ispalier.cli.bill.listing import Filter, listed  # noqa: PLC0415 - other commands start faster
    from ispalier.cli.whose import whose  # noqa: PLC0415

    if since and until and since >= until:
        raise typer.BadParameter("must be after --since", param_hint="--until")
    here = named(path, folder) or Path()
    listed(here, Filter(whose(here, customer, namespace), subscription, since, until), format_)
