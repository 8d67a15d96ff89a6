"""What `ispalier journal show`, `rebind` and `confirm` do and tell."""

from datetime import UTC, datetime
from pathlib import Path

import typer

from ispalier.cli.books import opened
from ispalier.cli.declaration import identity_of
from ispalier.cli.output import Format, counted, err, fail, out, print_json, rfc3339
from ispalier.cli.place import settings_for
from ispalier.cli.serve.acting import FIRST
from ispalier.cli.source import Source
from ispalier.cli.who import who
from ispalier.core.lease import Lease
from ispalier.journal.checks import counts
from ispalier.journal.identity import Papers, check_installation, shown
from ispalier.journal.lock import BACKENDS
from ispalier.journal.seal import Seal
from ispalier.journal.writer import Writer, clock


def showed(folder: Path, format_: Format) -> None:
    """Tell whose journal it is."""
    with opened(Papers, settings_for([folder])) as papers:
        says, numbers = papers.meta(), counts(papers.engine)
    if format_ is Format.JSON:
        print_json(
            {
                "installation": says.get("installation", ""),
                "source": says.get("source", ""),
                "unconfirmed": says.get("unconfirmed", ""),
                "rows": numbers,
            }
        )
        return
    out().print(f"installation  {says.get('installation', 'none yet')}")
    out().print(f"serves        {shown(says.get('source', ''))}")
    if "unconfirmed" in says:
        out().print(f"unconfirmed   {says['unconfirmed']}")
    out().print(f"rows          {', '.join(f'{name} {each}' for name, each in numbers.items())}")


def rebound(source: Source, why: str) -> None:
    """Bind the journal to another source of the same installation."""
    settings = source.settings()
    with opened(Papers, settings) as papers:
        found, says = identity_of(source), papers.meta()
        check_installation(says, "installation", found.installation)
        check_installation(says, "key", Seal(found.key).check)
        before = says.get("source", "")
        if before == found.source:
            err().print(f"the journal serves {shown(before)} already: nothing was changed")
            return
        lease = Lease(found.installation, settings.lease, clock)
        with Writer.of(papers.engine, BACKENDS, lease, "ispalier journal rebind").alone(0, FIRST):
            papers.rebind(found.source, f"{who()} at {rfc3339(datetime.now(UTC))}: {why}")
    err().print(
        f"the journal served {shown(before)} and is bound to {shown(found.source)} now\n"
        "what is missing there waits until you have seen it: when everything was compared, by a"
        " sweep of `ispalier run` or by `ispalier apply`, run `ispalier journal confirm`"
    )


def confirmed(folder: Path, *, sure: bool) -> None:
    """Show what is missing, and let it be timed."""
    with opened(Papers, settings_for([folder])) as papers:
        says = papers.meta()
        if "unconfirmed" not in says:
            err().print("nothing waits to be confirmed")
            return
        if "compared" not in says:
            fail(
                "not everything was compared with what is declared yet: wait for the next sweep of"
                " `ispalier run`, or run `ispalier apply` on the whole folder"
            )
        missing = papers.missing()
        for each in missing:
            of = counted(each.customers, "customer")
            out().print(f"missing: {counted(each.number, each.kind)} of {of}")
        total = sum(each.number for each in missing)
        question = f"Begin the hold time of {counted(total, 'missing resource')}?"
        if not (sure or typer.confirm(question, err=True)):
            fail("nothing was confirmed")
        papers.confirm(who(), datetime.now(UTC))
    err().print(
        f"confirmed: the hold time of {counted(total, 'missing resource')} begins now,"
        " and `ispalier retired` lists them"
    )
