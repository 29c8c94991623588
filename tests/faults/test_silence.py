"""What runs leave behind where others may read: no e-mail, name, token, company id or amount of a document."""

import logging
import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from state import tokens, vault
from state.settings import load_settings
from tests.faults.company import PREFECT, Company, Open, at_work, finish

pytestmark = PREFECT


@pytest.fixture
def everything_logged(caplog: pytest.LogCaptureFixture) -> Iterator[pytest.LogCaptureFixture]:
    """Every logger of this process at its most talkative."""
    with caplog.at_level(logging.DEBUG):
        yield caplog


def test_a_run_with_failures_says_nothing_personal_on_stderr_or_to_prefect(
    company: Open, prefect_home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    one = trouble(company)
    monkeypatch.setenv("PREFECT_LOGGING_LEVEL", "DEBUG")
    done = finish(one.start("sync", "--debug", "--verbose"))
    assert done.status in (0, 1), done
    kept = prefect_tables(prefect_home)
    summaries = ("artifact", "artifact_collection", "events")  # of each run, which show its sums
    sums = "".join(kept.pop(name, "") for name in summaries)
    assert found_in(secrets_of(one), done.err, *kept.values()) == set()
    assert found_in(secrets_of(one) - amounts_of(one), sums, *prefect_files(prefect_home)) == set()


def test_no_logger_of_the_process_says_anything_personal_at_any_level(
    company: Open, everything_logged: pytest.LogCaptureFixture
) -> None:
    one = trouble(company)
    assert one.sync().status in (0, 1)
    logged = "\n".join(f"{record.getMessage()} {record.exc_text or ''}" for record in everything_logged.records)
    assert "QuickBooks batch" in logged
    assert found_in(secrets_of(one), logged) == set()


def test_a_ledger_that_fails_in_the_middle_names_no_document_in_its_error(
    company: Open, prefect_home: Path, everything_logged: pytest.LogCaptureFixture
) -> None:
    one = at_work(company)
    with one.writing() as conn:
        conn.exec_driver_sql("CREATE TRIGGER full BEFORE INSERT ON outbox BEGIN SELECT RAISE(ABORT, 'disk full'); END")
    done = finish(one.start("sync", "--debug"))
    assert done.status == 1
    assert "disk full" in done.err
    assert one.sync().status == 1
    kept = prefect_tables(prefect_home)
    assert found_in(secrets_of(one), done.err, everything_logged.text, kept["log"], kept["flow_run_state"]) == set()
    with one.writing() as conn:
        conn.exec_driver_sql("DROP TRIGGER full")
    assert one.sync().status == 0


def trouble(company: Open) -> Company:
    """A company at work whose shop and books both answer badly in several ways."""
    one = at_work(company)
    one.shop.faults.truncate_next(1, only="/orders")
    one.shop.faults.status_next(1, 500, only="/invoices")
    one.books.faults.drop_next(1, only="/batch")
    one.books.faults.truncate_next(1, only="/batch")
    one.world.tokens.expire_access()
    number = one.shop.place(paid=True)["increment_id"]
    sold = one.books.documents("SalesReceipt")[0]
    theirs = {name: sold[name] for name in ("CustomerRef", "Line", "TxnDate")} | {"DocNumber": number}
    one.books.write("SalesReceipt", "create", theirs)
    return one


def secrets_of(one: Company) -> set[str]:
    """Whatever must stay between shop, ledger and books."""
    settings = load_settings(one.home)
    with one.writing() as conn:
        kept = tokens.load_tokens(conn, vault.Vault(vault.load_key(settings))) or {}
    app = one.world.tokens.app
    found = {kept["access_token"], kept["refresh_token"], app.realm_id, app.client_secret, one.shop.keys.token}
    for order in one.shop.rows("orders"):
        address = order["billing_address"]
        found |= {order["customer_email"], address["street"][0], f"{address['firstname']} {address['lastname']}"}
    return (found | amounts_of(one)) - {""}


def amounts_of(one: Company) -> set[str]:
    """Totals of orders, as far as they are long enough to be told from other numbers."""
    totals = (order["base_grand_total"] for order in one.shop.rows("orders"))
    return {f"{total:.2f}" for total in totals if total >= 10}


def found_in(wanted: set[str], *texts: str) -> set[str]:
    """Those that stand in one of the texts; digits only as a number of their own."""
    whole = "\n".join(texts)
    return {one for one in wanted if one in whole and re.search(rf"(?<![\d.:]){re.escape(one)}(?!\d)", whole)}


def prefect_files(home: Path) -> list[str]:
    """All that Prefect's server keeps, its database and journal among it, as text."""
    return [path.read_bytes().decode("utf-8", "replace") for path in home.rglob("*") if path.is_file()]


def prefect_tables(home: Path) -> dict[str, str]:
    """The contents of Prefect's database by table."""
    with closing(sqlite3.connect(home / "prefect.db", timeout=30)) as database:
        names = [name for (name,) in database.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: "\n".join(map(str, database.execute(f'SELECT * FROM "{name}"'))) for name in names}
