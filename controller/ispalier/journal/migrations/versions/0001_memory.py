"""The memory: claims, choices, passwords, absences, facts, the register of IP addresses."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    op.create_table(
        "absence",
        sa.Column("customer", sa.String(length=32), nullable=False),
        sa.Column("owner_kind", sa.String(length=63), nullable=False),
        sa.Column("owner_name", sa.String(length=253), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("retired", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("customer", "owner_kind", "owner_name", name=op.f("absence_pk")),
        comment="What is no longer declared: since when, and when it was retired.",
    )
    op.create_table(
        "address",
        sa.Column("address", sa.String(length=45), nullable=False),
        sa.Column("pool", sa.String(length=63), nullable=False),
        sa.Column("used_by", sa.String(length=253), nullable=False),
        sa.Column("quarantined", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("installation", sa.String(length=64), nullable=True),
        sa.Column("customer", sa.String(length=32), nullable=True),
        sa.Column("owner_kind", sa.String(length=63), nullable=True),
        sa.Column("owner_name", sa.String(length=253), nullable=True),
        sa.PrimaryKeyConstraint("address", name=op.f("address_pk")),
        comment="The register of IP addresses from own pools.",
    )
    op.create_index("address_customer", "address", ["customer"], unique=False)
    op.create_table(
        "binding",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("value", sa.String(length=320), nullable=False),
        sa.Column("customer", sa.String(length=32), nullable=False),
        sa.Column("owner_kind", sa.String(length=63), nullable=False),
        sa.Column("owner_name", sa.String(length=253), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("held_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("binding_pk")),
        comment="Who had what from when until when. Rows are added and closed, never edited.",
    )
    op.create_index("binding_customer", "binding", ["customer"], unique=False)
    op.create_index(
        "binding_live",
        "binding",
        ["kind", "value"],
        unique=True,
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.create_index("binding_value", "binding", ["kind", "value"], unique=False)
    op.create_table(
        "choice",
        sa.Column("customer", sa.String(length=32), nullable=False),
        sa.Column("owner_kind", sa.String(length=63), nullable=False),
        sa.Column("owner_name", sa.String(length=253), nullable=False),
        sa.Column("topic", sa.String(length=32), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint(
            "customer", "owner_kind", "owner_name", "topic", name=op.f("choice_pk")
        ),
        comment="Defaults recorded at first use.",
    )
    op.create_table(
        "fact",
        sa.Column("customer", sa.String(length=32), nullable=False),
        sa.Column("subscription", sa.String(length=253), nullable=False),
        sa.Column("ordinal", sa.Integer(), server_default=sa.text("0"), nullable=False),
        sa.Column("topic", sa.String(length=100), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("recorded", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("supersedes", sa.Integer(), nullable=True),
        sa.PrimaryKeyConstraint(
            "customer", "subscription", "ordinal", "topic", "seq", name=op.f("fact_pk")
        ),
        comment="What was observed: from that local day on the value is this. Append-only.",
    )
    op.create_table(
        "meta",
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("meta_pk")),
        comment="The check of the key, the bound source, the highest instant seen.",
    )
    op.create_table(
        "password",
        sa.Column("customer", sa.String(length=32), nullable=False),
        sa.Column("owner_kind", sa.String(length=63), nullable=False),
        sa.Column("owner_name", sa.String(length=253), nullable=False),
        sa.Column("sealed", sa.Text(), nullable=False),
        sa.Column("made", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("customer", "owner_kind", "owner_name", name=op.f("password_pk")),
        comment="Generated passwords, encrypted with the installation's key.",
    )


def downgrade() -> None:
    op.drop_table("password")
    op.drop_table("meta")
    op.drop_table("fact")
    op.drop_table("choice")
    op.drop_index("binding_value", table_name="binding")
    op.drop_index(
        "binding_live",
        table_name="binding",
        sqlite_where=sa.text("until IS NULL"),
        postgresql_where=sa.text("until IS NULL"),
    )
    op.drop_index("binding_customer", table_name="binding")
    op.drop_table("binding")
    op.drop_index("address_customer", table_name="address")
    op.drop_table("address")
    op.drop_table("absence")
