"""The processors' files, each told by its header, read as settlements.

Column names are the processors' own: PayPal's activity download ("Balance affecting", docs "Activity download") and its
Settlement Report (`mappings.settlement_paypal_report`), Stripe's itemized payout reconciliation report
(docs.stripe.com/reports/report-types), Adyen's settlement details report (docs.adyen.com, "Settlement details report")
and Braintree's transaction search export with its disbursement.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from mappings.model import ZERO
from mappings.settlement import Found, Kind, Movement, Settlement, SettlementError, by_payout_id
from mappings.settlement_paypal import read_paypal
from mappings.settlement_paypal_report import COLUMNS, read_paypal_report
from mappings.settlement_table import Cells, Table, read_table

_STRIPE: Final[Mapping[str, Kind]] = {
    "charge": "sale",
    "charge_failure": "sale",
    "payment": "sale",
    "refund": "refund",
    "refund_failure": "refund",
    "partial_capture_reversal": "refund",
    "dispute": "chargeback",
    "dispute_reversal": "chargeback",
    "fee": "fee",
    "network_cost": "fee",
    "tax": "fee",
    "payout": "payout",
    "payout_reversal": "payout",
}
"""Stripe's reporting categories; every other one (reserves, transfers, other adjustments) is an adjustment."""
_ADYEN: Final[Mapping[str, Kind]] = {
    "settled": "sale",
    "settledreversed": "sale",
    "refunded": "refund",
    "refundedreversed": "refund",
    "chargeback": "chargeback",
    "secondchargeback": "chargeback",
    "chargebackreversed": "chargeback",
    "fee": "fee",
    "misccosts": "fee",
    "paymentcost": "fee",
    "invoicededuction": "fee",
    "merchantpayout": "payout",
}
"""Adyen's journal types; every other one (deposit corrections, balance transfers) is an adjustment."""
_BRAINTREE: Final[Mapping[str, Kind]] = {"sale": "sale", "credit": "refund"}


@dataclass(frozen=True, slots=True)
class Format:
    """A processor's file: what it is called, the columns by which it is known, and how it is read."""

    processor: str
    title: str
    columns: tuple[str, ...]
    read: Callable[[Table], Iterator[Settlement]]


def read_settlements(content: bytes, source: str) -> list[Settlement]:
    """Everything a file tells, payouts and what is not paid out yet. `source` names the file in errors.

    Raises SettlementError with line, column and what to do.
    """
    table = read_table(content, source)
    found = next((each for each in FORMATS if not _missing(each, table)), None)
    if found is None:
        raise _unknown(table)
    if not table.rows:
        raise SettlementError(source, 0, "", f"{found.title} has no rows", "Download a period with a payout in it.")
    return list(found.read(table))


def _missing(each: Format, table: Table) -> list[str]:
    return [name for name in each.columns if name.casefold() not in table.columns]


def _unknown(table: Table) -> SettlementError:
    near = min(FORMATS, key=lambda each: len(_missing(each, table)) / len(each.columns))
    missing = _missing(near, table)
    if len(missing) * 2 <= len(near.columns):
        reason = f"looks like {near.title}, but has no column {', '.join(missing)}"
        return SettlementError(table.source, 1, missing[0], reason, "Download the report with all its columns.")
    known = ", ".join(each.title for each in FORMATS)
    return SettlementError(table.source, 1, "", "the header is that of no report that is known", f"Known: {known}.")


def _stripe(table: Table) -> Iterator[Settlement]:
    day = "automatic_payout_effective_at"
    at = day if day in table.columns else f"{day}_utc"
    return by_payout_id("stripe", (_stripe_row(row, at) for row in table.rows), whole=True)


def _stripe_row(row: Cells, at: str) -> Found:
    kind = _STRIPE.get(row.needed("reporting_category").casefold(), "adjustment")
    ids = _ids(row, "source_id", "charge_id", "payment_intent_id", "balance_transaction_id")
    moved = Movement(kind, ids, row.money("gross"), row.money("fee"), row.line)
    row.agrees(moved, row.money("net"), "net")
    payout = row.text("automatic_payout_id")
    return Found(moved, payout, row.currency("currency"), row.day(at) if payout else None)


def _adyen(table: Table) -> Iterator[Settlement]:
    return by_payout_id("adyen", map(_adyen_row, table.rows), whole=False)


