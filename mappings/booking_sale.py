"""A sales receipt or an invoice: head, lines, and the money or receivable that balances them."""

from decimal import Decimal
from typing import Final

from mappings.booking_head import Head, due_date, make_head, stored_email, stored_reference
from mappings.booking_kind import SaleKind
from mappings.booking_lines import make_lines
from mappings.booking_sheet import Parts, Sheet
from mappings.booking_summary import mark_sale
from mappings.catalogue import problem
from mappings.checks import check_entry
from mappings.closing import adjusting_entry
from mappings.context import Context
from mappings.decide import decide, kept_facts
from mappings.deferral import marked
from mappings.entry import Because, Entry, EntryLine
from mappings.facts import Facts
from mappings.model import Invoice, Order, Problem
from mappings.records import record
from mappings.rules import DocumentRow, PaymentRow, Rules
from mappings.said import said

TOTAL: Final = ("base_grand_total",)


def make_sale(
    key: str,
    kind: SaleKind,
    row: DocumentRow | None,
    order: Order,
    invoice: Invoice | None,
    facts: Facts,
    context: Context,
    rules: Rules,
) -> Entry | Problem:
    """The document of an order, or with `invoice` of that Magento invoice alone. `row` decided its kind."""
    held = _review(key, order, facts, context, rules)
    if held is not None:
        return held
    payment = decide(facts, rules.payment).row if kind == "sales_receipt" else None
    if kind == "sales_receipt" and payment is None and order.totals.grand_total:
        return no_payment_rule(key, order, order.totals.grand_total)
    day = str(facts["order.date" if invoice is None else "invoice.date"])
    head = make_head(key, day, order, facts, context, rules)
    if isinstance(head, Problem):
        return head
    of = invoice or order
    number = rules.books.number if invoice is None else rules.books.invoice_number
    lines, taxes = (marked(order, context, rules) if invoice is None else invoice.lines), of.shipping_taxes
    parts = Parts(lines, of.totals, taxes)
    sheet = make_lines(key, order.currency, parts, facts, context, rules)
    if isinstance(sheet, Problem):
        return sheet
    memo, email = stored_email(head.memo, order.buyer.email)
    transaction = (invoice.transaction_id if invoice is not None else "") or order.transaction_id
    memo, reference = stored_reference(memo, transaction if kind == "sales_receipt" else "", rules)
    against = _paid(sheet, payment, rules) if kind == "sales_receipt" else _owed(sheet, row, rules)
    entry = Entry(
        key=key,
        kind=kind,
        source_id=of.entity_id,
        number=f"{rules.books.number_prefix}{number.render(facts)}",
        txn_date=head.txn_date,
        currency=order.currency,
        party=head.party,
        total=sheet.total,
        tax=sheet.tax,
        lines=(*against.lines, *sheet.lines),
        memo=memo,
        email=email,
        billing=order.billing,
        shipping=order.shipping_address,
        deposit_account=against.clearing,
        payment_method=against.method,
        reference=reference,
        terms=against.terms,
        due=due_date(against.terms, head.txn_date) if against.terms else None,
        department=head.department,
        class_name=head.class_name,
        fields=head.fields,
        decisions=(_because(row), *head.decisions, *against.decisions),
        facts=kept_facts(facts, rules),
        day=head.day,
        said=said(of),
    )
    return _finished(mark_sale(entry, row, day, order, facts, context, rules, adjusting=head.adjusting), head, rules)


def _finished(entry: Entry, head: Head, rules: Rules) -> Entry | Problem:
    """The entry, adjusting where its month is closed; that of a summary is the summary's business."""
    if head.adjusting and entry.kind == "sales_receipt" and entry.summary is None:
        entry = adjusting_entry(entry, rules)
    return check_entry(entry, rules) or entry


def _because(row: DocumentRow | None) -> Because:
    return Because("document", row.id) if row is not None else Because("books", "post_on")


@record(frozen=True, slots=True)
class Against:
    """What stands against a sale or a refund: money on a clearing account, or a receivable with terms."""

    lines: tuple[EntryLine, ...] = ()
    clearing: str = ""
    method: str = ""
    terms: str = ""
    decisions: tuple[Because, ...] = ()


def _paid(sheet: Sheet, payment: PaymentRow | None, rules: Rules) -> Against:
    """A receipt of zero may come by a method that nobody gave a clearing account: no money, no line."""
    if payment is None:
        return Against()
    clearing, because = rules.account(payment.clearing), Because("payment", payment.id)
    money = EntryLine("money", clearing, sheet.total, because, TOTAL)
    return Against((money,), clearing, payment.method, decisions=(because,))


def _owed(sheet: Sheet, row: DocumentRow | None, rules: Rules) -> Against:
    receivable = EntryLine("receivable", rules.account("receivable"), sheet.total, _because(row), TOTAL)
    return Against((receivable,), terms=(row.terms if row is not None else "") or rules.books.terms)


def no_payment_rule(key: str, order: Order, amount: Decimal) -> Problem:
    """Money arrived, and no rule says where it waits."""
    return problem(
        "unknown-payment-method",
        key,
        "payment.method",
        f'No rule names the clearing account of payment method "{order.payment_method or "(none)"}".',
        amount=amount,
        currency=order.currency,
    )


def _review(key: str, order: Order, facts: Facts, context: Context, rules: Rules) -> Problem | None:
    if not rules.review or key in context.approved or key in context.standing:
        return None
    row = decide(facts, rules.review).row
    if row is None:
        return None
    reason = row.reason.render(facts) or f'The review rule "{row.id}" asks for a look.'
    return problem("review", key, f"review {row.id}", reason, amount=order.totals.grand_total, currency=order.currency)
