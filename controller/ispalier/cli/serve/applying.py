"""What `ispalier apply` does and tells."""

import asyncio
import time
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from rich.text import Text

from ispalier.api.machines import ServiceHost
from ispalier.api.units import BusinessUnit
from ispalier.assembly import build
from ispalier.cli.installation import identity, opened, rehearsed
from ispalier.cli.output import (
    WAIT,
    Exit,
    Format,
    counted,
    err,
    fail,
    out,
    print_json,
    print_problems,
)
from ispalier.cli.place import settings_for
from ispalier.cli.progress import hosts_of, progress
from ispalier.cli.serve import changes
from ispalier.cli.serve.gone import Gone, gone
from ispalier.cli.serve.passes import (
    beginnings,
    left_alone,
    passes,
    place_of,
    together,
    told,
    troubles,
    units,
)
from ispalier.cli.serve.proving import prove
from ispalier.cli.serve.traces import traced
from ispalier.core.changes import Verb
from ispalier.core.engine import Engine, Outcome
from ispalier.core.gather import Identity
from ispalier.core.items import PROVIDER
from ispalier.core.lease import Lease
from ispalier.environment import vault_address
from ispalier.files.private import write_private
from ispalier.journal.journal import Journal
from ispalier.journal.lock import BACKENDS
from ispalier.journal.writer import Writer, clock
from ispalier.settings import Settings
from ispalier.world.commits import FileEdits
from ispalier.world.errors import IspalierError, Unsafe
from ispalier.world.load import Loaded, load
from ispalier.world.snapshot import Snapshot
from ispalier.world.sops import Opener

_SHOWN = 10
"""Of a list that may be long."""


def applied(
    paths: Sequence[Path],
    secrets: Path | None,
    format_: Format,
    lock_timeout: float,
    *,
    dry_run: bool,
) -> Exit:
    """Make one pass over each unit of some files; how it ended."""
    began = time.monotonic()
    settings = settings_for(paths)
    if secrets is not None:
        settings = settings.model_copy(update={"secrets_folder": secrets})
    loaded = load(paths, settings.secrets_folder, Opener(vault_address()))
    if loaded.errors:
        print_problems(loaded.errors)
        fail(f"{counted(len(loaded.errors), 'error')} in the files: nothing was changed")
    try:
        report = Report(loaded.world, settings, format_, dry_run=dry_run)
        _passes(loaded, identity(loaded, paths, settings), report, lock_timeout)
    except IspalierError as error:
        fail(error)
    except KeyboardInterrupt:
        done = "" if dry_run else ": what was changed until now stays, apply again for the rest"
        err().print(f"stopped{done}")
        raise
    report.end(time.monotonic() - began)
    return Exit.PROBLEMS if report.problems or report.held else Exit.OK


def _passes(loaded: Loaded, who: Identity, report: "Report", lock_timeout: float) -> None:
    settings = report.settings
    lease: Lease | None = None
    with ExitStack() as end:
        if report.dry_run:
            settings, journal = end.enter_context(rehearsed(settings, who))
            report.settings = settings
        else:
            lease = Lease(who.installation, settings.lease, clock)
            journal = end.enter_context(opened(settings, who, lease))
            writer = Writer.of(journal.engine, BACKENDS, lease, "ispalier apply")
            end.enter_context(writer.alone(lock_timeout, WAIT))
        customers = units(loaded)
        report.has_provider = any(loaded.world.of(ServiceHost))
        report.left_alone = left_alone(loaded, journal.customers())
        loaded.world.edits = FileEdits(loaded.origins)
        engine = build(loaded.world, journal, settings, who, lease)
        end.enter_context(traced(engine, settings))
        asyncio.run(_all(engine, customers, report))
        report.unconfirmed = journal.acquaintance().unconfirmed
        if loaded.root and report.unconfirmed:
            journal.compared(datetime.now(UTC))
        journal.thin(datetime.now(UTC) - settings.retention.history)
        if engine.pending():
            why = [report.unconfirmed] if report.unconfirmed else []
            report.held = [*why, *_held(customers, settings, journal)]
        report.gone = gone(loaded.world, customers, journal.memories(), settings.retention)


async def _all(engine: Engine, customers: Sequence[str], report: "Report") -> None:
    if any(each.spec.verify_domains for each in engine.world.of(BusinessUnit)):
        report.unverified = await prove(engine, customers)
    workers = report.settings.workers
    with progress(hosts_of(engine.calls), len(customers)) as one_more:
        async for outcome in passes(engine, customers, workers, dry_run=report.dry_run):
            report.add(outcome)
            one_more()


def _held(customers: Sequence[str], settings: Settings, journal: Journal) -> Sequence[str]:
    from ispalier.cli.decide.approving import pending_of  # noqa: PLC0415 - seldom needed
    from ispalier.journal.pending import Pending  # noqa: PLC0415

    return pending_of(customers, settings, Pending(journal.engine))


