"""What a QuickBooks company must have for a rules file: accounts, items, payment methods, tax codes, terms, classes.

Account types are QuickBooks' AccountType and AccountSubType (Intuit, Account reference; Desktop has the same types and
no subtypes). Accounts Receivable and the sales tax account are QuickBooks' own: nobody creates them, so they are not
listed. Our items are services Online; on Desktop they are other charges and a discount, which move no stock and are
no services sold either.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final, TypeVar

from mappings.conditions import Condition
from mappings.facts_list import PRODUCT
from mappings.rules_findings import Fault
from mappings.rules_model import LISTS, Rules
from mappings.rules_places import Path
from mappings.rules_rows import (
    CreditRow,
    DeferralRow,
    DiscountRow,
    FeeRow,
    ItemRow,
    RefundRow,
    Row,
    ShippingRow,
    TaxRow,
)
from mappings.values import Template

INCOME: Final = ("Income", "SalesOfProductIncome")
SHIPPING: Final = ("Income", "OtherPrimaryIncome")
DISCOUNTS: Final = ("Income", "DiscountsRefundsGiven")
ROUNDING: Final = ("Other Income", "OtherMiscellaneousIncome")
LIABILITY: Final = ("Other Current Liability", "OtherCurrentLiabilities")
# Deposits of sales receipts and payments may only go to bank and other current asset accounts.
CLEARING: Final = ("Other Current Asset", "OtherCurrentAssets")
INVENTORY: Final = ("Other Current Asset", "Inventory")
BANK: Final = ("Bank", "Checking")
FEES: Final = ("Expense", "BankCharges")
CHARGEBACKS: Final = ("Expense", "OtherMiscellaneousServiceCost")
RECEIVABLE: Final = ("Accounts Receivable", "AccountsReceivable")
SHOWN_CURRENCY: Final = "order.shown_currency"
SETTLED_CURRENCY: Final = "settlement.currency"
COST_OF_GOODS: Final = ("Cost of Goods Sold", "SuppliesMaterialsCogs")
_PRODUCT_TYPES: Final = {"service": "Service", "noninventory": "NonInventory", "inventory": "Inventory"}

RowT = TypeVar("RowT", bound=Row)


@dataclass(frozen=True, slots=True)
class NeededAccount:
    """An account by its name in QuickBooks, its types when it is created, the place in the rules that names it, and its
    currency where that is not the company's."""

    name: str
    type: str
    subtype: str
    place: str
    currency: str = ""


@dataclass(frozen=True, slots=True)
class NeededItem:
    """An item of ours by its name in QuickBooks, its income account and its type: Service, NonInventory, Inventory,
    and on Desktop OtherCharge and Discount."""

    name: str
    account: str
    type: str
    place: str


NeededT = TypeVar("NeededT", NeededAccount, NeededItem)


@dataclass(frozen=True, slots=True)
class Needs:
    """All names, each once, in the order of the file. `foreign` are accounts for documents in a foreign currency, even
    where another row names them for the company's own; `customers` are collective customers with a fixed name;
    `product_attributes` are the Magento attributes that rules ask for."""

    accounts: tuple[NeededAccount, ...]
    items: tuple[NeededItem, ...]
    payment_methods: tuple[str, ...]
    tax_codes: tuple[str, ...]
    tax_rates: tuple[str, ...]
    terms: tuple[str, ...]
    classes: tuple[str, ...]
    departments: tuple[str, ...]
    customers: tuple[str, ...]
    product_attributes: tuple[str, ...]
    foreign: tuple[NeededAccount, ...]


def needs(rules: Rules) -> Needs:
    """Every name of QuickBooks that `rules` may use; rows that are off need nothing."""
    summaries = [row.name for row in _on(rules.customer) if row.use == "summary"]
    summaries += [row.customer for row in _on(rules.document) if row.make == "summary"]
    asked = [name for each in LISTS for row in _on(rules.rows(each)) for name in _asked(row)]
    return Needs(
        accounts=_first(_accounts(rules)),
        items=_first(item for _, item in _items(rules)),
        payment_methods=_once(row.method for row in _on(rules.payment)),
        tax_codes=_once(row.code for row in _on(rules.tax) if rules.books.sales_tax == "codes"),
        tax_rates=_once(row.rate for row in _on(rules.tax) if _names_rates(rules)),
        terms=_once([rules.books.terms, *(row.terms for row in _on(rules.document))]),
        classes=_once(row.class_name for row in _on(rules.class_)),
        departments=_once(row.department for row in _on(rules.class_)),
        customers=_once(name.text for name in summaries if not name.names),
        product_attributes=_once(name.removeprefix(PRODUCT) for name in asked if name.startswith(PRODUCT)),
        foreign=tuple(dict.fromkeys(account for account in _accounts(rules) if account.currency)),
    )


