"""Which accounting entries an order and its Magento invoices become: facts, decisions, rendering.

Posting per order (the default): a sales receipt when all of it is captured, otherwise an invoice for the whole order
and a payment for each Magento invoice that is really paid. The kind once chosen stays. Posting per Magento invoice:
one document for each of them. Every function is pure and returns entries that balance, a Problem, or Waiting.
"""

from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from mappings import sale
from mappings.catalogue import problem
from mappings.checks import check_entry, check_order, numbered, shift_date, stored_reference
from mappings.decide import Decisions, decide_document
from mappings.facts import FactValue, order_facts
from mappings.keys import digest
from mappings.model import (
    ZERO,
    Because,
    Context,
    Entry,
    EntryKind,
    EntryLine,
    Invoice,
    Order,
    Party,
    Problem,
    Waiting,
)
from mappings.render import Rendered, Setting, cents, render
from mappings.rules import CustomerRow, DocumentRow, PaymentRow, ReviewRow, Rules
from mappings.values import Template

Booked = tuple[Entry, ...] | Problem | Waiting


@dataclass(frozen=True, slots=True)
class Case:
    """An order (or one of its invoices) with everything that was decided about it."""

    key: str
    order: Order
    context: Context
    rules: Rules
    facts: dict[str, FactValue]
    decisions: Decisions

    @property
    def setting(self) -> Setting:
        return Setting(self.rules, self.facts, self.context, self.key, self.order.currency)

    @property
    def document(self) -> DocumentRow | None:
        row = self.decisions.by_list["document"].row
        return row if isinstance(row, DocumentRow) else None

    @property
    def payment(self) -> PaymentRow | None:
        row = self.decisions.by_list["payment"].row
        return row if isinstance(row, PaymentRow) else None


def book_order(order: Order, context: Context, rules: Rules) -> Booked:
    """The entries of an order: its document, a void when it was cancelled, a credit memo for a cancelled rest."""
    case = _case(order.key, order, context, rules)
    if isinstance(case, Problem):
        return case
    kind = _kind(case)
    if isinstance(kind, Problem | Waiting):
        return kind
    document = _document(case, kind, sale.of_order(order), _number(case, rules.books.number), order.entity_id)
    if isinstance(document, Problem):
        return document
    if kind == "invoice" and _cancelled_unpaid(order):
        return document, _void(document)
    if kind == "invoice" and order.canceled > 0:
        return _with_rest(case, document)
    return (document,)


def book_invoice(invoice: Invoice, order: Order | None, context: Context, rules: Rules) -> Booked:
    """The entries of a Magento invoice: a payment on its order's invoice, or a document of its own."""
    if order is None:
        reason = f"Magento invoice {invoice.number} belongs to order {invoice.order_id}, which was not read yet."
        total = invoice.totals.grand_total
        return problem("waiting-for-order", invoice.key, "order_id", reason, amount=total, currency=invoice.currency)
    if rules.books.post_on == "invoice":
        return _invoice_document(invoice, order, context, rules)
    case = _case(order.key, order, context, rules)
    if isinstance(case, Problem):
        return Waiting(invoice.key, f"Order {order.number} is held.")
    kind = _kind(case)
    if kind != "invoice":
        return Waiting(invoice.key, f"Order {order.number} needs no payment of its own.")
    if case.facts["on_account"]:
        return Waiting(invoice.key, f"{order.payment_method} is on account: record the payment in QuickBooks.")
    if not invoice.captured:
        return Waiting(invoice.key, "Not paid yet.")
    return _payment(case, invoice)


def _case(key: str, order: Order, context: Context, rules: Rules, invoice: Invoice | None = None) -> Case | Problem:
    found = check_order(key, order, context)
    if found is not None:
        return found
    books = rules.books
    facts = order_facts(order, context, books.on_account, invoice, books.timezone)
    decisions = decide_document(facts, rules)
    review = decisions.by_list["review"].row
    if isinstance(review, ReviewRow) and key not in context.approved:
        reason = review.reason.render(facts) or f"Rule {review.id} asks for a look."
        total = order.totals.grand_total
        return problem("review", key, f"review {review.id}", reason, amount=total, currency=order.currency)
    return Case(key, order, context, rules, facts, decisions)


def _kind(case: Case) -> EntryKind | Problem | Waiting:
    """The order's document: what stands already stays; otherwise the rules decide."""
    order, standing = case.order, case.context.standing.get(case.key)
    if case.rules.books.post_on == "invoice" and (order.totals.grand_total or order.state == "canceled"):
        return Waiting(case.key, "Posted for each Magento invoice.")
    if standing is not None:
        return standing
    if _cancelled_unpaid(order):
        return Waiting(case.key, "Cancelled before anything was paid or posted.")
    row = case.document
    if row is None:
        words = f"No document rule fits an order in state {order.state}."
        return _problem(case, "no-rule", "state", words)
    if row.make in ("wait", "skip"):
        return Waiting(case.key, row.note or f"Rule {row.id} says {row.make}.")
    return "sales_receipt" if row.make == "sales_receipt" else "invoice"


