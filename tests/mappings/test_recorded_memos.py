"""Every recorded credit memo gives back what Magento says, from the books that its order went to."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from mappings import qbo
from mappings.booking import book_invoice, book_order, holds_its_money
from mappings.booking_memo import book_credit_memo
from mappings.checks import off_balance
from mappings.entry import Entry
from mappings.magento import parse, read_credit_memo, read_invoice
from mappings.model import CreditMemo, Invoice, Order, Waiting
from tests.mappings import recorded
from tests.mappings.sales import RETAIL, US, cents
from tests.mappings.test_recorded_orders import SHOP

MEMOS = sorted(recorded.texts("creditmemos"))


def entries(order: Order, before: int) -> Iterator[Entry]:
    """What stands for the order before its memo with this entity id: sale, payments, earlier memos."""
    sale = book_order(order, SHOP, RETAIL)
    found = list(sale) if isinstance(sale, tuple) else []
    if not holds_its_money(sale, RETAIL):
        for number in sorted(recorded.texts("invoices")):
            raw = recorded.raw("invoices", number)
            if int(raw["order_id"]) == order.entity_id:
                invoice = read_invoice(raw, order)
                assert isinstance(invoice, Invoice)
                paid = book_invoice(invoice, order, SHOP, RETAIL)
                found += paid if isinstance(paid, tuple) else ()
    for number in MEMOS:
        memo = read(number)
        if memo.order_id == order.entity_id and memo.entity_id < before:
            earlier = book_credit_memo(memo, order, found, SHOP, RETAIL)
            found += earlier if isinstance(earlier, tuple) else ()
    yield from found


def read(number: str) -> CreditMemo:
    raw = recorded.raw("creditmemos", number)
    memo = read_credit_memo(raw, recorded.order_by_entity(int(raw["order_id"])))
    assert isinstance(memo, CreditMemo), memo
    return memo


OPEN_MEMO = Path(__file__).parents[3] / "shared/recordings/magento-2.4.8/display1_excl/us_open_memo.json"


@pytest.mark.skipif(not OPEN_MEMO.exists(), reason="the recordings of 2.4.8 are not here")
def test_the_open_memo_that_a_real_magento_kept_moved_no_money() -> None:
    [raw] = parse(OPEN_MEMO.read_text(encoding="utf-8"))["creditmemos"]
    memo = read_credit_memo(raw)
    assert isinstance(memo, CreditMemo)
    assert (memo.refunded, memo.canceled) == (False, False)
    assert isinstance(book_credit_memo(memo, None, [], SHOP, RETAIL), Waiting)


def test_there_are_thirteen() -> None:
    assert len(MEMOS) == 13


@pytest.mark.parametrize("number", MEMOS)
def test_a_recorded_memo_gives_back_what_magento_says(number: str) -> None:
    memo = read(number)
    order = recorded.order_by_entity(memo.order_id)
    outcome = book_credit_memo(memo, order, list(entries(order, memo.entity_id)), SHOP, RETAIL)
    assert isinstance(outcome, tuple), outcome
    refund = outcome[0]
    assert refund.total == cents(memo.totals.grand_total)
    assert off_balance(refund.lines) == 0
    payload = qbo.write(refund, RETAIL, US)
    lines: Decimal = sum((each["Amount"] for each in payload["Line"]), Decimal(0))
    assert lines + payload["TxnTaxDetail"]["TotalTax"] == refund.total
    fractional = any(line.quantity % 1 for line in memo.lines)
    assert fractional or not any(line.role == "rounding" for line in refund.lines)


@pytest.mark.parametrize("number", sorted({read(number).order_id for number in MEMOS}))
def test_memos_of_an_order_never_give_back_more_than_was_sold(number: int) -> None:
    order = recorded.order_by_entity(number)
    booked = list(entries(order, 10**9))
    sold = sum((entry.total for entry in booked if entry.kind in ("sales_receipt", "invoice")), Decimal(0))
    back = sum((entry.total for entry in booked if entry.kind in ("refund_receipt", "credit_memo")), Decimal(0))
    assert back == cents(order.refunded)
    assert back <= sold
