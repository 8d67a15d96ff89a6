"""The SQL that systems need, printed or run."""

import asyncio
from collections.abc import Mapping
from pathlib import Path

import typer

from ispalier import sql
from ispalier.api.machines import ServiceHost, SQLDatabase
from ispalier.cli.output import err, fail, print_problems
from ispalier.cli.place import settings_for
from ispalier.mail import schema as mail
from ispalier.radius import schema as radius
from ispalier.settings import Settings
from ispalier.world.errors import IspalierError, Waiting
from ispalier.world.load import Loaded, load

_DDL: Mapping[str, str] = {"RADIUS": radius.DDL, "Mail": mail.DDL}


def schema_of(host: str, path: Path, secrets: Path | None, *, apply: bool) -> None:
    """Print or run what a host needs."""
    settings = settings_for([path])
    loaded = load([path], secrets or settings.secrets_folder)
    declared = loaded.world.get(ServiceHost, "", host)
    if declared is None:
        print_problems(loaded.errors)
        known = ", ".join(sorted(each.name for each in loaded.world.of(ServiceHost))) or "none"
        fail(f"no ServiceHost is called '{host}' in {path}: declare it, or name one of: {known}")
    ddl = _DDL.get(declared.spec.type, "").strip()
    if not ddl:
        err().print(f"ServiceHost/{host} is of type {declared.spec.type} and needs no SQL")
    elif not apply:
        typer.echo(ddl)
    else:
        try:
            asyncio.run(_run(loaded, declared, ddl, settings))
        except IspalierError as error:
            fail(error)
        err().print(f"ServiceHost/{host}: done")


async def _run(loaded: Loaded, host: ServiceHost, ddl: str, settings: Settings) -> None:
    """Run the SQL in the database that the host names."""
    ref = _database(host).url_secret_ref
    namespace = settings.namespace
    url = loaded.world.secret(namespace, ref.name, ref.key)
    if url is None:
        raise Waiting(loaded.world.lacking(namespace, ref.name, ref.key))
    database = sql.connect(host.name, url)
    try:
        await database.run(ddl)
    finally:
        await database.close()


def _database(host: ServiceHost) -> SQLDatabase:
    section = host.spec.radius or host.spec.mail
    assert section is not None  # noqa: S101 - a rule of the schema
    return section.database