def _document(case: Case, kind: EntryKind, sold: sale.Sale, number: str, source_id: int) -> Entry | Problem:
    """A sales receipt or an invoice: rendered lines, the money or the receivable against them, and the header."""
    if case.payment is None:
        method = case.order.payment_method or "(none)"
        return _problem(case, "unknown-payment-method", "payment.method", f"No rule for payment method {method!r}.")
    rendered = render(sold, case.setting)
    if isinstance(rendered, Problem):
        return rendered
    day = shift_date(_day(case, sold.source), case.context.books.close_date, case.rules.books.closed_period)
    if day is None:
        words = f"{_day(case, sold.source)} lies in a period that is closed until {case.context.books.close_date}."
        return _problem(case, "closed-period", "created_at", words)
    entry = _header(case, kind, rendered, number, day, source_id)
    return check_entry(entry)


def _header(case: Case, kind: EntryKind, rendered: Rendered, number: str, day: date, source_id: int) -> Entry:
    order, payment, rules = case.order, case.payment, case.rules
    received = kind == "sales_receipt" and payment is not None
    terms = (case.document.terms if case.document else "") or rules.books.terms
    memo, reference = stored_reference(_memo(case, day), order.transaction_id if received else "")
    class_row = case.decisions.by_list["class"].row
    department = getattr(class_row, "department", "")
    return Entry(
        key=case.key,
        kind=kind,
        source_id=source_id,
        number=number,
        txn_date=day,
        currency=order.currency,
        party=_party(case),
        total=rendered.total,
        tax=rendered.tax,
        lines=(_counter(case, kind, rendered.total), *rendered.lines),
        memo=memo,
        email=order.buyer.email,
        billing=order.billing,
        shipping=order.shipping_address,
        deposit_account=rules.account(payment.clearing) if received and payment else "",
        payment_method=payment.method if received and payment else "",
        reference=reference,
        terms=terms if kind == "invoice" else "",
        due=_due(day, terms) if kind == "invoice" else None,
        department=department,
        class_name=getattr(class_row, "class_name", ""),
        fields=tuple((row.to, row.source.render(case.facts)) for row in case.decisions.fields),
        decisions=case.decisions.because(),
    )


def _counter(case: Case, kind: EntryKind, total: Decimal) -> EntryLine:
    """The line against all others: the clearing account of the payment method, or the receivable."""
    if kind == "sales_receipt" and case.payment is not None:
        account = case.rules.account(case.payment.clearing)
        return EntryLine("money", account, total, Because("payment", case.payment.id), ("payment.method",))
    because = Because("document", case.document.id) if case.document else Because("books", "post_on")
    return EntryLine("receivable", case.rules.account("receivable"), total, because, ("base_grand_total",))


def _invoice_document(invoice: Invoice, order: Order, context: Context, rules: Rules) -> Booked:
    """Posting per Magento invoice: a sales receipt when it is really paid, else an invoice on account."""
    case = _case(invoice.key, order, context, rules, invoice)
    if isinstance(case, Problem):
        return case
    kind: EntryKind = "sales_receipt" if case.facts["paid"] else "invoice"
    number = _number(case, rules.books.invoice_number)
    document = _document(case, kind, sale.of_invoice(invoice, order), number, invoice.entity_id)
    return document if isinstance(document, Problem) else (document,)


def _payment(case: Case, invoice: Invoice) -> Booked:
    """Money received for a Magento invoice, on the QuickBooks invoice of its order."""
    row, rules = case.payment, case.rules
    if row is None:
        words = f"No rule for payment method {case.order.payment_method!r}."
        return _problem(case, "unknown-payment-method", "payment.method", words)
    day = shift_date(_local(case, invoice), case.context.books.close_date, rules.books.closed_period)
    if day is None:
        return _problem(case, "closed-period", "created_at", "The payment's day lies in a closed period.")
    amount = cents(invoice.totals.grand_total)
    account, because = rules.account(row.clearing), Because("payment", row.id)
    reference = invoice.transaction_id or case.order.transaction_id or invoice.number
    memo, reference = stored_reference(f"{_memo(case, day)}, Magento invoice {invoice.number}", reference)
    entry = Entry(
        key=f"payment/{invoice.number}",
        kind="payment",
        source_id=invoice.entity_id,
        number="",
        txn_date=day,
        currency=case.order.currency,
        party=_party(case),
        total=amount,
        tax=ZERO,
        lines=(
            EntryLine("money", account, amount, because, ("base_grand_total",)),
            EntryLine("receivable", rules.account("receivable"), -amount, because, ("base_grand_total",)),
        ),
        memo=memo,
        deposit_account=account,
        payment_method=row.method,
        reference=reference,
        applies_to=case.key,
        decisions=case.decisions.because(),
    )
    return (entry,)


