"""Where QuickBooks Online and QuickBooks Desktop differ before delivery: how an entry is fitted, written and named."""

from collections.abc import Callable, Collection
from dataclasses import dataclass, replace
from typing import Final

from mappings import desktop_tax, qbo, qbxml
from mappings.context import Books
from mappings.desktop_tax import Fitted
from mappings.entry import Entry, EntryLine, Party
from mappings.item_names import online_name, online_sku, sku_key
from mappings.model import ZERO, EntryKind, Problem
from mappings.qbxml import Request
from mappings.rules import Rules


@dataclass(frozen=True, slots=True)
class Dialect:
    """One QuickBooks. `documents` are those that an entry becomes, `fit` makes each what that QuickBooks can show.
    `sku_key` is what finds the item of a SKU (given the names that are ours; it compares as `fold` says), `item_name`
    how such an item is called when it is created, and `item` writes it under that name."""

    documents: Callable[[Entry, Rules], tuple[Entry, ...]]
    fit: Callable[[Entry, Rules, Books], Fitted | Problem]
    write: Callable[[Entry, Rules, Books], Request]
    entity: Callable[[EntryKind], str]
    operation: Callable[[EntryKind], str]
    display_name: Callable[[Party], str]
    longest_name: int
    customer: Callable[[Party, str], Request]
    sku_key: Callable[[str, Collection[str]], str]
    item_name: Callable[[str, Collection[str]], str]
    item: Callable[[str, EntryLine, Rules], Request]


def dialect(rules: Rules) -> Dialect:
    """The QuickBooks that the rules name as target."""
    return DESKTOP if rules.books.target == "desktop" else ONLINE


def _as_is(entry: Entry, _rules: Rules, _books: Books) -> Fitted:
    return Fitted(entry)


def _item(name: str, line: EntryLine, _rules: Rules) -> Request:
    return qbo.request(qbo.item_payload(name, line.sku, line.description, line.account, line.item_type))


def _desktop_item(name: str, line: EntryLine, rules: Rules) -> Request:
    return qbxml.item_add(
        line.item_type,
        name,
        line.sku,
        line.description,
        line.account,
        asset_account=rules.account("inventory"),
        cost_account=rules.account("cost_of_goods"),
    )


def _refunded(entry: Entry, rules: Rules) -> tuple[Entry, ...]:
    """Desktop has no refund receipt: a credit memo, and the refund that uses it up (Intuit, "ARRefundCreditCard")."""
    if entry.kind != "refund_receipt":
        return (entry,)
    money = next((line for line in entry.lines if line.role == "money"), None)
    if money is None:  # store credit was given back: nothing leaves the bank
        return (replace(entry, kind="credit_memo"),)
    owed = replace(money, role="receivable", account=entry.receivable or rules.account("receivable"))
    rest = tuple(line for line in entry.lines if line is not money)
    refund = replace(
        entry,
        key=f"{entry.key}/refund",
        kind="refund",
        tax=ZERO,
        lines=(replace(owed, amount=-owed.amount), money),
        applies_to=entry.key,
    )
    memo = replace(entry, kind="credit_memo", lines=(owed, *rest), deposit_account="", payment_method="", reference="")
    return memo, refund


ONLINE: Final = Dialect(
    documents=lambda entry, _rules: (entry,),
    fit=_as_is,
    write=lambda entry, rules, books: qbo.request(qbo.write(entry, rules, books)),
    entity=qbo.entity,
    operation=qbo.operation,
    display_name=qbo.display_name,
    longest_name=qbo.NAME,
    customer=lambda party, name: qbo.request(qbo.customer_payload(party, name)),
    sku_key=lambda sku, _taken: online_sku(sku),
    item_name=online_name,
    item=_item,
)
DESKTOP: Final = Dialect(
    documents=_refunded,
    fit=desktop_tax.fit,
    write=qbxml.write,
    entity=qbxml.entity,
    operation=qbo.operation,
    display_name=qbxml.display_name,
    longest_name=qbxml.NAME,
    customer=qbxml.customer_add,
    sku_key=lambda sku, taken: sku_key(sku, taken).lower(),
    item_name=sku_key,
    item=_desktop_item,
)
