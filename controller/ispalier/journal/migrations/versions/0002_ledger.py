"""The ledger: entries and the batches that they were posted in; neither is ever changed."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"

TABLES = ("batch", "entry")
REFUSAL = "the ledger only grows: correct it with another entry"
FUNCTION = f"""
CREATE FUNCTION ledger_only_grows() RETURNS trigger LANGUAGE plpgsql
AS $$ BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
"""


def upgrade() -> None:
    op.create_table(
        "batch",
        sa.Column(
            "id",
            sa.BigInteger().with_variant(sa.Integer(), "sqlite"),
            autoincrement=False,
            nullable=False,
        ),
        sa.Column("previous", sa.String(length=64), nullable=False),
        sa.Column("hash", sa.String(length=64), nullable=False),
        sa.Column("entries", sa.String(length=64), nullable=False),
        sa.Column("unit", sa.String(length=63), nullable=False),
        sa.Column("as_of", sa.Date(), nullable=False),
        sa.Column("rater", sa.Integer(), nullable=False),
        sa.Column("catalogue", sa.String(length=64), nullable=False),
        sa.Column("posted", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("batch_pk")),
        comment="Entries posted together, each batch chained to the one before. Append-only.",
    )
    op.create_table(
        "entry",
        sa.Column("slot", sa.LargeBinary(length=16), nullable=False),
        sa.Column("seq", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("lineage", sa.LargeBinary(length=16), nullable=False),
        sa.Column("batch", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("payer", sa.String(length=32), nullable=False),
        sa.Column("subscription", sa.String(length=253), nullable=False),
        sa.Column("unit", sa.String(length=63), nullable=False),
        sa.Column("component", sa.String(length=32), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("period_start", sa.Date(), nullable=False),
        sa.Column("period_end", sa.Date(), nullable=False),
        sa.Column("posted_start", sa.Date(), nullable=False),
        sa.Column("posted_end", sa.Date(), nullable=False),
        sa.Column("plan", sa.String(length=63), nullable=False),
        sa.Column("cycle", sa.String(length=3), nullable=False),
        sa.Column("day_count", sa.String(length=8), nullable=False),
        sa.Column("price", sa.String(length=32), nullable=False),
        sa.Column("quantity", sa.Integer(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=True),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.Column("total_after", sa.BigInteger(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("segments", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["batch"], ["batch.id"], name="entry_batch_fk"),
        sa.PrimaryKeyConstraint("slot", "seq", name=op.f("entry_pk")),
        comment="The ledger: what was added to a slot, in minor units. Append-only.",
    )
    op.create_index("entry_lineage", "entry", ["lineage"], unique=False)
    op.create_index("entry_payer", "entry", ["payer"], unique=False)
    _forbid_changes()


def _forbid_changes() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)
        for table in TABLES:
            op.execute(
                f"CREATE TRIGGER {table}_only_grows BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}"
                " FOR EACH STATEMENT EXECUTE FUNCTION ledger_only_grows()"
            )
        return
    for table in TABLES:
        for verb in ("UPDATE", "DELETE"):
            op.execute(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table}"
                f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
            )


def downgrade() -> None:
    op.drop_table("entry")
    op.drop_table("batch")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION ledger_only_grows()")