def _with_rest(case: Case, document: Entry) -> Booked:
    """A rest cancelled after a part was invoiced: a credit memo over it, and its application to the invoice."""
    rendered = render(sale.of_rest(case.order), case.setting)
    if isinstance(rendered, Problem):
        words = f"The cancelled rest does not add up. {rendered.reason}"
        return _problem(case, "unmatched-rest", "base_total_canceled", words)
    key, number = f"{case.key}/rest", f"{document.number}-R"
    counter = replace(document.lines[0], amount=-rendered.total, source=("base_total_canceled",))
    memo = replace(
        document,
        key=key,
        kind="credit_memo",
        number=number,
        total=rendered.total,
        tax=rendered.tax,
        lines=(counter, *(replace(line, amount=-line.amount) for line in rendered.lines)),
        terms="",
        due=None,
        applies_to=case.key,
    )
    checked = check_entry(memo)
    if isinstance(checked, Problem):
        return checked
    return document, checked, _application(document, checked)


def _application(document: Entry, memo: Entry) -> Entry:
    """A payment of zero that links the credit memo to the invoice (Intuit, "Payment")."""
    owed = replace(document.lines[0], amount=-memo.total)
    return replace(
        document,
        key=f"{memo.key}/applied",
        kind="payment",
        number="",
        total=ZERO,
        tax=ZERO,
        lines=(owed, replace(owed, amount=memo.total)),
        terms="",
        due=None,
        billing=None,
        shipping=None,
        email="",
        fields=(),
        department="",
        class_name="",
        applies_to=f"{document.key} {memo.key}",
    )


def _void(document: Entry) -> Entry:
    """The invoice of a cancelled order, taken back: the number stays, the amounts go."""
    return replace(
        document,
        key=f"{document.key}/void",
        kind="void",
        total=ZERO,
        tax=ZERO,
        lines=tuple(replace(line, amount=-line.amount) for line in document.lines),
        applies_to=document.key,
    )


def _cancelled_unpaid(order: Order) -> bool:
    return order.state == "canceled" and not order.paid


def _number(case: Case, template: Template) -> str:
    return numbered(case.rules.books.number_prefix, template, case.facts)


def _memo(case: Case, day: date) -> str:
    memo = case.rules.books.memo.render(case.facts) or f"Magento order {case.order.number}"
    placed = str(case.facts["order.date"])
    notes = [memo] if case.order.number in memo else [memo, f"Magento order {case.order.number}"]
    notes += [row.source.render(case.facts) for row in case.decisions.fields if row.to == "PrivateNote"]
    if case.order.parent_number:
        notes.append(f"replaces {case.order.parent_number}")
    if case.context.books.close_date and day > date.fromisoformat(placed) and _closed(case, placed):
        notes.append(f"dated {placed} in the shop")
    return ", ".join(note for note in notes if note)


def _closed(case: Case, placed: str) -> bool:
    closed = case.context.books.close_date
    return closed is not None and date.fromisoformat(placed) <= closed


def _day(case: Case, source: str) -> date:
    return date.fromisoformat(str(case.facts["invoice.date" if source == "invoice" else "order.date"]))


def _local(case: Case, invoice: Invoice) -> date:
    facts = order_facts(case.order, case.context, case.rules.books.on_account, invoice, case.rules.books.timezone)
    return date.fromisoformat(str(facts["invoice.date"]))


def _due(day: date, terms: str) -> date | None:
    """The due date that terms such as "Net 30" mean; other terms leave it to QuickBooks."""
    days = terms.rpartition(" ")[2]
    return day + timedelta(days=int(days)) if days.isdigit() else None


def _party(case: Case) -> Party:
    order, row = case.order, case.decisions.by_list["customer"].row
    if isinstance(row, CustomerRow) and row.use == "summary":
        name = row.name.render(case.facts) or "Web customers"
        return Party(f"summary:{name.strip().casefold()}", name)
    buyer, billing = order.buyer, order.billing
    return Party(
        key=_identity(case),
        name=billing.company or f"{buyer.first_name} {buyer.last_name}".strip() or buyer.email,
        email=buyer.email,
        first_name=buyer.first_name,
        last_name=buyer.last_name,
        company=billing.company,
        telephone=billing.telephone,
        billing=billing,
        shipping=order.shipping_address,
    )


def _identity(case: Case) -> str:
    buyer = case.order.buyer
    if case.rules.books.customer_key == "website_and_id" and buyer.id is not None:
        return f"id:{case.facts['website']}:{buyer.id}"
    if buyer.email.strip():
        return f"email:{digest(buyer.email.strip().casefold())}"
    return f"order:{case.order.number}"


def _problem(case: Case, code: str, field: str, reason: str) -> Problem:
    order: Order = case.order
    return problem(code, case.key, field, reason, amount=order.totals.grand_total, currency=order.currency)
