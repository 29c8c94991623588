"""`magebooks explain ORDER`: one order, or one payout, up to the books, from the ledger and the rules file alone."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from deploy.cli import explain_summaries, explain_waits, words
from deploy.cli.opened import reading, rules_of
from deploy.cli.passed import passed_over
from deploy.cli.session import Answer, Exit, Failure, Given

if TYPE_CHECKING:
    from mappings.facts import Facts
    from mappings.rules import Rules
    from state.audit import Written
    from state.ledger import Connection
    from state.outbox import NewRow, Row
    from state.problems import Open
    from state.settings import Settings


def explain(
    order: Annotated[
        str,
        Parameter(
            help="A number: an order's, an invoice's, a credit memo's, a summary's, or a document's in QuickBooks; or "
            "a key that magebooks held shows, such as payment/000000007, item/… or settlement/…"
        ),
    ],
    *,
    session: Given,
) -> Answer:
    """One order from Magento to the books, one payout, or one daily summary: lines, the rules behind them, story."""
    from deploy.cli.explain_found import look_up
    from deploy.cli.explained import told

    with reading(session) as (settings, conn):
        data = look_up(conn, settings.staging_path, order, _current_rules(settings))
    waits = any(problem["hold"] for problem in data["problems"])
    stuck = any(one["status"] in ("rejected", "unknown") or one.get("waits_for") for one in data["documents"])
    stuck = stuck or any(one["outcome"] in ("waits-for-held", "held") for one in data.get("read", ()))
    return Answer(data, tuple(told(data)), Exit.LOOK if waits or stuck else Exit.DONE)


def gather(conn: Connection, number: str, rules: Rules | None) -> dict[str, Any]:
    """Everything that `explain --json` says about one order. Amounts are texts; debits and credits unsigned."""
    from state import outbox, problems

    rows = _in_turn(outbox.rows(conn, order_key=f"order/{number}"))
    data = {"order": number} | _gathered(conn, rows, problems.open_problems(conn, number=number), rules)
    data["documents"] += explain_summaries.documents(conn, number, rules)
    return data


def gather_payout(conn: Connection, key: str, rules: Rules | None) -> dict[str, Any]:
    """The same about the payout with this key (`settlement/paypal/5WD/USD`)."""
    from state import outbox, problems

    row = outbox.get(conn, key)
    rows = [] if row is None else [row]
    return {"payout": key} | _gathered(conn, rows, problems.open_problems(conn, document=key), rules)


def gather_record(conn: Connection, key: str, rules: Rules | None) -> dict[str, Any]:
    """The same about the customer or item with this key, with what waits for it in `behind` (as `held` says it)."""
    from state import outbox, outbox_waiting, problems
    from tasks.waiting import piled

    row = outbox.get(conn, key)
    rows = [] if row is None else [row]
    data = {"record": key} | _gathered(conn, rows, problems.open_problems(conn, document=key), rules)
    for one in data["documents"]:
        one["number"] = json.loads(row.entry).get("wanted_name", "") if row and row.kind == "item" else ""
    waits = [one for one in outbox_waiting.behind(conn) if one.root == key]
    return data | {"behind": piled(conn, waits).data() if waits else None}


def gather_summary(conn: Connection, named: str, rules: Rules | None) -> dict[str, Any] | None:
    """The same about the summary with this key or number, with the list of its documents; None where there is none. One
    that is held has no number and no documents yet."""
    from state import outbox, problems, summaries

    summed = summaries.find(conn, named)
    if summed is None and not named.startswith("summary/"):
        return None
    key = summed.key if summed else named
    rows = [row for row in (outbox.get(conn, key), outbox.get(conn, f"{key}/refund")) if row is not None]
    told = {"summary": summed.number if summed else key}
    told |= _gathered(conn, rows, problems.open_problems(conn, document=key), rules)
    return told | ({"list": explain_summaries.listed(conn, summed)} if summed else {})


def _gathered(conn: Connection, rows: Sequence[Row], found: Sequence[Open], rules: Rules | None) -> dict[str, Any]:
    from state import audit

    keys = dict.fromkeys([*(row.key for row in rows), *(one.problem.document for one in found)])
    trail = sorted((line for key in keys for line in audit.read(conn, key=key)), key=lambda line: line.at)
    return {
        "documents": [document(row, rules) | explain_waits.of_row(conn, row) for row in rows],
        "problems": [_problem(one) for one in found],
        "story": [_line(line) for line in trail],
    }


def _in_turn(rows: Iterable[Row]) -> list[Row]:
    """In the order of delivery, and a document after those of its order that it follows."""
    left = {row.key: row for row in rows}
    told: list[Row] = []
    while left:
        free = [row for row in left.values() if not (set(row.depends) - {row.key}) & set(left)]
        for row in free or list(left.values()):
            told.append(left.pop(row.key))
    return told


def document_of(row: NewRow, rules: Rules) -> dict[str, Any]:
    """A document that is not queued yet, with its debits and credits. `rules` are those that booked it."""
    return _head(row) | entry_of(row.entry, rules) | {"quickbooks": {"id": None}, "status": "ready", "error": None}


def document(row: Row, rules: Rules | None) -> dict[str, Any]:
    """One document with its debits and credits. `passed_over` says in words why each rule above the one that won did
    not decide, `reasons` in parts; both are empty when the document was booked with other rules than today's."""
    same = rules if rules is not None and rules.hash == row.rules_hash else None
    refused = {"code": row.error_code, "words": row.error_words} if row.error_code or row.error_words else None
    return (
        _head(row)
        | entry_of(row.entry, same)
        | {
            "status": row.status,
            "state": words.state(row.status),
            "quickbooks": {"id": row.qb_id, "number": row.posted_number, "total": _text(row.posted_total)},
            "error": refused,
            "rules_are_current": same is not None,
        }
    )


