"""Another name for a customer whose name QuickBooks knows under somebody else.

The list of names is mirrored before each run, so this happens only when somebody adds a name during the run, or
where a vendor has it.
"""

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime

from state import outbox, references
from state.ledger import Connection
from state.outbox import Row
from state.outbox_rows import again
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
    outbox.put(conn, [replace(again(row), payload=written(name))], now)
