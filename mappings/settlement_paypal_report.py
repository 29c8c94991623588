"""PayPal's Settlement Report (STL), the file that PayPal leaves on its SFTP server every day.

Columns, row types and the rule for amounts (unsigned, without any punctuation, the direction beside them as CR or DR)
are those of developer.paypal.com/docs/reports/sftp-reports/settlement-report, what a row is those of
developer.paypal.com/reports/reference/t-codes; Magento's own reader of it (Magento\\Paypal\\Model\\Report\\Settlement)
takes amounts for cents. By that specification the report reconciles to the settlement withdrawal, which is what is
paid out.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Final

from mappings.settlement import Found, Kind, Movement, Settlement, by_balance
from mappings.settlement_table import SECTION, Cells, Table

COLUMNS: Final = (
    "Transaction ID",
    "PayPal Reference ID",
    "Transaction Event Code",
    "Transaction Completion Date",
    "Transaction Debit or Credit",
    "Gross Transaction Amount",
    "Gross Transaction Currency",
    "Fee Debit or Credit",
    "Fee Amount",
    "Fee Currency",
)
_EVENTS: Final[Mapping[str, Kind]] = {
    "T00": "sale",
    "T01": "fee",
    "T03": "payout",
    "T04": "payout",
    "T1101": "payout",
    "T1106": "chargeback",
    "T1107": "refund",
    "T1108": "fee",
    "T1109": "fee",
    "T1201": "chargeback",
    "T1202": "chargeback",
    "T1205": "chargeback",
    "T1207": "chargeback",
    "T1208": "chargeback",
}
"""Kinds by event code, or by its group: payments, fees, money from and to the bank. Everything else (currency
conversion, holds, reserves, corrections) is an adjustment."""
_WITHOUT_CENTS: Final = ("HUF", "JPY", "TWD")


def read_paypal_report(table: Table) -> Iterator[Settlement]:
    """The settlements of a report, of each PayPal account by itself. Raises SettlementError."""
    accounts = dict.fromkeys(row.text(SECTION) for row in table.rows)
    for account in accounts:
        rows = [row for row in table.rows if row.text(SECTION) == account]
        rows.sort(key=lambda row: row.needed("Transaction Completion Date"))
        yield from by_balance("paypal", map(_row, rows))


def _row(row: Cells) -> Found:
    currency = row.currency("Gross Transaction Currency")
    if currency in _WITHOUT_CENTS:
        fix = "Settle PayPal's activity download of these days instead."
        row.fail("Gross Transaction Currency", f"how PayPal writes amounts in {currency} here is not documented", fix)
    if row.text("Fee Currency") and row.currency("Fee Currency") != currency:
        row.fail(
            "Fee Currency", f"the fee is not in {currency}", "Settle PayPal's activity download of this day instead."
        )
    code = row.needed("Transaction Event Code").upper()
    kind = _EVENTS.get(code) or _EVENTS.get(code[:3], "adjustment")
    gross = _signed(row, "Transaction Debit or Credit", "Gross Transaction Amount")
    if kind == "sale" and gross < 0:
        kind = "adjustment"  # a payment that the shop itself sent
    transaction = row.needed("Transaction ID")
    ids = tuple(dict.fromkeys(one for one in (transaction, row.text("PayPal Reference ID")) if one))
    fee = -_signed(row, "Fee Debit or Credit", "Fee Amount")
    day = row.day("Transaction Completion Date", "%Y/%m/%d")
    return Found(Movement(kind, ids, gross, fee, row.line), transaction, currency, day)


def _signed(row: Cells, direction: str, column: str) -> Decimal:
    """An amount in cents, with the sign of its direction: CR is money that comes in."""
    amount = row.cents(column)
    if amount and row.text(direction).upper() not in ("CR", "DR"):
        row.fail(direction, "is neither CR nor DR", "Download the file again; it may have been changed.")
    return -amount if row.text(direction).upper() == "DR" else amount
