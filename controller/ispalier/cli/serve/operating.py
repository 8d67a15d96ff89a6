"""The operator's parts, put together; and its identity, made once."""

import asyncio
import uuid
from pathlib import Path

import structlog

from ispalier.assembly import build
from ispalier.cli.declaration import in_cluster
from ispalier.cli.output import fail, out
from ispalier.cli.serve.acting import acting
from ispalier.cli.serve.logs import log_to_stderr
from ispalier.cli.serve.traces import traced
from ispalier.cli.source import Source
from ispalier.core.engine import Engine
from ispalier.core.gather import Identity
from ispalier.journal.seal import Seal
from ispalier.journal.writer import Writer
from ispalier.kube.client import Access, Client
from ispalier.kube.holder import hold_cluster
from ispalier.kube.identity import NAME, create_identity, read_identity
from ispalier.kube.run import run
from ispalier.settings import Settings
from ispalier.world.errors import Conflict, IspalierError, Unavailable
from ispalier.world.snapshot import Snapshot

log = structlog.get_logger()

PATIENCE = 30.0
"""Seconds that an API server may be away when we start; then whoever starts us tries again."""


def operate(kubeconfig: Path | None, context: str | None) -> None:
    """Run the operator until it is told to stop."""
    settings, access = Settings(), Access.found(kubeconfig, context)
    world = Snapshot()
    log_to_stderr(world.hidden)
    try:
        who = asyncio.run(patiently(Source(None, None, kubeconfig, context), settings.namespace))
        with acting(settings, who) as (journal, writer):
            engine = build(world, journal, settings, who, writer.lease)
            with traced(engine, settings):
                asyncio.run(_run(settings, engine, access, writer))
    except IspalierError as error:
        fail(error)


def found_in_cluster(kubeconfig: Path | None, context: str | None) -> None:
    """Make the installation's identity in a cluster; one that is there is left as it is."""
    settings = Settings()
    try:
        made = asyncio.run(_found(Access.found(kubeconfig, context), settings.namespace))
    except IspalierError as error:
        fail(error)
    where = f"Secret {NAME} in namespace {settings.namespace}"
    if made:
        out().print(f"made {where}: back it up, the journal cannot be read without it")
    else:
        out().print(f"{where} is there already and was left as it is")


async def patiently(source: Source, namespace: str) -> Identity:
    """Who serves the cluster; while the API server does not say, it is asked again for a while.

    Raises Conflict if it is another installation.
    """
    loop = asyncio.get_running_loop()
    end, told = loop.time() + PATIENCE, False
    while True:
        try:
            who = await in_cluster(source, namespace)
            await _hold(Access.found(source.kubeconfig, source.context), who)
        except Unavailable as error:
            if loop.time() > end:
                raise
            if not told:
                log.warning("waiting for the cluster", reason=str(error))
            told = True
            await asyncio.sleep(1)
        else:
            return who


async def _hold(access: Access, who: Identity) -> None:
    client = await Client.connect(access)
    try:
        await hold_cluster(client, who)
    finally:
        await client.close()


async def _run(settings: Settings, engine: Engine, access: Access, writer: Writer) -> None:
    await run(settings, engine, access, writer, asyncio.Event())


async def _found(access: Access, namespace: str) -> bool:
    """Make the identity; whether there was none."""
    client = await Client.connect(access)
    try:
        if await read_identity(client, namespace) is not None:
            return False
        who = Identity(str(uuid.uuid4()), Seal.new_key(), namespace)
        try:
            await create_identity(client, who)
        except Conflict:  # replicas that start together: another one was first
            return False
    finally:
        await client.close()
    return True
