"""What the books must show by the ledger alone: the lines of all posted entries, added up by account."""

from decimal import Decimal

from mappings.jsontext import parse
from state import outbox
from state.ledger import Connection

ZERO = Decimal(0)


def by_entries(conn: Connection) -> dict[str, Decimal]:
    """Account name to balance of everything posted, debit positive; zero balances left out."""
    sums: dict[str, Decimal] = {}
    for row in outbox.rows(conn, "posted"):
        for line in parse(row.entry).get("lines", ()) if row.entry else ():
            sums[line["account"]] = sums.get(line["account"], ZERO) + line["amount"]
    return {account: amount for account, amount in sorted(sums.items()) if amount}
