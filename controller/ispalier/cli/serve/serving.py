"""What `ispalier run --source` does: the controller on a folder or a git repository."""

import asyncio
from pathlib import Path

from ispalier.assembly import build
from ispalier.cli.installation import key
from ispalier.cli.output import fail
from ispalier.cli.place import settings_for
from ispalier.cli.repository import source_of
from ispalier.cli.serve.acting import acting
from ispalier.cli.serve.logs import log_to_stderr
from ispalier.cli.serve.traces import traced
from ispalier.core.gather import Identity
from ispalier.files.folder import Folder
from ispalier.files.git import Address, Repository
from ispalier.files.revision import Origin
from ispalier.files.run import run
from ispalier.settings import Settings
from ispalier.world.errors import Invalid, IspalierError, Unavailable
from ispalier.world.load import load
from ispalier.world.root import NAME
from ispalier.world.snapshot import Snapshot

GIT = "git:"


def serve(source: str) -> None:
    """Keep every system equal to files until told to stop."""
    world = Snapshot()
    log_to_stderr(world.hidden)
    try:
        origin, settings = _origin(source)
        asyncio.run(_serve(origin, settings, world))
    except IspalierError as error:
        fail(error)


async def _serve(origin: Origin, settings: Settings, world: Snapshot) -> None:
    who = await _identity(origin, settings)
    with acting(settings, who) as (journal, writer):
        engine = build(world, journal, settings, who, writer.lease)
        with traced(engine, settings):
            await run(settings, engine, origin, writer, asyncio.Event())


def _origin(source: str) -> tuple[Origin, Settings]:
    """Where revisions come from; key, secrets and journal stand beside a folder's root file."""
    if source.startswith(GIT):
        settings = Settings()
        cache = settings.cache_folder.expanduser()
        return Repository(Address.of(source.removeprefix(GIT)), cache), settings
    path = Path(source)
    try:
        is_there = (path / NAME).is_file()
    except OSError as error:
        remedy = "run as who may read it, or name another folder"
        raise Invalid(f"{path} cannot be read: {error.strerror}: {remedy}") from error
    if not is_there:
        raise Invalid(
            f"there is no {NAME} in {path}: name the folder that it stands in, or git:URL"
        )
    settings = settings_for([path])
    return Folder(path, settings.secrets_folder), settings


async def _identity(origin: Origin, settings: Settings) -> Identity:
    """Whose files these are, by their root file; of a repository that is away, by our copy of it."""
    try:
        revision = await origin.latest()
    except Unavailable as error:
        last = await origin.last()
        if last is None:
            raise Invalid(str(error)) from error
        revision = last
    root = load([revision.folder / NAME]).root
    if root is None:
        raise Invalid(f"{revision.told}: there is no {NAME} that can be read: see `ispalier init`")
    which = source_of(revision.folder)
    return Identity(root.installation, key(settings.key_file), settings.namespace, which)