def _head(row: Row | NewRow) -> dict[str, Any]:
    return {
        "key": row.key,
        "kind": row.kind,
        "state": "",
        "number": row.number,
        "date": row.txn_date.isoformat() if row.txn_date else None,
        "currency": row.currency,
        "total": f"{row.amount:.2f}",
        "tax": f"{row.tax:.2f}",
        "rules": row.rules_hash,
        "rules_are_current": True,
    }


def entry_of(text: str, rules: Rules | None) -> dict[str, Any]:
    """The debits and credits of an entry as the ledger keeps it, and the rules behind them."""
    entry = json.loads(text, parse_float=Decimal, parse_int=Decimal)
    facts, lines = entry.get("facts", {}), entry.get("lines", ())
    known = [{**facts, **own} for own in entry.get("line_facts", [{}] * len(lines))]
    return {
        "revision": entry.get("revision"),
        "cents": _cents(entry.get("cents"), rules, facts),
        "decisions": [_because(pair, rules, facts) for pair in entry.get("decisions", ())],
        "lines": [_entry_line(line, rules, own) for line, own in zip(lines, known, strict=True)],
        "adjusted": [
            {"field": field, "how": how, "length": length} for field, how, length in entry.get("adjusted", ())
        ],
    }


def _cents(told: Mapping[str, Any] | None, rules: Rules | None, facts: Facts) -> dict[str, Any] | None:
    """Where QuickBooks' figures are not the shop's, and the rule that allows it; None where all agree."""
    if told is None:
        return None
    amounts = {name: f"{Decimal(value):.2f}" for name, value in told.items() if name != "because"}
    return amounts | {"because": _because(told["because"], rules, facts)}


def _entry_line(line: Mapping[str, Any], rules: Rules | None, facts: Facts) -> dict[str, Any]:
    amount = Decimal(line["amount"])
    return {
        "role": line["role"],
        "account": line["account"],
        "item": line.get("item", ""),
        "debit": f"{amount:.2f}" if amount > 0 else None,
        "credit": f"{-amount:.2f}" if amount <= 0 else None,
        "because": _because(line["because"], rules, facts),
        "source": list(line["source"]),
    }


def _because(pair: Sequence[str], rules: Rules | None, facts: Facts) -> dict[str, Any]:
    name, row = pair
    reasons = passed_over(name, row, rules, facts) if rules else []
    return {"list": name, "row": row, "passed_over": [one["words"] for one in reasons], "reasons": reasons}


def _problem(one: Open) -> dict[str, Any]:
    problem = one.problem
    names = ("code", "document", "field", "reason", "fix", "currency", "hold")
    return {name: getattr(problem, name) for name in names} | {
        "amount": _text(problem.amount),
        "since": one.first_seen.isoformat(),
    }


def _line(written: Written) -> dict[str, Any]:
    names = ("who", "run", "action", "key", "outcome", "request_id", "tid", "code")
    line = written.line
    return (
        {"at": written.at.isoformat()} | {name: getattr(line, name) for name in names} | {"changed": dict(line.changed)}
    )


def _current_rules(settings: Settings) -> Rules | None:
    """Today's rules, or None when the file is gone or wrong: the story can be told without them."""
    from mappings.rules import RulesError

    try:
        return rules_of(settings)
    except (Failure, RulesError):
        return None


def _text(amount: Decimal | None) -> str | None:
    return None if amount is None else f"{amount:.2f}"
