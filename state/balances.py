"""What QuickBooks Desktop said is open on invoices, and when: Online is asked at once and needs no memory."""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Final

from sqlalchemy.engine import Connection

from state import references
from state.references import Known

KIND: Final = "balance"
AT: Final = "at"


def remember(conn: Connection, opened: Mapping[str, Decimal], now: datetime) -> None:
    """Keep what is open on invoices, by outbox key."""
    found = [Known(key, "", str(amount), {AT: now.isoformat()}) for key, amount in opened.items()]
    references.put_many(conn, KIND, found, now)


def since(conn: Connection, asked: Mapping[str, datetime]) -> dict[str, Decimal]:
    """What is open on these invoices, where QuickBooks said so after it was asked for: `asked` is when, by key."""
    return {
        one.key: Decimal(one.name)
        for one in references.entries(conn, KIND)
        if one.key in asked and datetime.fromisoformat(one.extra[AT]) >= asked[one.key]
    }
