"""Daily summaries: one document for everything that was paid (or paid back) on a day, in one store view, by one method
and in one currency.

It is made of entries that were booked order by order and nothing else: lines of the same account, item, tax and rule
are added up to the cent. Entries come as the JSON that the ledger keeps of them (`kept`), one after the other, so that
a day of any size is summed up without being held in memory.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Final

from mappings.catalogue import problem
from mappings.checks import check_entry
from mappings.closing import adjusting, adjusting_entry, dated, journal_entry
from mappings.context import Books
from mappings.entry import Because, Entry, EntryLine, Party, Role, SummaryForm, debits
from mappings.entry_booked import booked_json
from mappings.entry_json import entry_json, facts_json
from mappings.facts import summary_facts
from mappings.jsontext import dumps, parse
from mappings.model import ZERO, EntryKind, Problem
from mappings.parties import collective, in_currency
from mappings.rules import Rules

ROLES: Final[tuple[Role, ...]] = (
    "money",
    "item",
    "shipping",
    "discount",
    "fee",
    "credit",
    "adjustment",
    "tax",
    "rounding",
)
"""The order of a summary's lines, as on the documents of single orders."""
_STAYS: Final = ("money", "item", "tax")
"""Lines that are shown when they add up to nothing, too: a free article was sold, a rate of zero was charged."""
WORDS: Final[Mapping[str, tuple[str, str]]] = {
    "sales_receipt": ("sales", "order"),
    "refund_receipt": ("refunds", "credit memo"),
}
_INDEX: Final = re.compile(r"\[\d+\]")
_UNFIT: Final = re.compile(r"[^A-Za-z0-9_]+")

LineKey = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Series:
    """What belongs into one summary, and into those that follow it when more of the same day comes later. Sales and
    refunds (`kind`) are apart, so that gross sales stay gross. `account` is the clearing account, `method` Magento's
    payment method and `payment_method` QuickBooks'; `tax_item` the only sales tax item that a document of QuickBooks
    Desktop can have. Of a foreign currency there is a summary for each rate."""

    kind: EntryKind
    day: date
    begins: datetime
    ends: datetime
    store: str
    method: str
    currency: str
    customer: str
    account: str
    payment_method: str
    class_name: str
    department: str
    tax_item: str
    form: SummaryForm = "sales_receipt"
    exchange_rate: str = ""
    receivable: str = ""

    @property
    def key(self) -> str:
        """The outbox key of its first summary."""
        digest = hashlib.sha256(self.text.encode()).hexdigest()[:6]
        named = (_UNFIT.sub("_", each) for each in (WORDS[self.kind][0], self.store, self.method) if each)
        return f"summary/{self.day}/{'-'.join(named)}-{digest}"

    @property
    def text(self) -> str:
        """As JSON; `read_series` reads it."""
        days = {name: getattr(self, name).isoformat() for name in ("day", "begins", "ends")}
        return dumps(asdict(self) | days)


def read_series(text: str) -> Series:
    """The series that a text of `Series.text` tells."""
    told = parse(text)
    days = {name: datetime.fromisoformat(told[name]) for name in ("begins", "ends")}
    return Series(**told | days | {"day": date.fromisoformat(told["day"])})


def series_of(entry: Entry, rules: Rules) -> Series:
    """The series of an entry that is marked for a summary. Raises ValueError for any other."""
    if entry.summary is None:
        raise ValueError(f"{entry.key} stands by itself")
    into = entry.summary
    return Series(
        kind=entry.kind,
        day=into.day,
        begins=into.begins,
        ends=into.ends,
        store=into.store,
        method=into.method,
        currency=entry.currency,
        customer=(entry.original or entry).party.name,
        account=entry.deposit_account,
        payment_method=entry.payment_method,
        class_name=entry.class_name,
        department=entry.department,
        tax_item=_tax_item(entry, rules),
        form=into.form,
        exchange_rate="" if entry.exchange_rate is None else str(entry.exchange_rate),
        receivable=entry.receivable,
    )


