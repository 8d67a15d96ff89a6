"""`ispalier pending`, `approve`: what a brake holds back, and letting it go."""

from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli.output import Format, FormatOption
from ispalier.cli.retired import FolderOption


def pending(*, format_: FormatOption = Format.TEXT, folder: FolderOption = Path()) -> None:
    """List what would be switched off and waits for a person, because it is so much.

    Of each kind at most a tenth may be missing over all customers, and always ten; of more than
    that nothing is switched off (ISPALIER_FLEET_PERCENT, ISPALIER_BRAKE_MINIMUM).
    """
    from ispalier.cli.held import told_of_held  # noqa: PLC0415 - other commands start faster

    told_of_held(folder, format_)


def approve(
    digest: Annotated[str, typer.Argument(metavar="DIGEST", help="As `ispalier pending` says it.")],
    *,
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Kept in the journal.")],
    folder: FolderOption = Path(),
) -> None:
    """Let exactly the resources of a digest be switched off.

    What goes missing later is judged anew.
    """
    from ispalier.cli.held import approved  # noqa: PLC0415

    approved(folder, digest, why)
