"""A part of a tree, a broken one and an empty one switch nothing off, however often applied."""

import uuid
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml
from sqlalchemy import select
from typer.testing import CliRunner, Result

from hack.stack.places import RADIUS_QUERIES, radius_stock
from hack.stack.postgres import Postgres
from ispalier.api.base import API_VERSION, Resource
from ispalier.cli.main import app
from ispalier.journal.database import connect
from ispalier.journal.tables import ADDRESS
from ispalier.radius.schema import DDL
from tests.builders import (
    claim,
    login,
    plan,
    pool,
    profile,
    service_host,
    subscription,
    tenant,
    unit,
)


@dataclass(frozen=True, slots=True)
class Tree:
    """A provider's folder; what it serves is in the register of IP addresses."""

    path: Path

    def declare(self, folder: str, *resources: Resource) -> None:
        target = self.path / folder
        target.mkdir(parents=True, exist_ok=True)
        for each in resources:
            spec = each.model_dump(mode="json", by_alias=True, exclude_none=True)["spec"]
            space = {"namespace": each.namespace} if each.namespace else {}
            meta = {"name": each.name, **space}
            body = {"apiVersion": API_VERSION, "kind": each.kind, "metadata": meta, "spec": spec}
            (target / f"{each.kind}.yaml").write_text(yaml.safe_dump(body))

    def without(self, *folders: str) -> None:
        for folder in folders:
            for file in (self.path / folder).iterdir():
                file.unlink()

    def apply(self, part: str = "") -> Result:
        env = {"ISPALIER_RETIRE_AFTER": "0", "ISPALIER_RETIRE_TENANT_AFTER": "0"}
        return CliRunner().invoke(app, ["apply", str(self.path / part)], env=env)

    def served(self) -> list[tuple[str, int]]:
        """Who has an IP address, and whether it is in quarantine."""
        engine = connect(f"sqlite:///{self.path}/ispalier.db")
        with engine.connect() as connection:
            query = select(ADDRESS.c.customer, ADDRESS.c.quarantined).order_by(ADDRESS.c.customer)
            found = [(row.customer, row.quarantined) for row in connection.execute(query)]
        engine.dispose()
        return found


BOTH = [("10042", 0), ("10043", 0)]


@pytest.fixture
def tree(tmp_path: Path, postgres: Postgres) -> Tree:
    tree = Tree(tmp_path / "tree")
    stock = radius_stock()
    assert stock is not None
    schema = (stock / RADIUS_QUERIES / "schema.sql").read_text() + DDL
    url = postgres.create_database(f"parts_{uuid.uuid4().hex[:8]}", schema)
    file = tree.path / "secrets/ispalier/radius-1/url"
    file.parent.mkdir(parents=True)
    file.write_text(url)
    # No IP address is given out before every RADIUS was asked who has which.
    tree.declare("provider", unit(), profile(), plan(), pool(), service_host("radius-1", "RADIUS"))
    for name, number in (("silva", "10042"), ("souza", "10043")):
        things = (tenant(name, number), subscription(name), login(name, name))
        tree.declare(f"tenants/{name}", *things, claim(name, name, name))
    assert CliRunner().invoke(app, ["init", str(tree.path)]).exit_code == 0
    tree.apply()
    assert tree.served() == BOTH
    return tree


def test_who_is_no_longer_declared_by_a_tenant_that_is_there_is_switched_off(tree: Tree) -> None:
    (tree.path / "tenants/silva/IPClaim.yaml").unlink()

    for _ in range(3):
        tree.apply()

    assert tree.served() == [("10042", 1), ("10043", 0)]


def test_one_tenant_applied_alone_leaves_the_other_as_it_is(tree: Tree) -> None:
    done = [tree.apply("tenants/silva") for _ in range(3)]

    assert "left alone" in done[-1].stderr
    assert tree.served() == BOTH


def test_a_sparse_checkout_switches_nobody_off(tree: Tree) -> None:
    tree.without("tenants/souza")

    done = [tree.apply() for _ in range(3)]

    assert "left alone" in done[-1].stderr
    assert tree.served() == BOTH


def test_a_checkout_without_the_provider_switches_nobody_off(tree: Tree) -> None:
    tree.without("provider")

    for _ in range(3):
        tree.apply()

    assert tree.served() == BOTH


def test_an_empty_repository_switches_nobody_off(tree: Tree) -> None:
    tree.without("provider", "tenants/silva", "tenants/souza")

    done = [tree.apply() for _ in range(3)]

    assert "left alone" in done[-1].stderr
    assert tree.served() == BOTH


@pytest.mark.parametrize("text", [b"a: [b\n", b"\xff\xfe\x00", b"kind: IPClaim\n"])
def test_an_unreadable_file_stops_everything_before_the_first_write(
    tree: Tree, text: bytes
) -> None:
    (tree.path / "tenants/silva/IPClaim.yaml").write_bytes(text)

    done = [tree.apply() for _ in range(3)]

    assert "nothing was changed" in done[-1].stderr
    assert tree.served() == BOTH