def as_posted(entry: Entry, rules: Rules) -> Entry:
    """The entry in the form that its summary will have, to see whether QuickBooks lacks anything for it."""
    is_journal = entry.summary is not None and entry.summary.form == "journal"
    return journal_entry(entry, rules) if is_journal else entry


def kept(entry: Entry, rules: Rules) -> str:
    """The entry as JSON: what the outbox keeps of one, its lines ready to be added to others, and what it follows."""
    posted, booked = as_posted(entry, rules), booked_json(entry)
    if posted is not entry:  # a journal entry knows accounts alone
        entry = replace(entry, lines=tuple(_on_its_account(line) for line in posted.lines))
    told = entry_json(entry)
    lines = [_kept_line(*each, rules) for each in zip(entry.lines, told["lines"], strict=True)]
    after = {"after": entry.after} if entry.after else {}
    return dumps(told | facts_json(entry) | booked | {"lines": lines} | after)


def digest(text: str) -> str:
    """What tells two kept entries apart that differ in the books: amounts, accounts, items and tax."""
    told = parse(text)
    lines = [[*line_key(line)[:-2], line["amount"], line.get("taxable", ZERO)] for line in told["lines"]]
    return hashlib.sha256(dumps([told["total"], told["tax"], lines]).encode()).hexdigest()[:20]


def line_key(line: Mapping[str, Any]) -> LineKey:
    """What lines of kept entries (or of a summary) have in common that become one line."""
    by_list, row = line["because"]
    optional = (line.get(name, "") for name in ("sku", "tax_code", "tax_rate"))
    return (line["role"], line["account"], line["item"], *optional, by_list, row)


@dataclass(slots=True)
class Line:
    """One line of a summary while it is added up; `first` is the first of its kind, of `documents` in all."""

    first: Mapping[str, Any]
    amount: Decimal = ZERO
    taxable: Decimal = ZERO
    quantity: Decimal = ZERO
    source: set[str] = field(default_factory=set)
    documents: int = 0


@dataclass(slots=True)
class Sum:
    """A summary while its documents are added up, `changes` of them revisions of others; amounts in the series'
    currency."""

    documents: int = 0
    changes: int = 0
    total: Decimal = ZERO
    tax: Decimal = ZERO
    lines: dict[LineKey, Line] = field(default_factory=dict)
    decisions: dict[tuple[str, str], None] = field(default_factory=dict)
    _list: Any = field(default_factory=hashlib.sha256)

    def add(self, document: str, text: str) -> None:
        """Add a kept entry; `document` is its key. The list's hash depends on the order: go by key."""
        entry = parse(text)
        self.documents += 1
        self.changes += "revision" in entry
        self.total += entry["total"]
        self.tax += entry["tax"]
        self.decisions.update(((by_list, row), None) for by_list, row in entry["decisions"])
        self._list.update(f"{document} {entry['total']:.2f} {entry['tax']:.2f}\n".encode())
        seen = set()
        for told in entry["lines"]:
            key = line_key(told)
            line = self.lines.get(key)
            if line is None:
                line = self.lines[key] = Line(told)
            line.amount += told["amount"]
            line.taxable += told.get("taxable", ZERO)
            line.quantity += told.get("quantity", ZERO)
            line.source.update(_INDEX.sub("[]", path) for path in told["source"])
            line.documents += key not in seen
            seen.add(key)

    @property
    def list_hash(self) -> str:
        """A short hash of the documents in it and their amounts: what the memo shows, for whoever compares lists."""
        return str(self._list.hexdigest()[:10])

    def in_order(self) -> Iterator[tuple[LineKey, Line]]:
        """The lines, in the order in which the summary shows them."""
        return iter(sorted(self.lines.items(), key=lambda one: (ROLES.index(one[1].first["role"]), one[0])))


