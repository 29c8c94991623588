"""The `magebooks` command. Importing it must stay cheap: no Prefect, no DuckDB."""
