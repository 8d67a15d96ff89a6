"""What `ispalier journal backup` and `verify` do and tell."""

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing, suppress
from pathlib import Path

from sqlalchemy.engine import make_url

from ispalier.cli.bill.ledger import opened as ledger
from ispalier.cli.declaration import identity_of
from ispalier.cli.output import Exit, Format, err, fail, out, print_json
from ispalier.cli.place import settings_for
from ispalier.cli.source import Source
from ispalier.core.gather import Identity
from ispalier.journal.checks import findings
from ispalier.journal.database import check_there, file_of
from ispalier.world.errors import Invalid, IspalierError


def saved(folder: Path, target: Path) -> None:
    """Save the journal to a new file of mode 0600, never half of it."""
    settings = settings_for([folder])
    try:
        why = _why_not(target)
    except OSError as error:
        why = _unwritable(target, error)
    if why:
        fail(why, Exit.USAGE)
    partial = target.with_name(f".{target.name}.partial")
    try:
        check_there(settings.journal_url)
        os.close(os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600))
        file = file_of(settings.journal_url)
        if file is not None:
            _copy(file, partial)
        else:
            _dump(settings.journal_url, partial)
        partial.rename(target)
    except (IspalierError, OSError) as error:
        with suppress(OSError):
            partial.unlink()
        if isinstance(error, IspalierError):
            fail(error)
        fail(_unwritable(target, error), Exit.USAGE)
    err().print(
        f"saved to {target}: keep a copy of the installation's key, too, but in another place"
    )


def _unwritable(target: Path, error: OSError) -> str:
    remedy = "make room or get the right to write there, or name a file elsewhere"
    return f"'{target}' cannot be written: {error.strerror or error}; {remedy}"


def _why_not(target: Path) -> str:
    """Why it cannot be made; nothing is written over, and no folder is made by a slip."""
    if target.is_dir():
        return f"'{target}' is a folder: name a new file in it, such as {target / 'journal.db'}"
    if target.exists():
        return f"'{target}' is there already and is not written over: name a new file"
    if not target.parent.is_dir():
        made = f"make it with `mkdir -p {target.parent}`"
        return f"there is no folder '{target.parent}': {made}, or name a file elsewhere"
    return ""


def _copy(file: Path, target: Path) -> None:
    """By SQLite's own online backup: one moment of it, while it is written to."""
    try:
        with (
            closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as there,
            closing(sqlite3.connect(target)) as here,
        ):
            there.backup(here)
            here.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
            (said,) = here.execute("PRAGMA integrity_check").fetchone()
    except sqlite3.Error as error:
        what = f"the journal {file} cannot be copied to {target.parent}: {error}"
        raise Invalid(f"{what}; make room there, or name a file elsewhere") from error
    if said != "ok":
        raise Invalid(f"the journal {file} is damaged: {said}: restore an older backup")


def _dump(url: str, target: Path) -> None:
    """By pg_dump; the password does not stand in the command."""
    parsed = make_url(url)
    password = str(parsed.password or "")
    plain = parsed.set(drivername="postgresql", password=None).render_as_string()
    command = ["pg_dump", "--format=custom", f"--file={target}", f"--dbname={plain}"]
    if shutil.which("pg_dump") is None:
        words = " ".join([*command[:2], "--file=FILE", f"'--dbname={plain}'"])
        raise Invalid(f"pg_dump is not here: install it, or run where it is: {words}")
    env = {"PATH": os.defpath, "LC_ALL": "C", **({"PGPASSWORD": password} if password else {})}
    done = subprocess.run(  # noqa: S603 - our own words
        [shutil.which("pg_dump") or "pg_dump", *command[1:]],
        env=env,
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        said = done.stderr.strip().splitlines() or ["it gives no reason"]
        raise Invalid(f"pg_dump failed: {said[0].removeprefix('pg_dump: error: ')}")


def verified(source: Source, format_: Format) -> Exit:
    """Check the journal, and tell what is found."""
    settings = source.settings()
    identity: Identity | None = None
    found: list[str] = []
    try:
        identity = identity_of(source)
    except IspalierError as error:
        found.append(f"the key was not checked: {error}")
    try:
        check_there(settings.journal_url)
        found += findings(settings.journal_url, identity)
        with ledger(settings) as there:
            found += there.faults()
    except IspalierError as error:
        fail(error)
    if format_ is Format.JSON:
        print_json({"findings": found})
    else:
        for each in found:
            out().print(each)
        if not found:
            err().print("the journal is as it should be")
    return Exit.PROBLEMS if found else Exit.OK
