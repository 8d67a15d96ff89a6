"""Dangerous changes that a brake let go or holds back."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def upgrade() -> None:
    op.create_table(
        "weight",
        sa.Column("customer", sa.String(length=32), nullable=False),
        sa.Column("owner_kind", sa.String(length=63), nullable=False),
        sa.Column("owner_name", sa.String(length=253), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("subject", sa.String(length=320), nullable=False),
        sa.Column("subjects", sa.Integer(), nullable=False),
        sa.Column("impact", sa.Integer(), nullable=False),
        sa.Column("removes", sa.Integer(), nullable=False),
        sa.Column("shift", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("cause", sa.String(length=80), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=True),
        sa.Column("approved", sa.Text(), nullable=False, server_default=sa.text("''")),
        sa.PrimaryKeyConstraint(
            "customer", "owner_kind", "owner_name", "digest", name=op.f("weight_pk")
        ),
        comment="Dangerous changes: held back, or let go within the window of the brakes.",
    )


def downgrade() -> None:
    op.drop_table("weight")
