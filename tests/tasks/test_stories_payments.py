"""What happens to an order after its document was posted: paid, cancelled, in parts, edited, refunded."""

from decimal import Decimal

from deploy.sandbox.seeds_cart import Cart
from state import problems
from tests.tasks.company import PREFECT, Open, number

pytestmark = PREFECT
FIRST_PAYMENT = '[[payment]]\nid       = "paypal"'


def test_an_unpaid_order_is_an_invoice_and_its_later_payment_settles_it(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="checkmo"))
    acme.sync()
    invoice = acme.document("Invoice", number(order))
    assert invoice["Balance"] == invoice["TotalAmt"] == order["base_grand_total"]
    assert acme.count("Payment") == 0

    paid = acme.shop.invoice(number(order))
    acme.sync()
    assert acme.states(order) == {f"order/{number(order)}": "posted", f"payment/{number(paid)}": "posted"}
    assert acme.document("Invoice", number(order))["Balance"] == 0
    [payment] = acme.books.documents("Payment")
    assert payment["TotalAmt"] == paid["base_grand_total"]
    assert acme.problems() == {}
    assert acme.count("SalesReceipt") == 0


def test_a_company_that_charges_its_own_tax_is_told_with_both_amounts(company: Open) -> None:
    acme = company()
    acme.books.own_tax = Decimal("50")
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    counts = acme.sync()
    kept = acme.document("SalesReceipt", number(order))
    charged, shown = order["base_grand_total"].quantize(Decimal("0.01")), kept["TotalAmt"]
    assert shown != charged
    with acme.reading() as conn:
        found = {one.problem.code: one.problem for one in problems.open_problems(conn)}
    assert set(found) == {"total-differs", "tax-differs"}
    told = found["total-differs"]
    assert (told.amount, told.hold, counts["posted"]) == (shown - charged, False, 1)
    assert told.reason == f"The entry says {charged} USD, QuickBooks shows {shown} USD."
    assert found["tax-differs"].amount == told.amount


def test_an_order_cancelled_before_payment_takes_its_invoice_back(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="banktransfer"))
    acme.sync()
    acme.shop.cancel(number(order))
    acme.sync()
    assert acme.states(order)[f"order/{number(order)}/void"] == "posted"
    voided = acme.document("Invoice", number(order))
    assert (voided["Balance"], voided["TotalAmt"]) == (0, 0)
    assert acme.books.total() == 0
    assert acme.problems() == {}


def test_an_order_cancelled_before_it_was_booked_is_nothing(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="banktransfer"))
    acme.shop.cancel(number(order))
    counts = acme.sync()
    assert (acme.states(order), acme.problems()) == ({}, {})
    assert (counts["posted"], counts["skipped"]) == (0, 1)


def test_the_cancelled_rest_of_a_partly_invoiced_order_is_credited_and_leaves_nothing_open(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(lines="several", method="banktransfer"))
    acme.sync()
    first = order["items"][0]
    part = acme.shop.invoice(number(order), {first["sku"]: Decimal(1)})
    acme.sync()
    open_rest = order["base_grand_total"] - part["base_grand_total"]
    assert acme.document("Invoice", number(order))["Balance"] == open_rest

    acme.shop.cancel(number(order))
    acme.sync()
    memo = acme.document("CreditMemo", f"{number(order)}-R")
    assert (memo["TotalAmt"], memo["RemainingCredit"]) == (open_rest, 0)
    assert acme.document("Invoice", number(order))["Balance"] == 0
    assert acme.books.total() == part["base_grand_total"]
    assert acme.problems() == {}


def test_an_invoice_is_found_although_its_order_did_not_change(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="checkmo"))
    acme.sync()
    before = dict(order)
    acme.shop.now = acme.shop.now.replace(hour=18)
    paid = acme.shop.invoice(number(order))
    place = acme.shop.orders.index(order)
    acme.shop.orders[place] = before  # as when an extension writes the invoice alone
    acme.sync()
    assert acme.states(order)[f"payment/{number(paid)}"] == "posted"
    assert acme.document("Invoice", number(order))["Balance"] == 0


def test_an_authorised_order_that_is_captured_later_stays_the_invoice_it_was(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="braintree"))
    acme.sync()
    assert acme.row(f"order/{number(order)}").kind == "invoice"
    acme.shop.invoice(number(order), transaction="TXN1")
    acme.sync()
    assert (acme.count("SalesReceipt"), acme.count("Payment")) == (0, 1)
    assert acme.document("Invoice", number(order))["Balance"] == 0


