"""A sales receipt as the product would send it, for tests that change one thing about it."""

from decimal import Decimal
from typing import Any

from deploy.sandbox.books import Books


def named(books: Books, entity: str, name: str) -> dict[str, str]:
    """A reference by name."""
    found = books.find(entity, name)
    assert found is not None, name
    return {"value": found["Id"]}


def line(books: Books, amount: str = "20.00", quantity: int = 2, item: str = "Magento sales") -> dict[str, Any]:
    """One taxable line."""
    detail = {
        "ItemRef": named(books, "Item", item),
        "Qty": quantity,
        "UnitPrice": Decimal(amount) / quantity,
        "TaxCodeRef": {"value": "TAX"},
    }
    return {"Amount": Decimal(amount), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}


def sale(books: Books, number: str = "000000042", **changed: Any) -> dict[str, Any]:
    """A whole sale: two mugs, tax, paid by card. `changed` replaces or adds properties; None leaves one out."""
    whole = {
        "DocNumber": number,
        "TxnDate": "2026-11-02",
        "CustomerRef": named(books, "Customer", "Walk-in customer"),
        "Line": [line(books)],
        "TxnTaxDetail": {"TotalTax": Decimal("1.65")},
        "DepositToAccountRef": named(books, "Account", "1251 Cards clearing"),
        **changed,
    }
    return {name: value for name, value in whole.items() if value is not None}
