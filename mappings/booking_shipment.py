"""A shipment earns the revenue that the sale deferred: a journal entry from the deferred account to sales.

Dr deferred revenue (net)   Dr discounts   Cr sales (gross)
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from mappings.booking_head import make_head
from mappings.booking_kind import as_placed
from mappings.catalogue import problem
from mappings.checks import check_entry
from mappings.context import Context
from mappings.decide import decide, kept_facts
from mappings.deferral import Taken, deferred
from mappings.deferred import Deferral, Deferred
from mappings.entry import Because, Entry, EntryLine, debits
from mappings.facts import Facts, line_facts, local, order_facts, zone_of
from mappings.keys import digest
from mappings.model import ZERO, Order, Problem, Waiting
from mappings.rules import Rules
from mappings.shipment import Shipment

BY_SKU: Final = Because("accounts", "sales")


def book_shipment(
    shipment: Shipment,
    order: Order,
    entries: Sequence[Entry],
    taken: Mapping[int, Taken],
    context: Context,
    rules: Rules,
) -> tuple[Entry, ...] | Problem | Waiting:
    """The entry of one shipment, dated its day in the store's zone. `taken` is what it takes of each order line,
    `entries` those of its order; Waiting where nothing of it was deferred."""
    sale = next((entry for entry in entries if entry.key == order.key), None)
    if sale is None:
        return Waiting(shipment.key, "Its order is not in the books.")
    if not sale.lines or any(entry.kind == "void" for entry in entries):
        return Waiting(shipment.key, "Its order was cancelled.")
    if not any(each.net or each.gross for each in taken.values()):
        return Waiting(shipment.key, "Nothing of it was deferred.")
    unclear = _unclear(shipment.key, sale, context.deferred.get(order.key), rules)
    if unclear is not None:
        return unclear
    told = order_facts(order, context, rules.books.on_account, timezone=rules.books.timezone, shipment=shipment)
    facts = as_placed(told)
    day = local(shipment.created_at, zone_of(order, context, rules.books.timezone))
    head = make_head(shipment.key, day, order, facts, context, rules)
    if isinstance(head, Problem):
        return head
    lines = tuple(_lines(taken, deferred(order, context, rules), facts, context, rules))
    entry = Entry(
        key=shipment.key,
        kind="journal",
        source_id=shipment.entity_id,
        number=f"{rules.books.number_prefix}{rules.books.shipment_number.render(facts)}",
        txn_date=head.txn_date,
        currency=order.currency,
        party=head.party,
        total=debits(lines),
        tax=ZERO,
        lines=lines,
        memo=f"{head.memo}, Magento shipment {shipment.number}",
        department=head.department,
        class_name=head.class_name,
        after=order.key,
        decisions=head.decisions,
        facts=kept_facts(facts, rules),
        said=digest(f"{sale.said} {sorted(shipment.quantities.items())}"),
    )
    return check_entry(entry, rules) or (entry,)


def _unclear(key: str, sale: Entry, stands: Deferred | None, rules: Rules) -> Problem | None:
    """The sale has another amount on deferred accounts than its pieces come to, and no revision will put it right."""
    meant = -sum((line.amount for line in sale.lines if line.role == "deferred"), ZERO)
    revised = stands is not None and rules.books.changed != "show" and stands.said != sale.said
    if stands is None or stands.amount == meant or revised:
        return None
    reason = (
        f"Its sale deferred {stands.amount:.2f} in QuickBooks; by what the shop and the rules say now, {meant:.2f}."
    )
    amount, currency = stands.amount, sale.currency
    return problem("deferral-unclear", key, "deferral", reason, amount=amount, currency=currency)


def _lines(
    taken: Mapping[int, Taken], rows: Mapping[int, Deferral], facts: Facts, context: Context, rules: Rules
) -> Iterator[EntryLine]:
    discount = decide(facts, rules.discount).row
    for id, each in taken.items():
        waits, line = rows[id], each.line
        because, account = BY_SKU, rules.account("sales")
        item = decide(line_facts(facts, line, context), rules.item).row if rules.item else None
        if item is not None:
            because, account = Because("item", item.id), rules.account(item.account or "sales")
        words, source = f"{line.sku} {line.name}", (f"{line.path}.qty_shipped",)
        yield EntryLine("deferred", waits.account, each.net, Because("deferral", waits.row), source, description=words)
        reduced = discount is not None and discount.show == "reduced_price"
        sold = each.net if reduced else each.gross
        yield EntryLine("item", account, -sold, because, source, description=words)
        if sold != each.net:
            given = Because("accounts", "discounts") if discount is None else Because("discount", discount.id)
            yield EntryLine(
                "discount", rules.discount_item(discount)[1], sold - each.net, given, source, description=words
            )
