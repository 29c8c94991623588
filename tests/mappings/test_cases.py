"""What comes of each case (`tests.mappings.cases`): journal, QuickBooks Online's JSON, Desktop's qbXML.

MAGEBOOKS_REWRITE_CASES=1 writes `entry.json`, `qbo.json` and `desktop.xml` anew, to be read before they are committed.
"""

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from lxml import etree

from mappings import qbo, qbxml
from mappings.booking import Booked
from mappings.checks import off_balance
from mappings.context import Context
from mappings.desktop_tax import fit
from mappings.dialect import DESKTOP
from mappings.entry import Entry
from mappings.entry_json import entry_json
from mappings.jsontext import parse
from mappings.model import Problem
from mappings.rules import Rules
from tests.mappings.cases import FOLDERS, booked, context_of, desktop_rules, figures, journal, name_of, rules_of
from tests.mappings.desktop import CHARGED, VAT_SHOP
from tests.mappings.qbxml_schema import valid

REWRITE = os.environ.get("MAGEBOOKS_REWRITE_CASES") == "1"
each_case = pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: folder.name)


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


@each_case
def test_the_journal_is_the_one_worked_out_by_hand(folder: Path) -> None:
    outcomes = booked(folder, rules_of(folder), context_of(folder))
    found = {key: sums for outcome in outcomes for key, sums in journal(outcome)}
    expected = figures(folder)
    assert found == expected
    assert all(sum(sums.values()) == 0 for sums in expected.values())


@each_case
def test_the_books_answer_the_accountants_question(folder: Path) -> None:
    assert (folder / "title.txt").read_text().strip().endswith("?")
    rules, context = rules_of(folder), context_of(folder)
    outcomes = list(booked(folder, rules, context))
    entries: list[Entry] = [entry for outcome in outcomes if isinstance(outcome, tuple) for entry in outcome]
    assert all(off_balance(entry.lines) == 0 for entry in entries)
    agree(folder / "entry.json", [line for outcome in outcomes for line in told(outcome)])
    agree(folder / "qbo.json", [qbo.write(entry, rules, context.books) for entry in entries])


# --- QuickBooks Desktop -------------------------------------------------------------------------------


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


@each_case
def test_quickbooks_desktop_gets_the_same_books(folder: Path) -> None:
    rules, context = desktop_rules(folder), context_of(folder)
    charged = VAT_SHOP.tax_rates if name_of(folder) == "eu_vat" else CHARGED
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
    assert len(FOLDERS) >= 60
