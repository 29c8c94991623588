"""An entry as the ledger keeps it beside its payload, so that `explain` can show lines, rules and Magento fields."""

from collections.abc import Iterable
from typing import Any

from mappings.entry import Entry, EntryLine
from mappings.qbxml_fit import Adjusted


def adjusted_json(adjusted: Iterable[Adjusted]) -> dict[str, Any]:
    """The fields whose text had to be changed to fit, by name and without the text; no key where none had to."""
    fields = [[one.field, one.how, one.length] for one in adjusted]
    return {"adjusted": fields} if fields else {}


def facts_json(entry: Entry) -> dict[str, Any]:
    """What the rules asked of the document and of each of its lines, so that `explain` can say why earlier rows did not
    decide; no key where they asked nothing."""
    told: dict[str, Any] = {"facts": dict(entry.facts)} if entry.facts else {}
    if any(line.facts for line in entry.lines):
        told["line_facts"] = [dict(line.facts) for line in entry.lines]
    return told


def entry_json(entry: Entry) -> dict[str, Any]:
    """The accounting part of an entry: no names, addresses or e-mails, which stand in the payload only."""
    return {
        "kind": entry.kind,
        "number": entry.number,
        "date": entry.txn_date.isoformat(),
        "currency": entry.currency,
        "total": entry.total,
        "tax": entry.tax,
        "applies_to": entry.applies_to,
        "decisions": [[because.list, because.row] for because in entry.decisions],
        "lines": [_line(line) for line in entry.lines],
    } | ({} if entry.exchange_rate is None else {"exchange_rate": entry.exchange_rate})


def _line(line: EntryLine) -> dict[str, Any]:
    return {
        "role": line.role,
        "account": line.account,
        "amount": line.amount,
        "because": [line.because.list, line.because.row],
        "source": list(line.source),
        "item": line.item or line.sku,
        "tax_code": line.tax_code,
    }
