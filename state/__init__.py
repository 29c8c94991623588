"""Both stores and every SQL statement: DuckDB staging, and the ledger through SQLAlchemy Core."""
