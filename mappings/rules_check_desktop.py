"""What QuickBooks Desktop has that Online lacks, and the other way round, looked for in a rules file's raw values.

Lengths are Intuit's for qbXML 13.0: a name of the rules is looked up in QuickBooks as it stands, so it cannot be
shortened.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from mappings.rules_findings import Fault
from mappings.rules_places import Path
from mappings.rules_rows import CUSTOM_FIELD, listing_of

Found = tuple[Path, Fault]
Table = Mapping[str, Any]
Rows = Iterable[tuple[str, int, Table]]

NAME: Final = 31
TAX_CODE: Final = 3
LEVELS: Final = ("clearing", "account", "item", "class")
"""Names that may hold levels with a colon between them (`Income:4000 Sales`), each as long as a name."""
FIELDS: Final = ("PrivateNote", f"{CUSTOM_FIELD}Other")
INVENTORY_ACCOUNTS: Final = ("inventory", "cost_of_goods")


def settings(data: Table, name: str = "books") -> Table:
    """A table of the file, empty where it is missing or of another shape."""
    found = data.get(name)
    return found if isinstance(found, Mapping) else {}


def check_online(rows: Rows) -> Iterator[Found]:
    """What only Desktop has."""
    for name, number, row in rows:
        if name == "item" and row.get("type") == "inventory":
            yield (name, number, "type"), Fault("inventory items are created in QuickBooks Desktop only")
        if name == "field" and listing_of(row.get("to")):
            fault = (
                "QuickBooks Online's accounting API has custom fields on sales forms only, none on customers or items"
            )
            yield (name, number, "to"), Fault(fault)


def check_desktop(data: Table, rows: Rows) -> Iterator[Found]:
    """What only Online has, names that Desktop cannot have, and accounts that inventory needs."""
    for table in ("accounts", "items"):
        for key, value in settings(data, table).items():
            yield from _fits((table, key), value, levels=True)
    yield from _fits(("books", "terms"), settings(data).get("terms"))
    accounts = settings(data, "accounts")
    for name, number, row in rows:
        for key in ("clearing", "account", "item", "class", "method", "terms", "rate"):
            yield from _fits((name, number, key), row.get(key), levels=key in LEVELS)
        yield from _fits((name, number, "code"), row.get("code"), TAX_CODE)
        if row.get("department"):
            yield (name, number, "department"), Fault("QuickBooks Desktop has no locations; say class")
        yield from _field((name, number, "to"), row.get("to")) if name == "field" else ()
        if name == "item" and row.get("type") == "inventory":
            for role in INVENTORY_ACCOUNTS:
                if role not in accounts:
                    yield (name, number, "type"), Fault(f"inventory items need the account {role} in [accounts]")


def _field(path: Path, target: object) -> Iterator[Found]:
    if listed := listing_of(target):
        yield from _fits(path, listed[1])
    elif isinstance(target, str) and target not in FIELDS:
        known = f"QuickBooks Desktop gets {' and '.join(FIELDS)} only"
        yield (
            path,
            Fault(f"{known}; a customer's own field is Customer.CustomField.NAME, an item's Item.CustomField.NAME"),
        )


def _fits(path: Path, value: object, most: int = NAME, *, levels: bool = False) -> Iterator[Found]:
    parts = value.split(":") if levels and isinstance(value, str) else [value]
    longest = max((len(part) for part in parts if isinstance(part, str)), default=0)
    if longest > most:
        yield path, Fault(f"is {longest} characters long; QuickBooks Desktop takes {most}")
