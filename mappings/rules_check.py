"""What the shape of a rules file cannot say: how its rows, names and roles fit together.

It looks at the file's raw values, so that it finds everything even where another part has the wrong shape.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from mappings.facts import is_personal, known_fact
from mappings.facts_listed import unknown_alone
from mappings.rules_check_desktop import Found, Table, check_desktop, check_online, settings
from mappings.rules_findings import Fault, nearest, short
from mappings.rules_model import LISTS, NOT_IN_FILE, Accounts
from mappings.rules_places import Path
from mappings.rules_rows import LISTINGS, listing_of
from mappings.values import TemplateError, compile_template

__all__ = ["Found", "check", "place"]

MOST_ROWS: Final = 2000
GROUPS: Final[Mapping[str, frozenset[str]]] = {
    "item": frozenset({"line", "product"}),
    "tax": frozenset({"tax"}),
    "credit": frozenset({"credit"}),
    "fee": frozenset({"fee"}),
    "settlement": frozenset({"settlement"}),
    "deferral": frozenset({"line", "product"}),
}
"""Which lists know more than the document: a line and its product, one tax, one credit. A settlement is of many."""
ACCOUNT_FIELDS: Final = ("clearing", "account", "bank", "fees", "chargebacks", "adjustments", "receivable")
TEMPLATE_FIELDS: Final = ("name", "from", "reason", "customer")
BOOKS_TEMPLATES: Final = ("number", "invoice_number", "refund_number", "shipment_number", "memo")
SUMMARY_NUMBER: Final = ("summary.date", "summary.sequence")
"""A summary has no order: its number is made of these, and needs both to be the only one."""
_ROLE: Final = re.compile(r"[a-z][a-z0-9_]*")


def check(data: Table) -> list[Found]:
    """Every fault between parts of the file, with its path."""
    rows = [(name, number, row) for name in LISTS for number, row in _rows(data, name)]
    found: list[Found] = [
        ((name,), Fault(f'unknown field "{name}"', quoted=True)) for name in NOT_IN_FILE if name in data
    ]
    if len(rows) > MOST_ROWS:
        found.append(((), Fault(f"has {len(rows)} rows; the most is {MOST_ROWS}")))
    for name in LISTS:
        found += _ids(name, _rows(data, name))
        found += _order(name, _rows(data, name))
    for name, number, row in rows:
        found += _scope(name, (name, number), row)
        found += _sense(name, (name, number), row, settings(data).get("sales_tax") != "codes")
        found += _kept(name, (name, number), row)
        found += _of_listing((name, number), row, rows) if name == "field" else ()
        found += _currency((name, number), row) if name == "currency" else ()
        found += _kit((name, number), row) if name == "item" else ()
    found += _books(data)
    found += _deferral(data, rows)
    found += check_desktop(data, rows) if settings(data).get("target") == "desktop" else check_online(rows)
    found += _roles(data, rows)
    return found


def place(data: Table, path: Path) -> str:
    """A path as people read it: `payment "paypal", clearing` or `[books] number`."""
    if not path:
        return ""
    first, *rest = path
    if not rest or not isinstance(rest[0], int):
        below = ".".join(map(str, rest))
        return f"[{first}] {below}".strip() if isinstance(data.get(str(first)), Mapping) else str(first)
    rows: Any = data[str(first)]
    row: Any = rows[rest[0]]
    name = row.get("id") if isinstance(row, Mapping) else None
    title = f'{first} "{short(name)}"' if isinstance(name, str) else f"{first} row {rest[0] + 1}"
    return ", ".join([title, *map(str, rest[1:])])


def _rows(data: Table, name: str) -> Iterator[tuple[int, Table]]:
    rows = data.get(name)
    return ((n, row) for n, row in enumerate(rows if isinstance(rows, list) else ()) if isinstance(row, Mapping))


def _ids(name: str, rows: Iterable[tuple[int, Table]]) -> Iterator[Found]:
    seen: set[str] = set()
    for number, row in rows:
        key = row.get("id")
        if isinstance(key, str):
            if key.casefold() in seen:
                yield (name, number, "id"), Fault("another row of this list has the same id")
            seen.add(key.casefold())


def _order(name: str, rows: Iterable[tuple[int, Table]]) -> Iterator[Found]:
    """A row without `when` catches anything else, so rows below it (for fields: with the same target) are dead."""
    caught: dict[object, object] = {}
    for number, row in rows:
        if row.get("off") is True:
            continue
        about = str(row.get("to")) if name == "field" else None
        if about in caught:
            yield (name, number), Fault(f'is never reached: "{short(caught[about])}" above it has no `when`')
        elif "when" not in row:
            caught[about] = row.get("id", "a row")


def _scope(name: str, path: Path, row: Table) -> Iterator[Found]:
    if name == "field" and listing_of(row.get("to")):
        return  # it knows no order: `_of_listing`
    when = row.get("when")
    for fact in when if isinstance(when, Mapping) else ():
        yield from _known_here(name, (*path, "when", fact), fact)
    for key in TEMPLATE_FIELDS:
        for fact in _names(row.get(key)):
            yield from _known_here(name, (*path, key), fact)


def _known_here(name: str, path: Path, name_of_fact: str) -> Iterator[Found]:
    fact = known_fact(name_of_fact)
    if name == "settlement" and fact is not None and fact.group == "document":
        yield path, Fault(f"{fact.name} is a fact of one order; a payout is of many")
    elif fact is not None and fact.group not in GROUPS.get(name, frozenset()) | {"document"}:
        lists = " and ".join(f"[[{each}]]" for each, groups in GROUPS.items() if fact.group in groups)
        yield path, Fault(f"fact {fact.name} is known only to {lists} rows" if lists else f"{fact.name} is not known")


def _names(text: object) -> tuple[str, ...]:
    """The facts of a template; none where it is not a template or cannot be read, which is found elsewhere."""
    try:
        return compile_template(text).names if isinstance(text, str) else ()
    except TemplateError:
        return ()


def _sense(name: str, path: Path, row: Table, automated: bool) -> Iterator[Found]:
    """Rows that say too little, or two things at once."""
    if name in ("customer", "document"):
        yield from _summary(name, path, row)
    if name == "tax":
        own, codes = row.get("item") or row.get("account"), row.get("code") or row.get("rate")
        if own and codes:
            yield path, Fault("names both a tax code and an item; say code and rate, or item and account")
        elif own and not (row.get("item") and row.get("account")):
            yield path, Fault("needs both item and account, so that the tax becomes a line on a liability account")
        elif not own and not row.get("code") and not (row.get("rate") and automated):
            yield path, Fault("needs code (QuickBooks' tax code), or item and account for a line of its own")
    if name == "refund" and row.get("to") == "store_credit" and not (row.get("item") and row.get("account")):
        yield path, Fault("needs item and account, so that the store credit becomes a line on a liability account")
    if name == "refund" and row.get("to") == "payment" and row.get("item"):
        yield path, Fault("needs no item: money goes back from an account")
    says = ("item", "account", "show", "type", "keep", "kit")
    if name in ("item", "shipping", "discount") and not any(row.get(key) for key in says):
        wanted = "item, account or show" if name == "discount" else "item or account"
        yield path, Fault(f"needs {wanted}, else it changes nothing")
    if name == "class" and not (row.get("class") or row.get("department")):
        yield path, Fault("needs class or department, else it changes nothing")


def _kept(name: str, path: Path, row: Table) -> Iterator[Found]:
    """A row for the shop's own list: it decides about a customer or a product that has no order."""
    if name not in ("customer", "item") or row.get("keep") not in ("create", "update"):
        return
    when = row.get("when")
    what = "customer" if name == "customer" else "product"
    for fact in unknown_alone(name, filter(known_fact, when if isinstance(when, Mapping) else ())):
        yield (*path, "when", fact), Fault(f"{fact} is a fact of an order; keep decides about a {what} alone")
    if row.get("use") == "summary":
        yield (*path, "keep"), Fault('is for use = "own": a collective customer is created when it is needed')
    if name == "item" and row.get("item"):
        yield (*path, "keep"), Fault("is for items of the SKU itself; this row sells under another item")


