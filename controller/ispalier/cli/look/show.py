"""`ispalier show`, `find`: what a customer has, and whose something is."""

from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli.output import Exit, Format, FormatOption
from ispalier.cli.serve.run import ContextOption, KubeconfigOption

FolderOption = Annotated[
    Path | None,
    typer.Option(
        "--folder",
        exists=True,
        help="Folder that declares everything; default the one you are in if ispalier.yaml is"
        " there, else the cluster.",
    ),
]


def show(
    customer: Annotated[
        str, typer.Argument(metavar="CUSTOMER", help="Number or name; without one all of them.")
    ] = "",
    *,
    format_: FormatOption = Format.TEXT,
    folder: FolderOption = None,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
) -> None:
    """Show what a customer has: contracts, and below each its services.

    Without a customer a line for each: how many contracts, domains and services they have, and how
    many of them are not Ready. In a folder nothing is known of that (-), nor of states.
    """
    from ispalier.cli.look.showing import shown  # noqa: PLC0415 - other commands start faster
    from ispalier.cli.source import Source  # noqa: PLC0415

    source = Source.named(folder, kubeconfig, context)
    raise typer.Exit(shown(source, customer, format_))


def find(
    characters: Annotated[str, typer.Argument(metavar="CHARS", help="What to look for.")],
    *,
    format_: FormatOption = Format.TEXT,
    folder: FolderOption = None,
    kubeconfig: KubeconfigOption = None,
    context: ContextOption = None,
) -> None:
    """Find customers by some characters of anything that is declared of them.

    A user name, a domain, a phone number, a serial, Mailbox/maria; neither capitals nor accents
    matter. Ends with 1 if nothing is found.
    """
    if not characters.strip():
        raise typer.BadParameter("write some characters of it.", param_hint="CHARS")
    from ispalier.cli.look.showing import found  # noqa: PLC0415 - other commands start faster
    from ispalier.cli.source import Source  # noqa: PLC0415

    source = Source.named(folder, kubeconfig, context)
    raise typer.Exit(Exit(found(source, characters, format_)))