def clashes(rules: Rules) -> list[tuple[Path, Fault]]:
    """Items that rows put on two accounts: a QuickBooks item has one income account, so one row would be wrong."""
    first: dict[str, NeededItem] = {}
    found: list[tuple[Path, Fault]] = []
    for path, item in _items(rules):
        other = first.setdefault(item.name.casefold(), item)
        if other.account.casefold() != item.account.casefold():
            words = (
                f'item "{item.name}" is on account "{other.account}" already ({other.place}); an item has one account'
            )
            found.append((path, Fault(words)))
    return found


def _names_rates(rules: Rules) -> bool:
    """Online a rate belongs to a tax code; on Desktop it is the sales tax item of an American document."""
    return (rules.books.sales_tax == "codes") == (rules.books.target == "online")


def _accounts(rules: Rules) -> Iterator[NeededAccount]:
    """Accounts in the order in which they settle a type: liabilities and clearing accounts before income."""
    own = rules.accounts
    yield from _liabilities(rules)
    yield from _later(rules)
    for payment in _on(rules.payment):
        abroad = _foreign(payment, rules)
        # Only bank and receivable accounts can be in a foreign currency (Intuit, "Manage multiple currencies").
        kind = BANK if abroad else CLEARING
        yield NeededAccount(rules.account(payment.clearing), *kind, _place("payment", payment), abroad)
    yield from _receivables(rules)
    yield from _settlements(rules)
    yield NeededAccount(own.sales, *INCOME, "[accounts] sales")
    yield NeededAccount(own.shipping, *SHIPPING, "[accounts] shipping")
    yield NeededAccount(own.discounts, *DISCOUNTS, "[accounts] discounts")
    yield NeededAccount(own.adjustment, *DISCOUNTS, "[accounts] adjustment")
    yield NeededAccount(own.refund_fee, *SHIPPING, "[accounts] refund_fee")
    yield NeededAccount(own.rounding, *ROUNDING, "[accounts] rounding")
    for shipping in _on(rules.shipping):
        yield NeededAccount(rules.shipping_item(shipping)[1], *SHIPPING, _place("shipping", shipping))
    for discount in _on(rules.discount):
        yield NeededAccount(rules.discount_item(discount)[1], *DISCOUNTS, _place("discount", discount))
    for item in _on(rules.item):
        if item.account:
            yield NeededAccount(rules.account(item.account), *INCOME, _place("item", item))
        if item.type == "inventory":
            yield NeededAccount(rules.account("inventory"), *INVENTORY, "[accounts] inventory")
            yield NeededAccount(rules.account("cost_of_goods"), *COST_OF_GOODS, "[accounts] cost_of_goods")


def _receivables(rules: Rules) -> Iterator[NeededAccount]:
    """Online makes the receivable account of a currency by itself, with its first customer."""
    for row in _on(rules.currency):
        if row.mode == "foreign" and rules.books.target == "desktop":
            for currency in _currencies(row):
                name = rules.receivable_in(currency, row)
                yield NeededAccount(name, *RECEIVABLE, _place("currency", row), currency)


def _currencies(row: Row, fact: str = SHOWN_CURRENCY) -> tuple[str, ...]:
    """The currencies that a row names one by one."""
    asked = (each for each in row.when if each.fact == fact and each.operator == "is")
    return tuple(str(wanted).upper() for each in asked for wanted in each.wanted)


def _foreign(row: Row, rules: Rules) -> str:
    """The one currency that a row is for, where orders in it are booked in it; else empty, the company's own."""
    named = _currencies(row)
    if len(named) != 1:
        return ""
    for each in _on(rules.currency):
        if all(asked.test(named[0]) for asked in each.when if asked.fact == SHOWN_CURRENCY):
            return named[0] if each.mode == "foreign" else ""
    return ""


def _settlements(rules: Rules) -> Iterator[NeededAccount]:
    for row in _on(rules.settlement):
        place = _place("settlement", row)
        named = _currencies(row, SETTLED_CURRENCY)
        abroad = named[0] if row.rate and len(named) == 1 else ""  # only payouts in a foreign currency have a rate
        yield NeededAccount(rules.account(row.clearing), *(BANK if abroad else CLEARING), place, abroad)
        yield NeededAccount(rules.account(row.bank), *BANK, place, abroad)
        yield NeededAccount(rules.account(row.fees), *FEES, place)
        yield NeededAccount(rules.account(row.chargebacks), *CHARGEBACKS, place)
        if row.adjustments:
            yield NeededAccount(rules.account(row.adjustments), *CLEARING, place)


