"""Two locks: who may write to back ends, and who to the ledger."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    lock = op.create_table(
        "lock",
        sa.Column("name", sa.String(32), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("holder", sa.String(253), nullable=False),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("expires", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("name", name="lock_pk"),
        sa.UniqueConstraint("name", "epoch", name="lock_epoch"),
        comment="Who may write; no holder: nobody. Milliseconds since 1970 by the database's clock.",
    )
    free = {"epoch": 0, "holder": "", "since": 0, "expires": 0}
    op.bulk_insert(lock, [{"name": name, **free} for name in ("backends", "ledger")])


def downgrade() -> None:
    op.drop_table("lock")
