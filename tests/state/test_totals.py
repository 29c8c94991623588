"""What a run posted, and claims whose process is gone."""

from decimal import Decimal

from sqlalchemy.engine import Engine

from state import audit, outbox, totals
from state import ledger as ledgers
from state.audit import Line
from state.outbox_orphans import release_orphans
from tests.state.rows import LATER, LEASE, NOW, keys, new, posted, put, send, settle


def test_the_sales_that_a_run_posted_are_summed_by_kind_and_currency(ledger: Engine) -> None:
    put(
        ledger,
        new("customer/a", rank=0, kind="customer", amount=Decimal(0), currency=""),
        new("order/1"),
        new("order/2", kind="invoice", amount=Decimal("5.01")),
        new("order/3", currency="EUR"),
        new("payment/2", rank=2, kind="payment", amount=Decimal("5.01")),
        new("order/4"),
    )
    for _ in range(3):
        settle(ledger, send(ledger))
    with ledgers.begin(ledger) as conn:
        mine = ("customer/a", "order/1", "order/2", "order/3", "payment/2")
        audit.write(conn, [Line("host", "mine", "answer", key, "posted") for key in mine], NOW)
        audit.write(conn, [Line("host", "mine", "send", "order/4", "sent")], NOW)
        audit.write(conn, [Line("host", "other", "answer", "order/4", "posted")], NOW)
        assert totals.posted_in(conn, "mine") == 4
        assert totals.posted_by_kind(conn, "mine") == {"invoice": 1, "payment": 1, "sales_receipt": 2}
        assert totals.by_currency(conn, "mine") == {
            "EUR": {"store": "10.80", "books": "10.80", "difference": "0.00"},
            "USD": {"store": "15.81", "books": "21.60", "difference": "-5.79"},
        }


def test_what_a_run_took_back_is_taken_off_both_sides(ledger: Engine) -> None:
    put(
        ledger,
        new("order/1", kind="invoice", amount=Decimal("10.80")),
        new("order/2", kind="invoice", amount=Decimal("10.80")),
        new("order/2/rest", rank=2, kind="credit_memo", amount=Decimal("10.80")),
        new("order/1/void", rank=3, kind="void", amount=Decimal(0), depends=("order/1",)),
    )
    for _ in range(3):
        settle(ledger, send(ledger))
    with ledgers.begin(ledger) as conn:
        every = ("order/1", "order/2", "order/2/rest", "order/1/void")
        audit.write(conn, [Line("host", "mine", "answer", key, "posted") for key in every], NOW)
        assert totals.by_currency(conn, "mine") == {"USD": {"store": "0.00", "books": "0.00", "difference": "0.00"}}


def test_nobody_waits_for_the_lease_of_a_dead_process(ledger: Engine) -> None:
    put(ledger, *(new(f"order/{number}") for number in (1, 2, 3)))
    dead, living, done = (send(ledger, size=1, owner=owner) for owner in ("dead", "living", "dead"))
    settle(ledger, done, posted("1"))
    with ledgers.begin(ledger) as conn:
        assert release_orphans(conn, lambda owner: True, NOW) == 0
        assert release_orphans(conn, lambda owner: owner != "dead", NOW) == 1
        assert [keys(batch) for batch in outbox.due(conn, NOW)] == [keys(dead)]
        assert outbox.take_over(conn, dead.batch_id, "new", NOW, LEASE).epoch == 2
        assert {batch.id for batch in outbox.due(conn, LATER)} == {dead.batch_id, living.batch_id}
