"""Runs the revisions on the connection and in the transaction that `state.ledger` opened."""

from alembic import context

from state.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