def _of_listing(path: Path, row: Table, rows: Iterable[tuple[str, int, Table]]) -> Iterator[Found]:
    """A row for custom fields of customers or items: it knows no order, and needs a row that keeps them."""
    target = listing_of(row.get("to"))
    if target is None:
        return
    of = LISTINGS[target[0]]
    when = row.get("when")
    asked = [((*path, "when", fact), fact) for fact in (when if isinstance(when, Mapping) else ())]
    asked += [((*path, "from"), fact) for fact in _names(row.get("from"))]
    for place_of, fact in asked:
        if known_fact(fact) and unknown_alone(of, [fact]):
            what = "customer" if of == "customer" else "product"
            yield place_of, Fault(f"{fact} is not known of a {what} alone, and {row['to']} has no order")
    kept = (one for name, _, one in rows if name == of and one.get("off") is not True)
    if row.get("off") is not True and not any(one.get("keep") in ("create", "update") for one in kept):
        yield (*path, "to"), Fault(f'needs a [[{of}]] row with keep = "create" or "update", else it is never filled')


def _summary(name: str, path: Path, row: Table) -> Iterator[Found]:
    """Rows for collective customers, and for documents of many orders."""
    if name == "customer":
        if row.get("use") == "summary" and not row.get("name"):
            yield path, Fault('use = "summary" needs the name of the collective customer, such as name = "Web guests"')
        return
    if row.get("make") == "summary" and not row.get("customer") and row.get("form") != "journal":
        yield path, Fault('make = "summary" needs the name of a collective customer, such as customer = "Web sales"')
    if row.get("make") == "summary" and row.get("customer") and row.get("form") == "journal":
        yield path, Fault('form = "journal" makes a journal entry, which names no customer')
    if row.get("make") != "summary" and row.get("form"):
        yield path, Fault('form is for make = "summary"')
    if row.get("make") != "summary" and row.get("customer"):
        yield path, Fault('customer is for make = "summary"; whose name other documents carry, [[customer]] rows say')
    if row.get("make") == "summary" and row.get("terms"):
        yield path, Fault("terms are for invoices; nobody owes what is in a summary")
    for fact in _names(row.get("customer")):
        if is_personal(fact):
            yield (*path, "customer"), Fault(f"{fact} is of one person; a summary is of all buyers of a day")


