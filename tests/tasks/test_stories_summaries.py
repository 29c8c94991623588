"""Daily summaries: one document for what was paid on a day, made of the same entries as documents of single orders."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from mappings import rules
from mappings.jsontext import parse
from state import outbox, problems, references, summaries
from state.outbox import Row
from tests.sandbox.history import ALL_KINDS, go_on
from tests.tasks.company import PREFECT, Company, Open, days, number
from tests.tasks.test_trial_balance import agreed

pytestmark = PREFECT
ALONE = ('make     = "summary"\ncustomer = "Web sales {store.name}"', 'make     = "sales_receipt"')
DAY = "2026-11-20"
TAX = "2290 Sales tax adjustments"


def daily(acme: Company) -> Company:
    """The company under the rules of the template."""
    (acme.home / "rules.toml").write_text(rules.template("daily_summary"), encoding="utf-8")
    return acme


def sell(acme: Company, method: str = "braintree", **columns: object) -> Document:
    """A paid order of the sandbox's day, 20 November 2026."""
    order = acme.shop.place(Cart(method=method), paid=True)
    return acme.shop.touch(number(order), **columns) if columns else order


def summed(acme: Company) -> dict[str, Row]:
    """The summaries in the outbox, by number."""
    with acme.reading() as conn:
        return {row.number: row for row in outbox.rows(conn) if row.key.startswith("summary/")}


def member_of(acme: Company) -> dict[str, str]:
    """The key of the summary that each document is in, empty while it is in none."""
    with acme.reading() as conn:
        return {member.document: member.summary for member in summaries.members(conn)}


@pytest.mark.parametrize(
    ("template", "post_on"), [("us_retail", "order"), ("us_retail", "invoice"), ("eu_vat", "order")]
)
def test_the_trial_balance_is_that_of_posting_order_by_order(company: Open, template: str, post_on: str) -> None:
    together, alone = company(ALL_KINDS, template=template), company(ALL_KINDS, template=template)
    for acme in (together, alone):
        acme.rules(('post_on        = "order"', f'post_on        = "{post_on}"'))
    together.rules(('make = "sales_receipt"', 'make = "summary"\ncustomer = "Web sales {store}"'))
    for acme in (together, alone):
        acme.sync()
    assert agreed(together) == agreed(alone)
    for acme in (together, alone):
        go_on(acme.shop)
        acme.sync()
    assert agreed(together) == agreed(alone)
    assert together.count("SalesReceipt") < alone.count("SalesReceipt")
    assert together.count("Invoice") == alone.count("Invoice")
    assert set(together.states().values()) == {"posted"}


def test_each_payment_method_of_a_day_is_one_receipt_and_each_order_is_in_one(company: Open) -> None:
    acme = daily(company())
    cards, paypal = [sell(acme) for _ in range(3)], [sell(acme, "paypal_express") for _ in range(2)]
    counts = acme.sync()
    assert set(summed(acme)) == {"D261120-1", "D261120-2"}
    assert counts["posted_by_kind"]["sales_receipt"] == acme.count("SalesReceipt") == 2
    totals = sorted(one["TotalAmt"] for one in acme.books.documents("SalesReceipt"))
    assert totals == sorted(sum(one["base_grand_total"] for one in ones) for ones in (cards, paypal))
    assert counts["totals"]["USD"]["difference"] == "0.00"
    keys = {method: {member_of(acme)[f"order/{number(one)}"] for one in ones} for method, ones in
            (("cards", cards), ("paypal", paypal))}  # fmt: skip
    assert len(keys["cards"]) == len(keys["paypal"]) == 1 and keys["cards"] != keys["paypal"]


def test_the_memo_counts_the_orders_and_shows_the_hash_of_their_list(company: Open) -> None:
    acme = daily(company())
    for _ in range(3):
        sell(acme)
    acme.sync()
    with acme.reading() as conn:
        found = summaries.find(conn, "D261120-1")
    assert found is not None
    receipt = acme.document("SalesReceipt", "D261120-1")
    assert (
        receipt["PrivateNote"] == f"Magento daily summary {DAY}, default, braintree: 3 orders, list {found.list_hash}"
    )
    assert receipt["TxnDate"] == DAY


