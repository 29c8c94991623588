"""What a Magento credit memo means in the books: money given back, a receivable lowered, or store credit.

Whether money went back is decided by what the books received and still have open, not by Magento: where money came in,
a memo is a refund receipt from the clearing account that it came into; on an unpaid invoice it is a credit memo applied
to it. A row of the rules may say that the customer got store credit instead: a liability, and no cash.
"""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from mappings.booking_cancel import application, taken_back
from mappings.booking_currency import Booked, as_booked, choose_terms
from mappings.booking_head import make_head, stored_reference
from mappings.booking_kind import as_placed
from mappings.booking_lines import make_lines
from mappings.booking_sale import no_payment_rule
from mappings.booking_sheet import Parts
from mappings.booking_summary import mark_refund
from mappings.booking_tax import cents
from mappings.catalogue import problem
from mappings.checks import check_entry, check_order, check_total
from mappings.closing import adjusting_entry
from mappings.decide import decide, kept_facts
from mappings.entry import Because, Entry, EntryLine
from mappings.facts import Facts, order_facts
from mappings.model import ZERO, Context, CreditMemo, Order, Problem, Waiting
from mappings.rules import RefundRow, Rules

TOTAL: Final = ("base_grand_total",)
_SALES: Final = ("sales_receipt", "invoice", "journal")
_SOLD: Final = ("order/", "invoice/")


def book_credit_memo(
    memo: CreditMemo, order: Order | None, entries: Sequence[Entry], context: Context, rules: Rules
) -> Booked:
    """The entries of a credit memo. `entries` are those of its order so far: sale, payments, earlier credit memos.

    `order` is None while the order has not been read; then the answer is a `Problem` that the next run settles.
    """
    if order is None:
        reason = f"Credit memo {memo.number} belongs to order {memo.order_id}, which has not been read yet."
        return _held("waiting-for-order", memo, "order_id", reason)
    terms = choose_terms(memo.key, memo, order, context, rules)
    if isinstance(terms, Problem):
        return terms
    booked = _memo(terms.shown(memo), terms.shown(order), as_booked(entries), terms.within(context), rules)
    return terms.put(booked, entries, rules)


def _memo(memo: CreditMemo, order: Order, entries: Sequence[Entry], context: Context, rules: Rules) -> Booked:
    held = check_order(order, memo.key, context) or check_total(memo.totals.grand_total, memo.key, memo.currency)
    if held is not None:
        return held
    if not (memo.lines or memo.totals.shipping or memo.adjustment or memo.fee):
        return Waiting(memo.key, "It gives nothing back.")
    sales = [entry for entry in entries if entry.kind in _SALES and entry.key.startswith(_SOLD)]
    if not sales:
        return Waiting(memo.key, "Its order is not in the books.")
    sale = _given_back(memo, sales)
    if sale is None:
        reason = f"Credit memo {memo.number} does not say which of the order's {len(sales)} invoices it gives back."
        return _held("refund-unclear", memo, "invoice_id", reason)
    on_credit = _on_credit(memo, sale, entries, context)
    if isinstance(on_credit, Problem):
        return on_credit
    return _booked(memo, order, sale, on_credit, context, rules)


def _given_back(memo: CreditMemo, sales: Sequence[Entry]) -> Entry | None:
    """The sale that a memo gives back a part of: the order's, or its invoice's where each has a document."""
    named = [sale for sale in sales if sale.key.startswith("invoice/") and sale.source_id == memo.invoice_id]
    if named or len(sales) == 1:
        return (named or list(sales))[0]
    # Money goes back to one buyer, whichever receipt it came with.
    return sales[-1] if all(sale.kind != "invoice" for sale in sales) else None


def _on_credit(memo: CreditMemo, sale: Entry, entries: Iterable[Entry], context: Context) -> bool | Problem:
    """Whether the memo lowers what the customer owes. What stands in QuickBooks stays what it is."""
    if f"{memo.key}/applied" in context.standing:
        return True
    if sale.kind != "invoice" or memo.key in context.standing:
        return False
    total = cents(memo.totals.grand_total)
    received, owed = _received(sale, entries), _open_balance(sale, entries)
    if ZERO < total <= received:
        return False  # Magento gives back only what it has captured, whatever is owed for the rest of the order
    if not received and not ZERO < owed < total:
        return owed >= total
    reason = f"It gives back {total:.2f}, and of invoice {sale.number} {owed:.2f} is still owed: a part was paid."
    return _held("refund-unclear", memo, "base_grand_total", reason)


