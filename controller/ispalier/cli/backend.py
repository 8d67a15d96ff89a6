"""`ispalier backend`: what systems need before they can be served."""

from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli.output import SecretsOption

backend = typer.Typer(
    name="backend", no_args_is_help=True, help="Prepare the systems that serve customers."
)


@backend.callback()
def _prepare() -> None:
    """Keep `schema` a command of its own although it is the only one."""


@backend.command()
def schema(
    host: Annotated[str, typer.Argument(metavar="HOST", help="Name of a ServiceHost.")],
    path: Annotated[
        Path,
        typer.Argument(metavar="PATH", exists=True, help="Folder or file that declares it."),
    ] = Path(),
    *,
    apply: Annotated[bool, typer.Option("--apply", help="Run it in the host's database.")] = False,
    secrets: SecretsOption = None,
) -> None:
    """Print the SQL that a system's database needs, or run it there with --apply.

    Running it again is harmless; tables of other programs are left as they are.
    """
    from ispalier.cli.schemas import schema_of  # noqa: PLC0415 - other commands start faster

    schema_of(host, path, secrets, apply=apply)
