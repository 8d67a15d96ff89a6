"""Tombstones: resources as they were last declared; claims by the field's words."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

WORDS = {
    "username": "user name",
    "ip": "IP address",
    "maildomain": "mail domain",
    "address": "mail address",
    "alias": "mail alias",
    "nas": "NAS",
    "customer": "customer number",
}
"""Claims carry the field's words from here on."""


def upgrade() -> None:
    _rename(WORDS)
    op.create_table(
        "tombstone",
        sa.Column("customer", sa.String(length=32), nullable=False),
        sa.Column("owner_kind", sa.String(length=63), nullable=False),
        sa.Column("owner_name", sa.String(length=253), nullable=False),
        sa.Column("digest", sa.String(length=16), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("keep_days", sa.Integer()),
        sa.PrimaryKeyConstraint("customer", "owner_kind", "owner_name", name=op.f("tombstone_pk")),
        comment="Every resource as it was last declared, as JSON, until what it held is purged.",
    )


def downgrade() -> None:
    op.drop_table("tombstone")
    _rename({after: before for before, after in WORDS.items()})


def _rename(words: dict[str, str]) -> None:
    binding = sa.table("binding", sa.column("kind", sa.String))
    for before, after in words.items():
        op.execute(sa.update(binding).where(binding.c.kind == before).values(kind=after))