def make_summary(series: Series, summed: Sum, key: str, sequence: int, books: Books, rules: Rules) -> Entry | Problem:
    """The entry of a summary: number `sequence` of its day. A day in a closed period is held, or moved by the rules."""
    found = dated(series.day, None, books, rules)
    if isinstance(found, str):
        return problem("closed-period", key, "date", found, amount=summed.total, currency=series.currency)
    counts = ((summed.documents - summed.changes, WORDS[series.kind][1]), (summed.changes, "change"))
    many = ", ".join(f"{count} {word}{'s' * (count != 1)}" for count, word in counts if count)
    parts = (f"Magento daily summary {series.day}", series.store, series.method)
    memo = f"{', '.join(part for part in parts if part)}: {many}, list {summed.list_hash}"
    number = rules.books.summary_number.render(summary_facts(series.day, sequence))
    entry = Entry(
        key=key,
        kind=series.kind,
        source_id=0,
        number=f"{rules.books.number_prefix}{number}",
        txn_date=found.day,
        currency=series.currency,
        party=_party(series),
        total=summed.total,
        tax=summed.tax,
        lines=tuple(_line(line) for _, line in summed.in_order() if line.amount or line.first["role"] in _STAYS),
        memo=f"{memo}{found.clause}",
        deposit_account=series.account,
        payment_method=series.payment_method,
        department=series.department,
        class_name=series.class_name,
        decisions=tuple(Because(*each) for each in sorted(summed.decisions)),
        documents=summed.documents,
        exchange_rate=Decimal(series.exchange_rate) if series.exchange_rate else None,
        receivable=series.receivable,
    )
    if series.form == "journal":  # its lines were made for one when they were kept
        entry = replace(entry, kind="journal", total=debits(entry.lines), tax=ZERO)
        entry = adjusting(entry) if found.adjusting else entry
    elif found.adjusting:
        entry = adjusting_entry(entry, rules)
    return check_entry(entry, rules) or entry


def _party(series: Series) -> Party:
    party = collective(series.customer)
    return in_currency(party, series.currency) if series.exchange_rate else party


def _line(line: Line) -> EntryLine:
    told = line.first
    by_list, row = told["because"]
    sku = told.get("sku", "")
    return EntryLine(
        role=told["role"],
        account=told["account"],
        amount=line.amount,
        because=Because(by_list, row),
        source=tuple(sorted(line.source)),
        item="" if sku else told["item"],
        sku=sku,
        description=told.get("description", ""),
        quantity=line.quantity if sku and line.quantity > 0 else None,
        tax_code=told["tax_code"],
        tax_rate=told.get("tax_rate", ""),
        taxable=line.taxable if told.get("tax_rate") else None,
        item_type=told.get("item_type", ""),
    )


def _on_its_account(line: EntryLine) -> EntryLine:
    return replace(line, item="", sku="", quantity=None, tax_code="", taxable=None)


def _kept_line(line: EntryLine, told: Mapping[str, Any], rules: Rules) -> dict[str, Any]:
    more = {
        "item": _discount_item(line, rules) or told["item"],
        "sku": "" if line.item else line.sku,
        "tax_rate": line.tax_rate,
        "taxable": line.taxable,
        "quantity": None if line.item else line.quantity,
        "description": _words(line),
        "item_type": line.item_type,
    }
    return {**told, **{name: value for name, value in more.items() if value or name == "item"}}


def _words(line: EntryLine) -> str:
    """What a line says that sums up many: the article's name, or nothing of a single order's."""
    of_all = line.role == "tax" or bool(line.sku and not line.item)
    return line.description if of_all else ""


def _discount_item(line: EntryLine, rules: Rules) -> str:
    """QuickBooks' own discount line lowers a whole document, hence every order in it: in a summary it is a line."""
    if line.role != "discount" or line.item:
        return ""
    rows = sorted(rules.discount, key=lambda row: row.id != line.because.row)
    items = (item for item, account in map(rules.discount_item, (*rows, None)) if account == line.account)
    return next(items, rules.discount_item(None)[0])


def _tax_item(entry: Entry, rules: Rules) -> str:
    books = rules.books
    if books.target == "online" or books.sales_tax == "codes" or books.tax_method == "own_line" or not entry.tax:
        return ""
    return ", ".join(sorted({line.tax_rate for line in entry.lines if line.role == "tax" and not line.item}))
