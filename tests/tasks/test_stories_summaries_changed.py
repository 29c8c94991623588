"""Orders that change after the summary of their day was posted: a further summary of the day carries the change."""

from datetime import date
from decimal import Decimal

import pytest

from deploy.cli import explain
from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from state import outbox, summaries
from tests.tasks.company import PREFECT, Company, Open, number
from tests.tasks.test_stories_revisions import closed, edited
from tests.tasks.test_stories_summaries import DAY, daily, sell, summed
from tests.tasks.test_trial_balance import agreed

pytestmark = PREFECT


def by_rule(acme: Company, changed: str, *more: tuple[str, str]) -> Company:
    """The company under the rules of the template and this one."""
    daily(acme).rules(("[books]", f'[books]\nchanged = "{changed}"'), *more)
    return acme


def in_summary(acme: Company, order: Document) -> dict[str, str]:
    """The number of the summary that each of an order's documents is in."""
    with acme.reading() as conn:
        named = {one.key: one.number for one in summaries.all_summaries(conn)}
        found = summaries.members(conn, order_key=f"order/{number(order)}")
        return {member.document: named[member.summary] for member in found}


def test_an_adjustment_goes_into_a_further_summary_of_its_day(company: Open) -> None:
    acme = by_rule(company(), "adjust")
    order, other = sell(acme), sell(acme)
    first = order["base_grand_total"]
    acme.sync()
    before = summed(acme)["D261120-1"]
    edited(acme, order)
    counts = acme.sync()
    more, key = order["base_grand_total"] - first, f"order/{number(order)}"
    assert summed(acme)["D261120-1"] == before
    made = summed(acme)["D261120-2"]
    assert (made.amount, made.kind) == (abs(more), "sales_receipt" if more > 0 else "refund_receipt")
    assert in_summary(acme, order) == {key: "D261120-1", f"{key}/2": "D261120-2"}
    receipt = acme.document("SalesReceipt" if more > 0 else "RefundReceipt", "D261120-2")
    assert ": 1 change, list" in receipt["PrivateNote"]
    assert counts["totals"]["USD"]["difference"] == "0.00"
    assert acme.books.total() == order["base_grand_total"] + other["base_grand_total"]
    assert acme.problems() == {}
    agreed(acme)
    with acme.reading() as conn:
        told = {one["key"]: one for one in explain.gather(conn, number(order), None)["documents"]}
    assert told[f"{key}/2"]["summary"]["number"] == "D261120-2"
    assert told[f"{key}/2"]["revision"]["of"] == key
    acme.shop.touch(number(order), customer_note="hello")
    assert acme.sync()["posted"] == 0


def test_a_change_goes_back_and_forth_and_the_books_follow_each_time(company: Open) -> None:
    acme = by_rule(company(), "adjust")
    order = sell(acme)
    sell(acme)
    acme.sync()
    for step in range(2, 5):
        edited(acme, order)
        acme.sync()
        assert f"order/{number(order)}/{step}" in in_summary(acme, order)
        assert acme.books.total() == sum(one["base_grand_total"] for one in acme.shop.orders)
        assert acme.problems() == {}
    agreed(acme)


def test_a_repost_takes_the_order_back_among_the_refunds_and_sums_it_up_anew(company: Open) -> None:
    acme = by_rule(company(), "repost")
    order, other = sell(acme), sell(acme)
    first = order["base_grand_total"]
    acme.sync()
    edited(acme, order)
    acme.sync()
    key = f"order/{number(order)}"
    refunds, sales = (summed(acme)[in_summary(acme, order)[f"{key}{part}"]] for part in ("/reversal", "/2"))
    assert (refunds.kind, refunds.amount) == ("refund_receipt", first)
    assert (sales.kind, sales.amount) == ("sales_receipt", order["base_grand_total"])
    assert acme.books.total() == order["base_grand_total"] + other["base_grand_total"]
    assert acme.problems() == {}
    agreed(acme)
    acme.shop.touch(number(order))
    assert acme.sync()["posted"] == 0


def test_another_payment_method_moves_an_order_to_the_summary_of_that_method(company: Open) -> None:
    acme = by_rule(company(), "adjust")
    order = sell(acme)
    acme.sync()
    acme.shop.touch(number(order), payment=order["payment"] | {"method": "paypal_express"})
    acme.sync()
    assert acme.problems() == {}
    shown = agreed(acme)
    assert shown["1250 PayPal clearing"] == order["base_grand_total"]
    assert "1251 Cards clearing" not in shown


