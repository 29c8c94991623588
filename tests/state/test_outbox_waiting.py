"""What cannot be sent is counted behind the root of what it waits for, and what is on its way is not."""

from datetime import timedelta

from sqlalchemy.engine import Engine

from mappings.model import Problem
from state import ledger as ledgers
from state import outbox, outbox_waiting, problems
from state.outbox import Outcome
from tests.state.rows import NOW, new, posted, put, send, settle

REFUSED = Outcome("1", "rejected", code="duplicate-name", words="The name exists.")


def _behind(ledger: Engine) -> dict[str, tuple[str, str]]:
    with ledgers.reading(ledger) as conn:
        return {one.key: (one.root, one.status) for one in outbox_waiting.behind(conn)}


def _chain(ledger: Engine) -> None:
    """A payment of an invoice of a customer, and a refund of the payment's order."""
    put(ledger, new("customer/a", kind="customer", rank=0, order_key=""))
    put(ledger, new("order/1", kind="invoice", depends=("customer/a",)))
    put(ledger, new("payment/1", kind="payment", rank=2, order_key="order/1", depends=("order/1",)))
    put(ledger, new("creditmemo/1", kind="refund_receipt", rank=2, order_key="order/1", depends=("payment/1",)))


def test_a_chain_waits_behind_its_root_however_long_it_is(ledger: Engine) -> None:
    _chain(ledger)
    settle(ledger, send(ledger), REFUSED)
    root = ("customer/a", "rejected")
    assert _behind(ledger) == {"order/1": root, "payment/1": root, "creditmemo/1": root}
    with ledgers.reading(ledger) as conn:
        assert outbox_waiting.roots(conn, "creditmemo/1") == [root]
        assert {one.root_kind for one in outbox_waiting.behind(conn)} == {"customer"}


def test_what_waits_for_a_row_on_its_way_is_on_its_way(ledger: Engine) -> None:
    _chain(ledger)
    assert _behind(ledger) == {}
    claim = send(ledger)
    assert _behind(ledger) == {}
    settle(ledger, claim, Outcome("1", "unknown"))
    assert _behind(ledger) == {}
    with ledgers.reading(ledger) as conn:
        assert outbox_waiting.roots(conn, "payment/1") == []


def test_what_waits_for_a_row_that_quickbooks_may_have_waits_for_a_person(ledger: Engine) -> None:
    _chain(ledger)
    settle(ledger, send(ledger), Outcome("1", "doubtful", code=outbox.UNDECIDED, words="No clear answer."))
    root = ("customer/a", "unknown")
    assert _behind(ledger) == {"order/1": root, "payment/1": root, "creditmemo/1": root}
    with ledgers.reading(ledger) as conn:
        assert outbox_waiting.roots(conn, "payment/1") == [root]
        assert outbox.undecided(conn) == 1


def test_a_retried_root_sets_everything_behind_it_on_its_way(ledger: Engine) -> None:
    _chain(ledger)
    settle(ledger, send(ledger), REFUSED)
    with ledgers.begin(ledger) as conn:
        outbox.retry(conn, None, NOW)
    assert _behind(ledger) == {}


def test_a_row_with_two_roots_is_counted_once_and_both_are_named(ledger: Engine) -> None:
    put(ledger, new("customer/a", rank=0), new("item/b", rank=0), new("order/1", depends=("item/b", "customer/a")))
    settle(ledger, send(ledger), REFUSED, Outcome("2", "rejected", code="no", words="no"))
    assert _behind(ledger) == {"order/1": ("customer/a", "rejected")}
    with ledgers.reading(ledger) as conn:
        assert outbox_waiting.roots(conn, "order/1") == [("customer/a", "rejected"), ("item/b", "rejected")]


def test_a_root_without_a_row_is_held_or_missing(ledger: Engine) -> None:
    put(ledger, new("payment/1", rank=2, depends=("order/1",)), new("payment/2", rank=2, depends=("order/2",)))
    held = Problem("review", "order/1", "total", "Large.", "Look at it.")
    with ledgers.begin(ledger) as conn:
        problems.replace(conn, "order/1", [held], "run", NOW)
    assert _behind(ledger) == {"payment/1": ("order/1", "held"), "payment/2": ("order/2", "missing")}


def test_a_row_whose_time_has_not_come_is_told_apart_from_one_that_is_blocked(ledger: Engine) -> None:
    put(ledger, new("order/1"), new("order/2"))
    soon = NOW + timedelta(minutes=10)
    settle(ledger, send(ledger), posted("1"), Outcome("2", "ready", not_before=soon))
    with ledgers.reading(ledger) as conn:
        assert outbox_waiting.later(conn, NOW) == (1, soon)
        assert outbox_waiting.later(conn, soon) == (0, None)
