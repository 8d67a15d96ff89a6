"""Absences that a person approved: by whom and why."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    op.add_column("absence", sa.Column("approved", sa.Text(), nullable=False, server_default=""))


def downgrade() -> None:
    op.drop_column("absence", "approved")
