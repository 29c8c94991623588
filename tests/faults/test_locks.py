"""Two processes and one ledger file: opening it a second time must not give the first opening's locks away."""

import subprocess
import sys
from pathlib import Path

from state import ledger, tables

ANOTHER_PROCESS = (
    "import sys; from state import ledger; engine = ledger.connect(sys.argv[1]);\n"
    "with ledger.begin(engine) as conn: conn.exec_driver_sql('CREATE TABLE another (n INTEGER)')\n"
    "engine.dispose()"
)


def test_a_ledger_that_is_opened_twice_here_survives_another_process_that_comes_and_goes(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    first = ledger.connect(url)
    with ledger.begin(first) as conn:
        conn.execute(tables.breaker.insert().values(connection="before", failures=0))
    ledger.connect(url).dispose()
    subprocess.run([sys.executable, "-c", ANOTHER_PROCESS, url], check=True, timeout=60)
    assert (tmp_path / "ledger.sqlite-wal").exists(), "the other process took itself for the last one"
    with ledger.begin(first) as conn:
        conn.execute(tables.breaker.insert().values(connection="after", failures=0))
    first.dispose()
    again = ledger.connect(url)
    with ledger.reading(again) as conn:
        assert conn.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"
        assert {row.connection for row in conn.execute(tables.breaker.select())} == {"before", "after"}
    again.dispose()
