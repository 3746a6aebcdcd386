"""How Alembic reaches the database: the connection is handed in by `vetting.records.migrate`."""

from alembic import context

from vetting.records.tables import METADATA

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=METADATA,
    render_as_batch=True,
    compare_type=True,
)
with context.begin_transaction():
    context.run_migrations()
