"""What the settings in rules.toml make of the same orders: posting on invoices, guests, unknown items, closed books."""

from datetime import date

import pytest

from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from state import outbox, problems
from tests.tasks.company import PREFECT, Company, Open, number

pytestmark = PREFECT
PAID_IS_LEFT_OUT = ('make = "sales_receipt"', 'make = "skip"')
CREATE = 'unknown_item   = "create"'


def test_posting_on_invoices_books_nothing_before_money_and_one_receipt_for_each_invoice(company: Open) -> None:
    acme = company()
    acme.rules(('post_on        = "order"', 'post_on        = "invoice"'))
    order = acme.shop.place(Cart(lines="several", method="braintree"))
    acme.sync()
    assert (acme.states(order), acme.problems()) == ({}, {})
    first = acme.shop.invoice(number(order), {order["items"][0]["sku"]: order["items"][0]["qty_ordered"]})
    rest = acme.shop.invoice(number(order))
    acme.sync()
    assert set(acme.states(order)) == {f"invoice/{number(first)}", f"invoice/{number(rest)}"}
    assert acme.document("SalesReceipt", f"I{number(first)}")["TotalAmt"] == first["base_grand_total"]
    assert acme.books.total() == order["base_grand_total"]


def test_an_invoice_that_cannot_be_read_holds_nothing_once_orders_are_posted_as_a_whole(company: Open) -> None:
    acme = company()
    acme.rules(('post_on        = "order"', 'post_on        = "invoice"'))
    order = acme.shop.place(paid=True)
    acme.shop.invoices[-1]["state"] = 9
    acme.sync()
    assert acme.problems(hold=True) == {f"invoice/{number(acme.shop.invoices[-1])}": "unknown-state"}
    acme.rules(('post_on        = "invoice"', 'post_on        = "order"'))
    acme.sync()
    assert acme.problems() == {}
    assert acme.states(order) == {f"order/{number(order)}": "posted"}


def test_guests_share_one_customer_when_the_rules_say_so(company: Open) -> None:
    acme = company()
    acme.rules(('id   = "guests together"\noff  = true', 'id   = "guests together"'))
    for _ in range(3):
        _sell(acme, customer_is_guest=1)
    _sell(acme, customer_is_guest=0, customer_id=7)
    acme.sync()
    assert "Web guests" in _created_customers(acme)
    assert len(_created_customers(acme)) == 2
    assert acme.count("SalesReceipt") == 4


def test_people_of_the_same_name_are_customers_of_their_own(company: Open) -> None:
    acme = company()
    for mail in ("one@jane.example", "two@jane.example", "ONE@jane.example"):
        _sell_to(acme, "Jane", "Doe", mail)
    acme.sync()
    assert _created_customers(acme) == {"Jane Doe", "Jane Doe (2)"}
    assert acme.count("SalesReceipt") == 3


def test_a_vendor_of_the_same_name_does_not_stop_the_customer(company: Open) -> None:
    acme = company()
    acme.books.write("Vendor", "create", {"DisplayName": "ACME GMBH"})
    order = _sell_to(acme, "Acme", "GmbH", "sales@acme.example")
    acme.sync()
    assert _created_customers(acme) == {"Acme GmbH (2)"}
    assert acme.states(order) == {f"order/{number(order)}": "posted"}


def test_an_unknown_item_holds_its_order_until_quickbooks_has_it(company: Open) -> None:
    acme = company()
    acme.rules((CREATE, 'unknown_item   = "hold"'))
    order = _sell(acme)
    acme.sync()
    assert acme.problems(hold=True) == {f"order/{number(order)}": "unknown-item"}
    assert acme.count("SalesReceipt") == 0
    _add_items(acme, order)
    acme.sync()
    assert acme.problems() == {}
    assert acme.states(order) == {f"order/{number(order)}": "posted"}


