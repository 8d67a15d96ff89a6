"""Alembic's entry: migrations run on the connection they are given."""

from alembic import context

from ispalier.journal.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
