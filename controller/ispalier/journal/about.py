"""About a journal: whose it is, how big, of which schema."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Engine, and_, func, select, text

from ispalier.journal.database import VERSION, file_of, told
from ispalier.journal.tables import ABSENCE, BINDING, HISTORY, META, WHOSE


class About(NamedTuple):
    """What is told of a journal; `where` shows no password."""

    where: str
    installation: str
    schema: str
    size: int
    """Bytes."""
    last_change: datetime | None


def about(engine: Engine) -> About:
    """Look at a journal."""
    where = engine.url.render_as_string(hide_password=True)
    file = file_of(where)
    with told(), engine.connect() as connection:
        if file is None:
            size = connection.scalar(text("SELECT pg_database_size(current_database())"))
        else:
            parts = (file, file.with_name(f"{file.name}-wal"))
            size = sum(each.stat().st_size for each in parts if each.exists())
        query = select(META.c.value).where(META.c.name == "installation")
        return About(
            where=where,
            installation=str(connection.scalar(query) or ""),
            schema=str(connection.scalar(select(VERSION.c.version_num)) or ""),
            size=int(size or 0),
            last_change=connection.scalar(select(func.max(HISTORY.c.at))),
        )


def served_customers(engine: Engine) -> set[str]:
    """Customers of whom anything is declared, as far as is known, that a system serves.

    A Tenant of whom it is known that he is gone is none of them.
    """
    same = and_(*(ABSENCE.c[each] == BINDING.c[each] for each in WHOSE))
    gone = select(ABSENCE.c.customer).where(ABSENCE.c.owner_kind == "Tenant")
    query = (
        select(BINDING.c.customer)
        .select_from(BINDING.outerjoin(ABSENCE, same))
        .where(BINDING.c.until.is_(None), ABSENCE.c.customer.is_(None))
        .where(BINDING.c.owner_kind != "Tenant", BINDING.c.customer != "")
        .where(BINDING.c.customer.not_in(gone))
    )
    with told(), engine.connect() as connection:
        return set(connection.scalars(query.distinct()))
