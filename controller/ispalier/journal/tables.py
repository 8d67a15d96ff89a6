"""The journal's tables."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import (
    BigInteger,
    Column,
    Date,
    DateTime,
    Dialect,
    ForeignKey,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Select,
    String,
    Table,
    Text,
    TypeDecorator,
    UniqueConstraint,
    bindparam,
    text,
)


class Instant(TypeDecorator[datetime]):
    """An aware instant, stored in UTC; SQLite keeps no zone."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """To UTC; SQLite gets it without the zone."""
        if value is None:
            return None
        moment = value.astimezone(UTC)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(
        self,
        value: datetime | None,
        dialect: Dialect,  # noqa: ARG002 - the parent's signature
    ) -> datetime | None:
        """Aware again, in UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


metadata = MetaData(naming_convention={"pk": "%(table_name)s_pk", "ix": "%(column_0_label)s_ix"})

ROW = BigInteger().with_variant(Integer, "sqlite")

META = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
    comment="The check of the key, the bound source, the highest instant seen.",
)

BINDING = Table(
    "binding",
    metadata,
    Column("id", ROW, primary_key=True),
    Column("kind", String(32), nullable=False),
    Column("value", String(320), nullable=False),
    Column("customer", String(32), nullable=False),
    Column("owner_kind", String(63), nullable=False),
    Column("owner_name", String(253), nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("held_until", Instant),
    Column("cause", Text, nullable=False),
    comment="Who had what from when until when. Rows are added and closed, never edited.",
)
Index(
    "binding_live",
    BINDING.c.kind,
    BINDING.c.value,
    unique=True,
    sqlite_where=BINDING.c.until.is_(None),  # PostgreSQL's is in the migration alone: naming
)  # its dialect here would load that with every command
Index("binding_customer", BINDING.c.customer)
Index("binding_value", BINDING.c.kind, BINDING.c.value)

CHOICE = Table(
    "choice",
    metadata,
    Column("customer", String(32), primary_key=True),
    Column("owner_kind", String(63), primary_key=True),
    Column("owner_name", String(253), primary_key=True),
    Column("topic", String(32), primary_key=True),
    Column("value", Text, nullable=False),
    Column("made", Instant, nullable=False),
    comment="Defaults recorded at first use.",
)

PASSWORD = Table(
    "password",
    metadata,
    Column("customer", String(32), primary_key=True),
    Column("owner_kind", String(63), primary_key=True),
    Column("owner_name", String(253), primary_key=True),
    Column("sealed", Text, nullable=False),
    Column("made", Instant, nullable=False),
    comment="Generated passwords, encrypted with the installation's key.",
)

ABSENCE = Table(
    "absence",
    metadata,
    Column("customer", String(32), primary_key=True),
    Column("owner_kind", String(63), primary_key=True),
    Column("owner_name", String(253), primary_key=True),
    Column("since", Instant, nullable=False),
    Column("retired", Instant),
    Column("approved", Text, nullable=False, server_default=""),
    Column("purge", Text, nullable=False, server_default=""),
    comment="What is no longer declared: since when, and when it was retired.",
)

TOMBSTONE = Table(
    "tombstone",
    metadata,
    Column("customer", String(32), primary_key=True),
    Column("owner_kind", String(63), primary_key=True),
    Column("owner_name", String(253), primary_key=True),
    Column("digest", String(16), nullable=False),
    Column("body", Text, nullable=False),
    Column("changed", Instant, nullable=False),
    Column("keep_days", Integer),
    comment="Every resource as it was last declared, as JSON, until what it held is purged.",
)

FACT = Table(
    "fact",
    metadata,
    Column("customer", String(32), primary_key=True),
    Column("subscription", String(253), primary_key=True),
    Column("ordinal", Integer, primary_key=True, server_default=text("0")),
    Column("topic", String(100), primary_key=True),
    Column("seq", Integer, primary_key=True),
    Column("day", Date, nullable=False),
    Column("value", Text, nullable=False),
    Column("recorded", Instant, nullable=False),
    Column("cause", Text, nullable=False),
    Column("supersedes", Integer),
    comment="What was observed: from that local day on the value is this. Append-only.",
)

ADDRESS = Table(
    "address",
    metadata,
    Column("address", String(45), primary_key=True),
    Column("pool", String(63), nullable=False),
    Column("used_by", String(253), nullable=False),
    Column("quarantined", Integer, nullable=False, server_default=text("0")),
    Column("installation", String(64)),
    Column("customer", String(32)),
    Column("owner_kind", String(63)),
    Column("owner_name", String(253)),
    comment="The register of IP addresses from own pools.",
)
Index("address_customer", ADDRESS.c.customer)

BATCH = Table(
    "batch",
    metadata,
    Column("id", ROW, primary_key=True, autoincrement=False),
    Column("previous", String(64), nullable=False),
    Column("hash", String(64), nullable=False),
    Column("entries", String(64), nullable=False),
    Column("unit", String(63), nullable=False),
    Column("as_of", Date, nullable=False),
    Column("rater", Integer, nullable=False),
    Column("catalogue", String(64), nullable=False),
    Column("posted", Instant, nullable=False),
    comment="Entries posted together, each batch chained to the one before. Append-only.",
)

ENTRY = Table(
    "entry",
    metadata,
    Column("slot", LargeBinary(16), primary_key=True),
    Column("seq", Integer, primary_key=True, autoincrement=False),
    Column("lineage", LargeBinary(16), nullable=False),
    Column("batch", ROW, ForeignKey("batch.id", name="entry_batch_fk"), nullable=False),
    Column("payer", String(32), nullable=False),
    Column("subscription", String(253), nullable=False),
    Column("unit", String(63), nullable=False),
    Column("component", String(32), nullable=False),
    Column("currency", String(3), nullable=False),
    Column("period_start", Date, nullable=False),
    Column("period_end", Date, nullable=False),
    Column("posted_start", Date, nullable=False),
    Column("posted_end", Date, nullable=False),
    Column("plan", String(63), nullable=False),
    Column("cycle", String(3), nullable=False),
    Column("day_count", String(8), nullable=False),
    Column("price", String(32), nullable=False),
    Column("quantity", Integer, nullable=False),
    Column("valid_from", Date),
    Column("amount", BigInteger, nullable=False),
    Column("total_after", BigInteger, nullable=False),
    Column("due", Date, nullable=False),
    Column("segments", Text, nullable=False),
    comment="The ledger: what was added to a slot, in minor units. Append-only.",
)
Index("entry_lineage", ENTRY.c.lineage)
Index("entry_payer", ENTRY.c.payer)

HOST = Table(
    "host",
    metadata,
    Column("room", String(63), primary_key=True),
    Column("host", String(253), primary_key=True),
    Column("target", String(64), nullable=False),
    Column("met", Instant, nullable=False),
    Column("said", Text, nullable=False, server_default=""),
    comment="Hosts that were looked at before anything was written to them, or adopted.",
)

WHOSE = ("customer", "owner_kind", "owner_name")
"""The columns that name an owner."""


def of_customers(query: Select[Any], table: Table) -> Select[Any]:
    """A query about the `customers` that it is then given."""
    return query.where(table.c.customer.in_(bindparam("customers", expanding=True)))


LEDGER = (BATCH, ENTRY)
"""What only billing writes, and nobody ever changes."""

# Holds, and dirty marks

HOLD = Table(
    "hold",
    metadata,
    Column("id", ROW, primary_key=True),
    Column("customer", String(32), nullable=False),
    Column("owner_kind", String(63), nullable=False),
    Column("owner_name", String(253), nullable=False),
    Column("source", String(40), nullable=False),
    Column("set_by", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("effect", String(16), nullable=False),
    Column("billing", String(8), nullable=False),
    Column("since", Instant, nullable=False),
    Column("until", Instant),
    Column("ended", Instant),
    Column("ended_by", Text),
    comment="What is held back, by whom, why and until when. Rows are added and closed, never edited.",
)
Index("hold_customer", HOLD.c.customer)

DIRTY = Table(
    "dirty",
    metadata,
    Column("id", ROW, primary_key=True),
    Column("customer", String(32), nullable=False),
    Column("at", Instant, nullable=False),
    comment="Units of which something new was written from outside a pass, until they are in line.",
)

# Acts

OPERATION = Table(
    "operation",
    metadata,
    Column("namespace", String(63), primary_key=True),
    Column("name", String(253), primary_key=True),
    Column("act", String(32), nullable=False),
    Column("spec", Text, nullable=False),
    Column("requested_by", String(200), nullable=False),
    Column("why", Text, nullable=False),
    Column("asked", Instant, nullable=False),
    Column("state", String(16), nullable=False),
    Column("result", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("until", Instant),
    comment="Acts that were asked for, each once for ever, and what came of them. Append-only.",
)

# The history

HISTORY = Table(
    "history",
    metadata,
    Column("id", ROW, primary_key=True),
    Column("at", Instant, nullable=False),
    Column("customer", String(32), nullable=False),
    Column("owner_kind", String(63), nullable=False),
    Column("owner_name", String(253), nullable=False),
    Column("verb", String(16), nullable=False),
    Column("room", String(32), nullable=False),
    Column("host", String(63), nullable=False),
    Column("item", Text, nullable=False),
    Column("fields", Text, nullable=False),
    Column("digest", String(16), nullable=False),
    Column("cause", String(16), nullable=False),
    Column("detail", Text, nullable=False),
    comment="Every change made on a host and every act of a person, with its cause. Append-only.",
)
Index("history_at", HISTORY.c.at)
Index("history_owner", HISTORY.c.owner_kind, HISTORY.c.owner_name, HISTORY.c.customer)

NOT_COPIED = (*LEDGER, HISTORY)
"""What dry runs need not know."""

# One writer

LOCK = Table(
    "lock",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("epoch", BigInteger, nullable=False),
    Column("holder", String(253), nullable=False),
    Column("since", BigInteger, nullable=False),
    Column("expires", BigInteger, nullable=False),
    UniqueConstraint("name", "epoch", name="lock_epoch"),
    comment="Who may write; no holder: nobody. Milliseconds since 1970 by the database's clock.",
)
"""The epoch is part of a key: on PostgreSQL `FOR KEY SHARE` then waits for takers, not renewals."""
