"""What a shop writes around its answers changes nothing in the books, and PHP's notices are named."""

from typing import Any

import pytest

from deploy.sandbox.seeds_cart import Cart
from tests.tasks.company import PREFECT, Company, Open, number

pytestmark = PREFECT
NOTICE = b"<br />\n<b>Deprecated</b>:  Theme::x() in <b>/var/www/html/theme.php</b> on line <b>12</b><br />\n"
WORDS = "Deprecated: Theme::x() in /var/www/html/theme.php on line 12"
AROUND = {"line feed": (b"\n", b""), "byte-order mark": (b"\xef\xbb\xbf", b"\n"), "PHP notice": (NOTICE, NOTICE)}


def booked(one: Company) -> list[tuple[Any, ...]]:
    """Every document in QuickBooks by number, with its amounts."""
    documents = [
        (kind, doc.get("DocNumber"), doc.get("TotalAmt"), doc["TxnDate"], len(doc["Line"]))
        for kind in ("SalesReceipt", "Invoice", "RefundReceipt")
        for doc in one.books.documents(kind)
    ]
    return sorted(documents, key=str)


def sold(one: Company, around: tuple[bytes, bytes]) -> list[tuple[Any, ...]]:
    one.shop.faults.wrap(*around)
    one.shop.place(Cart(method="checkmo"))
    paid = one.shop.place(Cart(lines="several", method="braintree"), paid=True)
    one.sync()
    one.shop.refund(number(paid))
    one.sync()
    assert one.problems() == {}
    return booked(one)


@pytest.mark.parametrize("around", AROUND.values(), ids=AROUND.keys())
def test_a_whole_sync_books_the_same_whatever_the_shop_writes_around_its_answers(
    company: Open, around: tuple[bytes, bytes]
) -> None:
    plain = sold(company(), (b"", b""))
    assert len(plain) >= 2
    assert sold(company(), around) == plain