def test_what_is_sold_on_account_stays_open_until_the_bank_shows_the_money(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="purchaseorder", people="companies"), paid=True)
    acme.sync()
    assert acme.states(order) == {f"order/{number(order)}": "posted"}
    invoice = acme.document("Invoice", number(order))
    assert invoice["Balance"] == order["base_grand_total"]


def test_an_order_on_hold_waits_and_is_booked_when_it_is_let_go(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="checkmo"))
    acme.shop.hold(number(order))
    acme.sync()
    assert (acme.states(order), acme.problems()) == ({}, {})
    acme.shop.release(number(order))
    acme.sync()
    assert acme.states(order) == {f"order/{number(order)}": "posted"}


def test_an_address_that_changes_after_posting_rewrites_nothing_and_needs_nobody(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    acme.sync()
    before = acme.document("SalesReceipt", number(order))
    acme.shop.touch(number(order), billing_address=order["billing_address"] | {"street": ["Elsewhere 1"]})
    acme.sync()
    assert acme.document("SalesReceipt", number(order)) == before
    assert acme.problems() == {}


def test_a_refund_of_a_paid_order_leaves_the_clearing_account_where_the_money_was(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    acme.sync()
    memo = acme.shop.refund(number(order))
    counts = acme.sync()
    refund = acme.document("RefundReceipt", f"C{number(memo)}")
    sale = acme.document("SalesReceipt", number(order))
    assert refund["TotalAmt"] == memo["base_grand_total"] == sale["TotalAmt"]
    assert refund["DepositToAccountRef"] == sale["DepositToAccountRef"]
    assert acme.world.books.trial_balance() == {}
    assert (counts["posted_by_kind"], counts["held"]) == ({"refund_receipt": 1}, 0)
    assert acme.sync()["posted"] == 0


def test_a_credit_memo_on_an_unpaid_invoice_is_applied_to_it(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="purchaseorder", lines="several"), paid=True)
    acme.sync()
    first = order["items"][0]["sku"]
    memo = acme.shop.refund(number(order), {first: Decimal(1)})
    acme.sync()
    credit = acme.document("CreditMemo", f"C{number(memo)}")
    invoice = acme.document("Invoice", number(order))
    assert (credit["TotalAmt"], credit["RemainingCredit"]) == (memo["base_grand_total"], 0)
    assert invoice["Balance"] == order["base_grand_total"] - memo["base_grand_total"]


def test_several_memos_of_one_order_keep_numbers_of_their_own(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="braintree", lines="several"), paid=True)
    items = [item["sku"] for item in order["items"][:2]]
    memos = [acme.shop.refund(number(order), {sku: Decimal(1)}) for sku in items]
    acme.sync()
    assert {f"C{number(memo)}": memo["base_grand_total"] for memo in memos} == {
        one["DocNumber"]: one["TotalAmt"] for one in acme.world.books.documents("RefundReceipt")
    }


def test_a_discount_may_be_quickbooks_own_line_or_lower_prices(company: Open) -> None:
    row = '[[discount]]\nid = "{show}"\nshow = "{show}"\n'
    for show in ("discount_line", "reduced_price"):
        acme = company()
        path = acme.home / "rules.toml"
        path.write_text(path.read_text() + row.format(show=show))
        order = acme.shop.place(Cart(method="braintree", coupon="percent"), paid=True)
        acme.sync()
        receipt = acme.document("SalesReceipt", number(order))
        assert receipt["TotalAmt"] == order["base_grand_total"]
        assert acme.problems() == {}
        kinds = {line["DetailType"] for line in receipt["Line"]}
        assert ("DiscountLineDetail" in kinds) == (show == "discount_line")


CONVERTED = """
[[currency]]
id   = "in canadian dollars"
mode = "convert"
rate = "1.3707"

"""


def test_a_converted_payment_keeps_its_cent_when_the_rest_of_its_order_is_cancelled(company: Open) -> None:
    acme = company()
    acme.books.preferences["CurrencyPrefs"]["HomeCurrency"] = {"value": "CAD"}
    acme.rules((FIRST_PAYMENT, f"{CONVERTED}{FIRST_PAYMENT}"))
    orders = [acme.shop.place(Cart(method="checkmo", lines="several")) for _ in range(9)]
    for order in orders:
        acme.shop.invoice(number(order), {order["items"][0]["sku"]: Decimal(1)})
    acme.sync()
    for order in orders:
        acme.shop.cancel(number(order))
    acme.sync()
    assert set(acme.states().values()) == {"posted"}
    assert acme.count("CreditMemo") == len(orders)
    assert {one["Balance"] for one in acme.books.documents("Invoice")} == {0}
    assert acme.problems() == {}
