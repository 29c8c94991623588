"""Values for the custom fields of customers and items in QuickBooks Desktop: a row of its own for each value.

`customer/…/field/Route` is the first value, `customer/…/field/Route/2` the next. The gateway asks what the field shows
before it writes, so a bookkeeper's own value is left. With `keep = "create"` a field is set once, at those that we
created; with `keep = "update"` it follows the shop, at those that QuickBooks had before, too.
"""

from collections.abc import Collection, Iterable, Sequence

from mappings import upkeep
from mappings.entry_json import adjusted_json
from mappings.jsontext import dumps
from mappings.listing import Listed
from mappings.qbxml import Request
from state import outbox
from state.ledger import Connection
from state.outbox import NewRow, Row
from tasks.connections import Session
from tasks.revising import FIELD, OF_FIELD, history, next_key, written
from tasks.rows import RANK
from tasks.updating import Revisions


def field_rows(
    conn: Connection,
    here: Session,
    listed: Iterable[Listed],
    creating: Collection[str],
    absent: Collection[str],
    into: Revisions,
) -> None:
    """Add the values that are due. `creating` are the keys of those that wait for their creation, `absent` of those
    that QuickBooks lacks and that are not created either."""
    for one in listed:
        if one.fields and one.creation.key not in absent:
            _add(conn, here, one, one.creation.key in creating, into)


def _add(conn: Connection, here: Session, one: Listed, creating: bool, into: Revisions) -> None:
    key = one.creation.key
    if not (creating or one.update or outbox.get(conn, key)):
        return  # QuickBooks had it before us, and it is not to be kept up to date
    for name, request in one.fields.items():
        first = f"{key}{OF_FIELD}{name}"
        rows = history(conn, first)
        before = written(rows, upkeep.desktop_fields)
        if before and not one.update:
            continue
        into.look(first, rows)
        following = _key(first, rows)
        if following and upkeep.changed(upkeep.desktop_fields(request.text), before):
            into.rows.append(_row(here, one, request, following, first, (key,) if creating else ()))


def _key(first: str, rows: Sequence[Row]) -> str | None:
    """The key of the first value until QuickBooks has accepted it, then of the next; None while one is under way."""
    if not rows or (rows[0].key == first and rows[0].status in ("ready", "rejected")):
        return first
    return next_key(first, rows)


def _row(here: Session, one: Listed, request: Request, key: str, first: str, depends: tuple[str, ...]) -> NewRow:
    return NewRow(
        key=key,
        kind=f"{one.creation.entity.lower()}{FIELD}",
        entity=upkeep.EXTENSION,
        operation="mod",
        rank=RANK["field"],
        payload=request.text,
        entry=dumps({"symbols": []} | adjusted_json(request.adjusted)),
        rules_hash=here.rules.hash,
        run=here.run,
        order_key="" if key == first else first,
        depends=depends,
    )