def test_an_unknown_item_may_go_to_the_fallback_item(company: Open) -> None:
    acme = company()
    acme.rules((CREATE, 'unknown_item   = "fallback"'))
    order, items = _sell(acme), acme.count("Item")
    acme.sync()
    assert acme.count("Item") == items
    receipt = acme.document("SalesReceipt", number(order))
    fallback = acme.books.find("Item", "Magento sales")
    assert fallback is not None
    sold = {
        line["SalesItemLineDetail"]["ItemRef"]["value"] for line in receipt["Line"] if line.get("SalesItemLineDetail")
    }
    assert fallback["Id"] in sold
    assert any(order["items"][0]["sku"] in line.get("Description", "") for line in receipt["Line"])


def test_an_unknown_item_is_created_once_for_all_orders(company: Open) -> None:
    acme = company()
    orders = [_sell(acme) for _ in range(6)]
    acme.sync()
    created = [one["Sku"] for one in acme.books.documents("Item") if one.get("Sku")]
    assert sorted(created) == sorted({item["sku"] for order in orders for item in order["items"]})


def test_an_order_in_a_closed_period_is_held_until_the_books_are_open_again(company: Open) -> None:
    acme = company()
    acme.books.close(date(2026, 11, 20))
    order = _sell(acme)
    acme.sync()
    assert acme.problems(hold=True) == {f"order/{number(order)}": "closed-period"}
    acme.books.close(date(2026, 10, 31))
    acme.sync()
    assert acme.problems() == {}
    assert acme.states(order) == {f"order/{number(order)}": "posted"}


def test_by_rule_a_sale_of_a_closed_month_is_an_adjusting_entry_and_so_is_its_refund(company: Open) -> None:
    acme = company()
    acme.rules(('closed_period  = "hold"', 'closed_period  = "adjusting_entry"'))
    acme.books.close(date(2026, 11, 30))
    order = acme.shop.place(paid=True)
    acme.sync()
    entry = acme.document("JournalEntry", number(order))
    assert (entry["TxnDate"], entry["Adjustment"]) == ("2026-12-01", True)
    assert acme.books.trial_balance()["2290 Sales tax adjustments"] == -order["base_tax_amount"]

    memo = acme.shop.refund(number(order))
    acme.sync()
    assert acme.document("JournalEntry", f"C{number(memo)}")["TxnDate"] == "2026-12-01"
    assert acme.books.trial_balance() == {}
    assert (acme.problems(), acme.count("SalesReceipt"), acme.count("RefundReceipt")) == ({}, 0, 0)


def test_a_document_moved_out_of_a_closed_period_is_the_same_when_it_is_read_again(company: Open) -> None:
    acme = company()
    acme.rules(('closed_period  = "hold"', 'closed_period  = "first_open_day"'))
    acme.books.close(date(2026, 11, 30))
    order = acme.shop.place(paid=True)
    acme.sync()
    memo = acme.shop.refund(number(order))
    acme.sync()
    assert acme.document("SalesReceipt", number(order))["TxnDate"] == "2026-12-01"
    assert acme.document("RefundReceipt", f"C{number(memo)}")["TxnDate"] == "2026-12-01"
    assert acme.problems() == {}


def test_books_closed_during_the_day_refuse_the_order_and_nothing_is_lost(company: Open) -> None:
    acme = company()
    acme.sync()
    acme.books.close(date(2026, 11, 30))
    order = _sell(acme)
    counts = acme.sync()
    assert acme.states(order) == {f"order/{number(order)}": "rejected"}
    assert counts["rejected"] == 1
    row = acme.row(f"order/{number(order)}")
    assert row.error_code == "closed-period"


def test_an_account_that_quickbooks_lacks_holds_the_order_until_somebody_adds_it(company: Open) -> None:
    acme = company()
    acme.rules(('sales      = "4000 Sales"', 'sales      = "4001 Web sales"'))
    order = _sell(acme)
    acme.sync()
    assert acme.problems(hold=True) == {f"order/{number(order)}": "unknown-account"}
    kind = {"AccountType": "Income", "AccountSubType": "SalesOfProductIncome"}
    acme.books.write("Account", "create", {"Name": "4001 Web sales", **kind})
    acme.sync()
    assert acme.problems() == {}
    assert acme.states(order) == {f"order/{number(order)}": "posted"}


