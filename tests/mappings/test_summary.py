"""Summaries: what goes into which, and that a sum of entries is what its entries were."""

from collections.abc import Iterable
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from mappings import summary
from mappings.booking import book_order
from mappings.booking_memo import book_credit_memo
from mappings.checks import off_balance
from mappings.context import Books
from mappings.desktop_tax import fit
from mappings.entry import Entry, Revision
from mappings.model import ZERO, Order, Problem
from mappings.rules import Rules, load, template
from mappings.summary import Series, Sum, make_summary, series_of
from mappings.summary_members import read_member
from tests.mappings import recorded
from tests.mappings.desktop import CHARGED
from tests.mappings.sales import BERLIN, US, VAT19, changed, context, line, memo, one, order, rules

DAILY = load(template("daily_summary"))
ROW = '[[document]]\nid = "day"\nwhen = { paid = true }\nmake = "summary"\ncustomer = "Web {store}"\n'


def sold(number: int, *lines: object, by: Rules = DAILY, **changes: object) -> Entry:
    """A paid order of the summary's day."""
    named = {"entity_id": number, "number": f"{number:09}"}
    made = order(*(lines or (line("MUG", "1", "10.00"),)), **{**named, **changes})  # type: ignore[arg-type]
    return one(book_order(replace(made, paid=made.totals.grand_total), context(), by))


def summed(entries: Iterable[Entry], by: Rules = DAILY, books: Books = US) -> Entry | Problem:
    """One summary of entries of one series."""
    entries = sorted(entries, key=lambda entry: entry.key)
    [series] = {series_of(entry, by).key: series_of(entry, by) for entry in entries}.values()
    total = Sum()
    for entry in entries:
        total.add(entry.key, summary.kept(entry, by))
    return make_summary(series, total, series.key, 1, books, by)


def good(made: Entry | Problem) -> Entry:
    assert isinstance(made, Entry), made
    assert off_balance(made.lines) == 0
    return made


def balances(entries: Iterable[Entry]) -> dict[str, Decimal]:
    sums: dict[str, Decimal] = {}
    for entry in entries:
        for each in entry.lines:
            sums[each.account] = sums.get(each.account, ZERO) + each.amount
    return {account: amount for account, amount in sums.items() if amount}


def recorded_orders() -> list[Order]:
    found = [recorded.order(number) for number in recorded.texts("orders")]
    return [replace(each, currency="USD", store_id=1, payment_method="checkmo") for each in found]


def test_every_recorded_order_that_is_paid_goes_into_a_summary_and_all_sums_are_theirs() -> None:
    known = context()
    alone = load(template("us_retail"))
    entries, single = [], []
    for each in recorded_orders():
        paid = replace(each, paid=each.totals.grand_total)
        outcome, other = book_order(paid, known, DAILY), book_order(paid, known, alone)
        assert isinstance(outcome, tuple) == isinstance(other, tuple), each.number
        if isinstance(outcome, tuple) and isinstance(other, tuple) and outcome[0].kind == "sales_receipt":
            assert outcome[0].summary is not None, each.number
            entries += outcome
            single += other
    assert len(entries) >= 60
    series = {series_of(entry, DAILY).key for entry in entries}
    made = [good(summed(e for e in entries if series_of(e, DAILY).key == key)) for key in sorted(series)]
    assert len(made) < len(entries)
    assert balances(made) == balances(single)
    assert sum(each.total for each in made) == sum(each.total for each in single)
    assert sum(each.tax for each in made) == sum(each.tax for each in single)


def test_a_summary_is_of_one_day_in_the_stores_zone_one_store_method_and_name() -> None:
    last_hour = sold(1, created_at=datetime(2026, 11, 21, 4, 30, tzinfo=UTC))  # half past eleven in New York
    assert last_hour.summary is not None
    assert (last_hour.summary.day, last_hour.summary.store) == (date(2026, 11, 20), "default")
    assert last_hour.summary.begins == datetime(2026, 11, 20, 5, tzinfo=UTC)
    assert last_hour.summary.ends == datetime(2026, 11, 21, 5, tzinfo=UTC)
    keys = {
        series_of(entry, DAILY).key
        for entry in (
            last_hour,
            sold(2),
            sold(3, payment_method="paypal_express"),
            sold(4, store_id=2),
            sold(5, created_at=datetime(2026, 11, 21, 5, 0, tzinfo=UTC)),
        )
    }
    assert len(keys) == 4
    assert series_of(last_hour, DAILY).key == series_of(sold(2), DAILY).key
    assert good(summed([last_hour])).party.key == "summary:web sales main"


def test_rows_above_the_summary_post_by_themselves() -> None:
    row = 'id   = "large orders by themselves"\noff  = true'
    text = template("daily_summary")
    assert row in text
    mixed = load(text.replace(row, row.removesuffix("\noff  = true")))
    large, small = (sold(n, line("MUG", "1", price), by=mixed) for n, price in ((1, "5000.01"), (2, "5000.00")))
    assert (large.kind, large.summary, small.kind) == ("sales_receipt", None, "sales_receipt")
    assert small.summary is not None and large.party.key != small.party.key


