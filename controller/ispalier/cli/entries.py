"""`ispalier entries`: what the ledger holds."""

from datetime import date
from typing import Annotated

import typer

from ispalier.cli.options import Listing, ListingOption, day


def entries(
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
    """Show what was posted: every line with its period, its due date and its arithmetic."""
    from ispalier.cli.listing import Filter, listed  # noqa: PLC0415 - other commands start faster

    listed(Filter(tenant, subscription, since, until), format_)
