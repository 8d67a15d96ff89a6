"""`ispalier new`: write the file of a new resource."""

from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli import names
from ispalier.cli.output import Exit


def new(  # noqa: PLR0913 - options of a command
    kind: Annotated[
        str,
        typer.Argument(
            metavar="KIND", autocompletion=names.kinds, help="What it is: `Mailbox`, `Tenant`."
        ),
    ],
    name: Annotated[str, typer.Argument(metavar="NAME", help="What the resource is called.")],
    *,
    namespace: Annotated[
        str,
        typer.Option(
            "--namespace",
            "-n",
            metavar="NAME",
            autocompletion=names.namespaces,
            help="Whose it is; for a Tenant its own name by default.",
        ),
    ] = "",
    set_: Annotated[
        list[str] | None,
        typer.Option(
            "--set",
            metavar="FIELD=VALUE",
            help="A field of spec: `quotaMiB=2048`, `terms[0].from=2026-12-01`; again for more.",
        ),
    ] = None,
    folder: Annotated[
        Path, typer.Option("--folder", exists=True, file_okay=False, help="Where everything is.")
    ] = Path(),
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Print the file instead of writing it.")
    ] = False,
    force: Annotated[
        bool,
        typer.Option("--force", help="Write it although it does not go with what is there (yet)."),
    ] = False,
) -> None:
    """Write the file of a new resource where others like it are, and ask for what it must have.

    What is not set is asked for on a terminal, with the names of what is there already; elsewhere
    it is an error. Nothing is written that `ispalier validate` would refuse beside what is there,
    such as a number or an address that somebody has.
    """
    from ispalier.cli.begin.making import Wish, made  # noqa: PLC0415 - other commands start faster

    wish = Wish(kind, name, namespace, tuple(set_ or ()), folder, force)
    raise typer.Exit(Exit(made(wish, dry_run=dry_run)))
