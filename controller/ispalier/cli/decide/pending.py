"""`ispalier pending`, `approve`: what a brake holds back, and letting it go."""

from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli import names
from ispalier.cli.decide.retired import FolderOption
from ispalier.cli.keep.journal import WhyOption
from ispalier.cli.output import Format, FormatOption


def pending(*, format_: FormatOption = Format.TEXT, folder: FolderOption = Path()) -> None:
    """List what waits for a person because it is so much: sets, each with its digest.

    Over all customers and within an hour these go by themselves, and nothing of what is more:
    removals of a tenth of a kind, and always ten; interruptions or worse of 1 % of all services,
    and always fifty; changes of 1 % of all recurring revenue, or of ten contracts.

    All are settings (ISPALIER_BRAKE_PERCENT, _MINIMUM, _INTERRUPT_PERCENT, _INTERRUPT_MINIMUM,
    _REVENUE_PERCENT, _WINDOW). What is new is never held back.
    """
    from ispalier.cli.decide.approving import told_of_pending  # noqa: PLC0415 - other commands start faster

    told_of_pending(folder, format_)


def approve(
    digest: Annotated[
        str,
        typer.Argument(
            metavar="DIGEST", autocompletion=names.digests, help="As `ispalier pending` says it."
        ),
    ],
    *,
    why: WhyOption,
    folder: FolderOption = Path(),
) -> None:
    """Let exactly the changes of a digest go; who, when and why is kept.

    What is held back later is judged anew. `ispalier run` makes them within minutes, else
    `ispalier apply` does.
    """
    from ispalier.cli.decide.approving import approved  # noqa: PLC0415

    approved(folder, digest, why)
