"""Another name for a customer whose name QuickBooks knows under somebody else.

The list of names is mirrored before each run, so this happens only when somebody adds a name during the run, or
where a vendor has it.
"""

import json
from collections.abc import Callable
from datetime import datetime

from state import outbox, references
from state.ledger import Connection
from state.outbox import NewRow, Row
from state.references import Known


def rename(
    conn: Connection, row: Row, refused: str, written: Callable[[str], str], longest: int, now: datetime
) -> None:
    """Queue the customer again under the next free name; the refused one is remembered as taken.

    `written` makes the payload with a name, which may have `longest` characters.
    """
    references.put_names(conn, [Known(refused, "")], now)
    references.release_name(conn, row.key)
    name = references.reserve_name(conn, json.loads(row.entry)["wanted_name"], row.key, longest=longest)
    outbox.put(conn, [_again(row, written(name))], now)


def _again(row: Row, payload: str) -> NewRow:
    return NewRow(
        key=row.key,
        kind=row.kind,
        entity=row.entity,
        operation=row.operation,
        rank=row.rank,
        payload=payload,
        entry=row.entry,
        rules_hash=row.rules_hash,
        amount=row.amount,
        tax=row.tax,
        currency=row.currency,
        txn_date=row.txn_date,
        number=row.number,
        source_id=row.source_id,
        run=row.run,
        order_key=row.order_key,
        depends=row.depends,
    )
