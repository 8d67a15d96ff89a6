"""A provider's folder made from the example, with systems of its own, and the command line in it."""

import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx

from hack.stack.places import RADIUS_QUERIES, radius_stock
from hack.stack.postgres import Postgres
from hack.stack.powerdns import PowerDNS
from ispalier.radius.schema import DDL
from tests.provider import EXAMPLE, Folder, Said
from tests.repositories import commit

PASSWORD = "between us"
RADIUS_ROWS = "radcheck, radreply, radusergroup, radgroupcheck, radgroupreply, nas, ispalier_owner"


def without_lines(postgres: Postgres) -> None:
    """Leave nobody's rows in the RADIUS database that tests share."""
    postgres.execute("radius", f"{DDL} TRUNCATE {RADIUS_ROWS}")


@dataclass(frozen=True, slots=True)
class Provider(Folder):
    """A folder whose customer has this name, with databases of its own."""

    name: str
    databases: tuple[str, str]

    def apply(self, *words: str, **env: str) -> Said:
        return self.ispalier("apply", "tree", *words, **env)

    def copy(self, path: Path) -> "Provider":
        """The same files and secrets elsewhere, without journal, key and root file."""
        left = shutil.ignore_patterns("ispalier.*", ".git")
        shutil.copytree(self.path / "tree", path / "tree", ignore=left)
        return Provider(path, self.name, self.databases)

    def commit(self) -> None:
        """Make a repository of the folder."""
        commit(self.path / "tree")


def provider(path: Path, name: str, postgres: Postgres, powerdns: PowerDNS) -> Provider:
    """The example for a customer of this name."""
    databases = (f"radius_{name}", f"mail_{name}")
    made = Provider(path, name, databases)
    for source in EXAMPLE.rglob("*.yaml"):
        target = path / "tree" / str(source.relative_to(EXAMPLE)).replace("silva", name)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(source.read_text().replace("silva", name))
    made.replace("provider/hosts.yaml", "http://127.0.0.1:8081", powerdns.api_url)
    stock = radius_stock()
    assert stock is not None
    schema = (stock / RADIUS_QUERIES / "schema.sql").read_text()
    made.secret("ispalier/radius-1/url", postgres.create_database(databases[0], schema))
    made.secret("ispalier/mail-1/url", postgres.create_database(databases[1]))
    made.secret("ispalier/dns-1/api-key", powerdns.api_key)
    made.secret("ispalier/mikrotik-1/secret", PASSWORD)
    made.secret(f"{name}/joao/line", PASSWORD)
    made.secret(f"{name}/joao/mail", PASSWORD)
    assert made.ispalier("init", "tree").code == 0
    for host in ("radius-1", "mail-1"):
        assert made.ispalier("backend", "schema", host, "tree", "--apply").code == 0
    return made


def rows(postgres: Postgres, made: Provider) -> Mapping[str, list[tuple[object, ...]]]:
    """Everything that is in the databases of a provider, with the transaction that wrote it."""
    tables = "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename"
    return {
        f"{database}.{table}": sorted(
            postgres.rows(database, f"SELECT xmin::text, t::text FROM {table} t")  # noqa: S608 - its own tables
        )
        for database in made.databases
        for (table,) in postgres.rows(database, tables)
    }


def zones(powerdns: PowerDNS) -> list[tuple[object, object]]:
    """All zones of a name server, with their serials."""
    url = f"{powerdns.api_url}/api/v1/servers/localhost/zones"
    headers = {"X-API-Key": powerdns.api_key}
    found = [(each["name"], each["serial"]) for each in httpx.get(url, headers=headers).json()]
    return sorted(found)


@contextmanager
def zones_cleared(powerdns: PowerDNS) -> Iterator[None]:
    """What zones are made within are deleted at its end."""
    before = {name for name, _ in zones(powerdns)}
    yield
    for name in {name for name, _ in zones(powerdns)} - before:
        url = f"{powerdns.api_url}/api/v1/servers/localhost/zones/{name}"
        httpx.delete(url, headers={"X-API-Key": powerdns.api_key}).raise_for_status()
