"""What a shop writes around its answers changes nothing in the books, and PHP's notices are named."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from deploy.sandbox.seeds_cart import Cart
from state import announcing
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


@pytest.fixture
def logged() -> Iterator[list[str]]:
    """What goes to the run's own log, which Prefect keeps and shows."""
    lines: list[str] = []
    handler = logging.Handler()
    handler.emit = lambda record: lines.append(record.getMessage())  # type: ignore[method-assign]
    loggers = [logging.getLogger(name) for name in ("prefect.flow_runs", "prefect.task_runs")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.addHandler(handler)
        logger.setLevel(logging.INFO)
    yield lines
    for logger, level in zip(loggers, levels, strict=True):
        logger.removeHandler(handler)
        logger.setLevel(level)


def test_the_runs_log_names_a_notice_once_with_its_text(company: Open, logged: list[str]) -> None:
    one = company()
    one.shop.faults.wrap(NOTICE)
    one.shop.place(Cart(method="checkmo"))
    for runs in (1, 2):
        one.sync()
        assert logged.count(f"Magento writes a PHP notice before its answers: {WORDS}") == runs


def test_the_runs_log_names_a_long_wait(company: Open, logged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(announcing, "NAMED_FROM", 0.1)
    one = company()
    one.shop.faults.throttle_next(1, retry_after=2)
    one.sync()
    assert not any(line.startswith("Waiting for Magento") for line in logged)  # too short for the log
    monkeypatch.setattr(announcing, "LOGGED_FROM", 0.1)
    one.shop.faults.throttle_next(1, retry_after=2)
    one.sync()
    assert sum(line.startswith("Waiting for Magento, which asked for a pause, until ") for line in logged) == 1
