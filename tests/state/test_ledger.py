"""Opening the ledger: made, migrated, durable, private, fast."""

import subprocess
import sys
import threading
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy.engine import Engine

from state import ledger as ledgers
from state import tables
from state.columns import Money
from state.ledger import HEAD, LedgerError
from tests.state.processes import ROOT, finish, start


def test_the_revisions_lead_from_nothing_to_exactly_the_tables_in_the_code(empty_url: str) -> None:
    engine = ledgers.connect(empty_url)
    with ledgers.reading(engine) as conn:
        context = MigrationContext.configure(conn, opts={"compare_type": True})
        assert compare_metadata(context, tables.metadata) == []
        assert context.get_current_revision() == HEAD
    engine.dispose()


def test_the_newest_revision_is_the_one_that_opening_expects(ledger: Engine) -> None:
    with ledgers.reading(ledger) as conn:
        assert ScriptDirectory.from_config(ledgers.alembic_config(conn)).get_current_head() == HEAD


def test_the_revisions_lead_back_to_nothing(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        command.downgrade(ledgers.alembic_config(conn), "base")
    with ledgers.reading(ledger) as conn:
        assert sa.inspect(conn).get_table_names() == ["alembic_version"]


def test_a_ledger_of_a_newer_version_is_refused_with_what_to_do(ledger: Engine, ledger_url: str) -> None:
    with ledgers.begin(ledger) as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '9999'")
    with pytest.raises(LedgerError, match=r"'9999'.*install the version that wrote it"):
        ledgers.connect(ledger_url)


def test_processes_that_open_a_new_ledger_at_the_same_moment_all_succeed(empty_url: str) -> None:
    finish(*(start("open_ledger", empty_url) for _ in range(4)))


def test_threads_that_meet_an_unmigrated_ledger_migrate_it_once(empty_url: str) -> None:
    failures: list[BaseException] = []
    engine = ledgers._engine(empty_url)

    def migrate() -> None:
        try:
            with ledgers.begin(engine) as conn:
                ledgers._migrate(conn)
        except BaseException as error:  # noqa: BLE001  (told to the test)
            failures.append(error)

    with ledgers.begin(engine) as conn:
        waiting = threading.Thread(target=migrate)
        waiting.start()
        ledgers._migrate(conn)
    waiting.join()
    engine.dispose()
    assert failures == []


def test_sqlite_writes_ahead_and_waits_for_the_disk(tmp_path: Path) -> None:
    engine = ledgers.connect(f"sqlite:///{tmp_path / 'home' / 'ledger.sqlite'}")
    with ledgers.begin(engine) as conn:
        pragmas = {
            name: conn.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("journal_mode", "synchronous")
        }
        assert pragmas == {"journal_mode": "wal", "synchronous": 2}
        assert conn.exec_driver_sql("PRAGMA busy_timeout").scalar_one() >= 10_000
        files = sorted((tmp_path / "home").iterdir())
        assert [path.name for path in files] == ["ledger.sqlite", "ledger.sqlite-shm", "ledger.sqlite-wal"]
        assert {path.stat().st_mode & 0o777 for path in files} == {0o600}
    engine.dispose()


def test_a_ledger_in_memory_works_for_as_long_as_it_is_open() -> None:
    engine = ledgers.connect("sqlite://")
    with ledgers.reading(engine) as conn:
        assert conn.execute(sa.select(sa.func.count()).select_from(tables.outbox)).scalar_one() == 0
    engine.dispose()


def test_a_failed_transaction_leaves_nothing(ledger: Engine) -> None:
    row = {"name": "mapped", "changed_at": datetime(2026, 1, 1, tzinfo=UTC)}
    with pytest.raises(ZeroDivisionError), ledgers.begin(ledger) as conn:
        ledgers.ensure(conn, tables.watermark, row)
        _ = 1 // 0
    with ledgers.reading(ledger) as conn:
        assert conn.execute(sa.select(tables.watermark)).all() == []


def test_readers_do_not_wait_for_a_writer(ledger: Engine) -> None:
    row = {"name": "mapped", "changed_at": datetime(2026, 1, 1, tzinfo=UTC)}
    with ledgers.begin(ledger) as writer:
        ledgers.ensure(writer, tables.watermark, row)
        with ledgers.reading(ledger) as conn:
            assert conn.execute(sa.select(tables.watermark)).all() == []


def test_opening_a_current_ledger_does_not_import_alembic_or_the_other_database(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'ledger.sqlite'}"
    ledgers.connect(url).dispose()
    code = (
        f"import sys; from state import ledger, outbox, problems, runs; ledger.connect({url!r}); "
        "print([name for name in ('alembic', 'psycopg', 'cryptography', 'keyring', 'pydantic') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_times_come_back_in_utc_and_in_order_whatever_zone_they_were_given_in(ledger: Engine) -> None:
    east = datetime(2026, 1, 1, 1, 30, 0, 5, tzinfo=timezone(timedelta(hours=2)))
    west = datetime(2025, 12, 31, 23, 45, tzinfo=UTC)
    with ledgers.begin(ledger) as conn:
        for name, at in (("east", east), ("west", west), ("never", None)):
            ledgers.upsert(conn, tables.watermark, [{"name": name, "at": at, "seq": 1, "changed_at": west}])
        found = conn.execute(sa.select(tables.watermark.c.at).order_by(tables.watermark.c.at)).scalars().all()
    assert [at for at in found if at] == [east, west]
    assert {at.tzinfo for at in found if at} == {UTC} and None in found


def test_naive_times_are_refused(ledger: Engine) -> None:
    with pytest.raises(sa.exc.StatementError, match="aware times only"), ledgers.begin(ledger) as conn:
        conn.execute(sa.select(tables.watermark).where(tables.watermark.c.at == datetime(2026, 1, 1)))  # noqa: DTZ001


@pytest.mark.parametrize("text", ["0.10", "12345678901234567890.1234", "-0.01", "1E+3"])
def test_amounts_keep_every_digit(ledger: Engine, text: str) -> None:
    statement = sa.select(sa.cast(sa.literal(Decimal(text), Money), Money))
    with ledgers.reading(ledger) as conn:
        found = conn.execute(statement).scalar_one()
    assert found == Decimal(text) and str(found) == format(Decimal(text), "f")
