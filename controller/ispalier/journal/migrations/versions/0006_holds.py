"""Holds, and dirty marks: whom the loop should look at, for the journal knows something new."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"

ROW = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "dirty",
        sa.Column("id", ROW, nullable=False),
        sa.Column("customer", sa.String(length=32), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("dirty_pk")),
        comment="Units of which something new was written from outside a pass, until they are in line.",
    )
    op.create_table(
        "hold",
        sa.Column("id", ROW, nullable=False),
        sa.Column("customer", sa.String(length=32), nullable=False),
        sa.Column("owner_kind", sa.String(length=63), nullable=False),
        sa.Column("owner_name", sa.String(length=253), nullable=False),
        sa.Column("source", sa.String(length=40), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("effect", sa.String(length=16), nullable=False),
        sa.Column("billing", sa.String(length=8), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True)),
        sa.Column("ended", sa.DateTime(timezone=True)),
        sa.Column("ended_by", sa.Text()),
        sa.PrimaryKeyConstraint("id", name=op.f("hold_pk")),
        comment="What is held back, by whom, why and until when. Rows are added and closed, never edited.",
    )
    op.create_index("hold_customer", "hold", ["customer"])


def downgrade() -> None:
    op.drop_table("hold")
    op.drop_table("dirty")
