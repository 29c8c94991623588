"""What is still owed on posted invoices, as QuickBooks says it: read before their refunds are booked."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime
from decimal import Decimal

from state import balances, ledger, outbox, problems
from state.ledger import Connection
from state.staging_families import Refund
from tasks.breaking import guarded
from tasks.clients.quickbooks_query import chunks, one_of, select
from tasks.connections import Session

WAITING = "waiting-for-balance"


async def open_balances(here: Session, refunds: Iterable[Refund]) -> dict[str, Decimal]:
    """What is open on the invoices of orders with credit memos that are not in the books yet, by outbox key.

    Online is asked, fifty invoices a query; Desktop has answered in a session of the Web Connector since the refund
    began to wait, or the refund goes on waiting. Raises what a query raises.
    """
    with ledger.reading(here.ledger) as conn:
        orders = _refunding(conn, refunds)
        if here.rules.books.target == "desktop":
            return balances.since(conn, _asked(conn, orders))
        invoices = outbox.invoices(conn, [f"order/{number}" for number in orders])
    if not invoices:
        return {}
    statements = [select("Invoice", one_of("Id", ids)) for ids in chunks(sorted(invoices))]
    async with guarded("QuickBooks"):
        answers = await here.quickbooks.batch_query(statements)
    opened: dict[str, Decimal] = defaultdict(Decimal)
    for invoice in (one for statement in statements for one in answers[statement]):
        opened[invoices[str(invoice["Id"])]] += Decimal(str(invoice["Balance"]))
    return dict(opened)


def _refunding(conn: Connection, refunds: Iterable[Refund]) -> list[str]:
    orders = {f"creditmemo/{refund.number}": refund.order for refund in refunds}
    known = outbox.standing(conn, orders) if orders else {}
    return sorted({order for key, order in orders.items() if key not in known})


def _asked(conn: Connection, orders: Iterable[str]) -> dict[str, datetime]:
    """Since when the refunds of these orders wait, by the key of their invoices."""
    waiting = [one for one in problems.open_problems(conn, hold=True) if one.problem.code == WAITING]
    since = {one.number: one.first_seen for one in reversed(waiting)}
    return {
        key: since[number]
        for number in orders
        if number in since
        for key in outbox.invoices(conn, [f"order/{number}"]).values()
    }