def _kit(path: Path, row: Table) -> Iterator[Found]:
    if row.get("kit") == "children" and row.get("item"):
        yield (*path, "item"), Fault('is for one line: kit = "children" sells each article of a bundle under its own')


def _currency(path: Path, row: Table) -> Iterator[Found]:
    mode = row.get("mode")
    if mode in ("base", "convert") and row.get("receivable"):
        yield path, Fault("needs no receivable: only foreign documents have an account of their own")
    if mode == "base" and row.get("rate"):
        yield path, Fault("needs no rate: nothing is converted")


def _books(data: Table) -> Iterator[Found]:
    number = settings(data).get("summary_number")
    names = _names(number)
    for fact in names:
        if fact not in SUMMARY_NUMBER:
            yield ("books", "summary_number"), Fault(f"{fact} is a fact of one order; a summary is of many")
    if isinstance(number, str) and (missing := [fact for fact in SUMMARY_NUMBER if fact not in names]):
        yield ("books", "summary_number"), Fault(f"needs {{{missing[0]}}}, or two summaries would have one number")
    for key in BOOKS_TEMPLATES:
        for fact in _names(settings(data).get(key)):
            yield from _known_here("books", ("books", key), fact)


def _deferral(data: Table, rows: list[tuple[str, int, Table]]) -> Iterator[Found]:
    """A shipment earns revenue of one order's own document, in base currency."""
    on = [(name, number, row) for name, number, row in rows if row.get("off") is not True]
    beside = {
        'post_on = "invoice"; say "order"': settings(data).get("post_on") == "invoice",
        'make = "summary"; let these rows make a "sales_receipt"': any(
            row.get("make") == "summary" for _, _, row in on
        ),
        '[[currency]] rows; let them say mode = "base"': any(
            name == "currency" and row.get("mode") != "base" for name, _, row in on
        ),
    }
    for name, number, row in on:
        if name == "deferral" and row.get("revenue") == "on_shipment":
            for words in (words for words, stands in beside.items() if stands):
                fault = Fault(
                    f"earns revenue by shipments of an order in base currency; it cannot stand beside {words}, or earn "
                    'these lines "at_sale"'
                )
                yield (name, number, "revenue"), fault


def _roles(data: Table, rows: list[tuple[str, int, Table]]) -> Iterator[Found]:
    """Accounts written like a role must be one; a role that nobody uses and looks like another is a slip."""
    accounts = data.get("accounts")
    extra = set(accounts) if isinstance(accounts, Mapping) else set()
    own = set(Accounts.model_fields)
    used = set()
    for name, number, row in rows:
        for key in ACCOUNT_FIELDS:
            account = row.get(key)
            if isinstance(account, str):
                used.add(account)
                if _ROLE.fullmatch(account) and account not in own | extra:
                    fault = Fault(
                        f'no account is called "{short(account)}" in [accounts]', nearest(account, own | extra)
                    )
                    yield (name, number, key), fault
    for role in sorted(extra - own - used):
        if near := nearest(role, own):
            yield ("accounts", role), Fault(f'no row uses the account "{short(role)}"', near)
