"""What `magebooks explain` says about daily summaries: which one an order is in, and which orders one is made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

from deploy.cli import explain_waits, words

if TYPE_CHECKING:
    from mappings.rules import Rules
    from state.ledger import Connection
    from state.summaries import Member, Summed

Json = dict[str, Any]
WAITS = "Waits for the summary of its day"


def documents(conn: Connection, number: str, rules: Rules | None) -> Iterator[Json]:
    """The documents of an order that are booked in summaries, each with its own debits and credits, and the line of
    the summary that each of them is a part of (`summary_line`, counted from 1)."""
    from state import summaries

    for member in summaries.members(conn, order_key=f"order/{number}"):
        summed = summaries.find(conn, member.summary) if member.summary else None
        yield _document(conn, member, summed, rules)


def listed(conn: Connection, summed: Summed) -> Json:
    """A summary with its lines and its documents; amounts as texts."""
    from mappings.jsontext import parse
    from state import summaries

    lines = [
        {
            "line": number,
            "account": line["account"],
            "item": line["item"],
            "amount": f"{line['amount']:.2f}",
            "documents": line["documents"],
        }
        for number, line in enumerate(parse(summed.lines), start=1)
    ]
    members = [
        {"document": one.document, "number": one.number, "total": f"{one.amount:.2f}", "tax": f"{one.tax:.2f}"}
        for one in summaries.members(conn, summary=summed.key)
    ]
    return {"key": summed.key, "list": summed.list_hash, "lines": lines, "documents": members}


def _document(conn: Connection, member: Member, summed: Summed | None, rules: Rules | None) -> Json:
    from deploy.cli.explain import entry_of
    from mappings.jsontext import parse
    from mappings.summary import line_key, read_series
    from state import outbox

    same = rules if rules is not None and rules.hash == member.rules_hash else None
    row = outbox.get(conn, summed.key) if summed else None
    entry = entry_of(member.entry, same)
    if summed:
        places = {line_key(line): number for number, line in enumerate(parse(summed.lines), start=1)}
        for line, kept in zip(entry["lines"], parse(member.entry)["lines"], strict=True):
            line["summary_line"] = places[line_key(kept)]
    return entry | {
        "key": member.document,
        "kind": member.kind,
        "number": member.number,
        "date": read_series(member.head).day.isoformat(),
        "currency": member.currency,
        "total": f"{member.amount:.2f}",
        "tax": f"{member.tax:.2f}",
        "rules": member.rules_hash,
        "rules_are_current": same is not None,
        "status": row.status if row else "ready",
        "state": words.state(row.status) if row else WAITS,
        "quickbooks": {"id": row.qb_id if row else None, "number": row.posted_number if row else None, "total": None},
        "error": None,
        **(explain_waits.of_row(conn, row) if row else explain_waits.of_member(conn, member)),
        "summary": _summary(summed) if summed else None,
    }


def _summary(summed: Summed) -> Mapping[str, Any]:
    return {"key": summed.key, "number": summed.number, "documents": summed.documents}
