"""Fees that an app adds to an order, as Magento keeps them."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class CustomFee:
    """One fee (or discount, below zero): `amount` in the document's currency, `charged` in the one that the customer
    paid in. `invoice_id` and `memo_id` are the Magento documents that took it, None while none has."""

    code: str
    label: str
    amount: Decimal
    charged: Decimal
    invoice_id: int | None = None
    memo_id: int | None = None
