"""What each class of QuickBooks' statusCode makes of a document."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.gateway.judging import judge
from mappings.qbxml import Reply, read
from state.outbox import Row
from tests.gateway.desk import open_desk

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SENT = (
    "<SalesReceiptAddRq><SalesReceiptAdd><CustomerRef><ListID>80-1</ListID></CustomerRef></SalesReceiptAdd>"
    "</SalesReceiptAddRq>"
)


@pytest.fixture
def row(tmp_path: Path) -> Row:
    """A sales receipt that waits."""
    with open_desk(tmp_path / "home") as desk:
        desk.update()
        desk.sell(1)
        desk.queue()
        return next(row for row in desk.rows() if row.kind == "sales_receipt")


def answer(row: Row, status: int, document: bool = True) -> Reply:
    """QuickBooks' answer to the receipt."""
    ret = (
        "<SalesReceiptRet><TxnID>A-1</TxnID><EditSequence>7</EditSequence><CustomerRef><ListID>80-1</ListID>"
        f"</CustomerRef><RefNumber>{row.number}</RefNumber><SalesTaxTotal>{row.tax}</SalesTaxTotal>"
        f"<TotalAmount>{row.amount}</TotalAmount></SalesReceiptRet>"
    )
    said = f'requestID="1" statusCode="{status}" statusSeverity="Warn" statusMessage="A word."'
    message = f"<SalesReceiptAddRs {said}>{ret if document else ''}</SalesReceiptAddRs>"
    [reply] = read(f"<QBXML><QBXMLMsgsRs>{message}</QBXMLMsgsRs></QBXML>").replies.values()
    return reply


@pytest.mark.parametrize("status", [0, 500, 530, 550, 999])
def test_what_was_done_with_a_warning_is_done(row: Row, status: int) -> None:
    judged = judge("1", row, SENT, answer(row, status), NOW)
    assert (judged.outcome.status, judged.outcome.qb_id, judged.outcome.sync_token) == ("posted", "A-1", "7")
    assert judged.problems == ()


@pytest.mark.parametrize("status", [0, 1, 500])
def test_an_answer_that_names_no_document_is_asked_about(row: Row, status: int) -> None:
    assert judge("1", row, SENT, answer(row, status, document=False), NOW).outcome.status == "unknown"


def test_no_answer_at_all_is_asked_about(row: Row) -> None:
    assert judge("1", row, SENT, None, NOW).outcome.status == "unknown"


@pytest.mark.parametrize(
    ("status", "becomes"), [(1000, "ready"), (1030, "rejected"), (3180, "ready"), (9999, "rejected")]
)
def test_an_error_refuses_the_document_unless_it_passes_by_itself(row: Row, status: int, becomes: str) -> None:
    judged = judge("1", row, SENT, answer(row, status, document=False), NOW)
    assert (judged.outcome.status, judged.outcome.words) == (becomes, f"A word. (QuickBooks {status})")