def test_an_unmapped_payment_method_is_held_until_the_rules_know_it_and_the_rest_goes_on(company: Open) -> None:
    acme = company()
    odd, usual = acme.shop.place(Cart(method="klarna_kp"), paid=True), _sell(acme)
    acme.sync()
    assert acme.problems(hold=True) == {f"order/{number(odd)}": "unknown-payment-method"}
    assert acme.states(usual) == {f"order/{number(usual)}": "posted"}
    acme.rules(('starts = ["braintree", "stripe"', 'starts = ["klarna", "braintree", "stripe"'))
    acme.sync()
    assert acme.problems() == {}
    assert acme.states(odd) == {f"order/{number(odd)}": "posted"}


def _sell(acme: Company, **columns: object) -> Document:
    """A paid order of simple goods, with some columns of its own."""
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    return acme.shop.touch(number(order), **columns) if columns else order


def _sell_to(acme: Company, first: str, last: str, mail: str) -> Document:
    name = {"customer_firstname": first, "customer_lastname": last}
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    address = order["billing_address"] | {"firstname": first, "lastname": last, "company": None, "email": mail}
    return acme.shop.touch(number(order), customer_email=mail, billing_address=address, **name)


def _created_customers(acme: Company) -> set[str]:
    """The customers that were created for the shop; the company has others of its own."""
    with acme.reading() as conn:
        created = {row.qb_id for row in outbox.rows(conn, "posted") if row.kind == "customer"}
    return {str(one["DisplayName"]) for one in acme.books.documents("Customer") if one["Id"] in created}


def _add_items(acme: Company, order: Document) -> None:
    account = acme.books.find("Account", "4000 Sales")
    assert account is not None
    for item in order["items"]:
        income = {"IncomeAccountRef": {"value": account["Id"]}}
        acme.books.write("Item", "create", {"Name": item["name"], "Sku": item["sku"], "Type": "Service", **income})


def test_an_order_in_a_state_of_an_extension_is_booked_once_it_has_one_of_magentos_own(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    acme.shop.touch(number(order), state="payment_review_manual")
    acme.sync()
    with acme.reading() as conn:
        [held] = problems.open_problems(conn, hold=True)
    assert (held.problem.code, held.problem.document) == ("unknown-state", f"order/{number(order)}")
    assert "payment_review_manual" in held.problem.reason and "Magento's own states" in held.problem.fix
    acme.shop.touch(number(order), state="processing")
    acme.sync()
    assert (set(acme.states(order).values()), acme.problems()) == ({"posted"}, {})


def test_an_order_that_the_rules_left_out_is_booked_once_they_do_not(company: Open) -> None:
    acme = company()
    acme.rules(PAID_IS_LEFT_OUT)
    order = _sell(acme)
    acme.sync()
    assert (acme.states(), acme.problems()) == ({}, {})
    acme.rules(PAID_IS_LEFT_OUT[::-1])
    acme.sync()
    assert acme.states(order) == {f"order/{number(order)}": "posted"}


def test_what_is_in_the_books_stays_when_only_the_rules_change(company: Open) -> None:
    acme = company()
    order = _sell(acme)
    acme.sync()
    before = acme.row(f"order/{number(order)}")
    acme.rules(('memo           = "', 'memo           = "Web: '), PAID_IS_LEFT_OUT)
    acme.sync()
    acme.sync()
    assert acme.problems() == {}
    assert acme.row(before.key) == before


@pytest.mark.parametrize("posted_on", ["order", "invoice"])
def test_an_order_in_the_books_is_not_booked_again_when_the_rules_post_on_something_else(
    company: Open, posted_on: str
) -> None:
    acme, ways = company(), ['post_on        = "order"', 'post_on        = "invoice"']
    before, after = ways if posted_on == "order" else ways[::-1]
    acme.rules(*([] if posted_on == "order" else [(ways[0], before)]))
    order = _sell(acme)
    acme.sync()
    standing, total = acme.states(order), acme.books.total()
    assert total == order["base_grand_total"]
    acme.rules((before, after))
    acme.shop.touch(number(order))
    acme.sync()
    assert acme.states(order) == standing
    memo = acme.shop.refund(number(order))
    acme.sync()
    assert set(acme.states(order)) == {*standing, f"creditmemo/{number(memo)}"}
    assert (acme.books.total(), acme.problems()) == (0, {})
