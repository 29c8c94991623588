"""Credit memos by their state: an open one waits, a canceled one is nothing, or is taken back when it was posted."""

from datetime import date
from decimal import Decimal

import pytest

from deploy.cli.compare import SIGNS, compare
from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from mappings import rules
from state import staging
from tests.tasks.company import PREFECT, Company, Open, number
from tests.tasks.test_stories_revisions import by_rule, sold
from tests.tasks.test_stories_summaries import daily, member_of, sell, summed
from tests.tasks.test_trial_balance import agreed

pytestmark = PREFECT
CLEARING, RECEIVABLE = "1251 Cards clearing", "Accounts Receivable (A/R)"
STORE_CREDIT = (
    'off     = true\nwhen    = { "refund.online" = false, "customer.group" = "Wholesale" }\nto      = "store_credit"',
    'to      = "store_credit"',
)


def both_sides_agree(acme: Company) -> None:
    """The shop and the books, added up without the ledger, and the trial balance by the entries."""
    books = {entity: acme.books.documents(entity) for entity in SIGNS}
    assert compare(acme.shop.orders, acme.shop.creditmemos, books, set()).agrees
    agreed(acme)


def key_of(memo: Document) -> str:
    return f"creditmemo/{number(memo)}"


def test_an_open_memo_waits_and_is_booked_once_its_money_goes_back_though_no_stamp_moves(company: Open) -> None:
    acme = company()
    order = sold(acme)
    acme.sync()
    memo = acme.shop.open_memo(number(order))
    counts = acme.sync()
    assert (counts["posted"], counts["held"], acme.problems()) == (0, 0, {})
    assert key_of(memo) not in acme.states(order)
    both_sides_agree(acme)
    acme.shop.now += acme.shop.now - acme.shop.now.replace(hour=0)  # the stamp is behind the next reading's window
    acme.shop.place(Cart(method="braintree"), paid=True)
    acme.sync()
    acme.shop.settle_memo(memo, stamped=False)
    assert acme.sync()["posted_by_kind"] == {"refund_receipt": 1}
    assert acme.document("RefundReceipt", f"C{number(memo)}")["TotalAmt"] == memo["base_grand_total"]
    both_sides_agree(acme)
    assert acme.sync()["posted"] == 0


def test_a_memo_that_is_canceled_while_it_is_open_is_nothing(company: Open) -> None:
    acme = company()
    order = sold(acme)
    acme.sync()
    memo = acme.shop.open_memo(number(order))
    acme.sync()
    acme.shop.cancel_memo(memo)
    assert acme.sync()["posted"] == 0
    assert (acme.count("RefundReceipt"), acme.problems()) == (0, {})
    both_sides_agree(acme)


def test_a_memo_without_a_state_is_held_for_nobody_knows_whether_money_moved(company: Open) -> None:
    acme = company()
    order = sold(acme)
    memo = acme.shop.refund(number(order))
    del memo["state"]
    acme.sync()
    assert acme.problems(hold=True) == {key_of(memo): "unknown-state"}
    assert acme.count("RefundReceipt") == 0


@pytest.mark.parametrize("changed", ["adjust", "repost"])
def test_a_refund_whose_memo_is_canceled_is_taken_back_once(company: Open, changed: str) -> None:
    acme = company()
    by_rule(acme, changed)
    order = sold(acme)
    memo = acme.shop.refund(number(order))
    acme.sync()
    assert acme.books.trial_balance() == {}
    acme.shop.cancel_memo(memo)
    acme.sync()
    assert agreed(acme)[CLEARING] == order["base_grand_total"] == acme.books.total()
    assert acme.problems() == {}
    both_sides_agree(acme)
    acme.shop.touch(number(order))
    assert acme.sync()["posted"] == 0
    acme.shop.open_memo(number(order))
    assert acme.sync()["posted"] == 0


def test_by_default_a_canceled_refund_is_shown_as_a_denied_sale_is(company: Open) -> None:
    acme = company()
    order = sold(acme)
    memo = acme.shop.refund(number(order))
    acme.sync()
    acme.shop.cancel_memo(memo)
    acme.sync()
    assert acme.problems(hold=False) == {key_of(memo): "changed-after-posting"}
    assert acme.count("SalesReceipt") == 1
    by_rule(acme, "repost")  # what the problem's fix says
    acme.sync()
    assert (acme.count("SalesReceipt"), acme.problems()) == (2, {})
    both_sides_agree(acme)


def test_both_parts_of_a_divided_memo_are_taken_back(company: Open) -> None:
    acme = company()
    by_rule(acme, "repost")
    order = acme.shop.place(Cart(method="purchaseorder"), paid=True)
    acme.sync()
    acme.books.receive(number(order), Decimal(10), "1256 Bank transfers clearing")
    before = acme.books.trial_balance()
    memo = acme.shop.refund(number(order))
    acme.sync()
    assert set(acme.states(order)) >= {key_of(memo), f"{key_of(memo)}/applied", f"{key_of(memo)}/paid"}
    acme.shop.cancel_memo(memo)
    acme.sync()
    assert acme.books.trial_balance() == before
    assert acme.problems() == {}
    acme.shop.touch(number(order))
    assert acme.sync()["posted"] == 0


@pytest.mark.parametrize("changed", ["show", "adjust", "repost"])
def test_a_canceled_credit_on_account_is_owed_again_whatever_the_rules_say(company: Open, changed: str) -> None:
    acme = company()
    by_rule(acme, changed)
    order = acme.shop.place(Cart(method="purchaseorder"), paid=True)
    acme.sync()
    memo = acme.shop.refund(number(order))
    acme.sync()
    assert acme.books.trial_balance() == {}
    acme.shop.cancel_memo(memo)
    acme.sync()
    again = acme.document("Invoice", f"C{number(memo)}X2")
    assert agreed(acme)[RECEIVABLE] == again["Balance"] == memo["base_grand_total"]
    assert acme.problems() == {}
    both_sides_agree(acme)
    acme.shop.touch(number(order))
    assert acme.sync()["posted"] == 0


