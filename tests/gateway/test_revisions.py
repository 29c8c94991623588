"""Revisions of documents that are in QuickBooks Desktop."""

from collections.abc import Iterator
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from state import references
from tests.gateway.desk import Desk, open_desk
from tests.gateway.test_trial_balance import agreed, decide


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """QuickBooks' lists are known."""
    with open_desk(tmp_path / "home") as opened:
        opened.update()
        yield opened


def by_rule(desk: Desk, changed: str) -> None:
    path = desk.home / "rules.toml"
    path.write_text(path.read_text().replace("[books]", f'[books]\nchanged = "{changed}"'))


def sold(desk: Desk, *, paid: bool = True) -> Document:
    """An order in the books."""
    [order] = desk.sell(1, Cart(method="braintree" if paid else "checkmo"), paid=paid)
    desk.queue()
    desk.update()
    return order


def edited(desk: Desk, order: Document) -> Document:
    """Other goods under the same number, for another sum."""
    before = order["base_grand_total"]
    while order["base_grand_total"] == before:
        desk.shop.edit_order(order["increment_id"], Cart(lines="several", method=order["payment"]["method"]))
    desk.queue()
    return order


def keys(desk: Desk) -> dict[str, str]:
    return {row.key: row.status for row in desk.rows() if row.kind not in ("customer", "item")}


def test_a_receipt_is_taken_back_by_a_credit_memo_with_its_refund_and_posted_anew(desk: Desk) -> None:
    by_rule(desk, "repost")
    order = edited(desk, sold(desk))
    desk.update()
    key = f"order/{order['increment_id']}"
    suffixes = ("", "/reversal", "/reversal/refund", "/2")
    assert keys(desk) == dict.fromkeys([f"{key}{suffix}" for suffix in suffixes], "posted")
    numbers = {one["RefNumber"] for one in desk.file.documents("SalesReceipt")}
    assert numbers == {order["increment_id"], f"{order['increment_id']}R2"}
    assert all(len(one) <= 11 for one in numbers)
    agreed(desk)
    desk.shop.touch(order["increment_id"])
    desk.queue()
    assert "ready" not in desk.states()


def test_an_unpaid_invoice_is_credited_and_its_successor_stays_open(desk: Desk) -> None:
    by_rule(desk, "repost")
    order = edited(desk, sold(desk, paid=False))
    desk.update()
    balances = {one["RefNumber"]: one["BalanceRemaining"] for one in desk.file.documents("Invoice")}
    assert balances == {order["increment_id"]: 0, f"{order['increment_id']}R2": order["base_grand_total"]}
    assert set(keys(desk).values()) == {"posted"}
    agreed(desk)


def test_a_difference_is_adjusted_by_one_document(desk: Desk) -> None:
    by_rule(desk, "adjust")
    order = sold(desk)
    first = order["base_grand_total"]
    edited(desk, order)
    desk.update()
    row = next(row for row in desk.rows() if row.key == f"order/{order['increment_id']}/2")
    assert row.amount == abs(order["base_grand_total"] - first)
    assert row.number == f"{order['increment_id']}A2"
    assert set(keys(desk).values()) == {"posted"}
    agreed(desk)


def test_a_change_back_before_anything_went_out_takes_the_revision_out_again(desk: Desk) -> None:
    by_rule(desk, "repost")
    order = sold(desk)
    first = dict(order)
    edited(desk, order)
    assert len(keys(desk)) == 4
    order |= first
    desk.shop.touch(order["increment_id"])
    desk.queue()
    assert keys(desk) == {f"order/{order['increment_id']}": "posted"}


def test_a_revision_that_was_taken_back_already_is_posted_as_magento_says_it_last(desk: Desk) -> None:
    by_rule(desk, "repost")
    order = sold(desk)
    first = dict(order)
    edited(desk, order)
    desk.cut("processed", times=2)
    key = f"order/{order['increment_id']}"
    assert (keys(desk)[f"{key}/reversal"], keys(desk)[f"{key}/2"]) == ("sent", "ready")
    order |= first
    desk.shop.touch(order["increment_id"])
    desk.queue()
    desk.update()
    states = keys(desk)
    assert set(states.values()) == {"posted"}
    assert f"{key}/2" in states
    agreed(desk)


@pytest.mark.parametrize("changed", ["adjust", "repost"])
def test_an_adjusting_entry_is_revised_by_journal_entries(desk: Desk, changed: str) -> None:
    by_rule(desk, changed)
    decide(desk, closed_period="adjusting_entry")
    desk.file.closing_date = date(2026, 11, 30)
    with desk.writing() as conn:  # and the mirror has been read since
        [known] = references.entries(conn, "company")
        facts = {**known.extra, "close_date": "2026-11-30"}
        references.put_many(conn, "company", [known._replace(extra=facts)], datetime.now(UTC))
    order = edited(desk, sold(desk))
    desk.update()
    assert len(desk.file.documents("JournalEntry")) == {"adjust": 2, "repost": 3}[changed]
    assert (set(keys(desk).values()), desk.problems()) == ({"posted"}, {})
    shown = agreed(desk)
    assert sum(shown[name] for name in shown if "clearing" in name) == order["base_grand_total"]
    assert shown["2290 Sales tax adjustments"] == -order["base_tax_amount"]


def test_what_waits_for_the_web_connector_is_not_sent_when_its_payment_is_denied_meanwhile(desk: Desk) -> None:
    [whole], [part] = desk.sell(1, Cart(method="braintree")), desk.sell(1, Cart(lines="several"), paid=False)
    desk.shop.invoice(part["increment_id"], {part["items"][0]["sku"]: Decimal(1)})
    desk.queue()
    assert {row.kind for row in desk.rows()} >= {"sales_receipt", "invoice", "payment"}
    for order in (whole, part):
        desk.shop.deny(order["increment_id"])
    desk.queue()
    desk.update()
    assert desk.problems() == {}
    assert desk.file.documents("SalesReceipt") == [] == desk.file.documents("ReceivePayment")
    assert agreed(desk) == {}
