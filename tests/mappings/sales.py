"""Orders built by Magento's own arithmetic, and short ways to look at what they become.

Amounts of a line: gross = price x quantity, tax on gross less discount, as in a store with prices without tax.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from mappings.booking import Booked, book_invoice, book_order
from mappings.context import Books, Context
from mappings.entry import Entry
from mappings.model import (
    Address,
    AppliedTax,
    Buyer,
    CreditMemo,
    EntryKind,
    Invoice,
    Line,
    Order,
    Problem,
    Totals,
    Waiting,
)
from mappings.rules import Rules, load, template
from mappings.shop import StoreView

D = Decimal
ZERO = D(0)
NOON = datetime(2026, 11, 20, 17, 0, tzinfo=UTC)  # midday in New York
AUSTIN = Address("Ada", "Lovelace", "", ("1 Main St",), "Austin", "Texas", "TX", "78701", "US", "555-0100")
BERLIN = Address("Ada", "Lovelace", "", ("Weg 2",), "Berlin", "", "", "10115", "DE", "")
TEXAS = ("US-TX-8.25", "8.25")
VAT19 = ("DE-19", "19")
VAT7 = ("DE-7", "7")
US = Books("US", "USD", False, True, None, True)
GERMAN = Books("DE", "EUR", False, False, None, True)
STORES = {
    1: StoreView(1, "default", "Main", 1, "America/New_York", "USD"),
    2: StoreView(2, "de", "Deutsch", 2, "Europe/Berlin", "EUR"),
}


def cents(amount: Decimal) -> Decimal:
    return amount.quantize(D("0.01"), ROUND_HALF_UP)


def applied(rate: tuple[str, str], amount: Decimal) -> AppliedTax:
    return AppliedTax(rate[0], rate[0], D(rate[1]), amount)


def line(
    sku: str, quantity: str, price: str, rate: tuple[str, str] | None = None, discount: str = "0", **changes: Any
) -> Line:
    """A priced line with at most one tax rate; `changes` are fields of `Line`, last word."""
    gross = D(quantity) * D(price)
    tax = cents((gross - D(discount)) * D(rate[1]) / 100) if rate else ZERO
    made = Line(
        item_id=1,
        product_id=1,
        sku=sku,
        name=f"The {sku}",
        product_type="simple",
        quantity=D(quantity),
        price=D(price),
        gross=gross,
        discount=D(discount),
        tax=tax,
        compensation=ZERO,
        tax_percent=D(rate[1]) if rate else ZERO,
        taxes=(applied(rate, tax),) if rate else (),
        quantity_canceled=ZERO,
        path="items[0]",
    )
    return replace(made, **changes)


def totals(lines: Iterable[Line], shipping: Decimal = ZERO, shipping_tax: Decimal = ZERO, **parts: Any) -> Totals:
    """The header that Magento makes of these lines; `parts` are further fields of `Totals`."""
    lines = tuple(lines)
    known: dict[str, Decimal] = {
        "subtotal": sum((each.gross for each in lines), ZERO),
        "shipping": shipping,
        "shipping_discount": ZERO,
        "shipping_tax": shipping_tax,
        "tax": sum((each.tax for each in lines), shipping_tax),
        "compensation": sum((each.compensation for each in lines), ZERO),
        "shipping_compensation": ZERO,
        "gift_cards": ZERO,
        "store_credit": ZERO,
        "reward": ZERO,
        "gift_wrap": ZERO,
        "gift_wrap_tax": ZERO,
        "fixed_tax": ZERO,
    }
    known |= {name: D(value) for name, value in parts.items()}
    known["discount"] = -sum((each.discount for each in lines), known["shipping_discount"])
    total = (
        known["subtotal"]
        + known["discount"]
        + known["shipping"]
        + known["tax"]
        + known["compensation"]
        + known["shipping_compensation"]
        + known["gift_wrap"]
        + known["fixed_tax"]
        - known["gift_cards"]
        - known["store_credit"]
        - known["reward"]
    )
    return Totals(**known, grand_total=total)


def order(
    *lines: Line,
    shipping: str = "0",
    shipping_rate: tuple[str, str] | None = None,
    paid: bool | str = False,
    parts: Mapping[str, str] | None = None,
    **changes: Any,
) -> Order:
    """An order number 000000042 of these lines. `paid` is True, or an amount; `changes` are fields of `Order`."""
    net_shipping = D(shipping) - D((parts or {}).get("shipping_discount", "0"))
    shipping_tax = cents(net_shipping * D(shipping_rate[1]) / 100) if shipping_rate else ZERO
    header = totals(lines, D(shipping), shipping_tax, **(parts or {}))
    made = Order(
        entity_id=42,
        number="000000042",
        store_id=1,
        state="processing" if paid else "new",
        status="processing",
        created_at=NOON,
        updated_at=NOON,
        currency="USD",
        order_currency="USD",
        order_grand_total=header.grand_total,
        totals=header,
        paid=header.grand_total if paid is True else D(paid or 0),
        refunded=ZERO,
        canceled=ZERO,
        tax_canceled=ZERO,
        shipping_canceled=ZERO,
        payment_method="checkmo",
        transaction_id="",
        po_number="",
        buyer=Buyer("Ada@Example.com", "Ada", "Lovelace", 7, False, 1, ""),
        billing=AUSTIN,
        shipping_address=AUSTIN,
        shipping_description="Flat Rate - Fixed",
        coupon="",
        virtual=False,
        lines=tuple(lines),
        shipping_taxes=(applied(shipping_rate, shipping_tax),) if shipping_rate else (),
        parent_number="",
        child_number="",
    )
    return replace(made, **changes)


def german(*lines: Line, **changes: Any) -> Order:
    """The same in a shop that sells from Germany to Germany in euros."""
    place = {"store_id": 2, "currency": "EUR", "billing": BERLIN, "shipping_address": BERLIN}
    return order(*lines, **place | changes)


def invoice(of: Order, *lines: Line, shipping: str = "0", shipping_tax: str = "0", **changes: Any) -> Invoice:
    """A captured Magento invoice 000000007 over these lines, two days after the order; all of it by default."""
    header = totals(lines, D(shipping), D(shipping_tax)) if lines else of.totals
    made = Invoice(
        entity_id=9,
        number="000000007",
        order_id=of.entity_id,
        store_id=of.store_id,
        captured=True,
        created_at=datetime(2026, 11, 22, 17, 0, tzinfo=UTC),
        updated_at=NOON,
        currency=of.currency,
        totals=header,
        transaction_id="",
        lines=lines or of.lines,
        shipping_taxes=of.shipping_taxes,
    )
    return replace(made, **changes)


def memo(of: Order, *lines: Line, shipping: str = "0", shipping_tax: str = "0", **changes: Any) -> CreditMemo:
    """A Magento credit memo 000000003 over these lines, five days after the order; all of it by default."""
    everything = not lines and not shipping.strip("0") and "adjustment" not in changes
    header = of.totals if everything else totals(lines, D(shipping), D(shipping_tax))
    given, kept = D(changes.pop("adjustment", "0")), D(changes.pop("fee", "0"))
    header = replace(header, grand_total=header.grand_total + given - kept)
    made = CreditMemo(
        entity_id=3,
        number="000000003",
        order_id=of.entity_id,
        invoice_id=None,
        store_id=of.store_id,
        created_at=datetime(2026, 11, 25, 17, 0, tzinfo=UTC),
        currency=of.currency,
        totals=header,
        adjustment=given,
        fee=kept,
        transaction_id="",
        lines=of.lines if everything else lines,
        shipping_taxes=of.shipping_taxes if everything or D(shipping_tax) else (),
    )
    return replace(made, **changes)


def context(books: Books = US, closed: date | None = None, **changes: Any) -> Context:
    """What booking may know: both stores, one customer group."""
    changes = {"dated": dict.fromkeys(changes.get("standing", {}), NOON.date())} | changes
    return Context(replace(books, close_date=closed), STORES, {0: "NOT LOGGED IN", 1: "General"}, **changes)


def standing(kind: EntryKind, key: str = "order/000000042", **changes: Any) -> Context:
    """A context in which a document stands in QuickBooks."""
    return context(standing={key: kind}, **changes)


def rules(text: str = "", books: str = "", name: str = "us_retail") -> Rules:
    """A template with settings of [books] replaced, and rows put before its own."""
    return load(changed(template(name), text, books))


def changed(found: str, text: str = "", books: str = "") -> str:
    """A rules file with settings of [books] replaced, and rows put before its own.

    A row of `text` without conditions takes the place of its list: nothing below it could ever be reached.
    """
    for setting in books.splitlines():
        key = setting.split("=")[0].strip()
        if not any(row.split("=")[0].strip() == key for row in found.splitlines()):
            found = found.replace("[books]", f"[books]\n{setting}", 1)
        found = "\n".join(setting if row.split("=")[0].strip() == key else row for row in found.splitlines())
    head, *rows = re.split(r"(?m)^(?=\[\[)", found)
    added = re.split(r"(?m)^(?=\[\[)", text)
    whole = tuple(row.split("]]")[0] for row in added if row and "when" not in row)
    kept = [row for row in rows if not row.startswith(whole)] if whole else rows
    return "".join([head, text, "\n", *kept])


RETAIL = rules()
VAT = rules(name="eu_vat")


def booked(outcome: Booked) -> tuple[Entry, ...]:
    """The entries; fails the test with the reason when there are none."""
    assert isinstance(outcome, tuple), outcome
    return outcome


def one(outcome: Booked) -> Entry:
    (entry,) = booked(outcome)
    return entry


def held(outcome: Booked) -> Problem:
    assert isinstance(outcome, Problem), outcome
    return outcome


def waiting(outcome: Booked) -> Waiting:
    assert isinstance(outcome, Waiting), outcome
    return outcome


def sell(of: Order, by: Rules = RETAIL, known: Context | None = None) -> Entry:
    return one(book_order(of, known or context(), by))


def pay(paid: Invoice, of: Order, by: Rules = RETAIL, known: Context | None = None) -> Entry:
    return one(book_invoice(paid, of, known or context(), by))


def journal(entry: Entry) -> list[tuple[str, str]]:
    """Each line as account and amount, debits positive: what an accountant would check."""
    return [(each.account, f"{each.amount:.2f}") for each in entry.lines]