def _later(rules: Rules) -> Iterator[NeededAccount]:
    """What is owed until it is shipped, or until somebody settles it with an agency."""
    for deferral in _on(rules.deferral):
        if deferral.revenue == "on_shipment":
            yield NeededAccount(rules.deferral_item(deferral)[1], *LIABILITY, _place("deferral", deferral))
    journals = any(row.form == "journal" for row in _on(rules.document))
    if rules.books.closed_period == "adjusting_entry" or journals:
        yield NeededAccount(rules.accounts.tax_adjustments, *LIABILITY, "[accounts] tax_adjustments")


def _liabilities(rules: Rules) -> Iterator[NeededAccount]:
    for credit in _on(rules.credit):
        yield NeededAccount(rules.account(credit.account), *LIABILITY, _place("credit", credit))
    for fee in _on(rules.fee):
        yield NeededAccount(rules.account(fee.account), *(LIABILITY if fee.liability else SHIPPING), _place("fee", fee))
    for refund in _on(rules.refund):
        if refund.to == "store_credit":
            yield NeededAccount(rules.account(refund.account), *LIABILITY, _place("refund", refund))
    for tax in _on(rules.tax):
        if tax.account:
            yield NeededAccount(rules.account(tax.account), *LIABILITY, _place("tax", tax))
    if rules.books.target == "desktop":
        yield NeededAccount(rules.accounts.tax_line, *LIABILITY, "[accounts] tax_line")


def _items(rules: Rules) -> Iterator[tuple[Path, NeededItem]]:
    """Every item with the path of its row; one item may come more than once."""
    own, accounts, desktop = rules.items, rules.accounts, rules.books.target == "desktop"
    own_items = (
        ("shipping", own.shipping, accounts.shipping, "OtherCharge"),
        ("discount", own.discount, accounts.discounts, "Discount"),
        ("rounding", own.rounding, accounts.rounding, "OtherCharge"),
        ("fallback", own.fallback, accounts.sales, "Service"),
        ("adjustment", own.adjustment, accounts.adjustment, "OtherCharge"),
        ("refund_fee", own.refund_fee, accounts.refund_fee, "OtherCharge"),
        ("tax", own.tax, accounts.tax_line, "OtherCharge"),
    )
    for role, name, account, kind in own_items:
        if desktop or role != "tax":
            yield ("items", role), NeededItem(name, account, kind if desktop else "Service", f"[items] {role}")
    for list_name in ("item", "tax", "shipping", "discount", "credit", "fee", "refund", "deferral"):
        for number, row in enumerate(rules.rows(list_name)):
            item = _item(rules, row)
            if item is not None and not row.off:
                name, account, kind = item
                yield (list_name, number), NeededItem(name, account, kind, _place(list_name, row))


def _item(rules: Rules, row: Row) -> tuple[str, str, str] | None:
    """Name, income account and QuickBooks type of the item that a row names."""
    desktop = rules.books.target == "desktop"
    charge = "OtherCharge" if desktop else "Service"
    if isinstance(row, ShippingRow):
        return (*rules.shipping_item(row), charge)
    if isinstance(row, DiscountRow):
        return (*rules.discount_item(row), "Discount" if desktop else "Service")
    if isinstance(row, DeferralRow):
        return (*rules.deferral_item(row), charge) if row.revenue == "on_shipment" else None
    if isinstance(row, CreditRow | FeeRow | TaxRow | RefundRow) and row.item:
        return row.item, rules.account(row.account), charge
    if isinstance(row, ItemRow) and row.item:
        return row.item, rules.account(row.account or rules.accounts.sales), _PRODUCT_TYPES[row.type]
    return None


def _asked(row: Row) -> Iterator[str]:
    """The facts that a row asks for, in its conditions and templates."""
    for value in (*row.when, *row.values.values()):
        if isinstance(value, Condition):
            yield value.fact
        elif isinstance(value, Template):
            yield from value.names


def _on(rows: tuple[RowT, ...]) -> list[RowT]:
    return [row for row in rows if not row.off]


def _once(names: Iterable[str]) -> tuple[str, ...]:
    first: dict[str, str] = {}
    for name in names:
        if name:
            first.setdefault(name.casefold(), name)
    return tuple(first.values())


def _first(named: Iterable[NeededT]) -> tuple[NeededT, ...]:
    first: dict[str, NeededT] = {}
    for each in named:
        first.setdefault(each.name.casefold(), each)
    return tuple(first.values())


def _place(list_name: str, row: Row) -> str:
    return f'{list_name} "{row.id}"'
