"""Revenue that is earned when goods leave: what sales defer, what shipments release, what refunds take back."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings.booking import book_order
from mappings.booking_memo import book_credit_memo
from mappings.booking_shipment import book_shipment
from mappings.checks import off_balance
from mappings.context import Context
from mappings.deferral import deferred, moves
from mappings.deferred import Deferral, Deferred, read_deferred
from mappings.entry import Entry, EntryLine, Role
from mappings.entry_json import entry_json
from mappings.model import CreditMemo, Line, Order, Problem, Waiting
from mappings.rules import Rules, RulesError
from mappings.shipment import Shipment
from tests.mappings.sales import NOON, RETAIL, TEXAS, ZERO, booked, cents, context, line, memo, order, rules, totals

D = Decimal
DEFER = rules(name="deferred_revenue")
DEFERRED, SALES, DISCOUNTS = "2400 Deferred revenue", "4000 Sales", "4900 Discounts given"
MUGS = line("MUG", "3", "10.00", TEXAS)
EBOOK = line("EBOOK", "1", "20.00", product_type="downloadable", item_id=2)


def shipped(number: int, quantities: dict[int, str], days: int = 1) -> Shipment:
    """A shipment of pieces by line id, so many days after the order."""
    pieces = {id: D(quantity) for id, quantity in quantities.items()}
    return Shipment(number, f"{number:09d}", 42, NOON + timedelta(days=days), pieces)


def story(
    of: Order,
    shipments: Sequence[Shipment] = (),
    memos: Sequence[CreditMemo] = (),
    known: Context | None = None,
    by: Rules = DEFER,
) -> list[Entry]:
    """Everything that an order with its shipments and memos becomes."""
    known = known or context()
    entries = list(booked(book_order(of, known, by)))
    taken = moves(of, shipments, memos, known, by)
    for each in memos:
        entries += booked(book_credit_memo(each, of, entries, known, by, taken.get(each.key)))
    for shipment in shipments:
        made = book_shipment(shipment, of, entries, taken.get(shipment.key, {}), known, by)
        assert not isinstance(made, Problem), made
        entries += made if isinstance(made, tuple) else ()
    assert all(off_balance(entry.lines) == 0 for entry in entries)
    return entries


def balance(entries: Iterable[Entry], account: str) -> Decimal:
    return sum((line.amount for entry in entries for line in entry.lines if line.account == account), ZERO)


def given_back(of: Order, *lines: Line, number: int = 3, days: int = 5) -> CreditMemo:
    """A credit memo over these lines, so many days after the order."""
    made = memo(of, *lines, created_at=NOON + timedelta(days=days))
    return replace(made, entity_id=number, number=f"{number:09d}")


def as_booked(amount: str, *, said: str = "") -> Deferred:
    """What the ledger says of a sale of mugs that deferred so much."""
    waits = Deferral("anything else", "Magento deferred sales", DEFERRED)
    return Deferred(D(amount), said, {"items[0]": waits})


def test_a_sale_defers_what_ships_net_of_its_discount_and_earns_what_does_not() -> None:
    lines = (replace(MUGS, discount=D("3.00")), EBOOK)
    [sale] = story(order(*lines, shipping="7.50", paid=True))
    shown = [(each.role, each.account, each.amount, each.item) for each in sale.lines if each.role != "tax"]
    assert shown == [
        ("money", "1255 Checks clearing", sale.total, ""),
        ("deferred", DEFERRED, D("-27.00"), "Magento deferred sales"),
        ("item", SALES, D("-20.00"), ""),
        ("shipping", "4100 Shipping income", D("-7.50"), "Magento shipping"),
    ]
    assert sale.lines[1].description == "MUG The MUG (Discount)"
    assert (sale.lines[1].sku, sale.lines[1].tax_code, sale.lines[1].because.list) == ("", "TAX", "deferral")


def test_a_shipment_earns_gross_sales_and_shows_their_discount_on_its_day_in_the_stores_zone() -> None:
    of = order(replace(MUGS, discount=D("3.00")), paid=True)
    late = replace(shipped(8, {1: "2"}), created_at=datetime(2026, 11, 24, 3, 0, tzinfo=UTC))  # 22:00 in New York
    entry = story(of, [late])[-1]
    assert [(each.account, each.amount) for each in entry.lines] == [
        (DEFERRED, D("18.00")),
        (SALES, D("-20.00")),
        (DISCOUNTS, D("2.00")),
    ]
    assert (entry.key, entry.kind, entry.number) == ("shipment/000000008", "journal", "S000000008")
    assert (entry.txn_date, entry.total, entry.after) == (date(2026, 11, 23), D("20.00"), of.key)
    assert entry.memo == "Magento order 000000042, Magento shipment 000000008"
    assert entry.lines[0].source == ("items[0].qty_shipped",)


def test_parts_release_to_the_cent_what_was_deferred() -> None:
    of = order(line("MUG", "3", "3.3333", gross=D("10.00")), paid=True)
    entries = story(of, [shipped(number, {1: "1"}, number) for number in (1, 2, 3)])
    assert [each.lines[0].amount for each in entries[1:]] == [D("3.33"), D("3.34"), D("3.33")]
    assert balance(entries, DEFERRED) == 0


def test_where_a_discount_hides_vat_a_shipment_earns_what_was_deferred() -> None:
    of = order(replace(MUGS, discount=D("3.00"), compensation=D("0.48")), paid=True)
    entries = story(of, [shipped(1, {1: "3"})])
    assert [(each.account, each.amount) for each in entries[1].lines] == [
        (DEFERRED, D("27.48")),
        (SALES, D("-30.00")),
        (DISCOUNTS, D("2.52")),
    ]
    assert balance(entries, DEFERRED) == 0


def test_of_a_shipment_and_a_refund_at_one_moment_the_shipment_comes_first() -> None:
    refund = given_back(order(MUGS, paid=True), line("MUG", "1", "10.00", TEXAS), days=5)
    entries = story(order(MUGS, paid=True), [shipped(1, {1: "3"}, days=5)], [refund])
    assert [each.account for each in entries[1].lines if each.role in ("deferred", "item")] == [SALES]
    assert balance(entries, DEFERRED) == 0


def test_a_refund_before_shipment_takes_back_deferred_revenue_and_after_it_sales() -> None:
    of = order(MUGS, paid=True)
    one = line("MUG", "1", "10.00", TEXAS)
    before = story(of, [shipped(1, {1: "2"}, days=9)], [given_back(of, one, days=5)])
    assert [(each.role, each.account, each.amount) for each in before[1].lines if each.role != "tax"][1:] == [
        ("deferred", DEFERRED, D("10.00"))
    ]
    assert (balance(before, DEFERRED), balance(before, SALES)) == (0, D("-20.00"))
    after = story(of, [shipped(1, {1: "3"}, days=2)], [given_back(of, one, days=5)])
    assert [each.account for each in after[1].lines if each.role == "item"] == [SALES]
    assert (balance(after, DEFERRED), balance(after, SALES)) == (0, D("-20.00"))


def test_a_refund_over_both_takes_what_has_not_left_first() -> None:
    of = order(MUGS, paid=True)
    entries = story(of, [shipped(1, {1: "2"}, days=2)], [given_back(of, line("MUG", "2", "10.00", TEXAS))])
    goods = [
        (each.account, each.amount, each.quantity) for each in entries[1].lines if each.role in ("deferred", "item")
    ]
    assert goods == [(DEFERRED, D("10.00"), 1), (SALES, D("10.00"), 1)]
    assert (balance(entries, DEFERRED), balance(entries, SALES)) == (0, D("-10.00"))


def test_a_cancelled_rest_was_never_earned() -> None:
    kept = order(replace(MUGS, quantity_canceled=D(1), tax=ZERO, taxes=(), tax_percent=ZERO))
    of = replace(kept, paid=D(20), canceled=D(10))
    entries = story(of, [shipped(1, {1: "2"})])
    assert [entry.kind for entry in entries] == ["invoice", "credit_memo", "payment", "journal"]
    assert [(each.role, each.amount) for each in entries[1].lines][1:] == [("deferred", D("10.00"))]
    assert (balance(entries, DEFERRED), balance(entries, SALES)) == (0, D("-20.00"))


def test_a_cancelled_rest_takes_the_last_pieces_so_that_no_cent_stays_deferred() -> None:
    # Two pins over 0.05: the first is 0.03 (half up), the second 0.02.
    pins = line("PIN", "2", "0.025", gross=D("0.05"), quantity_canceled=D(1))
    of = replace(order(pins), paid=D("0.03"), canceled=D("0.02"))
    entries = story(of, [shipped(1, {1: "1"})])
    assert [each.amount for entry in entries for each in entry.lines if each.role == "deferred"] == [
        D("-0.05"),
        D("0.02"),
        D("0.03"),
    ]


def test_a_shipment_of_an_order_that_was_cancelled_whole_earns_nothing() -> None:
    of = replace(order(MUGS), state="canceled")
    known = context(standing={of.key: "invoice"}, deferred={of.key: as_booked("30.00")})
    entries = booked(book_order(of, known, DEFER))
    assert [entry.kind for entry in entries] == ["invoice", "void"]
    taken = moves(of, [shipped(1, {1: "1"})], [], known, DEFER)["shipment/000000001"]
    made = book_shipment(shipped(1, {1: "1"}), of, entries, taken, known, DEFER)
    assert made == Waiting("shipment/000000001", "Its order was cancelled.")


def test_a_shipment_of_what_was_never_deferred_waits_without_a_word_to_anybody() -> None:
    of = order(MUGS, paid=True)
    known = context(standing={of.key: "sales_receipt"})  # posted before revenue was deferred
    sale, *others = story(of, [shipped(1, {1: "3"})], known=known)
    assert (others, balance([sale], DEFERRED)) == ([], 0)
    nothing = book_shipment(shipped(1, {2: "1"}), of, [sale], {}, known, DEFER)
    assert nothing == Waiting("shipment/000000001", "Nothing of it was deferred.")
    assert isinstance(book_shipment(shipped(1, {1: "1"}), of, [], {}, known, DEFER), Waiting)


def test_a_sale_that_stands_with_other_deferred_revenue_is_left_to_a_person() -> None:
    of = order(MUGS, paid=True)
    known = context(standing={of.key: "sales_receipt"}, deferred={of.key: as_booked("20.00")})
    [sale] = booked(book_order(of, known, DEFER))
    taken = moves(of, [shipped(1, {1: "3"})], [], known, DEFER)
    problem = book_shipment(shipped(1, {1: "3"}), of, [sale], taken["shipment/000000001"], known, DEFER)
    assert isinstance(problem, Problem)
    assert (problem.code, problem.amount) == ("deferral-unclear", D("20.00"))
    assert problem.reason == "Its sale deferred 20.00 in QuickBooks; by what the shop and the rules say now, 30.00."


def test_a_closed_period_holds_a_shipment() -> None:
    of = order(MUGS, paid=True)
    known = context(
        standing={of.key: "sales_receipt"}, deferred={of.key: as_booked("30.00")}, closed=date(2026, 11, 30)
    )
    [sale] = booked(book_order(of, known, DEFER))
    taken = moves(of, [shipped(1, {1: "3"})], [], known, DEFER)
    made = book_shipment(shipped(1, {1: "3"}), of, [sale], taken["shipment/000000001"], known, DEFER)
    assert isinstance(made, Problem) and made.code == "closed-period"


def test_rows_choose_account_and_goods_line_by_line_and_reduced_prices_earn_net() -> None:
    own = '[[deferral]]\nid = "made to order"\nwhen = { "line.sku" = { starts = "DESK" } }\nrevenue = "on_shipment"\n'
    own += 'account = "2410 Made to order"\n[[deferral]]\nid = "stock"\nrevenue = "at_sale"\n'
    net = '[[discount]]\nid = "net"\nshow = "reduced_price"\n'
    desk = line("DESK-OAK", "1", "100.00", discount="10.00", item_id=5)
    of = order(MUGS, desk, paid=True)
    sale, entry = story(of, [shipped(1, {1: "3", 5: "1"})], by=rules(own + net))
    assert [(each.account, each.item, each.amount) for each in sale.lines if each.role == "deferred"] == [
        ("2410 Made to order", "Magento deferred sales, 2410 Made to order", D("-90.00"))
    ]
    assert [(each.account, each.amount) for each in entry.lines] == [("2410 Made to order", D(90)), (SALES, D(-90))]


def test_without_rows_nothing_is_deferred() -> None:
    [sale] = story(order(MUGS, paid=True), [shipped(1, {1: "3"})], by=RETAIL)
    assert balance([sale], SALES) == D("-30.00")


@pytest.mark.parametrize(
    ("row", "setting", "words"),
    [
        ("", 'post_on = "invoice"', 'post_on = "invoice"'),
        ('[[document]]\nid = "small"\nmake = "summary"\ncustomer = "Web"\nwhen = { paid = true }\n', "", "summary"),
        ('[[currency]]\nid = "all"\nmode = "foreign"\n', "", "[[currency]] rows"),
    ],
)
def test_revenue_by_shipments_needs_documents_by_order_in_base_currency(row: str, setting: str, words: str) -> None:
    with pytest.raises(RulesError) as refused:
        rules(row, setting, "deferred_revenue")
    assert f"it cannot stand beside {words}" in str(refused.value).replace('make = "summary"', "summary")


pieces = st.integers(1, 7)


@given(st.data(), pieces, st.decimals("0.01", "200", places=2), st.decimals("0", "0.5", places=2))
def test_when_all_is_shipped_given_back_or_cancelled_the_deferred_account_is_zero(
    data: st.DataObject, ordered: int, gross: Decimal, off: Decimal
) -> None:
    discount = cents(gross * off)
    goods = line("MUG", str(ordered), "1.00", gross=gross, discount=str(discount))
    goods = replace(goods, gross=gross, discount=discount)
    of = order(goods, paid=True)
    shipments, memos, left, returned, day = [], [], ordered, 0, 1
    while left:
        number = data.draw(st.integers(1, left))
        left -= number
        if data.draw(st.booleans()):
            shipments.append(shipped(day, {1: str(number)}, day))
            returned += number
        else:
            memos.append(_part(of, goods, number, day))
        day += 1
        if returned and data.draw(st.booleans()):
            back = data.draw(st.integers(1, returned))
            returned -= back
            memos.append(_part(of, goods, back, day))
            day += 1
    taken = moves(of, shipments, memos, context(), DEFER)
    [sale] = booked(book_order(of, context(), DEFER))
    assert -balance([sale], DEFERRED) == cents(gross - discount)
    assert sum((each.net for event in taken.values() for each in event.values()), ZERO) == cents(gross - discount)
    assert sum((each.gross for event in taken.values() for each in event.values()), ZERO) == gross
    entries = story(of, shipments, memos)
    assert balance(entries, DEFERRED) == 0


def _part(of: Order, goods: Line, number: int, day: int) -> CreditMemo:
    share = D(number) / goods.quantity
    gross, discount = cents(goods.gross * share), cents(goods.discount * share)
    part = replace(goods, quantity=D(number), gross=gross, discount=discount)
    made = given_back(of, part, number=day, days=day)
    return replace(made, totals=totals([part]))


def kept(key: str, *lines: EntryLine, how: str = "", whole: str = "") -> dict[str, object]:
    """What the ledger keeps of a document over these lines, after which so much is deferred in all."""
    text = entry_json(replace(SALE, key=key, lines=lines))
    revision = {"revision": {"of": "order/1", "how": how, "words": ""}} if how else {}
    columns = [["deferred", DEFERRED, f"-{whole}", *[None] * 7]]
    return text | revision | ({"booked": {"lines": columns, "said": "now"}} if whole else {})


SALE = booked(book_order(order(MUGS, EBOOK, paid=True), context(), DEFER))[0]
WAITS = Deferral("anything else", "Magento deferred sales", DEFERRED)


def on(path: str, role: Role = "deferred") -> EntryLine:
    """A line of a sale, of the row of the Magento order at this path."""
    like = next(each for each in SALE.lines if each.role == role)
    return replace(like, source=(f"{path}.base_row_total",))


def test_where_revenue_waits_is_read_from_all_that_stands_of_a_sale() -> None:
    first = kept("order/1", on("items[0]"), on("items[1]", "item"))
    assert read_deferred("order/1", {"order/1": first}) == Deferred(
        D("30.00"), "", {"items[0]": WAITS, "items[1]": None}
    )
    more = kept("order/1/2", on("items[2]"), how="adjustment", whole="45.00")
    told = read_deferred("order/1", {"order/1": first, "order/1/2": more})
    assert told == Deferred(D("45.00"), "now", {"items[0]": WAITS, "items[1]": None, "items[2]": WAITS})
    anew = kept("order/1/3", on("items[4]"), how="repost", whole="10.00")
    told = read_deferred("order/1", {"order/1": first, "order/1/2": more, "order/1/3": anew})
    assert told == Deferred(D("10.00"), "now", {"items[4]": WAITS})


def test_nothing_waits_of_a_sale_that_is_not_in_the_books_or_was_earned_at_once() -> None:
    assert read_deferred("order/1", {}) is None
    assert read_deferred("order/1", {"order/1": kept("order/1", on("items[0]", "item"))}) is None


def test_a_sale_in_the_books_keeps_its_account_whatever_the_rules_say_and_new_lines_follow_the_rules() -> None:
    old = Deferral("older", "Older item", "2999 Older account")
    desk = replace(line("DESK", "1", "100.00", item_id=5), path="items[1]")
    cup = replace(line("CUP", "1", "5.00", item_id=6), path="items[2]")
    of = order(MUGS, desk, cup, paid=True)
    stands = Deferred(D("30.00"), "", {"items[0]": old, "items[1]": None})
    known = context(standing={of.key: "sales_receipt"}, deferred={of.key: stands})
    found = deferred(of, known, DEFER)
    assert found == {MUGS.item_id: old, 6: WAITS}
    assert deferred(of, known, RETAIL) == {MUGS.item_id: old}
    [sale] = booked(book_order(of, known, RETAIL))
    assert [(each.account, each.item, each.amount) for each in sale.lines if each.role == "deferred"] == [
        ("2999 Older account", "Older item", D("-30.00"))
    ]


def test_a_shipment_goes_on_where_a_revision_will_put_its_sale_right() -> None:
    of = order(MUGS, paid=True)
    known = context(standing={of.key: "sales_receipt"}, deferred={of.key: as_booked("20.00", said="before")})
    adjusting = rules(name="deferred_revenue").model_copy(
        update={"books": DEFER.books.model_copy(update={"changed": "adjust"})}
    )
    [sale] = booked(book_order(of, known, adjusting))
    taken = moves(of, [shipped(1, {1: "3"})], [], known, adjusting)["shipment/000000001"]
    [entry] = booked(book_shipment(shipped(1, {1: "3"}), of, [sale], taken, known, adjusting))
    assert entry.total == D("30.00")
    nothing = replace(sale, lines=())
    assert isinstance(book_shipment(shipped(1, {1: "3"}), of, [nothing], taken, known, adjusting), Waiting)
