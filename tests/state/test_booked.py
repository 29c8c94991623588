"""Documents are found by the processor's transaction that they carry, those of older ledgers too."""

from decimal import Decimal

import sqlalchemy as sa
from alembic import command
from sqlalchemy.engine import Engine

from mappings.settlement_join import Booked
from state import ledger as ledgers
from state import outbox, tables
from state.outbox_booked import booked
from tests.state.rows import new, put

TEN = Decimal("10.80")


def found(ledger: Engine, *references: str) -> list[Booked]:
    with ledgers.reading(ledger) as conn:
        return booked(conn, references)


def test_a_document_is_found_by_its_transaction_and_no_other(ledger: Engine) -> None:
    put(ledger, new("order/1", reference="8WT1"), new("order/2", reference="8WT2"), new("order/3"))
    assert found(ledger, "8WT1", "8WT9", "") == [Booked("8WT1", "sales_receipt", TEN, "USD")]
    with ledgers.reading(ledger) as conn:
        row = outbox.get(conn, "order/1")
    assert row is not None and row.reference == "8WT1"


def test_one_transaction_may_pay_several_documents(ledger: Engine) -> None:
    put(ledger, new("payment/1", kind="payment", reference="8WT1"), new("payment/2", kind="payment", reference="8WT1"))
    assert [one.kind for one in found(ledger, "8WT1")] == ["payment", "payment"]


def test_what_quickbooks_refused_is_not_in_the_books(ledger: Engine) -> None:
    put(ledger, new("order/1", reference="8WT1"))
    with ledgers.begin(ledger) as conn:
        conn.execute(tables.outbox.update().values(status="rejected"))
    assert found(ledger, "8WT1") == []


def test_a_ledger_from_before_takes_the_transactions_from_what_was_sent(ledger: Engine) -> None:
    put(
        ledger,
        new("order/1", payload='{"PaymentRefNum":"8WT1"}'),
        new("order/2", payload="<SalesReceiptAddRq><CheckNumber>8WT2&amp;1</CheckNumber></SalesReceiptAddRq>"),
        new(
            "payment/3",
            kind="payment",
            payload="<ReceivePaymentAddRq><RefNumber>8WT3</RefNumber></ReceivePaymentAddRq>",
        ),
        new("order/4", kind="invoice", payload='{"PaymentRefNum":"8WT4"}'),
        new("order/5", payload="<SalesReceiptAddRq/>"),
    )
    with ledgers.begin(ledger) as conn:
        command.downgrade(ledgers.alembic_config(conn), "0002")
        assert "reference" not in {one["name"] for one in sa.inspect(conn).get_columns("outbox")}
    with ledgers.begin(ledger) as conn:
        command.upgrade(ledgers.alembic_config(conn), "head")
    assert [one.reference for one in found(ledger, "8WT1", "8WT2&1", "8WT3", "8WT4")] == ["8WT1", "8WT2&1", "8WT3"]
