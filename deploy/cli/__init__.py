"""The `magebooks` command. Importing it must stay cheap: no Prefect, no DuckDB, no SQLAlchemy."""

import sys


def main() -> None:
    """The console script's entry: run the command line and leave with its exit status."""
    from deploy.cli.app import run

    sys.exit(run(sys.argv[1:]))