def test_a_series_is_read_back_as_it_was_and_an_entry_by_itself_has_none() -> None:
    series = series_of(sold(1), DAILY)
    assert summary.read_series(series.text) == series
    with pytest.raises(ValueError, match="stands by itself"):
        series_of(replace(sold(1), summary=None), DAILY)


def test_articles_keep_their_lines_and_quantities_unless_a_row_puts_them_together() -> None:
    by_article = rules(ROW)
    entries = [sold(n, line("MUG", "2", "10.00"), line("TEE", "1", "5.00"), by=by_article) for n in (1, 2)]
    lines = [(each.sku, each.quantity, each.amount) for each in good(summed(entries, by_article)).lines if each.sku]
    assert lines == [("MUG", 4, -40), ("TEE", 2, -10)]
    whole = good(summed([sold(n, line("MUG", "2", "10.00"), line("TEE", "1", "5.00")) for n in (1, 2)]))
    assert [(each.item, each.quantity, each.amount) for each in whole.lines if each.role == "item"] == [
        ("Magento sales", None, -50)
    ]


def test_quickbooks_own_discount_line_is_a_line_of_ours_in_a_summary() -> None:
    shown = rules(ROW + '[[discount]]\nid = "own"\nshow = "discount_line"\n')
    entries = [sold(n, line("MUG", "1", "10.00", discount="1.00"), by=shown) for n in (1, 2)]
    assert [each.item for each in entries[0].lines if each.role == "discount"] == [""]
    made = good(summed(entries, shown))
    assert [(each.item, each.amount) for each in made.lines if each.role == "discount"] == [("Magento discount", 2)]


def test_vat_keeps_a_line_for_each_rate_with_the_base_of_all_orders() -> None:
    vat = rules(ROW, name="eu_vat")
    place = context(books=replace(US, country="DE", home_currency="EUR"))
    entries = []
    for number in (1, 2):
        made = order(line("MUG", "1", "10.00", VAT19), entity_id=number, number=f"{number:09}", currency="EUR")
        entries.append(one(book_order(replace(made, paid=made.totals.grand_total), place, vat)))
    told = [
        (each.tax_rate, each.taxable, each.amount) for each in good(summed(entries, vat)).lines if each.role == "tax"
    ]
    assert [(rate, taxable, amount) for rate, taxable, amount in told if amount] == [("VAT 19%", 20, Decimal("-3.80"))]


def test_a_closed_day_is_held_moved_or_made_up_for_as_the_rules_say() -> None:
    closed = replace(US, close_date=date(2026, 11, 20))
    held = summed([sold(1)], DAILY, closed)
    assert isinstance(held, Problem)
    assert (held.code, held.amount) == ("closed-period", sold(1).total)
    first = rules(ROW, books='closed_period = "first_open_day"')
    moved = good(summed([sold(1, by=first)], first, closed))
    assert moved.txn_date == date(2026, 11, 21)
    assert moved.memo.endswith("dated 2026-11-20 and moved out of the closed period")
    adjusting = rules(ROW, books='closed_period = "adjusting_entry"')
    entry = good(summed([sold(1, by=adjusting)], adjusting, closed))
    assert (entry.kind, entry.adjusting, entry.tax) == ("journal", True, 0)


def test_a_journal_entry_has_a_line_for_each_account_and_foreign_tax_stays_on_its_own() -> None:
    by = rules(ROW.replace('customer = "Web {store}"', 'form = "journal"'))
    entries = [sold(n, line("MUG", "1", "10.00", ("US-TX", "8.25")), line("TEE", "1", "5.00"), by=by) for n in (1, 2)]
    made = good(summed(entries, by))
    assert (made.kind, made.tax, made.total) == ("journal", 0, sum(entry.total for entry in entries))
    assert [each.account for each in made.lines] == ["1255 Checks clearing", "4000 Sales", "2290 Sales tax adjustments"]
    assert not any(each.item or each.sku for each in made.lines)
    abroad = good(summed([sold(3, line("MUG", "1", "10.00", VAT19), by=by, shipping_address=BERLIN)], by))
    assert [each.account for each in abroad.lines] == ["1255 Checks clearing", "4000 Sales", "2250 Foreign VAT payable"]


def test_a_refund_is_of_the_form_and_name_of_its_sale_and_never_in_its_series() -> None:
    made = order(line("MUG", "1", "10.00"))
    made = replace(made, paid=made.totals.grand_total)
    sale = one(book_order(made, context(), DAILY))
    back = book_credit_memo(memo(made, line("MUG", "1", "10.00")), made, [sale], context(), DAILY)
    assert isinstance(back, tuple)
    [refund] = back
    series, of_sale = series_of(refund, DAILY), series_of(sale, DAILY)
    assert (series.kind, series.customer, series.form) == ("refund_receipt", of_sale.customer, of_sale.form)
    assert series.key.split("/")[2].startswith("refunds-")
    assert balances([good(summed([refund])), good(summed([sale]))]) == {}


