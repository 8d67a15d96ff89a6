"""Whose controller this is, without a cluster: the root file, the key, the journal."""

import sqlite3
import stat
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from datetime import timedelta
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from ispalier.core.gather import Identity
from ispalier.journal.journal import Journal
from ispalier.settings import Settings
from ispalier.world import root
from ispalier.world.errors import Invalid
from ispalier.world.load import Loaded, load
from ispalier.world.secret import Secret


def identity(loaded: Loaded, paths: Sequence[Path], settings: Settings) -> Identity:
    """The id of the root file, in these paths or above them, and the key of the key file."""
    found = loaded.root or _root_above(paths)
    if found is None:
        message = f"no {root.NAME} in {paths[0]} or above it: make it with `ispalier init`"
        raise Invalid(message)
    return Identity(found.installation, key(settings.key_file), settings.namespace)


def key(file: Path) -> Secret:
    """The installation's key; refused if others may read it."""
    try:
        mode = file.stat().st_mode
        text = file.read_text().strip()
    except OSError as error:
        message = (
            f"the key {file} cannot be read ({error.strerror}): make it with `ispalier init`,"
            " or set ISPALIER_KEY_FILE to where it is"
        )
        raise Invalid(message) from error
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        message = f"the key {file} can be read by others: chmod 600 {file}"
        raise Invalid(message)
    return Secret(text)


@contextmanager
def opened(settings: Settings, who: Identity) -> Iterator[Journal]:
    """The journal, for as long as it is needed."""
    held = timedelta(days=settings.keep_address_days)
    journal = Journal.open(settings.journal_url, who.key, who.installation, held)
    try:
        yield journal
    finally:
        journal.close()


@contextmanager
def rehearsed(settings: Settings, who: Identity) -> Iterator[tuple[Settings, Journal]]:
    """A journal for a dry run, with settings that go with it: nothing of it is kept.

    A file is copied whole. A PostgreSQL journal is copied into memory, which takes one pass at a
    time.
    """
    source = _file(settings.journal_url)
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


def _file(url: str) -> Path | None:
    """The file of a SQLite journal."""
    try:
        parsed = make_url(url)
    except ArgumentError:
        return None
    is_file = parsed.get_backend_name() == "sqlite" and parsed.database
    return Path(parsed.database) if is_file and parsed.database else None


def _root_above(paths: Sequence[Path]) -> root.Root | None:
    """The root file of the folder that holds a path, for a part of the tree."""
    for folder in paths[0].resolve().parents:
        file = folder / root.NAME
        if file.is_file():
            return load([file]).root
    return None
