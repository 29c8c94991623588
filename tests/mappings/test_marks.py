"""Which memos show that a document in QuickBooks is the one that MageBooks would send."""

import pytest

from mappings.marks import has_mark

SALE = "Magento order 000000042, e-mail a@b"
DAY = "Magento daily summary 2026-11-20, Main, PayPal: 3 sales, list 1234567890"


@pytest.mark.parametrize(
    ("memo", "found", "order", "ours"),
    [
        (SALE, "VOID: magento order 000000042", "000000042", True),
        (SALE, "Web 000000042", "000000042", True),
        (SALE, "Magento order 000000042-1", "000000042", False),
        (SALE, "Magento order 1000000042", "000000042", False),
        (SALE, "entered by hand", "000000042", False),
        (SALE, "", "000000042", False),
        (DAY, DAY.replace("3 sales, list 1234567890", "4 sales, list abc"), "", True),
        (DAY, f"Adjusting entry: {DAY}", "", True),
        (DAY, DAY.replace("PayPal", "Card"), "", False),
        (DAY, DAY.replace("-20", "-21"), "", False),
        (DAY, "entered by hand", "", False),
        ("Web sale", "web  sale", "", True),
        ("", "", "", False),
    ],
)
def test_a_memo_is_ours_when_it_names_the_same_order_or_day(memo: str, found: str, order: str, ours: bool) -> None:
    assert has_mark(memo, found, order) is ours
