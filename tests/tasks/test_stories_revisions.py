"""Documents that Magento states otherwise after they were posted: shown, adjusted, or reversed and posted anew."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from state import problems, references
from tests.tasks.company import PREFECT, Company, Open, number
from tests.tasks.test_trial_balance import agreed, in_euros

pytestmark = PREFECT


def by_rule(acme: Company, changed: str, *more: tuple[str, str]) -> None:
    acme.rules(("[books]", f'[books]\nchanged = "{changed}"'), *more)


def sold(acme: Company, method: str = "braintree", *, paid: bool = True) -> Document:
    """An order in the books."""
    order = acme.shop.place(Cart(method=method), paid=paid)
    acme.sync()
    return order


def edited(acme: Company, order: Document) -> Document:
    """Other goods under the same number, for another sum."""
    before = order["base_grand_total"]
    while order["base_grand_total"] == before:
        acme.shop.edit_order(number(order), Cart(lines="several", method=order["payment"]["method"]))
    return order


def closed(acme: Company, until: date) -> None:
    """The books are closed, and the mirror has been read since."""
    acme.books.close(until)
    with acme.writing() as conn:
        [known] = references.entries(conn, "company")
        facts = {**known.extra, "close_date": until.isoformat()}
        references.put_many(conn, "company", [known._replace(extra=facts)], datetime.now(UTC))


def numbers(acme: Company, entity: str) -> dict[str, Decimal]:
    return {one["DocNumber"]: one["TotalAmt"] for one in acme.books.documents(entity)}


def test_by_default_a_change_is_shown_with_its_difference_and_the_books_stay(company: Open) -> None:
    acme = company()
    order = sold(acme)
    before = order["base_grand_total"]
    edited(acme, order)
    acme.sync()
    assert numbers(acme, "SalesReceipt") == {number(order): before}
    assert acme.problems() == {f"order/{number(order)}": "changed-after-posting"}
    with acme.reading() as conn:
        [shown] = problems.open_problems(conn)
    assert not shown.problem.hold
    assert f"1251 Cards clearing {order['base_grand_total'] - before:+.2f}" in shown.problem.reason


def test_a_receipt_is_reversed_and_posted_anew_once(company: Open) -> None:
    acme = company()
    by_rule(acme, "repost")
    order = sold(acme)
    first = order["base_grand_total"]
    edited(acme, order)
    acme.sync()
    key = f"order/{number(order)}"
    assert acme.states(order) == {key: "posted", f"{key}/reversal": "posted", f"{key}/2": "posted"}
    assert numbers(acme, "RefundReceipt") == {f"{number(order)}X2": first}
    assert numbers(acme, "SalesReceipt") == {number(order): first, f"{number(order)}R2": order["base_grand_total"]}
    assert acme.books.total() == order["base_grand_total"]
    assert acme.problems() == {}
    agreed(acme)

    acme.shop.touch(number(order), customer_note="hello")
    assert acme.sync()["posted"] == 0
    assert acme.books.duplicates() == []


def test_a_change_back_is_a_third_revision(company: Open) -> None:
    acme = company()
    by_rule(acme, "repost")
    order = sold(acme)
    first, total = dict(order), order["base_grand_total"]
    edited(acme, order)
    acme.sync()
    again = order["updated_at"]
    order |= first | {"updated_at": again}
    acme.shop.touch(number(order))
    acme.sync()
    key = f"order/{number(order)}"
    assert set(acme.states(order)) == {key, f"{key}/reversal", f"{key}/2", f"{key}/2/reversal", f"{key}/3"}
    assert set(acme.states(order).values()) == {"posted"}
    assert acme.row(f"{key}/3").amount == total == acme.books.total()
    assert acme.books.duplicates() == []
    agreed(acme)


def test_a_lost_answer_in_the_middle_of_a_revision_posts_nothing_twice(company: Open) -> None:
    acme = company()
    by_rule(acme, "repost")
    order = sold(acme)
    edited(acme, order)
    acme.books.faults.drop_next(2, only="/batch")
    acme.sync()
    acme.sync()
    assert set(acme.states(order).values()) == {"posted"}
    assert (acme.count("SalesReceipt"), acme.count("RefundReceipt")) == (2, 1)
    assert acme.books.total() == order["base_grand_total"]


def test_an_unpaid_invoice_is_credited_and_its_successor_is_paid(company: Open) -> None:
    acme = company()
    by_rule(acme, "repost")
    order = sold(acme, "checkmo", paid=False)
    first = order["base_grand_total"]
    edited(acme, order)
    acme.sync()
    assert acme.document("Invoice", number(order))["Balance"] == 0
    assert acme.document("CreditMemo", f"{number(order)}X2")["TotalAmt"] == first
    assert acme.document("Invoice", f"{number(order)}R2")["Balance"] == order["base_grand_total"]
    acme.shop.invoice(number(order))
    acme.sync()
    assert acme.document("Invoice", f"{number(order)}R2")["Balance"] == 0
    assert set(acme.states(order).values()) == {"posted"}
    assert acme.problems() == {}
    agreed(acme)


def test_what_was_paid_on_an_invoice_goes_over_to_its_successor(company: Open) -> None:
    acme = company()
    by_rule(acme, "repost")
    order = sold(acme, "checkmo", paid=False)
    first = order["base_grand_total"]
    acme.shop.invoice(number(order))
    acme.sync()
    edited(acme, order)
    acme.sync()
    second = order["base_grand_total"]
    assert acme.document("Invoice", number(order))["Balance"] == 0
    assert acme.document("Invoice", f"{number(order)}R2")["Balance"] == max(second - first, Decimal(0))
    assert acme.document("CreditMemo", f"{number(order)}X2")["RemainingCredit"] == max(first - second, Decimal(0))
    assert set(acme.states(order).values()) == {"posted"}
    agreed(acme)


def test_a_revised_invoice_is_voided_when_its_order_is_cancelled(company: Open) -> None:
    acme = company()
    by_rule(acme, "repost")
    order = sold(acme, "checkmo", paid=False)
    edited(acme, order)
    acme.sync()
    acme.shop.cancel(number(order))
    acme.sync()
    assert acme.document("Invoice", f"{number(order)}R2")["TotalAmt"] == 0
    assert acme.books.total() == 0
    assert acme.problems() == {}


def test_a_payment_that_was_denied_later_is_shown_whatever_the_rules_say(company: Open) -> None:
    acme = company()
    by_rule(acme, "repost")
    order = sold(acme, "checkmo", paid=False)
    invoice = acme.shop.invoice(number(order))
    acme.sync()
    acme.shop.deny(number(order))
    acme.sync()
    assert acme.problems(hold=False) == {f"payment/{number(invoice)}": "changed-after-posting"}
    assert acme.count("Payment") == 1
    agreed(acme)


@pytest.mark.parametrize("changed", ["adjust", "repost"])
def test_a_denied_document_of_an_invoice_is_taken_back(company: Open, changed: str) -> None:
    acme = company()
    by_rule(acme, changed, ('post_on        = "order"', 'post_on        = "invoice"'))
    order = sold(acme)
    acme.shop.deny(number(order))
    acme.sync()
    assert (agreed(acme), acme.problems()) == ({}, {})


def test_an_adjustment_is_one_document_over_the_difference(company: Open) -> None:
    acme = company()
    by_rule(acme, "adjust")
    order = sold(acme)
    first = order["base_grand_total"]
    edited(acme, order)
    acme.sync()
    key, more = f"order/{number(order)}", order["base_grand_total"] - first
    assert acme.states(order) == {key: "posted", f"{key}/2": "posted"}
    entity = "SalesReceipt" if more > 0 else "RefundReceipt"
    assert numbers(acme, entity)[f"{number(order)}A2"] == abs(more)
    assert acme.books.total() == order["base_grand_total"]
    agreed(acme)
    acme.shop.touch(number(order))
    assert acme.sync()["posted"] == 0


@pytest.mark.parametrize("changed", ["adjust", "repost"])
def test_an_adjusting_entry_is_revised_by_adjusting_entries(company: Open, changed: str) -> None:
    acme = company()
    by_rule(acme, changed, ('closed_period  = "hold"', 'closed_period  = "adjusting_entry"'))
    acme.sync()
    closed(acme, date(2026, 11, 15))
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    acme.shop.touch(number(order), created_at="2026-11-10 12:00:00")
    acme.sync()
    edited(acme, order)
    acme.shop.touch(number(order), created_at="2026-11-10 12:00:00")
    acme.sync()
    assert acme.count("JournalEntry") == {"adjust": 2, "repost": 3}[changed]
    assert {one["TxnDate"] for one in acme.books.documents("JournalEntry")} == {"2026-11-16"}
    assert all(one["PrivateNote"].startswith("Adjusting entry") for one in acme.books.documents("JournalEntry"))
    shown = agreed(acme)
    assert shown["1251 Cards clearing"] == order["base_grand_total"]
    assert shown["2290 Sales tax adjustments"] == -order["base_tax_amount"]
    assert acme.problems() == {}
    acme.shop.touch(number(order))
    assert acme.sync()["posted"] == 0


@pytest.mark.parametrize("changed", ["adjust", "repost"])
@pytest.mark.parametrize("paid", [True, False])
def test_a_document_in_euros_is_revised_in_euros(company: Open, changed: str, paid: bool) -> None:
    acme = company()
    in_euros(acme)
    by_rule(acme, changed)
    order = acme.shop.place(Cart(method="braintree" if paid else "checkmo", store=2), paid=paid)
    acme.sync()
    before = order["grand_total"]
    while order["grand_total"] == before:
        acme.shop.edit_order(number(order), Cart(lines="several", method=order["payment"]["method"], store=2))
    acme.sync()
    assert {one["CurrencyRef"]["value"] for one in revisions(acme, number(order))} == {"EUR"}
    assert acme.problems() == {}
    agreed(acme)
    kinds = (("SalesReceipt", 1), ("Invoice", 1), ("RefundReceipt", -1), ("CreditMemo", -1))
    assert sum(sign * sum(numbers(acme, kind).values()) for kind, sign in kinds) == order["grand_total"]
    acme.shop.touch(number(order))
    assert acme.sync()["posted"] == 0


def revisions(acme: Company, of: str) -> list[dict[str, Any]]:
    """The documents of an order in QuickBooks, of which there is more than one."""
    kinds = ("SalesReceipt", "RefundReceipt", "Invoice", "CreditMemo")
    found = [one for kind in kinds for one in acme.books.documents(kind) if one["DocNumber"].startswith(of)]
    assert len(found) > 1
    return found


def test_rules_that_changed_alone_touch_nothing_posted_until_somebody_asks(company: Open) -> None:
    acme = company()
    by_rule(acme, "repost")
    order = sold(acme)
    acme.rules(('clearing = "1251 Cards clearing"', 'clearing = "1250 PayPal clearing"'))
    acme.shop.touch(number(order))
    acme.sync()
    key = f"order/{number(order)}"
    assert acme.states(order) == {key: "posted"}
    assert acme.problems(hold=False) == {key: "changed-after-posting"}
    with acme.writing() as conn:
        problems.approve(conn, f"{key}/2", "tester", acme.shop.now)
    acme.sync()
    assert set(acme.states(order)) == {key, f"{key}/reversal", f"{key}/2"}
    assert acme.problems() == {}
    agreed(acme)


def test_a_closed_period_holds_a_revision_and_leaves_what_was_posted(company: Open) -> None:
    acme = company()
    by_rule(acme, "repost")
    order = sold(acme)
    closed(acme, acme.shop.now.date())
    edited(acme, order)
    acme.sync()
    assert acme.states(order) == {f"order/{number(order)}": "posted"}
    assert acme.problems(hold=True) == {f"order/{number(order)}": "closed-period"}


def test_a_revision_of_a_closed_period_is_dated_on_the_first_open_day(company: Open) -> None:
    acme = company()
    by_rule(acme, "repost", ('closed_period  = "hold"', 'closed_period  = "first_open_day"'))
    order = sold(acme)
    until = acme.shop.now.date()
    closed(acme, until)
    edited(acme, order)
    acme.sync()
    first = acme.document("SalesReceipt", number(order))
    opened = (until + timedelta(days=1)).isoformat()
    for entity, suffix in (("RefundReceipt", "X2"), ("SalesReceipt", "R2")):
        found = acme.document(entity, f"{number(order)}{suffix}")
        assert found["TxnDate"] == opened
        assert f"dated {first['TxnDate']} and moved out of the closed period" in found["PrivateNote"]
    assert acme.problems() == {}
    acme.shop.touch(number(order))
    assert acme.sync()["posted"] == 0
