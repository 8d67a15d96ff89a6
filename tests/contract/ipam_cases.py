"""The register of IP addresses, in journals on SQLite and on PostgreSQL."""

from dataclasses import replace
from typing import Self

import pytest
from sqlalchemy import create_engine, delete, insert, select, text, update

from ispalier.core.items import Item, Owner
from ispalier.core.lease import Lease
from ispalier.core.room import Backend
from ispalier.ipam.backend import Register
from ispalier.ipam.desired import REGISTER, Address
from ispalier.journal.database import connect
from ispalier.journal.tables import ADDRESS, LOCK
from tests.contract.sql import database


class RegisterCase:
    """IP addresses."""

    name = "IP address on SQLite"

    def __init__(self, url: str) -> None:
        self.url = url

    @classmethod
    def start(cls, request: pytest.FixtureRequest) -> Self:
        return cls(f"sqlite:///{request.getfixturevalue('tmp_path')}/journal.db")

    def prepare(self) -> None:
        engine = connect(self.url)
        with engine.begin() as connection:
            connection.execute(delete(ADDRESS))
        engine.dispose()

    def connect(self, lease: Lease | None = None) -> Backend:
        if lease is not None:
            self._execute(update(LOCK).values(epoch=lease.epoch))
        return Register(connect(self.url), lease)

    def unreachable(self) -> Backend:
        return Register(create_engine("postgresql+psycopg://ispalier:hidden@127.0.0.1:9/none"))

    def item(self, number: int, owner: Owner) -> Address:
        address = f"2001:db8::{number:x}"
        return Address(host=REGISTER, owner=owner, address=address, pool="homes", used_by="joao")

    def other(self, number: int, owner: Owner) -> Item:
        return replace(self.item(number, owner), used_by="maria")

    def bad(self, number: int, owner: Owner) -> Item:
        nowhere: str = None  # type: ignore[assignment]  # what the table refuses
        return replace(self.item(number, owner), pool=nowhere)

    def plant(self, number: int) -> None:
        address = self.item(number, Owner("", "", "", "")).address
        self._execute(insert(ADDRESS).values(address=address, pool="homes", used_by="joao"))

    def respell(self, number: int) -> None:
        """The register is written by the controller alone, in one spelling."""

    def spoil(self, number: int) -> None:
        address = self.item(number, Owner("", "", "", "")).address
        here = ADDRESS.c.address == address
        self._execute(update(ADDRESS).where(here).values(used_by="nobody", quarantined=1))

    def dump(self) -> object:
        engine = connect(self.url)
        with engine.connect().execution_options(writes=False) as connection:
            rows = connection.execute(select(ADDRESS, text("0")).order_by(ADDRESS.c.address)).all()
        engine.dispose()
        return rows

    def _execute(self, statement: object) -> None:
        engine = connect(self.url)
        with engine.begin() as connection:
            connection.execute(statement)  # type: ignore[call-overload]  # an insert or an update
        engine.dispose()


class PostgresRegisterCase(RegisterCase):
    """The same on PostgreSQL."""

    name = "IP address on PostgreSQL"

    @classmethod
    def start(cls, request: pytest.FixtureRequest) -> Self:
        return cls(database(request, "contract_ipam", ""))


CASES = (RegisterCase, PostgresRegisterCase)
