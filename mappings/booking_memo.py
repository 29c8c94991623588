"""What a Magento credit memo means in the books: money given back, a receivable lowered, or store credit.

Whether money went back is decided by what the books received and still have open, not by Magento: where money came in,
a memo is a refund receipt from the clearing account that it came into; on an unpaid invoice it is a credit memo applied
to it; where a part was open, one of each. What is open on an invoice that stands is QuickBooks' own figure, because a
bookkeeper may have received a payment there. A row of the rules may say that the customer got store credit instead: a
liability, and no cash.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from typing import Final

from mappings.booking_cancel import application, taken_back
from mappings.booking_currency import Booked, as_booked, choose_terms
from mappings.booking_head import make_head, stored_reference
from mappings.booking_kind import as_placed
from mappings.booking_lines import make_lines
from mappings.booking_sale import Against, no_payment_rule
from mappings.booking_sheet import Parts
from mappings.booking_skipped_sale import skipped_sale
from mappings.booking_summary import mark_refund
from mappings.booking_tax import cents
from mappings.catalogue import problem
from mappings.checks import check_entry, check_order, check_total, with_suffix
from mappings.closing import adjusting_entry
from mappings.context import Context
from mappings.decide import decide, kept_facts
from mappings.deferral import Taken, deferred, parted
from mappings.dividing import divided, tax_of
from mappings.entry import Because, Entry, EntryLine
from mappings.facts import Facts, order_facts
from mappings.memo_states import in_place_of, waiting_for_refund
from mappings.model import CENT, ZERO, CreditMemo, Order, Problem, Waiting
from mappings.rules import RefundRow, Rules
from mappings.said import said

TOTAL: Final = ("base_grand_total",)
_SALES: Final = ("sales_receipt", "invoice", "journal")


def book_credit_memo(
    memo: CreditMemo,
    order: Order | None,
    entries: Sequence[Entry],
    context: Context,
    rules: Rules,
    taken: Mapping[int, Taken] | None = None,
) -> Booked:
    """The entries of a credit memo. `entries` are those of its order so far: sale, payments, earlier credit memos;
    `taken` is what it takes of revenue that was not earned yet.

    `order` is None while the order has not been read; then the answer is a `Problem` that the next run settles.
    """
    waiting = waiting_for_refund(memo, context)
    if waiting is not None:
        return waiting
    if order is None:
        reason = f"Credit memo {memo.number} belongs to order {memo.order_id}, which has not been read yet."
        return _held("waiting-for-order", memo, "order_id", reason)
    terms = choose_terms(memo.key, memo, order, context, rules)
    if isinstance(terms, Problem):
        return terms
    if taken:
        memo = replace(memo, lines=parted(memo.lines, taken, deferred(order, context, rules)))
    booked = _memo(terms.shown(memo), terms.shown(order), as_booked(entries), terms.within(context), rules)
    return in_place_of(terms.put(booked, entries, rules), memo)


def _memo(memo: CreditMemo, order: Order, entries: Sequence[Entry], context: Context, rules: Rules) -> Booked:
    held = check_order(order, memo.key, context) or check_total(memo.totals.grand_total, memo.key, memo.currency)
    if held is not None:
        return held
    sales = [entry for entry in entries if entry.kind in _SALES and entry.lines and _may_be_given_back(entry, memo)]
    if not sales and order.key in context.standing:
        reason = f"Order {order.number} was cancelled, or a part of it, and its document in QuickBooks still stands."
        return _held("refund-unclear", memo, "order_id", reason)
    if not sales:
        return _without_sale(memo, order, context, rules)
    sale = _given_back(sales)
    if sale is None:
        reason = f"Credit memo {memo.number} does not say which of the order's {len(sales)} invoices it gives back."
        return _held("refund-unclear", memo, "invoice_id", reason)
    owed = _owed(memo, sale, entries, context)
    if isinstance(owed, Problem):
        return owed
    if ZERO < owed < cents(memo.totals.grand_total):
        booked = _in_two(memo, order, sale, owed, context, rules)
    else:
        on_credit = owed > ZERO or _unpaid(memo, sale, context)
        booked = _booked(memo, order, sale, context, rules, on_credit=on_credit)
    return _after(sale, sales, booked)


def _without_sale(memo: CreditMemo, order: Order, context: Context, rules: Rules) -> Booked:
    """The refund of a sale that the rules skipped, once it was released. Credit on account stays the customer's: the
    invoice that it lowers is none of ours."""
    sale = skipped_sale(memo, order, context, rules)
    if not isinstance(sale, Entry):
        return sale
    booked = _booked(memo, order, sale, context, rules, on_credit=sale.kind == "invoice")
    return (replace(booked[0], applies_to=""),) if isinstance(booked, tuple) else booked


def _after(sale: Entry, sales: Sequence[Entry], booked: Booked) -> Booked:
    """What a memo became, to be posted after all that it may give back a part of: a refund is never in the books
    without its sale. A document by itself cannot wait for one in a daily summary; in those they wait together."""
    if not isinstance(booked, tuple):
        return booked
    keys = " ".join(each.key for each in sales if each.summary is None or sale.summary is not None)
    return tuple(replace(entry, after=keys) for entry in booked)


def _may_be_given_back(entry: Entry, memo: CreditMemo) -> bool:
    """Whether a memo may be of this document: the order's, or where each Magento invoice has its own, of the invoice
    that it names (offline methods name none)."""
    own = entry.key.startswith("invoice/") and memo.invoice_id in (None, entry.source_id)
    return own or entry.key.startswith("order/")


def _given_back(sales: Sequence[Entry]) -> Entry | None:
    """The sale that a memo gives back a part of. Money goes back to one buyer, whichever receipt it came with."""
    only = len(sales) == 1 or all(sale.kind != "invoice" for sale in sales)
    return sales[-1] if only else None


def _owed(memo: CreditMemo, sale: Entry, entries: Sequence[Entry], context: Context) -> Decimal | Problem:
    """How much of the memo lowers what the customer owes. What stands in QuickBooks stays what it is."""
    total = cents(memo.totals.grand_total)
    if sale.kind != "invoice":
        return ZERO
    if memo.key in context.standing:
        if f"{memo.key}/applied" not in context.standing:
            return ZERO
        stood = context.amounts.get(memo.key, total)
        # What was converted does not come back to the cent: without a part that was paid back it was all of it.
        return total if abs(stood - total) <= CENT and f"{memo.key}/paid" not in context.standing else stood
    if any(entry.kind == "credit_memo" and not entry.lines for entry in entries):
        reason = (
            f"An earlier credit memo on invoice {sale.number} was taken back: its amount is owed on another invoice."
        )
        return _held("refund-unclear", memo, "base_grand_total", reason)
    owed = _open_balance(sale, entries, context)
    if owed is None:
        reason = f"QuickBooks has not said yet what is still owed on invoice {sale.number}."
        return _held("waiting-for-balance", memo, "base_grand_total", reason)
    # What Magento captured it gives back itself, whatever is owed for the rest of the order.
    left = total - max(ZERO, _received(sale, entries))
    return max(ZERO, min(owed, left))


def _unpaid(memo: CreditMemo, sale: Entry, context: Context) -> bool:
    """Whether a memo of zero still belongs to what is owed: it has no money to go anywhere."""
    free = memo.key not in context.standing or f"{memo.key}/applied" in context.standing
    return free and sale.kind == "invoice" and not memo.totals.grand_total


def _received(sale: Entry, entries: Sequence[Entry]) -> Decimal:
    """The money that came in for an invoice and was not given back yet."""
    paid = sum((entry.total for entry in entries if entry.kind == "payment" and entry.applies_to == sale.key), ZERO)
    back = (line for entry in entries if entry.key.startswith("creditmemo/") for line in entry.lines)
    return paid + sum((line.amount for line in back if line.role == "money"), ZERO)


def _open_balance(sale: Entry, entries: Iterable[Entry], context: Context) -> Decimal | None:
    """What is owed on an invoice after the payments and credits that are booked with it: of one that stands what
    QuickBooks says, less what has not arrived there. None until it has said so."""
    stands = sale.key in context.posted
    opened = context.balances.get(sale.key) if stands else sale.total
    if opened is None:
        return None
    for entry in entries:
        if entry.applies_to != sale.key or (stands and entry.key in context.posted):
            continue
        if entry.kind in ("payment", "credit_memo"):
            opened -= entry.total
        elif entry.kind == "void":
            opened = ZERO
    return opened


def _in_two(memo: CreditMemo, order: Order, sale: Entry, owed: Decimal, context: Context, rules: Rules) -> Booked:
    """A part was paid, a part is owed: a credit memo over what is owed, and a refund of the rest."""
    credit = _booked(memo, order, sale, context, rules, on_credit=True)
    refund = _booked(memo, order, sale, context, rules, on_credit=False)
    if not isinstance(credit, tuple):
        return credit
    if not isinstance(refund, tuple):
        return refund
    given, back = credit[0], refund[0]
    if back.total != given.total:
        reason = f"It gives store credit of {given.total:.2f}, and of invoice {sale.number} {owed:.2f} is still owed."
        return _held("refund-unclear", memo, "base_grand_total", reason)
    first, rest = divided(given.lines[1:], owed)
    lowered = replace(given.lines[0], amount=-owed)
    given = replace(given, total=owed, tax=tax_of(first), lines=(lowered, *first))
    left = back.total - owed
    paid = replace(
        back,
        key=f"{memo.key}/paid",
        number=with_suffix(back.number, "P", rules),
        total=left,
        tax=tax_of(rest),
        lines=(replace(back.lines[0], amount=-left), *rest),
    )
    held = check_entry(given, rules) or check_entry(paid, rules)
    return held if held is not None else (given, application(sale, given), paid)


def _booked(memo: CreditMemo, order: Order, sale: Entry, context: Context, rules: Rules, *, on_credit: bool) -> Booked:
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
    if not sheet.lines:
        return Waiting(memo.key, "It gives nothing back.")
    against = _against(sheet.total, sale, memo, order, row, facts, rules, on_credit=on_credit)
    if isinstance(against, Problem):
        return against
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
        lines=(*against.lines, *taken_back(tuple(sheet.lines))),
        memo=text,
        deposit_account=against.clearing,
        payment_method=against.method,
        reference=reference,
        terms="",
        due=None,
        applies_to=sale.key if on_credit else "",
        adjusting=False,
        decisions=(*against.decisions, *head.decisions),
        facts=kept_facts(facts, rules),
        day=head.day,
        said=said(memo),
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
) -> Against | Problem:
    """The line that balances the refund, or none for one of zero, whose account is that of its payment method."""
    if on_credit:
        because = sale.decisions[0]
        owed = EntryLine("receivable", rules.account("receivable"), -total, because, TOTAL)
        return Against((owed,), decisions=(because,))
    payment = decide(facts, rules.payment).row
    if not total:
        by_row = Because("books", "refund_number") if row is None else Because("refund", row.id)
        return Against((), "" if payment is None else rules.account(payment.clearing), decisions=(by_row,))
    if payment is None:
        return no_payment_rule(memo.key, order, total)
    because = Because("refund", row.id) if row is not None and row.account else Because("payment", payment.id)
    account = rules.account((row.account if row is not None else "") or payment.clearing)
    return Against(
        (EntryLine("money", account, -total, because, TOTAL),), account, payment.method, decisions=(because,)
    )


def _held(code: str, memo: CreditMemo, field: str, reason: str) -> Problem:
    return problem(code, memo.key, field, reason, amount=memo.totals.grand_total, currency=memo.currency)
