"""Revisions of customers and items in the outbox: `customer/…`, then `customer/…/2`, `customer/…/3`.

What we last wrote is in their payloads, so a revision says only what changed since. Both sides come here: Online
before a revision is queued and after a stale SyncToken, Desktop when the present EditSequence was asked for.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from mappings import qbxml, upkeep
from mappings.catalogue import problem
from mappings.jsontext import parse
from mappings.model import Problem
from mappings.qbxml import Ret
from mappings.upkeep import Fields
from state import outbox, problems
from state.ledger import Connection
from state.outbox import Row
from state.outbox_rows import again

UPDATE: Final = "_update"
"""What the kind of a revision ends in: `customer_update`, `item_update`."""
FIELD: Final = "_field"
"""What the kind of a custom field's value ends in: `customer_field`, `item_field`."""
OF_FIELD: Final = "/field/"
"""What stands in its key between the customer or item and the field's name."""


def is_revision(row: Row) -> bool:
    """Whether the row changes a customer or item that QuickBooks has."""
    return row.kind.endswith((UPDATE, FIELD))


def history(conn: Connection, key: str) -> list[Row]:
    """The row that created a customer or item (or set a custom field), where we did, and its revisions in their
    order."""
    first = outbox.get(conn, key)
    later = sorted(outbox.rows(conn, order_key=key), key=lambda row: int(row.key.rpartition("/")[2]))
    return [*([first] if first else []), *later]


def next_key(key: str, rows: Sequence[Row]) -> str | None:
    """The key of the next revision, or of one that QuickBooks has not accepted yet; None while one is under way."""
    if under_way(rows):
        return None
    if unposted := [row.key for row in rows if row.status != "posted"]:
        return unposted[0] if unposted[0] != key else None
    numbers = [int(row.key.rpartition("/")[2]) for row in rows if row.key != key]
    return f"{key}/{max(numbers, default=1) + 1}"


def under_way(rows: Iterable[Row]) -> bool:
    """Whether QuickBooks may have a write whose answer has not come: until then nothing can be said to follow it."""
    return any(row.status in ("sent", "unknown") for row in rows)


def waiting(key: str, rows: Iterable[Row]) -> set[str]:
    """The revisions after `key` that QuickBooks has not accepted."""
    return {row.key for row in rows if row.key != key and row.status in ("ready", "rejected")}


def written(rows: Sequence[Row], fields: Callable[[str], Fields]) -> Fields:
    """What we last wrote into each field; `fields` reads a payload."""
    return upkeep.merged(fields(row.payload) for row in rows if row.status == "posted")


def revise_online(conn: Connection, row: Row, shown: dict[str, Any], run: str, now: datetime) -> None:
    """Write a revision anew after somebody changed the object: with its present SyncToken, without what is theirs."""
    fields = _online(row.entity)
    verdict = upkeep.judge(fields(row.payload), written(history(conn, row.order_key), fields), fields(shown))
    text = upkeep.online_update(row.entity, row.payload, verdict.write, shown) if verdict.write else ""
    _put(conn, row, text, verdict.left, run, now)


def revise_desktop(conn: Connection, row: Row, shown: Ret, run: str, now: datetime) -> None:
    """Write a revision anew now that the object's present state is known."""
    rows = history(conn, row.order_key or row.key)
    before, present = written(rows, upkeep.desktop_fields), upkeep.desktop_present(shown)
    verdict = upkeep.judge(upkeep.desktop_fields(row.payload), before, present)
    symbol = next(one for one in qbxml.references(row.payload) if one[0] != "sync")
    text = upkeep.desktop_update(symbol, row.payload, verdict.write, present).text if verdict.write else ""
    _put(conn, row, text, verdict.left, run, now)


def theirs(key: str, names: Sequence[str]) -> Problem:
    """Fields that somebody changed in QuickBooks, and that the shop says otherwise."""
    reason = f"QuickBooks has other values than the shop in: {', '.join(names)}."
    return problem("changed-in-quickbooks", key, names[0], reason, hold=False)


def _online(entity: str) -> Callable[[Any], Fields]:
    return lambda shown: upkeep.online_fields(entity, parse(shown) if isinstance(shown, str) else shown)


def _put(conn: Connection, row: Row, text: str, left: Sequence[str], run: str, now: datetime) -> None:
    """Queue the revision again, or take it out when nothing is left to write; show what was left."""
    if text:
        outbox.put(conn, [replace(again(row), payload=text)], now)
    else:
        outbox.discard(conn, [row.key])
    if left:
        key = (row.order_key or row.key).partition(OF_FIELD)[0]
        problems.note(conn, [theirs(key, left)], run, now)
