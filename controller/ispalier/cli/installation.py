"""Whose controller this is, without a cluster: the root file, the key, the journal."""

import sqlite3
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import replace
from pathlib import Path

from ispalier.cli.installed import root_folder
from ispalier.cli.repository import source_of
from ispalier.core.gather import Identity
from ispalier.core.lease import Lease
from ispalier.journal.database import file_of
from ispalier.journal.journal import Journal
from ispalier.settings import Settings
from ispalier.world import root
from ispalier.world.errors import Invalid
from ispalier.world.load import Loaded, load
from ispalier.world.secret import Secret


def identity(loaded: Loaded, paths: Sequence[Path], settings: Settings) -> Identity:
    """The id of the root file, in these paths or above them, and the key of the key file."""
    folder = root_folder(paths)
    found = loaded.root or (load([folder / root.NAME]).root if folder else None)
    if found is None:
        message = f"no {root.NAME} in {paths[0]} or above it: make it with `ispalier init`"
        raise Invalid(message)
    source = source_of(folder) if folder else ""
    return Identity(found.installation, key(settings.key_file), settings.namespace, source)


def key(file: Path) -> Secret:
    """The installation's key; refused if others may read it."""
    try:
        mode = file.stat().st_mode
        text = file.read_text().strip()
    except OSError as error:
        remedy = (
            "run as the user whose it is"
            if isinstance(error, PermissionError)
            else "restore it from its copy, or set ISPALIER_KEY_FILE to where it is"
        )
        message = f"the key {file} cannot be read ({error.strerror}): {remedy}"
        raise Invalid(message) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        message = f"the key {file} can be read by others: chmod 600 {file}"
        raise Invalid(message)
    return Secret(text)


@contextmanager
def opened(settings: Settings, who: Identity, lease: Lease | None = None) -> Iterator[Journal]:
    """The journal, for as long as it is needed; passes are written there under a lease."""
    journal = Journal.open(
        settings.journal_url, who.key, who.installation, settings.quarantine, who.source
    )
    try:
        yield replace(journal, lease=lease)
    finally:
        journal.close()


@contextmanager
def rehearsed(settings: Settings, who: Identity) -> Iterator[tuple[Settings, Journal]]:
    """A journal for a dry run, with settings that go with it: nothing of it is kept.

    A file is copied whole. A PostgreSQL journal is copied into memory, which takes one pass at a
    time.
    """
    source = file_of(settings.journal_url)
    if source is None:
        with opened(settings, who) as journal:
            twin = journal.copy()
            try:
                yield settings.model_copy(update={"workers": 1}), twin
            finally:
                twin.close()
        return
    with tempfile.TemporaryDirectory(prefix="ispalier-") as folder:
        target = Path(folder) / "journal.db"
        if source.exists():
            with (
                closing(sqlite3.connect(f"file:{source}?mode=ro", uri=True)) as there,
                closing(sqlite3.connect(target)) as here,
            ):
                there.backup(here)
        copied = settings.model_copy(update={"journal_url": f"sqlite:///{target}"})
        with opened(copied, who) as journal:
            yield copied, journal