def test_orders_of_today_wait_until_the_day_is_over(company: Open) -> None:
    acme = daily(company())
    order = sell(acme, created_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}")
    counts = acme.sync()
    assert (summed(acme), counts["for_summaries"], counts["summarised"]) == ({}, 1, 1)
    assert member_of(acme) == {f"order/{number(order)}": ""}
    assert acme.problems() == {}


def test_a_run_that_reads_only_orders_closes_no_day(company: Open) -> None:
    acme = daily(company())
    sell(acme)
    acme.sync(only=["orders"])
    assert summed(acme) == {}
    acme.sync()
    assert set(summed(acme)) == {"D261120-1"}


def test_a_range_closes_the_days_that_lie_in_it_and_no_others(company: Open) -> None:
    acme = daily(company())
    earlier, later = sell(acme, created_at="2026-11-18 12:00:00"), sell(acme, created_at="2026-11-19 12:00:00")
    acme.sync(days("2026-11-18", "2026-11-19"))
    assert set(summed(acme)) == {"D261118-1"}
    assert set(member_of(acme)) == {f"order/{number(earlier)}"}
    acme.sync(days("2026-11-18"))
    assert set(summed(acme)) == {"D261118-1", "D261119-1"}
    assert len(set(member_of(acme).values())) == 2
    assert acme.books.total() == earlier["base_grand_total"] + later["base_grand_total"]


def test_a_late_order_makes_a_further_summary_and_the_posted_one_stays(company: Open) -> None:
    acme = daily(company())
    sell(acme)
    late = acme.shop.place(Cart(method="klarna_kp"), paid=True)
    acme.sync()
    assert acme.problems(hold=True) == {f"order/{number(late)}": "unknown-payment-method"}
    first = summed(acme)["D261120-1"]
    acme.rules(('starts = ["braintree", "stripe"', 'starts = ["klarna", "braintree", "stripe"'))
    acme.sync()
    assert acme.problems() == {}
    assert summed(acme)["D261120-1"] == first
    second = summed(acme)["D261120-2"]
    assert (second.amount, second.status) == (late["base_grand_total"], "posted")
    third = sell(acme)
    acme.sync()
    assert summed(acme)["D261120-3"].key == f"{first.key}/2"
    assert member_of(acme)[f"order/{number(third)}"] == f"{first.key}/2"


def test_refunds_are_summed_up_apart_so_that_sales_stay_gross(company: Open) -> None:
    acme = daily(company())
    orders = [sell(acme) for _ in range(3)]
    memos = [acme.shop.refund(number(order)) for order in orders[:2]]
    acme.sync()
    assert acme.document("SalesReceipt", "D261120-2")["TotalAmt"] == sum(one["base_grand_total"] for one in orders)
    back = acme.document("RefundReceipt", "D261120-1")
    assert back["TotalAmt"] == sum(memo["base_grand_total"] for memo in memos)
    assert "2 credit memos" in back["PrivateNote"]
    assert member_of(acme)[f"creditmemo/{number(memos[0])}"].startswith(f"summary/{DAY}/refunds-default-braintree-")
    agreed(acme)


def test_who_owes_has_an_invoice_of_their_own_also_under_a_row_that_catches_everything(company: Open) -> None:
    acme = daily(company())
    catches_all = ('id       = "paid"\nwhen     = { paid = true }', 'id       = "paid"')
    acme.rules(
        catches_all, ('[[document]]\nid    = "anything else"', '[[document]]\noff = true\nid    = "anything else"')
    )
    open_order = acme.shop.place(Cart(method="checkmo"))
    account = acme.shop.place(Cart(method="purchaseorder", people="companies"), paid=True)
    paid = sell(acme)
    acme.sync()
    assert acme.row(f"order/{number(open_order)}").kind == acme.row(f"order/{number(account)}").kind == "invoice"
    assert set(member_of(acme)) == {f"order/{number(paid)}"}


