"""Cases: folders of data under tests/cases, each titled by a question that an accountant would ask.

`magento.json` holds the order and its Magento invoices, `rules.toml` the rules (or `template.txt` the name of a
template), `context.json` what differs from an American company with nothing posted yet. `entry.json` and `qbo.json`
are what must come of it; MAGEBOOKS_REWRITE_CASES=1 writes them anew, to be read before they are committed.
"""

import json
import os
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from mappings import qbo
from mappings.booking import Booked, book_invoice, book_order
from mappings.checks import off_balance
from mappings.entry import Entry
from mappings.entry_json import entry_json
from mappings.jsontext import parse
from mappings.magento import parse as parse_magento
from mappings.magento import read_invoice, read_order
from mappings.model import Context, Invoice, Order, Problem
from mappings.rules import Rules, load, template
from tests.mappings.sales import STORES, US

CASES = Path(__file__).parents[1] / "cases"
FOLDERS = sorted(path.parent for path in CASES.glob("*/title.txt"))
REWRITE = os.environ.get("MAGEBOOKS_REWRITE_CASES") == "1"


def rules_of(folder: Path) -> Rules:
    own = folder / "rules.toml"
    name = folder / "template.txt"
    return load(own.read_text() if own.exists() else template(name.read_text().strip()))


def context_of(folder: Path) -> Context:
    path = folder / "context.json"
    told: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    closed = told.get("close_date")
    books = replace(
        US,
        country=told.get("country", "US"),
        home_currency=told.get("home_currency", "USD"),
        close_date=date.fromisoformat(closed) if closed else None,
    )
    stores = {number: replace(store, base_currency="USD") for number, store in STORES.items()}
    return Context(books, stores, {0: "NOT LOGGED IN", 1: "General"}, standing=told.get("standing", {}))


def booked(folder: Path, rules: Rules, context: Context) -> Iterator[Booked]:
    documents = parse_magento((folder / "magento.json").read_text())
    order = read_order(documents["order"])
    assert isinstance(order, Order), order
    yield book_order(order, context, rules)
    for raw in documents["invoices"]:
        invoice = read_invoice(raw, order)
        assert isinstance(invoice, Invoice), invoice
        yield book_invoice(invoice, order, context, rules)


def told(outcome: Booked) -> list[dict[str, Any]]:
    """An outcome as it stands in entry.json: entries with their keys, or why there are none."""
    if isinstance(outcome, Problem):
        return [{"problem": outcome.code, "document": outcome.document, "reason": outcome.reason}]
    if not isinstance(outcome, tuple):
        return [{"waiting": outcome.reason, "document": outcome.document}]
    return [{"key": entry.key, **entry_json(entry)} for entry in outcome]


def agree(path: Path, found: Any) -> None:
    if REWRITE:
        path.write_text(pretty(found) + "\n", encoding="utf-8")
    assert parse(path.read_text(encoding="utf-8")) == parse(qbo.dumps(found))


def pretty(value: Any, indent: str = "") -> str:
    """JSON for people: one property to a line, amounts with the digits they have."""
    if isinstance(value, dict) and value:
        inner = [f"{indent}  {qbo.dumps(key)}: {pretty(value[key], indent + '  ')}" for key in sorted(value)]
        return "{\n" + ",\n".join(inner) + f"\n{indent}}}"
    if isinstance(value, list) and any(isinstance(each, dict) for each in value):
        inner = [f"{indent}  {pretty(each, indent + '  ')}" for each in value]
        return "[\n" + ",\n".join(inner) + f"\n{indent}]"
    return qbo.dumps(value)


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_the_books_answer_the_accountants_question(folder: Path) -> None:
    assert (folder / "title.txt").read_text().strip().endswith("?")
    rules, context = rules_of(folder), context_of(folder)
    outcomes = list(booked(folder, rules, context))
    entries: list[Entry] = [entry for outcome in outcomes if isinstance(outcome, tuple) for entry in outcome]
    assert all(off_balance(entry.lines) == 0 for entry in entries)
    agree(folder / "entry.json", [line for outcome in outcomes for line in told(outcome)])
    agree(folder / "qbo.json", [qbo.write(entry, rules, context.books) for entry in entries])


def test_there_are_cases() -> None:
    assert len(FOLDERS) >= 12
