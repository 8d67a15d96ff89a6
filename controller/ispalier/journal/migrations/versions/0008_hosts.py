"""Hosts that were looked at before anything was written to them."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade() -> None:
    op.create_table(
        "host",
        sa.Column("room", sa.String(length=63), nullable=False),
        sa.Column("host", sa.String(length=253), nullable=False),
        sa.Column("target", sa.String(length=64), nullable=False),
        sa.Column("met", sa.DateTime(timezone=True), nullable=False),
        sa.Column("said", sa.Text(), nullable=False, server_default=""),
        sa.PrimaryKeyConstraint("room", "host", name=op.f("host_pk")),
        comment="Hosts that were looked at before anything was written to them, or adopted.",
    )
    # Journals that served before know their hosts: they are no lost ones.
    op.execute(
        "INSERT INTO meta (name, value) SELECT 'established', 'before hosts were met'"
        " WHERE EXISTS (SELECT 1 FROM tombstone) OR EXISTS (SELECT 1 FROM binding)"
    )


def downgrade() -> None:
    op.drop_table("host")
    op.execute("DELETE FROM meta WHERE name = 'established'")