@pytest.mark.parametrize("changed", ["adjust", "repost"])
@pytest.mark.parametrize("together", [True, False])
def test_an_order_whose_payment_was_denied_leaves_nothing_in_the_books(
    company: Open, changed: str, together: bool
) -> None:
    acme = by_rule(company(), changed)
    if not together:
        acme.rules(('make     = "summary"\ncustomer = "Web sales {store.name}"', 'make     = "sales_receipt"'))
    order = sell(acme)
    acme.sync()
    assert acme.books.total() == order["base_grand_total"]
    acme.shop.deny(number(order))
    acme.sync()
    assert (agreed(acme), acme.problems()) == ({}, {})
    acme.shop.touch(number(order))
    assert acme.sync()["posted"] == 0


def test_a_denied_payment_is_shown_where_the_rules_say_so(company: Open) -> None:
    acme = daily(company())
    order = sell(acme)
    acme.sync()
    acme.shop.deny(number(order))
    acme.sync()
    assert acme.problems(hold=False) == {f"order/{number(order)}": "changed-after-posting"}
    assert acme.books.total() == order["base_grand_total"]


def test_a_changed_order_of_a_journal_entry_is_adjusted_by_one(company: Open) -> None:
    acme = by_rule(company(), "adjust", ('customer = "Web sales {store.name}"', 'form     = "journal"'))
    order = sell(acme)
    acme.sync()
    edited(acme, order)
    acme.sync()
    assert acme.count("JournalEntry") == 2
    assert agreed(acme)["1251 Cards clearing"] == order["base_grand_total"]
    assert acme.problems() == {}


def test_a_refund_that_changed_is_adjusted_among_the_refunds(company: Open) -> None:
    acme = by_rule(company(), "adjust")
    order = sell(acme)
    memo = acme.shop.refund(number(order), adjustment=Decimal(0))
    acme.sync()
    memo |= {name: memo[name] - 1 for name in memo if name.endswith(("subtotal", "grand_total"))}
    memo["items"][0] |= {name: memo["items"][0][name] - 1 for name in ("row_total", "base_row_total")}
    memo["updated_at"] = order["updated_at"] = acme.shop.touch(number(order))["updated_at"]
    acme.shop._bytes.clear()
    acme.sync()
    assert in_summary(acme, order)[f"creditmemo/{number(memo)}/2"] == "D261120-3"
    assert acme.books.total() == order["base_grand_total"] - memo["base_grand_total"]
    assert acme.problems() == {}
    agreed(acme)


def test_a_changed_order_of_a_closed_month_is_held_with_the_summary_that_would_carry_it(company: Open) -> None:
    acme = by_rule(company(), "adjust")
    order = sell(acme)
    acme.sync()
    before = acme.books.total()
    closed(acme, acme.shop.now.date())
    edited(acme, order)
    acme.sync()
    [(key, code)] = acme.problems(hold=True).items()
    assert (key.startswith(f"summary/{DAY}/"), code) == (True, "closed-period")
    assert acme.books.total() == before
    acme.rules(('closed_period  = "hold"', 'closed_period  = "first_open_day"'))
    acme.sync()
    assert acme.problems() == {}
    assert acme.books.total() == order["base_grand_total"]
    agreed(acme)


def test_a_lost_answer_between_the_two_halves_of_a_repost_posts_nothing_twice(company: Open) -> None:
    acme = by_rule(company(), "repost")
    order = sell(acme)
    acme.sync()
    edited(acme, order)
    acme.books.faults.drop_next(2, only="/batch")
    acme.sync()
    acme.sync()
    with acme.reading() as conn:
        assert {row.status for row in outbox.rows(conn) if row.key.startswith("summary/")} == {"posted"}
    assert acme.books.total() == order["base_grand_total"]
    assert acme.books.duplicates() == []


def test_an_order_of_an_unpaid_cart_is_no_part_of_it(company: Open) -> None:
    acme = by_rule(company(), "adjust")
    order = acme.shop.place(Cart(method="checkmo"))
    acme.sync()
    edited(acme, order)
    acme.sync()
    assert in_summary(acme, order) == {}
    assert f"order/{number(order)}/reversal" in acme.states(order)


def test_a_refund_of_a_day_that_was_an_adjusting_entry_is_a_journal_entry_too(company: Open) -> None:
    acme = daily(company())
    acme.rules(('closed_period  = "hold"', 'closed_period  = "adjusting_entry"'))
    acme.sync()
    closed(acme, date(2026, 11, 15))
    order, kept = (sell(acme, created_at="2026-11-10 12:00:00") for _ in range(2))
    acme.sync()
    assert (acme.count("JournalEntry"), acme.count("SalesReceipt")) == (1, 0)
    acme.shop.refund(number(order))
    acme.sync()
    assert (acme.count("JournalEntry"), acme.count("RefundReceipt")) == (2, 0)
    shown = agreed(acme)
    assert shown["2290 Sales tax adjustments"] == -kept["base_tax_amount"]
    assert "Sales Tax Payable" not in shown
    acme.shop.touch(number(order))
    acme.shop.touch(number(kept))
    assert (acme.sync()["posted"], acme.problems()) == (0, {})
