"""What a person said of absences, by whom and why: it may go, its data may go at once."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

NAMES = ("approved", "purge")


def upgrade() -> None:
    for name in NAMES:
        op.add_column("absence", sa.Column(name, sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    for name in NAMES:
        op.drop_column("absence", name)
