"""Which entries go into a daily summary: sales receipts of orders whose document row says so, and their refunds.

An entry is booked as it would stand in the books by itself, and marked: the summary is made of such entries alone
(`mappings.summary`). What stands already, by itself or in a summary, stays where it is, whatever the rules say by now.
"""

from dataclasses import replace
from datetime import date

from mappings.context import Context
from mappings.entry import Entry, Party, Summary, SummaryForm
from mappings.facts import Facts, bounds, zone_of
from mappings.model import Order
from mappings.parties import collective
from mappings.rules import DocumentRow, Rules


def mark_sale(
    sale: Entry,
    row: DocumentRow | None,
    day: str,
    order: Order,
    facts: Facts,
    context: Context,
    rules: Rules,
    *,
    adjusting: bool,
) -> Entry:
    """The sales receipt, marked for the summary of `day` (ISO, in the store's zone) if it goes into one. Where a closed
    period asks for an adjusting entry that is a journal entry, and so is what takes it back."""
    asked = row is not None and row.make == "summary" and sale.key not in context.standing
    if sale.kind != "sales_receipt" or not (asked or sale.key in context.summarised):
        return sale
    summed = row if row is not None and row.make == "summary" else None
    party = sale.party if summed is None else collective(summed.customer.render(facts))
    form: SummaryForm = "journal" if adjusting else "sales_receipt" if summed is None else summed.form
    return _marked(sale, party, day, order, facts, context, rules, form)


def mark_refund(
    refund: Entry, sale: Entry, day: str, order: Order, facts: Facts, context: Context, rules: Rules
) -> Entry:
    """What a credit memo became: summarised where its sale was, by itself where that stands by itself."""
    asked = sale.summary is not None and refund.key not in context.standing
    if asked or refund.key in context.summarised:
        form = sale.summary.form if sale.summary is not None else "sales_receipt"
        return _marked(refund, sale.party, day, order, facts, context, rules, form)
    return replace(refund, summary=None)


def _marked(
    entry: Entry,
    party: Party,
    day: str,
    order: Order,
    facts: Facts,
    context: Context,
    rules: Rules,
    form: SummaryForm = "sales_receipt",
) -> Entry:
    begins, ends = bounds(date.fromisoformat(day), zone_of(order, context, rules.books.timezone))
    store, method = str(facts["store"] or ""), order.payment_method
    return replace(entry, party=party, summary=Summary(date.fromisoformat(day), begins, ends, store, method, form))
