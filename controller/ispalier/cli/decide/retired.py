"""`ispalier retired`, `restore`, `purge`: what is no longer declared."""

from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli import names
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
        "--customer",
        metavar="NUMBER",
        autocompletion=names.customers,
        help="Only of this customer (Tenant.spec.number).",
    ),
]
NamespaceOption = Annotated[
    str,
    typer.Option(
        "--namespace",
        "-n",
        metavar="NAME",
        autocompletion=names.namespaces,
        help="Only of the customer whose Tenant is in this namespace.",
    ),
]


def retired(
    *,
    customer: CustomerOption = "",
    namespace: NamespaceOption = "",
    format_: FormatOption = Format.TEXT,
    folder: FolderOption = Path(),
) -> None:
    """List what is no longer declared: until when it is waited for, off, and kept.

    What is missing is waited for first, then switched off with its data kept, then deleted. The
    journal is that of ISPALIER_JOURNAL_URL, else it stands beside the root file.
    """
    from ispalier.cli.decide.absent import told_of_absent  # noqa: PLC0415 - other commands start faster
    from ispalier.cli.whose import whose  # noqa: PLC0415

    told_of_absent(folder, whose(folder, customer, namespace), format_)


def restore(
    resource: Annotated[
        str,
        typer.Argument(
            metavar="KIND/NAME",
            autocompletion=names.absent,
            help="Such as Mailbox/maria; default all of --customer.",
        ),
    ] = "",
    *,
    customer: CustomerOption = "",
    namespace: NamespaceOption = "",
    folder: FolderOption = Path(),
) -> None:
    """Print resources that are gone as they were last declared, as YAML.

    Declared again, they get back what they had: mailboxes, addresses, passwords, their contract.
    """
    from ispalier.cli.decide.absent import Which, restored  # noqa: PLC0415
    from ispalier.cli.whose import whose  # noqa: PLC0415

    if not (resource or customer or namespace):
        raise typer.BadParameter("name a resource or a customer", param_hint="KIND/NAME")
    restored(folder, Which(resource, whose(folder, customer, namespace, resource)))


def purge(  # noqa: PLR0913 - options of a command
    resource: Annotated[
        str,
        typer.Argument(
            metavar="KIND/NAME", autocompletion=names.absent, help="Such as Mailbox/maria."
        ),
    ],
    *,
    customer: CustomerOption = "",
    namespace: NamespaceOption = "",
    why: Annotated[str, typer.Option("--why", metavar="TEXT", help="Kept in the journal.")] = "",
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    folder: FolderOption = Path(),
) -> None:
    """Delete for ever what a resource held that is switched off, before its retention is over.

    The next pass of `ispalier run` or `ispalier apply` deletes it, or the first one after its legal
    minimum (ISPALIER_KEEP_MINIMUM_DAYS): this command says when.
    """
    from ispalier.cli.decide.absent import Which, purged  # noqa: PLC0415
    from ispalier.cli.whose import whose  # noqa: PLC0415

    if not (customer or namespace):
        raise typer.BadParameter("name the customer whose it was", param_hint="--customer")
    which = Which(resource, whose(folder, customer, namespace, resource))
    raise typer.Exit(purged(folder, which, why, sure=yes))
