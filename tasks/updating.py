"""Customers and items that the rules keep up to date: what of them changed in the shop since we last wrote it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mappings import qbo, upkeep
from mappings.keys import Symbol, fold
from mappings.listing import Listed
from mappings.upkeep import Fields
from state import ledger
from state.outbox import NewRow, Row
from tasks.breaking import guarded
from tasks.clients.quickbooks_query import ACTIVE_OR_NOT, chunks, one_of
from tasks.connections import Session
from tasks.revising import UPDATE, history, next_key, under_way, waiting, written
from tasks.rows import creation_row


@dataclass(frozen=True, slots=True)
class Due:
    """A customer or item of which something changed in the shop. `row` would create it and holds all that the shop
    says; `before` is what we last wrote; `key` is that of the revision."""

    key: str
    id: str
    symbol: Symbol
    row: NewRow
    before: Fields


@dataclass(slots=True)
class Revisions:
    """Rows to queue; keys of those that waited before (`over`: unless they are among the rows, the shop no longer says
    so); how many have to wait until QuickBooks has answered for the one before (`under_way`); and the fields that
    somebody changed in QuickBooks, by the key of the customer or item."""

    rows: list[NewRow] = field(default_factory=list)
    over: set[str] = field(default_factory=set)
    under_way: int = 0
    left: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def look(self, key: str, rows: Sequence[Row]) -> None:
        """Note what became of the revisions of one customer, item or custom field so far."""
        self.under_way += under_way(rows)
        self.over |= waiting(key, rows)


async def revised(here: Session, listed: Iterable[Listed], known: Mapping[Symbol, str]) -> Revisions:
    """The revisions of those that QuickBooks has. Online their present state is read; Desktop is asked by the gateway
    when it comes, before anything is written."""
    there = [one for one in listed if fold(one.creation.symbol) in known]
    found = Revisions()
    due = _due(here, there, known, found)
    if here.rules.books.target == "desktop":
        found.rows = [_on_desktop(one) for one in due]
    else:
        await _judge_all(here, due, found)
    return found


async def _judge_all(here: Session, due: Sequence[Due], into: Revisions) -> None:
    for entity in ("Customer", "Item"):
        of = {one.id: one for one in due if one.row.entity == entity}
        for shown in await _shown(here, entity, sorted(of)):
            _judge(of[str(shown["Id"])], shown, into)


def _due(here: Session, listed: Sequence[Listed], known: Mapping[Symbol, str], into: Revisions) -> list[Due]:
    fields = _desktop if here.rules.books.target == "desktop" else _online
    due = []
    with ledger.reading(here.ledger) as conn:
        for one in listed:
            creation = one.creation
            row = creation_row(creation, creation.write(creation.wanted_name, here.rules), here.rules, here.run)
            rows = history(conn, creation.key)
            before = written(rows, fields(row.entity))
            into.look(creation.key, rows)
            key = next_key(creation.key, rows)
            if key and upkeep.changed(fields(row.entity)(row.payload), before) and not _unknown_item(row, before, here):
                due.append(Due(key, known[fold(creation.symbol)], creation.symbol, row, before))
    return due


def _unknown_item(row: NewRow, before: Fields, here: Session) -> bool:
    """An item of Desktop that we did not create: what it is there decides how it is changed, and we do not know it."""
    return here.rules.books.target == "desktop" and row.entity == "Item" and not before


def _online(entity: str) -> Callable[[str], Fields]:
    return lambda payload: upkeep.online_fields(entity, qbo.parse(payload))


def _desktop(_entity: str) -> Callable[[str], Fields]:
    return upkeep.desktop_fields


async def _shown(here: Session, entity: str, ids: Sequence[str]) -> list[dict[str, Any]]:
    """These objects as QuickBooks shows them now."""
    found: list[dict[str, Any]] = []
    async with guarded("QuickBooks"):
        for part in chunks(ids):
            async for rows in here.quickbooks.query_all(entity, f"{one_of('Id', part)} AND {ACTIVE_OR_NOT}"):
                found += rows
    return found


def _judge(due: Due, shown: Mapping[str, Any], into: Revisions) -> None:
    fields = _online(due.row.entity)
    present = upkeep.online_fields(due.row.entity, shown)
    verdict = upkeep.judge(fields(due.row.payload), due.before, present)
    if verdict.write:
        text = upkeep.online_update(due.row.entity, due.row.payload, verdict.write, shown)
        into.rows.append(_revision(due, text, "update"))
    if verdict.left:
        into.left[due.row.key] = verdict.left


def _on_desktop(due: Due) -> NewRow:
    names = upkeep.changed(upkeep.desktop_fields(due.row.payload), due.before)
    request = upkeep.desktop_update(due.symbol, due.row.payload, names, {})
    return _revision(due, request.text, "mod")


def _revision(due: Due, text: str, operation: str) -> NewRow:
    return replace(
        due.row,
        key=due.key,
        kind=f"{due.row.kind}{UPDATE}",
        operation=operation,
        payload=text,
        entry='{"symbols":[]}',
        order_key=due.row.key,
    )
