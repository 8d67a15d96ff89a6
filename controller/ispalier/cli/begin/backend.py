"""`ispalier backend`: what systems need before they can be served."""

from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli import names
from ispalier.cli.options import FolderOption, named
from ispalier.cli.output import SecretsOption

backend = typer.Typer(
    name="backend", no_args_is_help=True, help="Prepare the systems that serve customers."
)


@backend.callback()
def _prepare() -> None:
    """Keep `schema` a command of its own although it is the only one."""


@backend.command()
def schema(
    host: Annotated[
        str,
        typer.Argument(metavar="HOST", autocompletion=names.hosts, help="Name of a ServiceHost."),
    ],
    path: Annotated[
        Path | None,
        typer.Argument(metavar="PATH", exists=True, help="Folder or file that declares it."),
    ] = None,
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Run it in the host's database.")] = False,
    secrets: SecretsOption = None,
    folder: FolderOption = None,
) -> None:
    """Print the SQL that a system's database needs, or run it there with --apply.

    Running it again is harmless; tables of other programs are left as they are.
    """
    from ispalier.cli.begin.schemas import schema_of  # noqa: PLC0415 - other commands start faster

    schema_of(host, named(path, folder) or Path(), secrets, apply=apply)
