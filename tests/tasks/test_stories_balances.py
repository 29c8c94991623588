"""Refunds of invoices: whether money goes back is what QuickBooks says is still owed, not what Magento says is paid."""

from decimal import Decimal

from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from tests.tasks.company import PREFECT, Company, Open, number

pytestmark = PREFECT
BANK = "1256 Bank transfers clearing"


def on_account(acme: Company) -> Document:
    """A purchase order in the books, which Magento says is paid."""
    order = acme.shop.place(Cart(method="purchaseorder", lines="several"), paid=True)
    acme.sync()
    return order


def balance(acme: Company, order: Document) -> Decimal:
    return Decimal(acme.document("Invoice", number(order))["Balance"])


def test_a_refund_of_what_is_still_owed_lowers_the_receivable(company: Open) -> None:
    acme = company()
    order = on_account(acme)
    memo = acme.shop.refund(number(order))
    acme.sync()
    assert acme.document("CreditMemo", f"C{number(memo)}")["RemainingCredit"] == 0
    assert (balance(acme, order), acme.count("RefundReceipt")) == (0, 0)


def test_a_refund_of_what_a_bookkeeper_has_received_is_money_paid_back(company: Open) -> None:
    acme = company()
    order = on_account(acme)
    acme.books.receive(number(order), order["base_grand_total"], BANK)
    memo = acme.shop.refund(number(order))
    acme.sync()
    refund = acme.document("RefundReceipt", f"C{number(memo)}")
    assert refund["TotalAmt"] == memo["base_grand_total"]
    assert (acme.count("CreditMemo"), acme.problems()) == (0, {})
    assert acme.books.trial_balance() == {}


def test_a_refund_of_what_is_partly_paid_is_divided_and_stays_so(company: Open) -> None:
    acme = company()
    order = on_account(acme)
    paid = Decimal("7.77")
    acme.books.receive(number(order), paid, BANK)
    memo = acme.shop.refund(number(order))
    acme.sync()
    assert acme.document("CreditMemo", f"C{number(memo)}")["TotalAmt"] == memo["base_grand_total"] - paid
    assert acme.document("RefundReceipt", f"C{number(memo)}P")["TotalAmt"] == paid
    assert (balance(acme, order), acme.problems()) == (0, {})
    assert acme.books.trial_balance() == {}
    acme.shop.touch(number(order))
    assert acme.sync()["posted"] == 0
    assert acme.problems() == {}


def test_two_refunds_at_once_are_told_from_each_other_by_what_each_leaves_open(company: Open) -> None:
    acme = company()
    order = on_account(acme)
    first, second = (item["sku"] for item in order["items"][:2])
    memos = [acme.shop.refund(number(order), {sku: Decimal(1)}, shipping=False) for sku in (first, second)]
    owed = memos[0]["base_grand_total"]
    acme.books.receive(number(order), order["base_grand_total"] - owed, BANK)
    acme.sync()
    assert acme.document("CreditMemo", f"C{number(memos[0])}")["TotalAmt"] == owed
    assert acme.document("RefundReceipt", f"C{number(memos[1])}")["TotalAmt"] == memos[1]["base_grand_total"]
    assert (balance(acme, order), acme.problems()) == (0, {})


def test_an_order_that_a_bookkeeper_marked_paid_is_not_asked_about_again_once_its_refund_is_booked(
    company: Open,
) -> None:
    acme = company()
    order = on_account(acme)
    acme.books.receive(number(order), order["base_grand_total"], BANK)
    acme.shop.refund(number(order))
    acme.sync()
    reads = acme.books.reads
    acme.shop.touch(number(order))
    acme.sync()
    again = acme.books.reads - reads
    reads = acme.books.reads
    acme.sync()
    assert again == acme.books.reads - reads