def test_rules_that_change_back_and_forth_post_every_order_once(company: Open) -> None:
    acme = daily(company())
    first = sell(acme)
    acme.sync()
    acme.rules(ALONE)
    second = sell(acme)
    acme.sync()
    acme.rules(ALONE[::-1])
    third = sell(acme)
    for order in (first, second, third):
        acme.shop.touch(number(order), state="complete")
    acme.sync()
    memo = acme.shop.refund(number(second))
    acme.sync()
    assert set(member_of(acme)) == {f"order/{number(first)}", f"order/{number(third)}"}
    assert acme.states(second) == {f"order/{number(second)}": "posted", f"creditmemo/{number(memo)}": "posted"}
    assert acme.problems() == {}
    sold = sum(order["base_grand_total"] for order in (first, second, third))
    assert acme.books.total() == sold - memo["base_grand_total"]
    agreed(acme)


def test_orders_that_wait_for_their_day_follow_the_rules_of_now(company: Open) -> None:
    acme = daily(company())
    order = sell(acme, created_at=f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S}")
    acme.sync()
    acme.rules(ALONE)
    acme.sync()
    assert (member_of(acme), acme.states(order)) == ({}, {f"order/{number(order)}": "posted"})
    acme.rules(ALONE[::-1])
    acme.sync()
    assert (member_of(acme), acme.states(order)) == ({}, {f"order/{number(order)}": "posted"})


def test_a_refused_summary_is_made_anew_under_the_rules_of_now_with_its_number(company: Open) -> None:
    acme = daily(company())
    acme.sync()
    acme.books.close(date(2026, 11, 30))
    orders = [sell(acme) for _ in range(2)]
    acme.sync()
    refused = summed(acme)["D261120-1"]
    assert (refused.status, refused.error_code) == ("rejected", "closed-period")
    acme.books.close(date(2026, 10, 31))
    acme.rules(('customer = "Web sales', 'customer = "Web shop'))
    acme.sync()
    made = summed(acme)["D261120-1"]
    assert (made.status, made.key) == ("posted", f"{refused.key.rpartition('-')[0]}-{made.key.rpartition('-')[2]}")
    assert made.amount == sum(order["base_grand_total"] for order in orders)
    assert set(member_of(acme).values()) == {made.key}
    assert acme.count("SalesReceipt") == 1


def test_a_summary_that_was_not_sent_yet_is_made_anew_when_one_of_its_orders_changes(company: Open) -> None:
    acme = daily(company())
    acme.sync()
    acme.books.close(date(2026, 11, 30))
    changed, kept = sell(acme), sell(acme)
    acme.sync()
    first = summed(acme)["D261120-1"]
    acme.books.close(date(2026, 10, 31))
    acme.shop.touch(number(changed), payment=changed["payment"] | {"method": "klarna_kp"})
    acme.sync()
    assert acme.problems(hold=True) == {f"order/{number(changed)}": "unknown-payment-method"}
    assert member_of(acme) == {f"order/{number(kept)}": f"{first.key}/2"}
    made = summed(acme)["D261120-1"]
    assert (made.key, made.status, made.amount) == (f"{first.key}/2", "posted", kept["base_grand_total"])


def test_an_order_that_changed_after_its_summary_was_posted_is_shown_and_nothing_is_edited(company: Open) -> None:
    acme = daily(company())
    order = sell(acme)
    acme.sync()
    before, usual = summed(acme), dict(order["payment"])
    acme.shop.touch(number(order), payment=usual | {"method": "paypal_express"})
    acme.sync()
    assert summed(acme) == before
    assert acme.problems() == {f"order/{number(order)}": "changed-after-posting"}
    acme.shop.touch(number(order), payment=usual)
    acme.sync()
    assert (acme.problems(), summed(acme)) == ({}, before)


