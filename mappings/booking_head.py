"""The head of an entry: its customer, date, number, memo, terms and fields. Lines are made in `booking_lines`."""

import re
from datetime import date, timedelta
from typing import Final

from mappings import parties
from mappings.catalogue import problem
from mappings.closing import Stands, dated
from mappings.context import Context
from mappings.decide import decide, decide_fields
from mappings.entry import Because, Party
from mappings.facts import Facts
from mappings.model import Order, Problem
from mappings.qbo_texts import email_address
from mappings.records import record
from mappings.rules import Rules
from mappings.texts import clean

_NET: Final = re.compile(r"\bnet\s*(\d{1,3})\b", re.IGNORECASE)
REFERENCE_LENGTH: Final = {"online": 21, "desktop": 20}
"""PaymentRefNum in QuickBooks Online: no limit is published; this is DocNumber's, which is what its own screens take.
In Desktop RefNumber of ReceivePaymentAdd (Intuit, qbXML 13.0); CheckNumber takes 25."""


@record(frozen=True, slots=True)
class Head:
    """What stands over the lines of a document of an order. `day` is its own, `decisions` are the rows that made it;
    `adjusting` says that a closed period asks for an adjusting entry in its place."""

    party: Party
    txn_date: date
    day: date
    memo: str
    department: str
    class_name: str
    fields: tuple[tuple[str, str], ...]
    decisions: tuple[Because, ...]
    adjusting: bool = False


def make_head(document: str, day: str, order: Order, facts: Facts, context: Context, rules: Rules) -> Head | Problem:
    """The head of the document with this key, dated `day` (ISO, in the store's zone) unless the period is closed."""
    own_day = date.fromisoformat(day)
    found = dated(own_day, stands(document, context), context.books, rules)
    if isinstance(found, str):
        total, currency = order.totals.grand_total, order.currency
        return problem("closed-period", document, "created_at", found, amount=total, currency=currency)
    decisions: list[Because] = []
    party = _party(order, facts, context, rules, decisions)
    class_name = department = ""
    row = decide(facts, rules.class_).row if rules.class_ else None
    if row is not None:
        class_name, department = row.class_name, row.department
        decisions.append(Because("class", row.id))
    memo = f"{rules.books.memo.render(facts)}{found.clause}"
    fields: list[tuple[str, str]] = []
    for field in decide_fields(facts, rules.field) if rules.field else ():
        value = field.source.render(facts)
        decisions.append(Because("field", field.id))
        if not clean(value):
            continue
        if field.to == "PrivateNote":
            memo = f"{memo}\n{value}" if memo else value
        else:
            fields.append((field.to, value))
    told, rows = tuple(fields), tuple(decisions)
    return Head(party, found.day, own_day, memo, department, class_name, told, rows, found.adjusting)


def stands(document: str, context: Context) -> Stands | None:
    """The document as it stands in QuickBooks; None where it may still change."""
    kind, day = context.standing.get(document), context.dated.get(document)
    return None if kind is None or day is None else Stands(kind, day)


def _party(order: Order, facts: Facts, context: Context, rules: Rules, decisions: list[Because]) -> Party:
    """The customer by the customer list: the buyer, or a collective customer. The row is added to `decisions`."""
    row = decide(facts, rules.customer).row
    if row is not None:
        decisions.append(Because("customer", row.id))
        if row.use == "summary":
            return parties.collective(row.name.render(facts))
    buyer, store = order.buyer, context.stores.get(order.store_id)
    website = store.website_id if store else None
    key = parties.identity(buyer.email, website, buyer.id, f"order:{order.number}", rules)
    return parties.own(key, buyer.email, buyer.first_name, buyer.last_name, order.billing, order.shipping_address)


def stored_reference(memo: str, reference: str, rules: Rules) -> tuple[str, str]:
    """Memo and payment reference: a transaction id that is too long keeps its end, and stands whole in the memo."""
    longest, reference = REFERENCE_LENGTH[rules.books.target], clean(reference)
    if len(reference) <= longest:
        return memo, reference
    return f"{memo}, transaction {reference}", reference[-longest:]


def stored_email(memo: str, email: str) -> tuple[str, str]:
    """Memo and e-mail: an address that QuickBooks would refuse is in the memo instead."""
    return (memo, email) if not clean(email) or email_address(email) else (f"{memo}, e-mail {email}", "")


def due_date(terms: str, day: date) -> date | None:
    """The due day that the name of the terms states (`Net 30`); None leaves it to QuickBooks."""
    found = _NET.search(terms)
    return day + timedelta(days=int(found[1])) if found else None
