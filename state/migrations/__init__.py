"""Alembic revisions of the ledger, run by `state.ledger.connect`."""
