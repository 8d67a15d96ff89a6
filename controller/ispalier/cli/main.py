"""The command line: one module per command, put together here."""

import atexit
import gc
import sys
from io import TextIOWrapper
from typing import Annotated

import typer
from pydantic import ValidationError

from ispalier.cli.apply import apply
from ispalier.cli.backend import backend
from ispalier.cli.bill import bill
from ispalier.cli.entries import entries
from ispalier.cli.history import audit, why
from ispalier.cli.hold import hold, holds, release
from ispalier.cli.init import init
from ispalier.cli.journal import adopt, journal
from ispalier.cli.look import drift, status
from ispalier.cli.new import new
from ispalier.cli.output import not_understood
from ispalier.cli.pending import approve, pending
from ispalier.cli.probe import probe
from ispalier.cli.retired import purge, restore, retired
from ispalier.cli.run import run
from ispalier.cli.show import find, show
from ispalier.cli.validate import validate
from ispalier.cli.version import show_version, version

app = typer.Typer(
    name="ispalier",
    no_args_is_help=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    help="GitOps for internet, hosting and mail providers: declare what you sell and to whom, and"
    " keep RADIUS, DNS, mail and the books equal to it.",
    epilog="Exit codes: 0 done; 1 problems were found, or something could not be served;"
    " 2 the command was not understood.",
)


@app.callback()
def ispalier(
    *,
    _version: Annotated[
        bool,
        typer.Option("--version", help="Show the version and exit.", callback=show_version),
    ] = False,
) -> None:
    """Take options that stand before the command."""


def main() -> None:
    """Run a command as a process of its own."""
    # Libraries and resources are there to stay: with Python's own settings a quarter of a short
    # command goes into searching them for garbage, again and again, and once more at the end.
    gc.set_threshold(50_000)
    atexit.register(gc.freeze)
    # A name that the terminal cannot show is no reason to end.
    if isinstance(sys.stdout, TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        app(prog_name="ispalier")
    except ValidationError as error:
        sys.exit(not_understood(error))


START, SERVE, LOOK = "Start", "Serve", "Look inside"
BRAKE, HOLD, GONE = "What waits for you", "Hold back for a while", "What is gone"
MONEY, UPKEEP = "Bill", "Look after"

app.command(rich_help_panel=START)(init)
app.add_typer(backend, rich_help_panel=START)
app.command(rich_help_panel=START)(new)
app.command(rich_help_panel=START)(validate)
app.command(rich_help_panel=SERVE)(apply)
app.command(rich_help_panel=SERVE)(run)
app.command(rich_help_panel=LOOK)(status)
app.command(rich_help_panel=LOOK)(show)
app.command(rich_help_panel=LOOK)(find)
app.command(rich_help_panel=LOOK)(why)
app.command(rich_help_panel=LOOK)(drift)
app.command(rich_help_panel=LOOK)(probe)
app.command(rich_help_panel=LOOK)(audit)
app.command(rich_help_panel=BRAKE)(pending)
app.command(rich_help_panel=BRAKE)(approve)
app.command(rich_help_panel=HOLD)(hold)
app.command(rich_help_panel=HOLD)(release)
app.command(rich_help_panel=HOLD)(holds)
app.command(rich_help_panel=GONE)(retired)
app.command(rich_help_panel=GONE)(restore)
app.command(rich_help_panel=GONE)(purge)
app.command(rich_help_panel=MONEY)(bill)
app.command(rich_help_panel=MONEY)(entries)
app.add_typer(journal, rich_help_panel=UPKEEP)
app.command(rich_help_panel=UPKEEP)(adopt)
app.command(rich_help_panel=UPKEEP)(version)
