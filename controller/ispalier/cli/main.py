"""The command line: one module per command, put together here."""

from ispalier.cli.begin.backend import backend
from ispalier.cli.begin.init import init
from ispalier.cli.begin.new import new
from ispalier.cli.bill.bill import bill
from ispalier.cli.bill.entries import entries
from ispalier.cli.decide.hold import hold, holds, release
from ispalier.cli.decide.pending import approve, pending
from ispalier.cli.decide.retired import purge, restore, retired
from ispalier.cli.keep.journal import adopt, journal
from ispalier.cli.look.history import audit, why
from ispalier.cli.look.look import drift, status
from ispalier.cli.look.probe import probe
from ispalier.cli.look.show import find, show
from ispalier.cli.process import empty
from ispalier.cli.serve.apply import apply
from ispalier.cli.serve.run import run
from ispalier.cli.validate.validate import validate
from ispalier.cli.version import version

app = empty()

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
