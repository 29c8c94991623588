"""A sales receipt or an invoice: head, lines, and the money or receivable that balances them."""

from decimal import Decimal
from typing import Final

from mappings.booking_head import due_date, make_head, stored_email, stored_reference
from mappings.booking_kind import SaleKind
from mappings.booking_lines import Parts, Sheet, make_lines
from mappings.catalogue import problem
from mappings.checks import check_entry
from mappings.decide import decide
from mappings.facts import Facts
from mappings.model import Because, Context, Entry, EntryLine, Invoice, Order, Problem
from mappings.rules import DocumentRow, PaymentRow, Rules

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
    head = make_head(key, str(facts["order.date" if invoice is None else "invoice.date"]), order, facts, context, rules)
    if isinstance(head, Problem):
        return head
    if invoice is None:
        parts = Parts(order.lines, order.totals, order.shipping_taxes)
    else:
        parts = Parts(invoice.lines, invoice.totals, invoice.shipping_taxes)
    sheet = make_lines(key, order.currency, parts, facts, context, rules)
    if isinstance(sheet, Problem):
        return sheet
    because = Because("document", row.id) if row is not None else Because("books", "post_on")
    decisions = (because, *head.decisions)
    terms = clearing = method = ""
    memo, email = stored_email(head.memo, order.buyer.email)
    reference = ""
    if kind == "invoice":
        terms = (row.terms if row is not None else "") or rules.books.terms
        against = [EntryLine("receivable", rules.account("receivable"), sheet.total, because, TOTAL)]
    else:
        transaction = (invoice.transaction_id if invoice is not None else "") or order.transaction_id
        memo, reference = stored_reference(memo, transaction)
        against = _money(sheet, payment, rules)
        if payment is not None:
            clearing, method = rules.account(payment.clearing), payment.method
            decisions = (*decisions, Because("payment", payment.id))
    number = rules.books.number if invoice is None else rules.books.invoice_number
    entry = Entry(
        key=key,
        kind=kind,
        source_id=order.entity_id if invoice is None else invoice.entity_id,
        number=f"{rules.books.number_prefix}{number.render(facts)}",
        txn_date=head.txn_date,
        currency=order.currency,
        party=head.party,
        total=sheet.total,
        tax=sheet.tax,
        lines=(*against, *sheet.lines),
        memo=memo,
        email=email,
        billing=order.billing,
        shipping=order.shipping_address,
        deposit_account=clearing,
        payment_method=method,
        reference=reference,
        terms=terms,
        due=due_date(terms, head.txn_date) if terms else None,
        department=head.department,
        class_name=head.class_name,
        fields=head.fields,
        decisions=decisions,
    )
    return check_entry(entry, rules) or entry


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


def _money(sheet: Sheet, payment: PaymentRow | None, rules: Rules) -> list[EntryLine]:
    """A receipt of zero may come by a method that nobody gave a clearing account: no money, no line."""
    if payment is None:
        return []
    return [EntryLine("money", rules.account(payment.clearing), sheet.total, Because("payment", payment.id), TOTAL)]


def _review(key: str, order: Order, facts: Facts, context: Context, rules: Rules) -> Problem | None:
    if not rules.review or key in context.approved or key in context.standing:
        return None
    row = decide(facts, rules.review).row
    if row is None:
        return None
    reason = row.reason.render(facts) or f'The review rule "{row.id}" asks for a look.'
    return problem("review", key, f"review {row.id}", reason, amount=order.totals.grand_total, currency=order.currency)
