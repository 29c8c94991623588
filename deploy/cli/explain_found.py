"""Which order, payout or summary a person means, by whatever number or key they type, and all that is known of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from deploy.cli import explain
from deploy.cli.session import Exit, Failure

if TYPE_CHECKING:
    from mappings.rules import Rules
    from state.ledger import Connection

Json = dict[str, Any]
DIGITS = 9
"""So long are Magento's numbers, with zeros in front."""
RECORDS = ("customer", "item")
"""What the keys of records begin with that documents need."""
NAMES = {"creditmemo": "Credit memo"}


def look_up(conn: Connection, staging_path: Path, given: str, rules: Rules | None) -> Json:
    """The data of `explain --json`. Raises Failure for what was never read."""
    given = _written(given)
    if given.partition("/")[0] in RECORDS:
        data = explain.gather_record(conn, given, rules)
        if not _any(data):
            raise _unknown(given)
        return data
    payout = given if given.startswith("settlement/") else f"settlement/{given}"
    data = explain.gather_summary(conn, given, rules) or explain.gather_payout(conn, payout, rules)
    if _any(data) or "list" in data:
        return data
    data, busy = _with_read(conn, staging_path, given, _of_order(conn, given, rules), rules)
    if not _any(data):
        data = _of_number(conn, given, rules) or data
    if _any(data):
        return data
    if busy:
        raise Failure(
            "staging-busy",
            f"{given} is not queued, and a run is using what was read from the shop.",
            "Run the same command again when the run has ended.",
            Exit.LATER,
        )
    raise _unknown(given)


def _written(given: str) -> str:
    """A key or number as the ledger has it, whatever the case and the blanks around it: `Order/28` is `order/28`."""
    kind, slash, number = given.strip().lstrip("#").partition("/")
    return f"{kind.strip().lower()}/{number.strip()}" if slash else kind.strip()


def _any(data: Json) -> bool:
    return bool(data["documents"] or data["problems"] or data.get("read"))


def _of_order(conn: Connection, given: str, rules: Rules | None) -> Json:
    """What the ledger knows of the order with this number (or that of a document with this key)."""
    number = _number(conn, given)
    data = explain.gather(conn, number, rules)
    return data if _any(data) else explain.gather(conn, number.zfill(DIGITS), rules)


def _with_read(conn: Connection, staging_path: Path, given: str, data: Json, rules: Rules | None) -> tuple[Json, bool]:
    """The order's data with what was read of it and is not in the ledger, and whether that could not be looked at. An
    order that is in the books is told from the ledger alone."""
    known = _any(data)
    if known and not data["problems"] and all(one["status"] == "posted" for one in data["documents"]):
        return data, False
    if not staging_path.is_file():
        return data, False
    from deploy.cli.explain_read import read_of
    from state.staging import StagingBusy

    try:
        read = read_of(conn, staging_path, f"order/{data['order']}" if known else given, rules)
    except StagingBusy:
        return data, True
    if read is None:
        return data, False
    if not known:
        data = explain.gather(conn, read.number, rules)
    return data | {"read": list(read.documents), "asked": read.asked}, False


def _of_number(conn: Connection, given: str, rules: Rules | None) -> Json | None:
    """What the document is of that has this number in QuickBooks."""
    from state.outbox_named import numbered

    row = numbered(conn, given)
    if row is None:
        return None
    if row.key.startswith("settlement/"):
        return explain.gather_payout(conn, row.key, rules)
    return explain.gather(conn, row.order_key.partition("/")[2], rules) if row.order_key else None


def _number(conn: Connection, given: str) -> str:
    """The order's number for a number, an order's key, or any document's key."""
    from state import outbox, problems

    if given.startswith("order/"):
        return given.split("/")[1]
    if "/" not in given:
        return given
    if (row := outbox.get(conn, given)) is not None and row.order_key:
        return row.order_key.partition("/")[2]
    found = problems.open_problems(conn, document=given)
    return found[0].number if found else given


def _unknown(given: str) -> Failure:
    if given.startswith("settlement/"):
        return Failure(
            "unknown-payout", f"Payout {given} was not found.", "Check the key, or run: magebooks settle FILE"
        )
    kind, _, number = given.rpartition("/")
    if not number:
        return Failure("usage", "Name an order.", "For example: magebooks explain 000000042")
    name = f"{NAMES.get(kind, kind.capitalize()) or 'Order'} {number}"
    return Failure("unknown-order", f"{name} was not found.", "Check the number, or run magebooks sync.")
