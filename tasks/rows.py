"""What is written becomes rows of the outbox: documents, and the customers and items they need."""

from collections.abc import Iterable

from mappings import summary
from mappings.cents_json import cents_json
from mappings.dialect import Dialect, dialect
from mappings.entry import Entry
from mappings.entry_booked import booked_json
from mappings.entry_json import adjusted_json, entry_json, facts_json
from mappings.jsontext import dumps
from mappings.linking import Creation, Linked
from mappings.qbxml import Request
from mappings.rules import Rules
from state import outbox, references
from state.ledger import Connection
from state.outbox import NewRow
from state.summaries import Member

RANK: dict[str, int] = {
    "customer": 0,
    "item": 0,
    "field": 1,
    "sales_receipt": 1,
    "invoice": 1,
    "payment": 2,
    "credit_memo": 2,
    "refund_receipt": 2,
    "refund": 3,
    "void": 3,
    "deposit": 3,
    "journal": 3,
}


def document_rows(linked: Linked, rules: Rules, run: str, order_key: str = "") -> list[NewRow]:
    """A row for each linked document; `order_key` is the order they belong to, empty where they are of many."""
    into = dialect(rules)
    return [
        NewRow(
            key=entry.key,
            kind=entry.kind,
            entity=into.entity(entry.kind),
            operation=into.operation(entry.kind),
            rank=RANK[entry.kind],
            payload=request.text,
            entry=dumps(
                entry_json(entry)
                | facts_json(entry)
                | booked_json(booked)
                | cents_json(booked, entry)
                | adjusted_json(request.adjusted)
            ),
            rules_hash=rules.hash,
            amount=entry.total,
            tax=entry.tax,
            currency=entry.currency,
            txn_date=entry.txn_date,
            number=entry.number,
            source_id=entry.source_id,
            run=run,
            order_key=order_key,
            depends=depends,
            reference=entry.reference,
        )
        for entry, booked, request, depends in zip(
            linked.entries, linked.booked, linked.requests, linked.depends, strict=True
        )
    ]


def members(entries: Iterable[Entry], rules: Rules, order_key: str) -> list[Member]:
    """Those of an order's entries that go into daily summaries, as the ledger keeps them until their day is over."""
    return [_member(entry, rules, order_key) for entry in entries if entry.summary is not None]


def _member(entry: Entry, rules: Rules, order_key: str) -> Member:
    series, text = summary.series_of(entry, rules), summary.kept(entry, rules)
    return Member(
        document=entry.key,
        series=series.key,
        head=series.text,
        begins=series.begins,
        ends=series.ends,
        kind=entry.kind,
        order_key=order_key,
        number=entry.key.split("/")[1],
        reference=entry.reference,
        source_id=entry.source_id,
        amount=entry.total,
        tax=entry.tax,
        currency=entry.currency,
        entry=text,
        digest=summary.digest(text),
        rules_hash=rules.hash,
    )


def creation_rows(
    conn: Connection, creations: Iterable[Creation], rules: Rules, run: str, *, anew: bool = False
) -> tuple[list[NewRow], int]:
    """Rows that create customers and items, unless such a row stands already; customers get a free name first. With
    `anew`, one that QuickBooks has not accepted is written again. Also how many of them had text that had to be
    changed to fit."""
    wanted = {creation.key: creation for creation in creations}
    standing = outbox.standing(conn, wanted) if anew else outbox.kinds(conn, wanted)
    into = dialect(rules)
    fresh = [creation for key, creation in wanted.items() if key not in standing]
    written = [(creation, creation.write(_name(conn, creation, into), rules)) for creation in fresh]
    rows = [creation_row(creation, request, rules, run) for creation, request in written]
    return rows, sum(bool(request.adjusted) for _, request in written)


def _name(conn: Connection, creation: Creation, into: Dialect) -> str:
    if creation.entity != "Customer":
        return creation.wanted_name
    return references.reserve_name(conn, creation.wanted_name, creation.key, longest=into.longest_name)


def creation_row(creation: Creation, request: Request, rules: Rules, run: str) -> NewRow:
    """The row that creates a customer or an item."""
    kind = creation.entity.lower()
    named = {"symbols": [list(creation.symbol)], "wanted_name": creation.wanted_name}
    return NewRow(
        key=creation.key,
        kind=kind,
        entity=creation.entity,
        operation="create",
        rank=RANK[kind],
        payload=request.text,
        entry=dumps(named | adjusted_json(request.adjusted)),
        rules_hash=rules.hash,
        run=run,
    )
