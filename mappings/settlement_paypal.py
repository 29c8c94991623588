"""PayPal's activity download ("Balance affecting"): a running balance from which withdrawals take.

PayPal writes days and amounts as the account's country does, so how a day is written has to be found out first.
"""

from collections.abc import Iterator
from typing import Final

from mappings.settlement import Found, Kind, Movement, Settlement, SettlementError, by_balance
from mappings.settlement_table import Cells, Table

_WORDS: Final[tuple[tuple[str, Kind], ...]] = (
    ("hold", "adjustment"),
    ("review", "adjustment"),
    ("reserve", "adjustment"),
    ("withdrawal", "payout"),
    ("transfer to bank", "payout"),
    ("chargeback fee", "fee"),
    ("dispute fee", "fee"),
    ("chargeback", "chargeback"),
    ("payment reversal", "chargeback"),
    ("refund", "refund"),
    ("fee", "fee"),
    ("payment", "sale"),
    ("checkout", "sale"),
)
"""What a row is by its Type ("Express Checkout Payment", "General Withdrawal"); the first word that is in it decides.
Everything else (holds, reserves, currency conversion) is an adjustment."""
_AMERICAN: Final = ("america/", "us/", "pst", "pdt", "mst", "mdt", "cst", "cdt", "est", "edt")
_DONE: Final = ("completed", "")


def read_paypal(table: Table) -> Iterator[Settlement]:
    """The settlements of an activity download. Raises SettlementError."""
    rows = [row for row in table.rows if _moves(row)]
    form = _form(table)
    found = [(row.day("Date", form), row.text("Time"), _row(row, form)) for row in rows]
    if found and found[0][0] > found[-1][0]:
        found.reverse()
    found.sort(key=lambda one: one[:2])
    return by_balance("paypal", [one for _, _, one in found])


def _moves(row: Cells) -> bool:
    """Whether a row touched the balance: a memo does not, and what is pending has not yet."""
    return row.text("Status").casefold() in _DONE and row.text("Balance Impact").casefold() != "memo"


def _row(row: Cells, form: str) -> Found:
    words = row.needed("Type").casefold()
    kind: Kind = next((kind for word, kind in _WORDS if word in words), "adjustment")
    gross, net = row.money("Gross"), row.money("Net")
    if kind == "sale" and gross < 0:
        kind = "adjustment"  # a payment that the shop itself sent
    transaction = row.needed("Transaction ID")
    ids = tuple(dict.fromkeys(one for one in (transaction, row.text("Reference Txn ID")) if one))
    moved = Movement(kind, ids, gross, -row.money("Fee"), row.line)
    row.agrees(moved, net, "Net")
    return Found(moved, transaction, row.currency("Currency"), row.day("Date", form))


def _form(table: Table) -> str:
    """How this file writes a day: by its sign, by a day above 12, or by its time zone."""
    days = [row.needed("Date") for row in table.rows]
    if all("-" in day for day in days):
        return "%Y-%m-%d"
    if all("." in day for day in days):
        return "%d.%m.%Y"
    first = {day.split("/")[0] for day in days}
    second = {day.split("/")[1] for day in days if day.count("/") == 2}
    if any(part.isdigit() and int(part) > 12 for part in first):
        return "%d/%m/%Y"
    zones = {row.text("TimeZone").casefold() for row in table.rows}
    if any(part.isdigit() and int(part) > 12 for part in second) or all(zone.startswith(_AMERICAN) for zone in zones):
        return "%m/%d/%Y"
    if all(zone and not zone.startswith(_AMERICAN) for zone in zones):
        return "%d/%m/%Y"
    reason = "it cannot be told whether the day or the month comes first"
    fix = "Download a period that has a day after the 12th, or with the column TimeZone."
    raise SettlementError(table.source, table.rows[0].line, "Date", reason, fix)
