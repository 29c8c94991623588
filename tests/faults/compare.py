"""Shop, ledger and books side by side: what is missing, what is there twice, what differs.

What must be in the books is read from the shop's own documents; the ledger is compared with both.
"""

from collections import Counter
from collections.abc import Iterator
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from tests.faults.company import Company

SALES = ("SalesReceipt", "Invoice")
DOCUMENTS = (*SALES, "Payment", "CreditMemo", "RefundReceipt")
ON_ACCOUNT = ("purchaseorder",)
NO_SALE_YET = ("holded", "pending_payment", "payment_review", "fraud")
ENTITY = {"sales_receipt": "SalesReceipt", "invoice": "Invoice", "payment": "Payment", "credit_memo": "CreditMemo"}


def settled(one: Company) -> None:
    """Everything is where it has to be: each document once in the books, none missing, every amount the same."""
    assert one.books.duplicates() == []
    assert Counter(row.status for row in one.rows() if row.status != "posted") == Counter()
    agree(one)
    expected = dict(_sales(one))
    found = {document["DocNumber"]: _cents(document["TotalAmt"]) for document in _living(one)}
    assert found.items() - expected.items() == expected.items() - found.items() == set()
    assert sum(expected.values(), Decimal(0)) - sum(found.values(), Decimal(0)) == Decimal("0.00")
    assert sorted(_payments_in_books(one)) == sorted(_payments_due(one))


def agree(one: Company) -> None:
    """Ledger and books name the same documents: one row for each document, and one document for each posted row."""
    posted = [row for row in one.rows("posted") if row.kind in ENTITY]
    in_ledger = Counter((ENTITY[row.kind], str(row.qb_id)) for row in posted)
    in_books = Counter((entity, str(found["Id"])) for entity in DOCUMENTS for found in one.books.documents(entity))
    assert in_ledger == in_books
    voided = {row.source_id for row in one.rows("posted") if row.kind == "void"}
    by_id = {(entity, found["Id"]): found for entity in DOCUMENTS for found in one.books.documents(entity)}
    for row in posted:
        found = by_id[ENTITY[row.kind], str(row.qb_id)]
        gone = row.kind == "invoice" and row.source_id in voided
        assert Decimal(str(found["TotalAmt"])) == (Decimal(0) if gone else row.amount), row.key
    once_each(one)


def once_each(one: Company) -> None:
    """No customer, item, sale or payment is in the books twice."""
    customers = [found for found in one.books.documents("Customer") if "PrimaryEmailAddr" in found]
    emails = Counter(found["PrimaryEmailAddr"]["Address"].casefold() for found in customers)
    skus = Counter(found["Sku"] for found in one.books.documents("Item") if "Sku" in found)
    numbers = Counter(found["DocNumber"] for entity in SALES for found in one.books.documents(entity))
    payments = Counter(found["PrivateNote"] for found in one.books.documents("Payment"))
    assert [name for counted in (emails, skus, numbers, payments) for name, n in counted.items() if n > 1] == []


def in_books(one: Company) -> int:
    """How many accounting documents the books hold."""
    return sum(len(one.books.documents(entity)) for entity in DOCUMENTS)


def _living(one: Company) -> Iterator[dict[str, Any]]:
    for entity in SALES:
        yield from (found for found in one.books.documents(entity) if not _is_void(found))


def _sales(one: Company) -> Iterator[tuple[str, Decimal]]:
    """Every order that is a sale, with its total in the store's base currency."""
    for order in one.shop.rows("orders"):
        wholly_canceled = order["state"] == "canceled"
        if not wholly_canceled and order["state"] not in NO_SALE_YET:
            yield order["increment_id"], _cents(order["base_grand_total"])


def _payments_due(one: Company) -> Iterator[tuple[str, Decimal]]:
    """Every captured Magento invoice of an order that stands as an invoice in the books."""
    invoiced = {found["DocNumber"] for found in one.books.documents("Invoice")}
    orders = {order["entity_id"]: order for order in one.shop.rows("orders")}
    for invoice in one.shop.rows("invoices"):
        order = orders[invoice["order_id"]]
        total = _cents(invoice["base_grand_total"])
        if order["increment_id"] in invoiced and order["payment"]["method"] not in ON_ACCOUNT and total:
            yield invoice["increment_id"], total


def _payments_in_books(one: Company) -> Iterator[tuple[str, Decimal]]:
    for found in one.books.documents("Payment"):
        number = found["PrivateNote"].partition("Magento invoice ")[2].partition(",")[0]
        yield number, _cents(found["TotalAmt"])


def _cents(amount: object) -> Decimal:
    return Decimal(str(amount)).quantize(Decimal("0.01"), ROUND_HALF_UP)


def _is_void(found: dict[str, Any]) -> bool:
    return str(found.get("PrivateNote", "")).startswith("Voided")
