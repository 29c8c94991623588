"""A ledger that was restored from a backup: QuickBooks Online has every document once all the same."""

import shutil
from pathlib import Path

import pytest

from deploy.sandbox.seeds_cart import Cart
from mappings import rules
from tests.ledgers import back_up, restore_ledger
from tests.sandbox.history import go_on
from tests.tasks.company import PREFECT, Company, Open, connect, number

pytestmark = PREFECT
ENTITIES = ("SalesReceipt", "Invoice", "Payment", "CreditMemo", "RefundReceipt", "Customer", "Item", "JournalEntry")
CHECK = Cart(method="checkmo")


@pytest.fixture(autouse=True)
def state(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The state directory of this machine's user."""
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    return tmp_path / "state"


def in_books(one: Company) -> dict[str, int]:
    """How many objects of each kind QuickBooks has."""
    return {entity: one.count(entity) for entity in ENTITIES}


def with_batches_of(one: Company, size: int) -> None:
    with (one.home / ".env").open("a", encoding="utf-8") as file:
        file.write(f"QUICKBOOKS_BATCH_SIZE={size}\n")


def all_posted(one: Company) -> None:
    with one.reading() as conn:
        found = conn.exec_driver_sql("SELECT key, status, error_words FROM outbox WHERE status <> 'posted'").all()
    assert found == []


@pytest.mark.parametrize("numbers_repeat", [False, True])
@pytest.mark.parametrize("size", [1, 7])
def test_nothing_is_doubled_after_an_old_ledger_was_restored_whatever_the_batch_size(
    company: Open, tmp_path: Path, numbers_repeat: bool, size: int
) -> None:
    one = company(8)
    one.books.numbers_repeat = numbers_repeat
    one.sync()
    one.shop.place(CHECK)
    one.sync()
    backup = back_up(one.home, tmp_path / "backup")
    go_on(one.shop)
    for _ in range(3):
        one.shop.place(paid=True)
    one.sync()
    all_posted(one)
    before = in_books(one)
    restore_ledger(one.engine, one.home, backup)
    one.books.forget_requestids()
    with_batches_of(one, size)
    assert one.sync()["restored"]
    all_posted(one)
    assert in_books(one) == before
    one.shop.place(paid=True)
    assert one.sync()["restored"] is None
    assert one.count("SalesReceipt") == before["SalesReceipt"] + 1


def test_a_daily_summary_is_found_and_not_posted_again(company: Open, tmp_path: Path) -> None:
    one = company()
    one.books.numbers_repeat = True
    (one.home / "rules.toml").write_text(rules.template("daily_summary"), encoding="utf-8")
    one.sync()
    one.shop.place(paid=True)
    one.sync()
    backup = back_up(one.home, tmp_path / "backup")
    for _ in range(3):
        one.shop.place(paid=True)
    one.sync()
    before = in_books(one)
    restore_ledger(one.engine, one.home, backup)
    one.books.forget_requestids()
    one.sync()
    all_posted(one)
    assert in_books(one) == before


def test_a_whole_home_that_was_restored_is_noticed_by_the_witness_outside_it(company: Open, tmp_path: Path) -> None:
    one = company(4)
    one.books.numbers_repeat = True
    one.sync()
    backup = back_up(one.home, tmp_path / "backup")
    for _ in range(3):
        one.shop.place(paid=True)
    one.sync()
    before = in_books(one)
    one.engine.dispose()
    shutil.rmtree(one.home)
    shutil.copytree(backup, one.home)
    one.books.forget_requestids()
    assert one.sync()["restored"]
    assert in_books(one) == before


def test_an_empty_ledger_in_the_place_of_a_lost_one_doubles_nothing(company: Open, tmp_path: Path) -> None:
    one = company(6)
    one.books.numbers_repeat = True
    backup = back_up(one.home, tmp_path / "backup")
    one.sync()
    before = in_books(one)
    restore_ledger(one.engine, one.home, backup)
    one.books.forget_requestids()
    connect(one.home, one.world)  # the tokens were in the ledger
    assert one.sync()["restored"]
    assert in_books(one) == before


def test_without_a_restore_nothing_is_looked_up(company: Open) -> None:
    one = company(4)
    one.sync()
    one.shop.place(paid=True)
    one.sync()
    one.sync()
    idle = one.calls["reads"]
    for _ in range(3):
        one.shop.place(Cart(), paid=True)
    assert one.sync()["restored"] is None
    assert one.calls["reads"] == idle


def test_a_sale_that_was_posted_in_another_form_is_shown_to_a_person_and_not_posted_again(
    company: Open, tmp_path: Path
) -> None:
    one = company(2)
    one.sync()
    backup = back_up(one.home, tmp_path / "backup")
    order = one.shop.place(CHECK)
    one.sync()
    one.shop.invoice(number(order))
    one.sync()
    before = in_books(one)
    restore_ledger(one.engine, one.home, backup)
    one.sync()
    assert in_books(one) == before
    row = one.row(f"order/{number(order)}")
    assert (row.kind, row.status) == ("sales_receipt", "rejected")
    assert f"QuickBooks has an invoice with number {number(order)} already" in row.error_words