def _adyen_row(row: Cells) -> Found:
    kind = _ADYEN.get(row.needed("Type").replace(" ", "").casefold(), "adjustment")
    costs = ("Commission (NC)", "Markup (NC)", "Scheme Fees (NC)", "Interchange (NC)")
    fee = sum((row.money(name) for name in costs), ZERO)
    net = row.money("Net Credit (NC)") - row.money("Net Debit (NC)")
    # The gross amount is in the shopper's currency; in the payout's it is what the net amount and its costs make.
    moved = Movement(kind, _ids(row, "Modification Reference", "Psp Reference"), net + fee, fee, row.line)
    currency = row.currency("Net Currency")
    if row.text("Gross Currency").upper() == currency and kind in ("sale", "refund", "chargeback"):
        gross = row.money("Gross Credit (GC)") - row.money("Gross Debit (GC)")
        row.agrees(Movement(kind, (), gross, fee, row.line), net, "Net Credit (NC)")
    batch = f"{row.needed('Merchant Account')}-{row.needed('Batch Number')}"
    return Found(moved, batch, currency, row.day("Creation Date") if kind == "payout" else None)


def _braintree(table: Table) -> Iterator[Settlement]:
    return by_payout_id("braintree", filter(None, map(_braintree_row, table.rows)), whole=True)


def _braintree_row(row: Cells) -> Found | None:
    """Sales and credits that were disbursed: Braintree collects its fees apart, once a month. Void and declined
    transactions have no settlement amount and moved nothing."""
    if not row.text("Settlement Amount"):
        return None
    kind = _BRAINTREE.get(row.needed("Transaction Type").casefold(), "adjustment")
    amount: Decimal = abs(row.money("Settlement Amount"))
    gross = -amount if kind == "refund" else amount
    moved = Movement(kind, _ids(row, "Transaction ID", "Refunded Transaction ID"), gross, ZERO, row.line)
    if not row.text("Disbursement Date"):
        return Found(moved, "", row.currency("Settlement Currency ISO Code"), None)
    form = "%m/%d/%Y" if "/" in row.text("Disbursement Date") else "%Y-%m-%d"
    day = row.day("Disbursement Date", form)
    payout = f"{row.needed('Merchant Account')}-{day.isoformat()}"
    return Found(moved, payout, row.currency("Settlement Currency ISO Code"), day)


def _no_payouts(table: Table) -> Iterator[Settlement]:
    """Raises SettlementError. Fees by transaction do not say when they are collected; interchange is an estimate, and
    payments by American Express and PayPal are left out (Braintree's article "Transaction-Level Fee Report"). Columns
    are those of the fixtures in Braintree's own clients (braintree_java, transaction_level_fee_report.csv)."""
    reason = "Braintree's transaction-level fee report does not say when fees are collected, nor tells all of them"
    fix = "Settle Braintree's transaction export, and book the fees from the monthly statement."
    raise SettlementError(table.source, 1, "", reason, fix)


def _ids(row: Cells, *columns: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(found for name in columns if (found := row.text(name))))


FORMATS: Final[tuple[Format, ...]] = (
    Format(
        "paypal",
        "PayPal's activity download",
        ("Date", "Time", "Type", "Status", "Currency", "Gross", "Fee", "Net", "Transaction ID"),
        read_paypal,
    ),
    Format("paypal", "PayPal's settlement report", COLUMNS, read_paypal_report),
    Format(
        "stripe",
        "Stripe's itemized payout reconciliation report",
        ("automatic_payout_id", "reporting_category", "currency", "gross", "fee", "net", "source_id"),
        _stripe,
    ),
    Format(
        "adyen",
        "Adyen's settlement details report",
        (
            "Merchant Account",
            "Psp Reference",
            "Creation Date",
            "Type",
            "Modification Reference",
            "Net Currency",
            "Net Debit (NC)",
            "Net Credit (NC)",
            "Commission (NC)",
            "Markup (NC)",
            "Scheme Fees (NC)",
            "Interchange (NC)",
            "Batch Number",
        ),
        _adyen,
    ),
    Format(
        "braintree",
        "Braintree's transaction export",
        (
            "Transaction ID",
            "Transaction Type",
            "Disbursement Date",
            "Merchant Account",
            "Settlement Amount",
            "Settlement Currency ISO Code",
        ),
        _braintree,
    ),
    Format(
        "braintree",
        "Braintree's transaction-level fee report",
        ("Merchant Account ID", "Transaction ID", "Transaction Type", "Settlement Currency", "Disbursement Date"),
        _no_payouts,
    ),
)
