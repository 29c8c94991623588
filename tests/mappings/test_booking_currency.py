"""Documents in other currencies than the books: foreign, converted, or held until a rule says how."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mappings import qbo, qbxml
from mappings.booking import Booked, book_invoice, book_order
from mappings.booking_currency import as_they_stand
from mappings.booking_memo import book_credit_memo
from mappings.checks import off_balance
from mappings.context import Books, Context
from mappings.entry import Entry
from mappings.keys import fold
from mappings.linking import link
from mappings.model import Order, Problem
from mappings.rates import Rates
from mappings.rules import Rules, RulesError
from mappings.rules_needs import needs
from mappings.summary import Sum, kept, make_summary, read_series, series_of
from mappings.summary_members import read_member
from tests.mappings.qbxml_schema import valid
from tests.mappings.sales import GERMAN, TEXAS, US, VAT19, context, german, invoice, line, memo, order, rules

D = Decimal
APART = ("base", "custom_fees")
DOLLARS = replace(US, multicurrency=True)


def by(*rows: str, name: str = "us_retail") -> Rules:
    return rules("\n".join(f"[[currency]]\n{row}\n" for row in rows), name=name)


def in_euros(of: Order, rate: str = "0.8") -> Order:
    """The order as the shop has it that shows euros: every amount of the base currency is 1.25 times as much."""
    header = {name: getattr(of.totals, name) for name in of.totals.__slots__ if name not in APART}
    base = replace(
        of,
        totals=replace(of.totals, **{name: amount * D("1.25") for name, amount in header.items()}),
        lines=tuple(replace(each, gross=each.gross * D("1.25"), tax=each.tax * D("1.25")) for each in of.lines),
        paid=of.paid * D("1.25"),
        rates=Rates(to_order=D(rate)),
        order_currency="EUR",
    )
    return replace(base, charged=replace(of, currency="EUR", order_currency="EUR", base=base))


def entries(booked: Booked) -> tuple[Entry, ...]:
    assert isinstance(booked, tuple), booked
    return booked


def held(booked: Booked) -> Problem:
    assert isinstance(booked, Problem), booked
    return booked


FOREIGN = by('id = "euros"\nwhen = { "order.shown_currency" = "EUR" }\nmode = "foreign"')
MUGS = order(line("MUG", "2", "12.50"), shipping="7.50", paid=True)


def test_without_a_rule_the_base_currency_is_booked_whatever_the_customer_saw() -> None:
    [entry] = entries(book_order(in_euros(MUGS), context(DOLLARS), rules()))
    assert (entry.currency, entry.total, entry.exchange_rate, entry.party.currency) == ("USD", D("40.63"), None, "")


def test_a_foreign_document_has_the_customers_amounts_a_rate_and_a_customer_of_its_currency() -> None:
    [entry] = entries(book_order(in_euros(MUGS), context(DOLLARS), FOREIGN))
    assert (entry.currency, entry.total, entry.exchange_rate) == ("EUR", D("32.50"), D("1.25"))
    assert (entry.party.name, entry.party.currency) == ("Ada Lovelace (EUR)", "EUR")
    assert entry.party.key.endswith(":EUR")
    assert qbo.customer_payload(entry.party, entry.party.name)["CurrencyRef"] == {"value": "EUR"}
    assert ("currency", "euros") in [(each.list, each.row) for each in entry.decisions]


def test_what_rules_ask_of_a_foreign_order_is_asked_in_base_currency() -> None:
    dear = '[[item]]\nid = "dear"\nwhen = { "line.amount" = { above = 30 } }\naccount = "4200 Dear"\n'
    [entry] = entries(book_order(in_euros(MUGS), context(DOLLARS), rules(dear + foreign_text())))
    assert {line.account for line in entry.lines if line.role == "item"} == {"4000 Sales"}
    base = replace(in_euros(MUGS).lines[0])
    charged = replace(MUGS.lines[0], base=base)
    sold = in_euros(MUGS)
    assert isinstance(sold.charged, Order)
    told = replace(sold, charged=replace(sold.charged, lines=(charged,)))
    [entry] = entries(book_order(told, context(DOLLARS), rules(dear + foreign_text())))
    assert {line.account for line in entry.lines if line.role == "item"} == {"4200 Dear"}
    large = '[[review]]\nid = "over 40"\nwhen = { "order.total" = { above = 40 } }\nreason = "look"\n'
    assert held(book_order(sold, context(DOLLARS), rules(large + foreign_text()))).code == "review"


def foreign_text(rate: str = "magento") -> str:
    return f'[[currency]]\nid = "euros"\nmode = "foreign"\nrate = "{rate}"\n'


def test_a_rate_by_rule_goes_before_magentos() -> None:
    [entry] = entries(book_order(in_euros(MUGS), context(DOLLARS), rules(foreign_text("1.17"))))
    assert entry.exchange_rate == D("1.17")


def test_a_payments_own_day_may_have_its_own_rate() -> None:
    monthly = by(
        'id = "later"\nwhen = { "invoice.date" = { from = "2026-11-22", to = "2026-11-30" } }\n'
        'mode = "foreign"\nrate = "1.30"',
        'id = "else"\nmode = "foreign"',
    )
    sold = in_euros(replace(MUGS, paid=D(0)))
    paid = invoice(sold)
    assert isinstance(sold.charged, Order)
    paid = replace(paid, charged=invoice(sold.charged))
    [owed] = entries(book_order(sold, context(DOLLARS), monthly))
    [money] = entries(book_invoice(paid, sold, context(DOLLARS), monthly, [owed]))
    assert (owed.kind, owed.exchange_rate, money.exchange_rate) == ("invoice", D("1.25"), D("1.30"))
    assert (money.total, money.party) == (owed.total, owed.party)
    accounts = {line.account for entry in (owed, money) for line in entry.lines if line.role == "receivable"}
    assert accounts == {"Accounts Receivable (A/R) - EUR"}


def test_a_foreign_credit_memo_lowers_the_receivable_of_its_currency() -> None:
    sold = in_euros(replace(MUGS, paid=D(0)))
    assert isinstance(sold.charged, Order)
    back = replace(memo(sold), charged=memo(sold.charged))
    [owed] = entries(book_order(sold, context(DOLLARS), FOREIGN))
    credit, applied = entries(book_credit_memo(back, sold, [owed], context(DOLLARS), FOREIGN))
    assert (credit.kind, credit.currency, credit.total, credit.party) == ("credit_memo", "EUR", D("32.50"), owed.party)
    assert {line.account for line in applied.lines} == {"Accounts Receivable (A/R) - EUR"}


def test_a_document_in_home_currency_needs_neither_rate_nor_multicurrency() -> None:
    """The base currency of the shop is another, and the customer paid in that of the books."""
    sold = replace(in_euros(MUGS), currency="CHF")
    [entry] = entries(book_order(sold, context(GERMAN), by('id = "x"\nmode = "foreign"', name="us_retail")))
    assert (entry.currency, entry.exchange_rate, entry.party.currency) == ("EUR", None, "")


def test_multicurrency_is_never_assumed() -> None:
    found = held(book_order(in_euros(MUGS), context(US), FOREIGN))
    assert (found.code, found.hold) == ("multicurrency-off", True)
    assert "never be turned off" in found.fix


@pytest.mark.parametrize("mode", ["foreign", "convert"])
def test_a_rate_that_magento_does_not_know_is_asked_for(mode: str) -> None:
    sold = german(line("MUG", "1", "10"), paid=True, order_currency="EUR")
    found = held(book_order(sold, context(DOLLARS), by(f'id = "euro shop"\nmode = "{mode}"')))
    assert (found.code, found.field) == ("exchange-rate-unknown", "base_to_global_rate")
    assert '"euro shop"' in found.fix
    assert "USD for one EUR" in found.fix


def test_magento_knows_the_rate_of_a_shop_in_another_currency_by_its_global_one() -> None:
    sold = german(line("MUG", "1", "10"), paid=True, order_currency="EUR", billing=MUGS.billing)
    sold = replace(sold, shipping_address=MUGS.billing, rates=Rates(D(1), D("1.0831"), "USD"))
    [entry] = entries(book_order(sold, context(DOLLARS), by('id = "x"\nmode = "convert"\nrate = "magento"')))
    assert (entry.currency, entry.total, entry.original and entry.original.total) == ("USD", D("10.83"), D("10.00"))
    assert entry.memo == "Magento order 000000042, EUR 10.00 at 1.0831000"
    [entry] = entries(book_order(sold, context(DOLLARS), by('id = "x"\nmode = "foreign"')))
    assert (entry.currency, entry.total, entry.exchange_rate) == ("EUR", D("10.00"), D("1.0831"))


def test_what_cannot_be_read_in_the_customers_currency_is_held_only_where_that_is_booked() -> None:
    fault = Problem("unbalanced", "order/000000042", "subtotal", "differs", "look")
    sold = replace(in_euros(MUGS), charged=fault)
    assert entries(book_order(sold, context(DOLLARS), by('id = "x"\nmode = "base"')))
    assert held(book_order(sold, context(DOLLARS), FOREIGN)).field == "subtotal"


CONVERTED = by('id = "x"\nmode = "convert"\nrate = "1.0833"')
AT_HOME = by('id = "x"\nmode = "convert"\nrate = "1.0833"', name="eu_vat")


def pounds(*lines: object, **changes: object) -> Order:
    """An order of a shop in pounds, for books in euros."""
    return german(*lines, **{"currency": "GBP", "order_currency": "GBP", **changes})  # type: ignore[arg-type]


def test_the_last_refund_of_a_converted_sale_takes_what_the_others_left() -> None:
    sold = pounds(line("MUG", "3", "10", VAT19), paid=True)
    here = context(GERMAN)
    found = list(entries(book_order(sold, here, AT_HOME)))
    each = line("MUG", "1", "10", VAT19)
    for number in ("1", "2", "3"):
        back = memo(sold, each, number=number)
        found += entries(book_credit_memo(back, sold, found, here, AT_HOME))
    sale, *refunds = found
    assert sale.total == D("38.67")  # 35.70 x 1.0833 = 38.673810
    assert [refund.total for refund in refunds] == [D("12.89"), D("12.89"), D("12.89")]
    assert sum(refund.total for refund in refunds) == sale.total
    assert all(off_balance(entry.lines) == 0 for entry in found)
    stated = next(line for line in sale.lines if line.tax_rate)
    assert (-stated.amount, stated.taxable) == (D("6.17"), D("32.50"))
    assert stated.taxable == -sum(line.amount for line in sale.lines if line.sku)
    back = next(line for line in refunds[0].lines if line.tax_rate)
    assert (back.amount, back.taxable) == (D("2.06"), D("10.83"))


def in_the_books(*posted: Entry) -> Context:
    """What booking knows once these stand in QuickBooks."""
    known = context(GERMAN, standing={entry.key: entry.kind for entry in posted})
    days = {entry.key: entry.txn_date for entry in posted}
    return replace(known, amounts={entry.key: entry.total for entry in posted}, dated=days)


def test_what_is_owed_on_a_converted_invoice_is_our_own_figure_since_quickbooks_has_another_currency() -> None:
    by_rate = by('id = "x"\nmode = "convert"\nrate = "0.5"', name="eu_vat")
    sold, here = pounds(line("MUG", "3", "10", VAT19)), context(GERMAN)
    [owed] = entries(book_order(sold, here, by_rate))
    stands = replace(in_the_books(owed), posted=frozenset({owed.key}), balances={owed.key: owed.total})
    credit, _ = entries(book_credit_memo(memo(sold), sold, [owed], stands, by_rate))
    assert (credit.kind, credit.total) == ("credit_memo", D("17.85"))  # half of 35.70


def test_a_converted_memo_that_took_a_cent_less_is_not_divided_when_it_is_booked_again() -> None:
    by_rate = by('id = "x"\nmode = "convert"\nrate = "1.084706"', name="eu_vat")
    sold, here = pounds(line("MUG", "3", "10", VAT19)), context(GERMAN)
    [owed] = entries(book_order(sold, here, by_rate))
    first = memo(sold, line("MUG", "2", "10", VAT19), number="000000001")
    two = entries(book_credit_memo(first, sold, [owed], here, by_rate))
    back = memo(sold, line("MUG", "1", "10", VAT19))
    credit, applied = entries(book_credit_memo(back, sold, [owed, *two], here, by_rate))
    assert (two[0].total, credit.total) == (D("25.82"), D("12.90"))  # 25.816003; 12.908001, and a cent less
    later = in_the_books(owed, *two, credit, applied)
    again = entries(book_credit_memo(back, sold, [owed, *two], later, by_rate))
    assert [(entry.key, entry.total, entry.lines) for entry in again] == [
        (entry.key, entry.total, entry.lines) for entry in (credit, applied)
    ]


def test_what_a_converted_memo_came_to_stays_when_a_payment_of_its_invoice_comes_later() -> None:
    by_rate = by('id = "x"\nmode = "convert"\nrate = "1.084202"', name="eu_vat")
    sold, here = pounds(line("MUG", "3", "10", VAT19)), context(GERMAN)
    [owed] = entries(book_order(sold, here, by_rate))
    back = memo(sold, line("MUG", "1", "10", VAT19))
    credit, applied = entries(book_credit_memo(back, sold, [owed], here, by_rate))
    assert (owed.total, credit.total) == (D("38.71"), D("12.90"))  # 38.706011, 12.902004

    later = in_the_books(owed, credit, applied)
    rest = invoice(sold, line("MUG", "2", "10", VAT19))
    [paid] = entries(book_invoice(rest, sold, later, by_rate, [owed]))
    both = entries(book_credit_memo(back, sold, [owed, paid], later, by_rate))
    found = {entry.key: entry for entry in as_they_stand([owed, paid, *both], sold, later, by_rate)}
    assert (found[credit.key], found[applied.key]) == (credit, applied)
    assert found[paid.key].total == D("25.81")  # 25.804007, and the cent that the memo left
    assert all(off_balance(entry.lines) == 0 for entry in found.values())


def test_a_converted_invoice_is_voided_and_credited_in_home_currency() -> None:
    sold = pounds(line("MUG", "1", "10", VAT19))
    here = context(GERMAN, standing={sold.key: "invoice"})
    owed, void = entries(book_order(replace(sold, state="canceled"), here, AT_HOME))
    assert (owed.total, void.kind, void.total, void.currency) == (D("12.89"), "void", D(0), "EUR")
    assert [line.amount for line in void.lines] == [-line.amount for line in owed.lines]
    credit, applied = entries(book_credit_memo(memo(sold), sold, [owed], here, AT_HOME))
    assert (credit.kind, credit.total, applied.total) == ("credit_memo", D("12.89"), D(0))
    assert sorted(line.amount for line in applied.lines) == [D("-12.89"), D("12.89")]


def test_a_converted_sale_of_a_closed_month_is_adjusted_in_home_currency() -> None:
    sold = pounds(line("MUG", "3", "10", VAT19), paid=True)
    adjusted = rules('[[currency]]\nid = "x"\nmode = "convert"\nrate = "1.0833"\n', name="eu_vat").model_copy(
        update={"books": AT_HOME.books.model_copy(update={"closed_period": "adjusting_entry"})}
    )
    [entry] = entries(book_order(sold, context(GERMAN, closed=date(2026, 11, 30)), adjusted))
    assert (entry.kind, entry.total, entry.currency) == ("journal", D("38.67"), "EUR")
    assert off_balance(entry.lines) == 0


def test_quickbooks_own_discount_lowers_what_a_converted_sale_is_taxed_on() -> None:
    whole = '[[discount]]\nid = "whole"\nshow = "discount_line"\n'
    convert = '[[currency]]\nid = "x"\nmode = "convert"\nrate = "1.10"\n'
    sold = german(line("MUG", "2", "10.00", VAT19, "3.00"), paid=True)
    dollars = replace(GERMAN, home_currency="USD")
    [entry] = entries(book_order(sold, context(dollars), rules(whole + convert, name="eu_vat")))
    assert [(each.item, each.amount) for each in entry.lines if each.role == "discount"] == [("", D("3.30"))]
    assert [each.taxable for each in entry.lines if each.tax_rate] == [D("18.70")]


def test_converting_changes_nothing_where_the_currency_is_the_books_own() -> None:
    plain = entries(book_order(MUGS, context(US), rules()))
    assert entries(book_order(MUGS, context(US), CONVERTED)) == plain


amounts = st.decimals(min_value="0.01", max_value="9999", places=2)


@given(
    prices=st.lists(amounts, min_size=1, max_size=6),
    off=st.decimals(min_value="0", max_value="0.5", places=2),
    rate=st.decimals(min_value="0.0001", max_value="200", places=4),
    shipping=amounts,
)
def test_whatever_the_rate_a_converted_document_is_its_total_converted_and_balances(
    prices: list[Decimal], off: Decimal, rate: Decimal, shipping: Decimal
) -> None:
    [row] = CONVERTED.currency
    by_rate = CONVERTED.model_copy(update={"currency": (row.model_copy(update={"rate": f"{rate:f}"}),)})
    lines = [
        line(f"SKU{at}", "1", str(price), TEXAS, str((price * off).quantize(D("0.01"))), item_id=at + 1)
        for at, price in enumerate(prices)
    ]
    sold = order(*lines, shipping=str(shipping), paid=True, currency="EUR", order_currency="EUR")
    [entry] = entries(book_order(sold, context(US), by_rate))
    assert entry.original is not None
    assert entry.total == (entry.original.total * rate).quantize(D("0.01"), "ROUND_HALF_UP")
    assert off_balance(entry.lines) == 0
    assert entry.tax == -sum(line.amount for line in entry.lines if line.role == "tax")
    assert not [line for line in entry.lines if line.role == "rounding"]
    for made, before in zip(entry.lines, entry.original.lines, strict=True):
        assert abs(made.amount - before.amount * rate) <= D("0.01") * len(entry.lines)


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        ('mode = "foreign"\nrate = "0"', 'must be "magento" or figures'),
        ('mode = "foreign"\nrate = "1,2"', 'must be "magento" or figures'),
        ('mode = "convert"\nreceivable = "A/R"', "needs no receivable"),
        ('mode = "base"\nrate = "1.2"', "needs no rate"),
        ('mode = "dollars"', "foreign"),
    ],
)
def test_a_currency_row_that_cannot_be_meant_is_an_error(row: str, fault: str) -> None:
    with pytest.raises(RulesError) as found:
        by(f'id = "x"\n{row}')
    assert fault in str(found.value)


def test_setup_makes_bank_accounts_in_the_currency_that_their_rows_name() -> None:
    euros = '[[payment]]\nid = "e"\nwhen = { "order.shown_currency" = "EUR" }\nclearing = "1020 Euros"\n'
    row = '[[currency]]\nid = "f"\nwhen = { "order.shown_currency" = ["EUR", "GBP"] }\nmode = "foreign"\n'
    found = {account.name: account for account in needs(rules(euros + row)).accounts}
    assert (found["1020 Euros"].type, found["1020 Euros"].currency) == ("Bank", "EUR")
    assert (found["1250 PayPal clearing"].type, found["1250 PayPal clearing"].currency) == ("Other Current Asset", "")
    plain = {account.name: account for account in needs(rules(euros)).accounts}
    assert (plain["1020 Euros"].type, plain["1020 Euros"].currency) == ("Other Current Asset", "")
    payout = (
        '[[settlement]]\nid = "e"\nwhen = { "settlement.currency" = "EUR" }\nclearing = "1020 Euros"\nrate = "1.1"\n'
    )
    paid_out = needs(rules(f'{payout}bank = "1010 Euro bank"\nfees = "6100 Fees"\nchargebacks = "6110 Lost"\n'))
    assert {(each.name, each.type, each.currency) for each in paid_out.foreign} == {
        ("1020 Euros", "Bank", "EUR"),
        ("1010 Euro bank", "Bank", "EUR"),
    }
    desktop = {account.name: account for account in needs(rules(euros + row, name="us_desktop")).accounts}
    owed = desktop["Accounts Receivable - GBP"]
    assert (owed.type, owed.currency) == ("Accounts Receivable", "GBP")


def test_a_daily_summary_of_a_foreign_currency_is_for_one_rate_and_a_customer_of_that_currency() -> None:
    daily = '[[document]]\nid = "all"\nwhen = { paid = true }\nmake = "summary"\ncustomer = "Web sales"\n'
    [entry] = entries(book_order(in_euros(MUGS), context(DOLLARS), rules(daily + foreign_text())))
    other = entries(book_order(in_euros(MUGS, "0.5"), context(DOLLARS), rules(daily + foreign_text())))[0]
    series = series_of(entry, FOREIGN)
    assert series_of(other, FOREIGN) != series
    summed = Sum()
    summed.add(entry.key, kept(entry, FOREIGN))
    made = make_summary(read_series(series.text), summed, series.key, 1, DOLLARS, FOREIGN)
    assert isinstance(made, Entry)
    assert (made.currency, made.total, made.exchange_rate) == ("EUR", D("32.50"), D("1.25"))
    assert made.party == entry.party
    stands = read_member(entry.key, series.text, kept(entry, FOREIGN))
    assert stands is not None
    assert (series_of(stands.entry, FOREIGN), stands.entry.party) == (series, entry.party)
    assert made.receivable == "Accounts Receivable (A/R) - EUR"


def test_books_without_multicurrency_say_nothing_of_currencies() -> None:
    none = Books("US", "USD", False, True, None, True)
    [entry] = entries(book_order(MUGS, context(none), rules()))
    assert "CurrencyRef" not in qbo.write(entry, rules(), none)


def test_desktop_gets_customers_and_accounts_by_their_currencys_code() -> None:
    [entry] = entries(book_order(in_euros(MUGS), context(DOLLARS), FOREIGN))
    customer = qbxml.customer_add(entry.party, qbxml.display_name(entry.party))
    assert ("currency", "EUR") in customer.symbols
    assert "<Name>Ada Lovelace (EUR)</Name>" in valid(customer.text)
    assert ("currency", "EUR") in qbxml.account_add("1020 Euros", "Bank", "EUR").symbols
    assert "CurrencyRef" not in valid(qbxml.account_add("1000 Bank", "Bank").text)


def test_a_currency_that_desktop_lacks_holds_the_document_and_names_it() -> None:
    by_desktop = rules(foreign_text(), name="us_desktop")
    booked = entries(book_order(in_euros(MUGS), context(DOLLARS), by_desktop))
    everything = {
        fold(symbol)
        for entry in booked
        for symbol in qbxml.write(entry, by_desktop, DOLLARS).symbols
        if symbol[0] != "customer"
    }
    lost = link(booked, by_desktop, DOLLARS, everything)
    assert isinstance(lost, Problem)
    assert (lost.code, lost.reason) == ("unknown-reference", "QuickBooks has no currency called 'EUR'.")
    assert not isinstance(link(booked, by_desktop, DOLLARS, everything | {("currency", "eur")}), Problem)