def test_a_summary_whose_day_was_closed_meanwhile_is_held_with_its_amount(company: Open) -> None:
    acme = daily(company())
    orders = [sell(acme) for _ in range(2)]
    acme.sync(only=["orders", "invoices"])
    with acme.writing() as conn:
        [known] = references.entries(conn, "company")
        closed = known._replace(extra={**known.extra, "close_date": DAY})
        references.put_many(conn, "company", [closed], datetime.now(UTC))
    acme.sync()
    [(key, code)] = acme.problems(hold=True).items()
    assert (key.rpartition("-")[0], code) == (f"summary/{DAY}/sales-default-braintree", "closed-period")
    with acme.reading() as conn:
        [held] = problems.open_problems(conn)
    assert held.problem.amount == sum(order["base_grand_total"] for order in orders)
    assert summed(acme) == {}
    with acme.writing() as conn:
        references.put_many(conn, "company", [known], datetime.now(UTC))
    acme.sync()
    assert acme.problems() == {}
    assert summed(acme)["D261120-1"].amount == held.problem.amount


def test_a_held_summary_is_forgotten_when_its_orders_have_left_it(company: Open) -> None:
    acme = daily(company())
    orders = [sell(acme) for _ in range(2)]
    acme.sync(only=["orders", "invoices"])
    with acme.writing() as conn:
        [known] = references.entries(conn, "company")
        references.put_many(
            conn, "company", [known._replace(extra={**known.extra, "close_date": DAY})], datetime.now(UTC)
        )
    acme.sync()
    assert list(acme.problems().values()) == ["closed-period"]
    acme.rules(('make     = "summary"\ncustomer = "Web sales {store.name}"', 'make     = "skip"'))
    acme.sync()
    assert (acme.problems(), member_of(acme), len(orders)) == ({}, {}, 2)


def test_two_orders_with_one_number_are_shown_and_the_first_is_booked(company: Open) -> None:
    acme = daily(company())
    order = sell(acme)
    acme.sync()
    other = sell(acme, increment_id=number(order))
    acme.sync()
    assert acme.problems(hold=True) == {f"order/{number(order)}": "number-clash"}
    assert acme.books.total() == order["base_grand_total"]
    assert other["entity_id"] != order["entity_id"]


def test_a_journal_entry_posts_the_same_and_leaves_the_tax_to_an_account_of_ours(company: Open) -> None:
    acme = daily(company())
    acme.rules(('customer = "Web sales {store.name}"', 'form     = "journal"'))
    orders = [sell(acme) for _ in range(3)]
    memo = acme.shop.refund(number(orders[0]))
    customers = acme.count("Customer")
    counts = acme.sync()
    assert (acme.count("JournalEntry"), acme.count("SalesReceipt"), acme.count("Customer")) == (2, 0, customers)
    assert counts["totals"]["USD"]["difference"] == "0.00"
    total = sum(order["base_grand_total"] for order in orders) - memo["base_grand_total"]
    assert counts["totals"]["USD"]["store"] == f"{total:.2f}"
    shown = agreed(acme)
    assert shown["1251 Cards clearing"] == total
    assert shown[TAX] == memo["base_tax_amount"] - sum(order["base_tax_amount"] for order in orders)
    entry = acme.document("JournalEntry", "D261120-2")
    assert len(entry["Line"]) <= 6, "a line for each account, not for each article"
    assert "3 orders" in entry["PrivateNote"]


def test_lines_of_a_summary_are_those_of_its_orders_added_up(company: Open) -> None:
    acme = daily(company())
    orders = [sell(acme) for _ in range(4)]
    acme.sync()
    receipt = acme.document("SalesReceipt", "D261120-1")
    names = [
        line["SalesItemLineDetail"]["ItemRef"]["value"] for line in receipt["Line"] if "SalesItemLineDetail" in line
    ]
    taxed = {
        line["SalesItemLineDetail"]["TaxCodeRef"]["value"] for line in receipt["Line"] if "SalesItemLineDetail" in line
    }
    assert len(names) <= 2 * len(taxed) + 1
    tax = sum((order["base_tax_amount"] for order in orders), Decimal(0))
    assert receipt["TxnTaxDetail"]["TotalTax"] == tax
    told = parse(summed(acme)["D261120-1"].entry)
    assert sum(line["amount"] for line in told["lines"]) == 0