def _received(sale: Entry, entries: Iterable[Entry]) -> Decimal:
    """The money that came in for an invoice and was not given back yet."""
    paid = sum((entry.total for entry in entries if entry.kind == "payment" and entry.applies_to == sale.key), ZERO)
    return paid - sum((entry.total for entry in entries if entry.kind == "refund_receipt"), ZERO)


def _open_balance(sale: Entry, entries: Iterable[Entry]) -> Decimal:
    """What is owed on an invoice after the payments and credits that are booked with it."""
    settled = ZERO
    for entry in entries:
        if entry.kind in ("payment", "credit_memo") and entry.applies_to == sale.key:
            settled += entry.total
        elif entry.kind == "void" and entry.applies_to == sale.key:
            settled += sale.total
    return sale.total - settled


def _booked(
    memo: CreditMemo, order: Order, sale: Entry, on_credit: bool, context: Context, rules: Rules
) -> tuple[Entry, ...] | Problem:
    facts = order_facts(order, context, rules.books.on_account, timezone=rules.books.timezone, memo=memo)
    row = decide(facts, rules.refund).row
    head = make_head(memo.key, str(facts["refund.date"]), order, as_placed(facts), context, rules)
    if isinstance(head, Problem):
        return head
    issued = row if row is not None and row.to == "store_credit" and not on_credit else None
    parts = Parts(memo.lines, memo.totals, memo.shipping_taxes, memo.adjustment, memo.fee, issued)
    sheet = make_lines(memo.key, order.currency, parts, facts, context, rules)
    if isinstance(sheet, Problem):
        return sheet
    against = _against(sheet.total, sale, memo, order, row, facts, rules, on_credit=on_credit)
    if isinstance(against, Problem):
        return against
    method, lines, because = against
    transaction = "" if on_credit else memo.transaction_id or order.transaction_id
    text, reference = stored_reference(f"{head.memo}, Magento credit memo {memo.number}", transaction, rules)
    entry = replace(
        sale,
        key=memo.key,
        kind="credit_memo" if on_credit else "refund_receipt",
        source_id=memo.entity_id,
        number=f"{rules.books.number_prefix}{rules.books.refund_number.render(facts)}",
        txn_date=head.txn_date,
        total=sheet.total,
        tax=sheet.tax,
        lines=(*lines, *taken_back(tuple(sheet.lines))),
        memo=text,
        deposit_account=lines[0].account if lines and not on_credit else "",
        payment_method=method,
        reference=reference,
        terms="",
        due=None,
        applies_to=sale.key if on_credit else "",
        adjusting=False,
        decisions=(because, *head.decisions),
        facts=kept_facts(facts, rules),
    )
    if not on_credit:
        entry = mark_refund(entry, sale, str(facts["refund.date"]), order, facts, context, rules)
    # What an adjusting entry booked, an adjusting entry takes back: no item was sold, no agency got its tax.
    if not on_credit and entry.summary is None and (head.adjusting or sale.kind == "journal"):
        entry = adjusting_entry(entry, rules)
    held = check_entry(entry, rules)
    if held is not None:
        return held
    return (entry, application(sale, entry)) if on_credit else (entry,)


def _against(
    total: Decimal,
    sale: Entry,
    memo: CreditMemo,
    order: Order,
    row: RefundRow | None,
    facts: Facts,
    rules: Rules,
    *,
    on_credit: bool,
) -> tuple[str, tuple[EntryLine, ...], Because] | Problem:
    """Payment method, the line that balances the refund (none for one of zero), and the row that decided it."""
    by_row = Because("books", "refund_number") if row is None else Because("refund", row.id)
    if on_credit:
        because = Because("document", sale.kind)
        return "", (EntryLine("receivable", rules.account("receivable"), -total, because, TOTAL),), because
    if not total:
        return "", (), by_row
    payment = decide(facts, rules.payment).row
    if payment is None:
        return no_payment_rule(memo.key, order, total)
    because = by_row if row is not None and row.account else Because("payment", payment.id)
    account = rules.account((row.account if row is not None else "") or payment.clearing)
    return payment.method, (EntryLine("money", account, -total, because, TOTAL),), because


def _held(code: str, memo: CreditMemo, field: str, reason: str) -> Problem:
    return problem(code, memo.key, field, reason, amount=memo.totals.grand_total, currency=memo.currency)
