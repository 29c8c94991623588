"""The company as the mirror last saw it: what booking has to know about the books it writes into."""

from collections.abc import Mapping
from datetime import date
from decimal import Decimal

from mappings.context import Books
from mappings.keys import Symbol
from state import references
from state.ledger import Connection
from state.references import Known

PARTS = "parts"
"""The fact that names the sales tax items of a group (ids), or the one of a tax code, with blanks between."""
ACCOUNT = "account"
"""The fact that holds the id of an item's income account."""
CURRENCY = "currency"
"""The id of the currency that an account is in, where QuickBooks Desktop says one."""
RATE = "rate"
"""The fact that holds a sales tax item's percent."""


def is_known(conn: Connection) -> bool:
    """Whether this ledger has seen its company at all."""
    return bool(references.entries(conn, "company"))


def read_books(conn: Connection) -> Books:
    """The company as the mirror last saw it."""
    facts = references.entries(conn, "company")[0].extra
    closed = facts["close_date"]
    return Books(
        country=facts["country"],
        home_currency=facts["home_currency"],
        multicurrency=facts["multicurrency"] == "True",
        automated_sales_tax=facts["automated_sales_tax"] == "True",
        close_date=date.fromisoformat(closed) if closed else None,
        custom_numbers=facts["custom_numbers"] == "True",
        tax_rates=_tax_rates(conn),
        taxable_code=facts.get("taxable_code", "Tax"),
        untaxed_code=facts.get("untaxed_code", "Non"),
        sales_tax_on=facts.get("sales_tax_on", "True") == "True",
    )


def _tax_rates(conn: Connection) -> Mapping[Symbol, tuple[Decimal, ...]]:
    """What each sales tax item, group and tax code of QuickBooks Desktop charges, in percent; Online tells no such
    facts, because it is told the amount."""
    found = {(kind, each.key): each for kind in ("tax_rate", "tax_code") for each in references.entries(conn, kind)}
    by_id = {each.id: each for (kind, _), each in found.items() if kind == "tax_rate"}
    charged = {symbol: _charged(each, by_id) for symbol, each in found.items() if each.active}
    return {symbol: rates for symbol, rates in charged.items() if rates}


def _charged(each: Known, by_id: Mapping[str, Known]) -> tuple[Decimal, ...]:
    if RATE in each.extra:
        return (Decimal(each.extra[RATE]),)
    parts = [by_id[part] for part in each.extra.get(PARTS, "").split() if part in by_id]
    return tuple(Decimal(part.extra[RATE]) for part in parts if RATE in part.extra)
