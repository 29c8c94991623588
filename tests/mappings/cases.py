"""Cases: folders of data under tests/cases, each titled by a question that an accountant would ask.

`magento.json` holds the order, its Magento invoices, credit memos and shipments; `template.txt` names a rules template,
to which `changes.toml` adds settings and rows (`desktop.toml`, where Desktop must be told in other words);
`context.json` says what differs from an American company with nothing posted yet. `figures.txt` is the journal as an
accountant would work it out from the Magento document: people write it, nothing else does. `entry.json` and `qbo.json`
are all that comes of it, and `desktop.xml` what QuickBooks Desktop gets by the same rules. Where `magento.json` holds
several `families`, an order each, they are summed up by day; what it says `later` follows on what was posted.
"""

import json
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any, TypeVar

from mappings.booking import Booked, book_invoice, book_order
from mappings.booking_memo import book_credit_memo
from mappings.booking_shipment import book_shipment
from mappings.context import Context
from mappings.deferral import moves
from mappings.deferred import read_deferred
from mappings.entry import Entry
from mappings.entry_booked import booked_json, read_booked
from mappings.entry_json import entry_json
from mappings.jsontext import dumps
from mappings.magento import parse, read_credit_memo, read_invoice, read_order, read_shipment
from mappings.model import Invoice, Problem, Waiting
from mappings.originals import Original
from mappings.revisions import revise
from mappings.rules import Rules, load, template
from mappings.shop import Product
from mappings.summary import Series, Sum, kept, make_summary, series_of
from tests.mappings.desktop import european
from tests.mappings.sales import STORES, US, ZERO, changed

Member = TypeVar("Member")
FOLDERS = sorted(path.parent for path in (Path(__file__).parents[1] / "cases").glob("*/title.txt"))


def name_of(folder: Path) -> str:
    """The template whose rules the case has."""
    return (folder / "template.txt").read_text().strip()


def changes_of(folder: Path, name: str = "changes.toml") -> tuple[str, str]:
    """The rows that the case puts before the template's, and the settings that it replaces."""
    path = folder / name
    settings, *rows = re.split(r"(?m)^(?=\[\[)", path.read_text()) if path.exists() else ("",)
    return "".join(rows), settings.removeprefix("[books]").strip()


def rules_of(folder: Path) -> Rules:
    """The rules of the case, for QuickBooks Online."""
    return load(changed(template(name_of(folder)), *changes_of(folder)))


def context_of(folder: Path) -> Context:
    """What booking knows beside the document."""
    path = folder / "context.json"
    told: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
    closed = told.get("close_date")
    books = replace(
        US,
        country=told.get("country", "US"),
        home_currency=told.get("home_currency", "USD"),
        multicurrency=told.get("multicurrency", False),
        close_date=date.fromisoformat(closed) if closed else None,
    )
    stores = {number: replace(store, base_currency=books.home_currency) for number, store in STORES.items()}
    return Context(
        books,
        stores,
        {0: "NOT LOGGED IN", 1: "General", 2: "Wholesale"},
        products={name: Product(**product, attributes={}) for name, product in told.get("products", {}).items()},
        approved=frozenset(told.get("approved", ())),
        standing=told.get("standing", {}),
        posted=frozenset(told.get("balances", ())),
        balances={key: Decimal(amount) for key, amount in told.get("balances", {}).items()},
        originals={
            number: Original(number, Decimal(one["paid"]), one["replaced"])
            for number, one in told.get("originals", {}).items()
        },
        dated={key: date.fromisoformat(day) for key, day in told.get("dated", {}).items()},
    )


def booked(folder: Path, rules: Rules, context: Context) -> Iterator[Booked]:
    """What each document of the case becomes, oldest first."""
    documents = parse((folder / "magento.json").read_text())
    if "families" in documents:
        yield from _summed_up(documents["families"], rules, context)
    elif "later" in documents:
        yield from _changed(documents, documents["later"], rules, context)
    else:
        yield from _family(documents, rules, context)


def _summed_up(families: list[dict[str, Any]], rules: Rules, context: Context) -> Iterator[Booked]:
    """What the orders of some days become by themselves, and then the summaries of these days: first of what was there
    when they were closed, then of the orders that came `late`."""
    made, sequences = Counter[str](), Counter[date]()
    for late in (False, True):
        sums: dict[str, tuple[Series, Sum]] = {}
        for family in (each for each in families if each.get("late", False) == late):
            for outcome in _family(family, rules, context):
                if not isinstance(outcome, tuple) or all(entry.summary is None for entry in outcome):
                    yield from () if isinstance(outcome, Waiting) else (outcome,)
                    continue
                for entry in outcome:
                    series = series_of(entry, rules)
                    sums.setdefault(series.key, (series, Sum()))[1].add(entry.key, kept(entry, rules))
        for key, (series, summed) in sorted(sums.items()):
            made[key] += 1
            sequences[series.day] += 1
            named = key if made[key] == 1 else f"{key}/{made[key]}"
            summary = make_summary(series, summed, named, sequences[series.day], context.books, rules)
            yield summary if isinstance(summary, Problem) else (summary,)