def test_a_credit_on_account_that_is_refunded_after_all_is_applied_to_what_was_owed_again(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="purchaseorder"), paid=True)
    memo = acme.shop.refund(number(order))
    acme.sync()
    acme.shop.cancel_memo(memo)
    acme.sync()
    memo |= {"state": 2, "updated_at": acme.shop.touch(number(order))["updated_at"]}
    acme.shop._bytes.clear()
    acme.sync()
    assert acme.document("CreditMemo", f"C{number(memo)}R2")["RemainingCredit"] == 0
    assert acme.document("Invoice", f"C{number(memo)}X2")["Balance"] == 0
    assert (acme.books.trial_balance(), acme.problems()) == ({}, {})


def test_a_further_credit_is_held_where_an_earlier_one_was_taken_back(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="purchaseorder"), paid=True)
    memo = acme.shop.refund(number(order))
    acme.sync()
    acme.shop.cancel_memo(memo)
    acme.sync()
    for item in order["items"]:
        item["qty_refunded"] = Decimal(0)
    further = acme.shop.refund(number(order), shipping=False)
    acme.sync()
    assert acme.problems(hold=True) == {key_of(further): "refund-unclear"}


def test_store_credit_of_a_canceled_memo_is_taken_back(company: Open) -> None:
    acme = company()
    by_rule(acme, "repost", STORE_CREDIT)
    credits = acme.books.find("Account", "2310 Store credit liability") or {}
    item = {"Name": "Magento store credit issued", "Type": "Service", "IncomeAccountRef": {"value": credits["Id"]}}
    acme.books.write("Item", "create", item)
    order = sold(acme)
    memo = acme.shop.refund(number(order))
    acme.sync()
    assert agreed(acme)["2310 Store credit liability"] == -memo["base_grand_total"]
    acme.shop.cancel_memo(memo)
    acme.sync()
    assert "2310 Store credit liability" not in agreed(acme)
    assert acme.problems() == {}


@pytest.mark.parametrize("changed", ["adjust", "repost"])
def test_a_canceled_memo_leaves_the_summaries_of_its_day(company: Open, changed: str) -> None:
    acme = daily(company())
    by_rule(acme, changed)
    order, other = sell(acme), sell(acme)
    memo = acme.shop.refund(number(order))
    acme.sync()
    assert acme.books.total() == other["base_grand_total"]
    acme.shop.cancel_memo(memo)
    acme.sync()
    assert acme.books.total() == order["base_grand_total"] + other["base_grand_total"]
    assert acme.problems() == {}
    agreed(acme)
    acme.shop.touch(number(order))
    assert acme.sync()["posted"] == 0


def test_a_memo_that_is_canceled_before_its_summary_is_sent_is_no_part_of_it(company: Open) -> None:
    acme = daily(company())
    order, other = sell(acme), sell(acme)
    acme.sync()
    acme.books.close(date(2026, 11, 30))
    memo, further = acme.shop.refund(number(order)), acme.shop.refund(number(other))
    acme.sync()
    assert member_of(acme)[key_of(memo)] == member_of(acme)[key_of(further)] != ""
    acme.books.close(date(2026, 10, 31))
    acme.shop.cancel_memo(memo)
    acme.sync()
    assert key_of(memo) not in member_of(acme)
    assert {row.amount for row in summed(acme).values() if row.kind == "refund_receipt"} == {
        further["base_grand_total"]
    }
    assert acme.books.total() == order["base_grand_total"]
    assert acme.problems() == {}


def test_a_canceled_refund_of_what_had_not_shipped_waits_for_its_shipment_again(company: Open) -> None:
    acme = company()
    text = rules.template("deferred_revenue").replace("[books]", '[books]\nchanged = "repost"')
    (acme.home / "rules.toml").write_text(text, encoding="utf-8")
    order = acme.shop.place(Cart(lines="several"), paid=True)
    memo = acme.shop.refund(number(order), shipping=False)
    acme.sync()
    assert "2400 Deferred revenue" not in agreed(acme)
    acme.shop.cancel_memo(memo)
    for item in order["items"]:
        item["qty_refunded"] = Decimal(0)
    acme.sync()
    deferred = agreed(acme)["2400 Deferred revenue"]
    assert deferred == -order["base_subtotal"] - order["base_discount_amount"]
    acme.shop.ship(number(order))
    acme.sync()
    balance = agreed(acme)
    assert "2400 Deferred revenue" not in balance
    assert acme.problems() == {}


@pytest.mark.parametrize("state", [1, 3])
def test_a_memo_that_an_earlier_version_posted_is_taken_back_though_nothing_lands(company: Open, state: int) -> None:
    acme = company()
    by_rule(acme, "repost")
    order = sold(acme)
    memo = acme.shop.refund(number(order))
    acme.sync()
    landed = f"""replace(payload, '"state":2', '"state":{state}')"""
    with staging.open(acme.home / "staging.duckdb") as store:
        store.rows(f"UPDATE document SET payload = {landed}, digest = hash({landed}) WHERE kind = 'creditmemo'")
    memo["state"] = state
    acme.shop._bytes.clear()
    acme.sync()
    assert acme.document("SalesReceipt", f"C{number(memo)}X2")["TotalAmt"] == memo["base_grand_total"]
    assert acme.sync()["posted"] == 0