@dataclass(slots=True)
class Report:
    """What is told of the passes."""

    world: Snapshot
    settings: Settings
    format: Format
    dry_run: bool
    has_provider: bool = True
    left_alone: list[str] = field(default_factory=list)
    held: Sequence[str] = ()
    unconfirmed: str = ""
    gone: list[Gone] = field(default_factory=list)
    verbs: Counter[Verb] = field(default_factory=Counter)
    unverified: Sequence[str] = ()
    begins: list[str] = field(default_factory=list)
    problems: int = 0
    secrets: int = 0
    _only_held: int = 0
    _customers: set[str] = field(default_factory=set)
    _json: list[dict[str, object]] = field(default_factory=list)

    def add(self, outcome: Outcome) -> None:
        """Tell of one pass, and write the passwords that were generated."""
        self._customers.add(outcome.customer)
        self.problems += len(troubles(outcome.problems))
        self.begins += beginnings(outcome.problems)
        for each in outcome.changes.values():
            self.verbs.update(
                change.verb for change in each if change.owner not in outcome.problems
            )
        if not self.dry_run:
            for secret in outcome.secrets:
                file = self.settings.secrets_folder / place_of(secret)
                write_private(file, f"{secret.value.reveal()}\n")
        if self.format is Format.JSON:
            self._json.append(self.world.hidden.value(_as_json(outcome)))
        elif _is_only_held(outcome):
            self._only_held += 1
            if self._only_held <= _SHOWN:
                self._print(outcome)
        elif told(outcome):
            self._print(outcome)

    def end(self, seconds: float) -> None:
        """Tell how it went in all."""
        if self.format is Format.JSON:
            whole = {"dryRun": self.dry_run, "units": self._json, "leftAlone": self.left_alone}
            gone_ = [each.as_json() for each in self.gone]
            also = {"begins": self.begins, "unverified": list(self.unverified)}
            held = {"heldBack": self.held, "unconfirmed": self.unconfirmed}
            print_json({**whole, **also, "noLongerDeclared": gone_, **held})
            return
        done = [f"{count} {changes.DONE[verb]}" for verb, count in sorted(self.verbs.items())]
        parts = [", ".join(done) or "nothing to change"]
        if self.problems:
            parts.append(f"{counted(self.problems, 'resource')} not served as declared")
        if not self._customers:
            missing = "these files hold neither a Tenant nor ispalier.yaml"
            parts = [f"nothing to act on: {missing}; name the customer's whole folder"]
        begin = "would be: " if self.dry_run and done else ""
        summary = (
            f"{begin}{'; '.join(parts)} ({counted(len(self._customers), 'unit')}, {seconds:.1f} s)"
        )
        err().print(f"dry run: {summary}" if self.dry_run else summary)
        if not self.has_provider and self.problems:
            err().print(
                "the provider's own resources are not in these files: name their folder too, as in"
                " `ispalier apply PROVIDER TENANT`, or the folder of ispalier.yaml"
            )
        if self._only_held > _SHOWN:
            rest = counted(self._only_held - _SHOWN, "more customer")
            err().print(f"held back of {rest}, too: see `ispalier pending`")
        for reason in self.held:
            err().print(Text(f"held back: {reason}", style="red" if err().is_terminal else ""))
        for each in self.unverified:
            err().print(each)
        for each in self.begins[:_SHOWN]:
            err().print(each)
        if len(self.begins) > _SHOWN:
            err().print(f"{counted(len(self.begins) - _SHOWN, 'more contract')} begin later")
        self._tell_of_missing()

    def _tell_of_missing(self) -> None:
        if self.unconfirmed and self.unconfirmed not in self.held:
            err().print(f"all that is missing waits: {self.unconfirmed}")
        elif not self.held:
            for each in self.gone[:_SHOWN]:
                err().print(str(each))
            if len(self.gone) > _SHOWN:
                rest = len(self.gone) - _SHOWN
                err().print(f"no longer declared: {rest} more: see `ispalier retired`")
        if self.left_alone:
            some = ", ".join(self.left_alone[:_SHOWN])
            rest = len(self.left_alone) - _SHOWN
            more = f" and {rest} more" if rest > 0 else ""
            err().print(f"left alone, for no Tenant in these files has their number: {some}{more}")

    def _print(self, outcome: Outcome) -> None:
        lines = [Text(self._heading(outcome.customer), style="bold")]
        hidden = self.world.hidden
        for each in outcome.changes.values():
            said = [hidden.text(changes.line(change)) for change in each]
            lines += [Text(f"  {line}", style=changes.STYLES[line[0]]) for line in said]
        for secret in outcome.secrets:
            file = self.settings.secrets_folder / place_of(secret)
            lines.append(Text(f"  + secret {file}: *** (generated)", style="green"))
        for who, problem in together(troubles(outcome.problems)):
            lines.append(Text(hidden.text(f"  ! {', '.join(who)}: {problem}"), style="red"))
        out().print(Text("\n").join(lines))

    def _heading(self, customer: str) -> str:
        if customer == PROVIDER:
            return "Provider"
        tenant = self.world.tenants(customer)[0]
        return f"{tenant.spec.display_name} (Tenant/{tenant.name}, number {customer})"


def _is_only_held(outcome: Outcome) -> bool:
    """Whether there is nothing to tell but that a brake holds back."""
    problems = troubles(outcome.problems)
    is_held = all(isinstance(each, Unsafe) for each in problems.values())
    return bool(problems) and is_held and not any(outcome.changes.values())


def _as_json(outcome: Outcome) -> dict[str, object]:
    return {
        "customer": outcome.customer,
        "changes": [
            changes.as_json(room, change)
            for (room, _), each in outcome.changes.items()
            for change in each
        ],
        "secrets": [place_of(each) for each in outcome.secrets],
        "problems": [
            {"resource": str(owner), "reason": problem.reason, "message": str(problem)}
            for owner, problem in sorted(troubles(outcome.problems).items())
        ],
    }
