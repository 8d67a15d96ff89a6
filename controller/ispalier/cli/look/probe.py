"""`ispalier probe`: whether the services answer as declared."""

from pathlib import Path
from typing import Annotated

import typer

from ispalier.cli.options import FolderOption, named
from ispalier.cli.output import Format, FormatOption, SecretsOption


def probe(
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="KIND/NAME PATH",
            help="A resource such as Login/joao, and the folder of YAML; default this one.",
        ),
    ] = None,
    *,
    all_: Annotated[bool, typer.Option("--all", help="Ask about everything in PATH.")] = False,
    format_: FormatOption = Format.TEXT,
    secrets: SecretsOption = None,
    folder: FolderOption = None,
) -> None:
    """Ask RADIUS, IMAP and name servers once whether they serve as declared.

    Logins are tried as their line would, mailboxes opened read-only by a master user, zones asked
    for at every name server, as the sections `probe` of the ServiceHosts say. Nothing is written.
    Fails if something is answered wrongly or not at all.
    """
    from ispalier.cli.look.probing import probed  # noqa: PLC0415 - other commands start faster

    given = words or []
    if not (all_ or given):
        raise typer.BadParameter("name a resource, or all with --all", param_hint="KIND/NAME")
    resource, *paths = ("", *given) if all_ else given
    if len(paths) > 1:
        raise typer.BadParameter("one folder at most", param_hint="PATH")
    path = named(Path(paths[0]) if paths else None, folder) or Path()
    if not path.exists():
        raise typer.BadParameter(f"'{path}' does not exist", param_hint="PATH")
    raise typer.Exit(probed(path, resource, secrets, format_))
