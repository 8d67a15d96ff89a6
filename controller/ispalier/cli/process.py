"""A command as a process of its own: of all commands only the one that is asked for is loaded.

To load all takes longer than most of them work; for help and completion they are.
"""

import atexit
import gc
import os
import sys
from importlib import import_module
from io import BytesIO, TextIOWrapper
from typing import Annotated

import typer

from ispalier.cli.outlet import Output
from ispalier.cli.output import not_permitted, not_understood
from ispalier.cli.start import settle
from ispalier.cli.version import show_version

ALONE = {
    "apply": "serve",
    "bill": "bill",
    "entries": "bill",
    "init": "begin",
    "new": "begin",
    "probe": "look",
    "run": "serve",
    "validate": "validate",
}
"""Commands that are a function of their name in a module of their name, and its folder."""
_COMPLETES = "_ISPALIER_COMPLETE"


def run(beside: object = None) -> None:
    """Run the command that the process was started with; it is handed what is beside it."""
    app = _app(sys.argv[1:])
    settle()
    atexit.register(gc.freeze)
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout = Output.of(sys.stdout)
    if sys.stdin is None:  # it was closed: whoever asks gets no answer
        sys.stdin = TextIOWrapper(BytesIO())
    try:
        app(prog_name="ispalier", obj=beside)
    except ValueError as error:  # pydantic's, which is not loaded yet
        sys.exit(not_understood(error))
    except PermissionError as error:  # a folder above something that was only looked for
        sys.exit(not_permitted(error))
    finally:
        if sys.stdout is not None:
            sys.stdout.flush()  # while it can still be said that this fails


def empty() -> typer.Typer:
    """The command line without a command."""
    app = typer.Typer(
        name="ispalier",
        no_args_is_help=True,
        context_settings={"help_option_names": ["-h", "--help"]},
        pretty_exceptions_enable=False,
        rich_markup_mode="markdown",
        help="GitOps for internet, hosting and mail providers: declare what you sell and to whom,"
        " and keep RADIUS, DNS, mail and the books equal to it.",
        epilog="Exit codes: 0 done; 1 problems were found, or something could not be served;"
        " 2 the command was not understood, could not look, or could not write its output.",
    )
    app.callback()(_options)
    return app


def _options(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", callback=show_version),
    ] = False,
) -> None:
    """Take options that stand before the command."""


def _app(words: list[str]) -> typer.Typer:
    """The command line with what these words ask for."""
    if not words or words[0] not in ALONE or _COMPLETES in os.environ:
        from ispalier.cli.main import app as whole  # noqa: PLC0415 - only where all are needed

        return whole
    app, name = empty(), words[0]
    app.command()(getattr(import_module(f"ispalier.cli.{ALONE[name]}.{name}"), name))
    return app
