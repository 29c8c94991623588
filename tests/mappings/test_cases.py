"""Cases: folders of data under tests/cases, each titled by a question that an accountant would ask.

`magento.json` holds the order with its Magento invoices and credit memos, `rules.toml` the rules (or `template.txt`
the name of a template), `context.json` what differs from an American company with nothing posted yet. `entry.json` and
`qbo.json` are what must come of it, and `desktop.xml` what QuickBooks Desktop gets by the same rules;
MAGEBOOKS_REWRITE_CASES=1 writes them anew, to be read before they are committed.
"""

import json
import os
import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from mappings import qbo, qbxml
from mappings.booking import Booked, book_invoice, book_order
from mappings.booking_memo import book_credit_memo
from mappings.checks import off_balance
from mappings.desktop_tax import fit
from mappings.dialect import DESKTOP
from mappings.entry import Entry
from mappings.entry_json import entry_json
from mappings.jsontext import parse
from mappings.magento import parse as parse_magento
from mappings.magento import read_credit_memo, read_invoice, read_order
from mappings.model import Context, CreditMemo, Invoice, Order, Problem
from mappings.rules import Rules, load, template
from tests.mappings.desktop import CHARGED, EUROPE, VAT_SHOP
from tests.mappings.qbxml_schema import valid
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
    outcomes = [book_order(order, context, rules)]
    for raw in documents["invoices"]:
        invoice = read_invoice(raw, order)
        assert isinstance(invoice, Invoice), invoice
        outcomes.append(book_invoice(invoice, order, context, rules))
    for raw in documents.get("creditmemos", ()):
        memo = read_credit_memo(raw, order)
        assert isinstance(memo, CreditMemo), memo
        entries = [entry for outcome in outcomes if isinstance(outcome, tuple) for entry in outcome]
        outcomes.append(book_credit_memo(memo, order, entries, context, rules))
    yield from outcomes


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


# --- QuickBooks Desktop -------------------------------------------------------------------------------


def desktop_rules(folder: Path) -> Rules:
    """The folder's rules as they are for a company on Desktop: American ones by that template, with their settings and
    refunds."""
    own = folder / "rules.toml"
    if not own.exists() and (folder / "template.txt").read_text().strip() == "eu_vat":
        return EUROPE
    text = template("us_desktop")
    for setting in ("post_on", "closed_period") if own.exists() else ():
        (chosen,) = re.findall(rf'(?m)^{setting} *= *"\w+"', own.read_text())
        text = re.sub(rf'(?m)^{setting} *= *"\w+"', chosen, text)
    refunds = re.findall(r"(?ms)^\[\[refund\]\]$.*?(?=^$)", own.read_text()) if own.exists() else []
    return load("\n".join([text, *(row for row in refunds if "off " not in row)]))


def desktop_told(outcome: Booked, rules: Rules, context: Context) -> Iterator[etree._Element]:
    """An outcome as it stands in desktop.xml: each document with its key, or why there is none."""
    if not isinstance(outcome, tuple):
        kind, made = ("held", outcome.code) if isinstance(outcome, Problem) else ("waiting", "")
        yield _element(kind, {"document": outcome.document, "code": made}, outcome.reason)
        return
    for entry in (document for each in outcome for document in DESKTOP.documents(each, rules)):
        fitted = fit(entry, rules, context.books)
        if isinstance(fitted, Problem):
            yield _element("held", {"document": fitted.document, "code": fitted.code}, fitted.reason)
            continue
        assert off_balance(fitted.entry.lines) == 0
        document = _element("document", {"key": entry.key, "tax": f"{fitted.entry.tax:.2f}"})
        document.extend(_element("look", {"code": each.code}, each.reason) for each in fitted.problems)
        document.append(etree.fromstring(valid(qbxml.write(fitted.entry, rules, context.books).text)))
        yield document


def _element(name: str, attributes: dict[str, str], text: str | None = None) -> etree._Element:
    made = etree.Element(name, {key: value for key, value in attributes.items() if value})
    made.text = text
    return made


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)
def test_quickbooks_desktop_gets_the_same_books(folder: Path) -> None:
    rules, context = desktop_rules(folder), context_of(folder)
    charged = VAT_SHOP.tax_rates if rules is EUROPE else CHARGED
    context = replace(context, books=replace(context.books, tax_rates=charged))
    root = _element("desktop", {})
    for outcome in booked(folder, rules, context):
        root.extend(desktop_told(outcome, rules, context))
    etree.indent(root)
    found, path = etree.tostring(root, encoding="unicode") + "\n", folder / "desktop.xml"
    if REWRITE:
        path.write_text(found, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == found


def test_there_are_cases() -> None:
    assert len(FOLDERS) >= 12
