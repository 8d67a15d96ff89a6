"""`ispalier version`."""

import typer

from ispalier import __version__


def version() -> None:
    """Show the version of ispalier."""
    typer.echo(__version__)


def show_version(*, wanted: bool) -> None:
    """Show the version and end, for `--version`."""
    if wanted:
        typer.echo(__version__)
        raise typer.Exit
