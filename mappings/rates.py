"""Exchange rates as Magento keeps them with each document."""

from decimal import Decimal
from typing import Final

from mappings.records import record


@record(frozen=True, slots=True)
class Rates:
    """Exchange rates of a document: units of the order's and of the global currency for one of base currency."""

    to_order: Decimal | None = None
    to_global: Decimal | None = None
    global_currency: str = ""


NO_RATES: Final = Rates()