def _changed(first: dict[str, Any], later: dict[str, Any], rules: Rules, context: Context) -> Iterator[Booked]:
    """What is posted first, and what follows by the rules when Magento says something else."""
    posted = _entries(_family(first, rules, context))
    yield tuple(posted)
    told = {entry.key: parse(dumps(entry_json(entry) | booked_json(entry))) for entry in posted}
    read = {key: read_booked(key, one) for key, one in told.items()}
    waits = {key: read_deferred(key, told) for key in told}
    context = replace(
        context,
        standing={entry.key: entry.kind for entry in posted},
        dated={entry.key: entry.txn_date for entry in posted},
        deferred={key: one for key, one in waits.items() if one is not None},
    )
    stands = {key: one for key, one in read.items() if one is not None}
    revised = revise(_entries(_family(later, rules, context)), stands, context, rules)
    yield from revised.problems
    yield tuple(entry for entry in revised.entries if entry.key not in told)


def _entries(outcomes: Iterable[Booked]) -> list[Entry]:
    return [entry for outcome in outcomes if isinstance(outcome, tuple) for entry in outcome]


def _family(documents: dict[str, Any], rules: Rules, context: Context) -> Iterator[Booked]:
    order = read_order(documents["order"])
    if isinstance(order, Problem):
        yield order
        return
    outcomes = [book_order(order, context, rules)]
    for raw in documents["invoices"]:
        invoice = read_invoice(raw, order)
        assert isinstance(invoice, Invoice), invoice
        entries = [entry for outcome in outcomes if isinstance(outcome, tuple) for entry in outcome]
        outcomes.append(book_invoice(invoice, order, context, rules, entries))
    memos = [_member(read_credit_memo(raw, order)) for raw in documents.get("creditmemos", ())]
    shipments = [_member(read_shipment(raw, order, documents["order"])) for raw in documents.get("shipments", ())]
    taken = moves(order, shipments, memos, context, rules)
    for memo in memos:
        entries = [entry for outcome in outcomes if isinstance(outcome, tuple) for entry in outcome]
        outcomes.append(book_credit_memo(memo, order, entries, context, rules, taken.get(memo.key)))
    entries = [entry for outcome in outcomes if isinstance(outcome, tuple) for entry in outcome]
    for shipment in shipments:
        outcomes.append(book_shipment(shipment, order, entries, taken.get(shipment.key, {}), context, rules))
    yield from outcomes


def _member(read: Member | Problem) -> Member:
    assert not isinstance(read, Problem), read
    return read


def desktop_rules(folder: Path) -> Rules:
    """The folder's rules as they are for a company on Desktop: American ones by that template."""
    own = (folder / "desktop.toml").exists()
    rows, settings = changes_of(folder, "desktop.toml" if own else "changes.toml")
    if name_of(folder) == "eu_vat":
        return load(european(changed(template("eu_vat"), rows, settings)))
    return load(changed(template("us_desktop"), rows, settings))


def journal(outcome: Booked) -> Iterator[tuple[str, dict[str, Decimal]]]:
    """An outcome as it stands in figures.txt: balances by account under its key (the number of a summary), or
    why there are none."""
    if isinstance(outcome, Problem):
        yield f"{outcome.document} held: {outcome.code}", {}
        return
    if not isinstance(outcome, tuple):
        yield f"{outcome.document} waits", {}
        return
    for entry in outcome:
        sums: dict[str, Decimal] = {}
        for line in entry.lines:
            sums[line.account] = sums.get(line.account, ZERO) + line.amount
        key = entry.number if entry.key.startswith("summary/") else entry.key
        yield key, {account: amount for account, amount in sums.items() if amount}


def figures(folder: Path) -> dict[str, dict[str, Decimal]]:
    """The journal that was worked out by hand: a key to a line, and under it accounts with debits and -credits."""
    found: dict[str, dict[str, Decimal]] = {}
    sums: dict[str, Decimal] = {}
    for line in (folder / "figures.txt").read_text(encoding="utf-8").splitlines():
        if line.startswith(" "):
            account, amount = line.rsplit(maxsplit=1)
            sums[account.strip()] = Decimal(amount)
        else:
            sums = found[line] = {}
    return found