def test_a_refund_stands_where_it_stands_already_and_else_where_its_sale_does() -> None:
    made = order(line("MUG", "1", "10.00"))
    made = replace(made, paid=made.totals.grand_total)
    returned, sale = memo(made, line("MUG", "1", "10.00")), one(book_order(made, context(), DAILY))
    alone = one(book_order(made, context(), load(template("us_retail"))))
    stands = context(standing={returned.key: "refund_receipt"})
    together = replace(stands, summarised=frozenset({returned.key}))
    for known, of, is_summed in ((stands, sale, False), (context(), alone, False), (together, alone, True)):
        assert (one(book_credit_memo(returned, made, [of], known, DAILY)).summary is not None) == is_summed


def test_a_member_as_the_ledger_keeps_it_belongs_to_the_series_that_it_was_summed_up_in() -> None:
    entry = sold(1)
    series = series_of(entry, DAILY)
    stands = read_member(entry.key, series.text, summary.kept(entry, DAILY))
    assert stands is not None
    assert series_of(stands.entry, DAILY) == series


def test_the_memo_counts_orders_and_changes_of_orders_apart() -> None:
    changes = replace(sold(1), key="order/000000001/2", revision=Revision("order/000000001", "repost", "more"))
    assert ": 2 orders, 1 change, list " in good(summed([sold(1), changes, sold(2)])).memo


def test_the_hash_of_the_list_tells_documents_and_amounts() -> None:
    one_, two, other = sold(1), sold(2), sold(2, line("MUG", "1", "10.01"))
    hashes = {good(summed(each)).memo.rpartition(" ")[2] for each in ([one_], [one_, two], [two, one_], [one_, other])}
    assert len(hashes) == 3


def test_what_differs_in_the_books_has_another_digest_and_a_renamed_row_has_not() -> None:
    text = template("daily_summary")
    renamed = load(text.replace('id       = "check or money order"', 'id       = "checks"'))
    moved = load(text.replace("1255 Checks clearing", "1258 Checks"))
    same, other, third = (summary.digest(summary.kept(sold(1, by=by), by)) for by in (DAILY, renamed, moved))
    assert same == other != third


def test_what_stands_by_itself_or_in_a_summary_stays_there() -> None:
    made = order(line("MUG", "1", "10.00"))
    made = replace(made, paid=made.totals.grand_total)
    alone = context(standing={made.key: "sales_receipt"}, dated={made.key: date(2026, 11, 20)})
    assert one(book_order(made, alone, DAILY)).summary is None
    together = replace(alone, summarised=frozenset({made.key}))
    assert one(book_order(made, together, load(template("us_retail")))).summary is not None


def desktop(text: str = "", **books: str) -> Rules:
    settings = "\n".join(f'{name} = "{value}"' for name, value in books.items())
    return load(changed(template("us_desktop"), ROW + text, settings))


def texan(number: int, price: str, by: Rules) -> Entry:
    taxed = line("MUG", "1", price, ("US-TX-8.25", "8.25"))
    return sold(number, taxed, by=by)


def test_desktops_own_tax_on_the_sum_may_differ_by_half_a_cent_for_each_order() -> None:
    by, books = desktop(tax_method="computed"), replace(US, tax_rates=CHARGED)
    entries = [texan(number, "10.06", by) for number in range(1, 31)]  # 0.82995 each, charged as 0.83
    made = good(summed(entries, by, books))
    assert made.tax == Decimal("24.90")
    fitted = fit(made, by, books)
    assert not isinstance(fitted, Problem), fitted
    assert (fitted.entry.tax, off_balance(fitted.entry.lines)) == (Decimal("24.90"), 0)
    cheap = [texan(number, "10.12", by) for number in range(1, 31)]  # 0.8349, charged as 0.83: 14.7 cents less
    fitted = fit(good(summed(cheap, by, books)), by, books)
    assert not isinstance(fitted, Problem), fitted
    assert (fitted.entry.tax, fitted.problems) == (Decimal("25.05"), ())
    assert [each.amount for each in fitted.entry.lines if each.role == "rounding"] == [Decimal("0.15")]
    alone = replace(good(summed(cheap, by, books)), documents=1)
    assert isinstance(fit(alone, by, books), Problem), "one document may not differ by as much"


def test_desktop_has_one_sales_tax_item_on_a_document_so_each_has_a_series() -> None:
    by = desktop()
    free = sold(9, by=by)
    assert series_of(texan(1, "10.00", by), by).tax_item == "Texas 8.25"
    assert series_of(free, by).tax_item == ""
    lines = desktop(tax_method="own_line")
    assert series_of(texan(1, "10.00", lines), lines).key == series_of(sold(9, by=lines), lines).key


def test_kinds_of_series_are_told_apart_in_their_keys() -> None:
    series: Series = series_of(sold(1), DAILY)
    assert series.key.startswith("summary/2026-11-20/sales-default-checkmo-")
    assert replace(series, currency="EUR").key != series.key
