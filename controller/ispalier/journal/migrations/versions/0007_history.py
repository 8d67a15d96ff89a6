"""History: every change made on a host and every act of a person, with its cause."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

REFUSAL = "the history only grows"
FUNCTION = f"""
CREATE FUNCTION history_only_grows() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION '{REFUSAL}'; END $$
"""


def upgrade() -> None:
    op.create_table(
        "history",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("customer", sa.String(length=32), nullable=False),
        sa.Column("owner_kind", sa.String(length=63), nullable=False),
        sa.Column("owner_name", sa.String(length=253), nullable=False),
        sa.Column("verb", sa.String(length=16), nullable=False),
        sa.Column("room", sa.String(length=32), nullable=False),
        sa.Column("host", sa.String(length=63), nullable=False),
        sa.Column("item", sa.Text(), nullable=False),
        sa.Column("fields", sa.Text(), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("cause", sa.String(length=16), nullable=False),
        sa.Column("detail", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("history_pk")),
        comment="Every change made on a host and every act of a person, with its cause."
        " Append-only.",
    )
    op.create_index("history_at", "history", ["at"])
    op.create_index("history_owner", "history", ["owner_kind", "owner_name", "customer"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(FUNCTION)
        op.execute(
            "CREATE TRIGGER history_only_grows BEFORE UPDATE ON history"
            " FOR EACH STATEMENT EXECUTE FUNCTION history_only_grows()"
        )
    else:
        op.execute(
            "CREATE TRIGGER history_no_update BEFORE UPDATE ON history"
            f" BEGIN SELECT RAISE(ABORT, '{REFUSAL}'); END"
        )


def downgrade() -> None:
    op.drop_table("history")
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION history_only_grows()")
