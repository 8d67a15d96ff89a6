"""PowerDNS with its HTTP API, on SQLite (quick) or on PostgreSQL."""

import secrets
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import httpx

from hack.stack.errors import StackError
from hack.stack.ports import HOST, is_listening
from hack.stack.postgres import Postgres
from hack.stack.process import Process, Program, unprivileged
from hack.stack.programs import find
from hack.stack.templates import render
from hack.stack.workspace import Workspace, hand_over

_ROLE = "pdns"
_SCHEMAS = {
    "gsqlite3": Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql"),
    "gpgsql": Path("/usr/share/pdns-backend-pgsql/schema/schema.pgsql.sql"),
}


@dataclass(frozen=True, slots=True)
class PowerDNS:
    """A running name server: its API for writing, its DNS port for asking."""

    api_url: str
    api_key: str = field(repr=False)
    dns_port: int
    process: Process

    def stop(self) -> None:
        """End the server, as in an outage."""
        self.process.stop()

    def start(self) -> None:
        """Start the server again on the same ports with the same zones."""
        self.process.start(lambda: _answers(self.api_url, self.api_key))


def start(
    workspace: Workspace, name: str = "powerdns", postgres: Postgres | None = None
) -> PowerDNS:
    """Start a server with no zones; with `postgres` its zones are in a database of that name."""
    user = unprivileged("pdns")
    folder = workspace.make_folder(name, user=user)
    backend = _on_postgres(postgres, name) if postgres else _on_sqlite(folder / "zones.db")
    api_port, dns_port, api_key = workspace.port(), workspace.port(), secrets.token_hex(16)
    (folder / "pdns.conf").write_text(
        render(
            "pdns.conf",
            folder=folder,
            dns_port=dns_port,
            api_port=api_port,
            api_key=api_key,
            backend="\n".join(f"{setting}={value}" for setting, value in backend.items()),
        )
    )
    (folder / "pdns.conf").chmod(0o600)
    hand_over(folder, user)
    program = Program(
        name=name,
        argv=[find("pdns_server"), f"--config-dir={folder}"],
        log=folder / "powerdns.log",
        user=user,
    )
    api_url = f"http://{HOST}:{api_port}"
    return PowerDNS(
        api_url, api_key, dns_port, workspace.run(program, lambda: _answers(api_url, api_key))
    )


def _on_sqlite(file: Path) -> dict[str, object]:
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(_schema("gsqlite3"))
    return {
        "launch": "gsqlite3",
        "gsqlite3-database": file,
        "gsqlite3-dnssec": "yes",
        "gsqlite3-pragma-synchronous": 0,
    }


def _on_postgres(postgres: Postgres, database: str) -> dict[str, object]:
    postgres.create_database(database, _schema("gpgsql"), readers=[_ROLE])
    return {
        "launch": "gpgsql",
        "gpgsql-host": HOST,
        "gpgsql-port": postgres.port,
        "gpgsql-dbname": database,
        "gpgsql-user": _ROLE,
        "gpgsql-dnssec": "yes",
    }


def _schema(backend: Literal["gsqlite3", "gpgsql"]) -> str:
    path = _SCHEMAS[backend]
    if not path.exists():
        raise StackError(f"PowerDNS' schema {path} is missing: run python3 hack/bootstrap.py")
    return path.read_text()


def _answers(api_url: str, api_key: str) -> bool:
    if not is_listening(httpx.URL(api_url).port or 80):
        return False
    url = f"{api_url}/api/v1/servers/localhost"
    try:
        return httpx.get(url, headers={"X-API-Key": api_key}, timeout=2).is_success
    except httpx.TransportError:
        return False
