"""What shows that a document in QuickBooks was made by MageBooks for the same Magento document. Pure.

After a ledger was restored the shop or the rules may say something else than when the document was posted, so that
neither amount nor day nor the whole memo identifies it; its memo names the Magento order all the same.
"""

import re
from typing import Final

from mappings.texts import folded

_SUMMARY: Final = re.compile(r"magento daily summary [^:]*")
"""The memo of a daily summary up to its counts: its day, store and payment method."""


def has_mark(memo: str, found: str, order: str) -> bool:
    """Whether `found`, the memo of a document in QuickBooks, is that of the document with `memo`: the same text, the
    same day's summary, or one that names the Magento order with this number (empty for a document of many orders)."""
    memo, found = folded(memo), folded(found)
    if ours := _SUMMARY.search(memo):
        theirs = _SUMMARY.search(found)
        return theirs is not None and theirs[0] == ours[0]
    named = order and re.search(rf"(?<![\w-]){re.escape(folded(order))}(?![\w-])", found)
    return bool(named) or (memo != "" and memo == found)
