"""`ispalier retired`, `restore`, `purge`: what is no longer declared."""

from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli.output import Format, FormatOption

FolderOption = Annotated[
    Path,
    typer.Option(
        "--folder",
        metavar="PATH",
        exists=True,
        help="Folder whose journal it is; default this one.",
    ),
]
CustomerOption = Annotated[
    str,
    typer.Option(
        "--customer", metavar="NUMBER", help="Only of this customer (Tenant.spec.number)."
    ),
]


def retired(*, format_: FormatOption = Format.TEXT, folder: FolderOption = Path()) -> None:
    """List what is no longer declared: until when it is waited for, off, and kept.

    What is missing is waited for first, then switched off with its data kept, then deleted. The
    journal is that of ISPALIER_JOURNAL_URL, else it stands beside the root file.
    """
    from ispalier.cli.absent import told_of_absent  # noqa: PLC0415 - other commands start faster

    told_of_absent(folder, format_)


def restore(
    resource: Annotated[
        str,
        typer.Argument(
            metavar="KIND/NAME", help="Such as Mailbox/maria; default all of --customer."
        ),
    ] = "",
    *,
    customer: CustomerOption = "",
    folder: FolderOption = Path(),
) -> None:
    """Print resources that are gone as they were last declared, as YAML.

    Declared again, they get back what they had: mailboxes, addresses, passwords, their contract.
    """
    from ispalier.cli.absent import Which, restored  # noqa: PLC0415

    if not (resource or customer):
        raise typer.BadParameter("name a resource or a customer", param_hint="KIND/NAME")
    restored(folder, Which(resource, customer))


def purge(
    resource: Annotated[str, typer.Argument(metavar="KIND/NAME", help="Such as Mailbox/maria.")],
    *,
    customer: Annotated[
        str, typer.Option("--customer", metavar="NUMBER", help="The customer whose it was.")
    ],
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Kept in the journal.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    folder: FolderOption = Path(),
) -> None:
    """Delete for ever what a resource held that is switched off, before its retention is over.

    The next pass of `ispalier run` or `ispalier apply` deletes it, or the first one after its legal
    minimum (ISPALIER_KEEP_MINIMUM_DAYS): this command says when.
    """
    from ispalier.cli.absent import Which, purged  # noqa: PLC0415

    if not customer:
        raise typer.BadParameter("name the customer", param_hint="--customer")
    raise typer.Exit(purged(folder, Which(resource, customer), why, sure=yes))
