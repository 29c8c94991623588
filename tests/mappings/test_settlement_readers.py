"""Processors' files, told by their header and read to the cent."""

from datetime import date
from decimal import Decimal

import pytest

from mappings.settlement import PROCESSORS, Settlement, SettlementError
from mappings.settlement_readers import FORMATS, read_settlements
from tests.mappings.settlement_files import (
    ADYEN,
    BRAINTREE,
    BRAINTREE_FEES,
    PAYPAL,
    STRIPE,
    adyen,
    braintree,
    file,
    paypal,
    paypal_body,
    paypal_report,
    stripe,
)

D = Decimal
DAY = date(2026, 11, 20)
SALE = "Express Checkout Payment"


def read(header: str, *rows: str) -> list[Settlement]:
    return read_settlements(file(header, *rows), "payouts.csv")


def kinds(one: Settlement) -> list[str]:
    return [row.kind for row in one.rows]


def refused(content: bytes) -> SettlementError:
    with pytest.raises(SettlementError) as error:
        read_settlements(content, "payouts.csv")
    assert error.value.fix.endswith(".")
    return error.value


def test_every_processor_is_a_choice_of_the_rules() -> None:
    assert {each.processor for each in FORMATS} == set(PROCESSORS)


def test_paypal_pays_out_what_came_in_since_the_payout_before() -> None:
    first, second, rest = read(
        PAYPAL,
        paypal(SALE, "100.00", "-3.20", "96.80", "1AB", day="11/18/2026"),
        paypal("General Withdrawal", "-96.80", "0.00", "-96.80", "1WD", day="11/18/2026", time="22:00:00"),
        paypal(SALE, "1,250.00", "-36.55", "1,213.45", "2AB", day="11/19/2026"),
        paypal("Payment Refund", "-50.00", "1.45", "-48.55", "3AB", day="11/19/2026", time="11:00:00", parent="2AB"),
        paypal("User Initiated Withdrawal", "-1,164.90", "0.00", "-1,164.90", "2WD"),
        paypal(SALE, "10.00", "-0.79", "9.21", "4AB", time="18:00:00"),
    )
    assert (first.payout, first.fees, first.difference) == (D("96.80"), D("3.20"), D(0))
    assert (second.key, second.day) == ("settlement/paypal/2WD/USD", DAY)
    assert (second.gross("sale"), second.gross("refund"), second.fees) == (D("1250.00"), D("-50.00"), D("35.10"))
    assert (second.payout, second.difference) == (D("1164.90"), D(0))
    assert second.each("refund")[0].transactions == ("3AB", "2AB")
    assert (rest.day, kinds(rest)) == (None, ["sale"])


def test_paypal_rows_that_moved_nothing_are_left_out() -> None:
    [one] = read(
        PAYPAL,
        paypal(SALE, "100.00", "0.00", "100.00", "1AB", status="Pending"),
        paypal("Authorization", "100.00", "0.00", "100.00", "2AB", impact="Memo"),
        paypal(SALE, "10.00", "0.00", "10.00", "3AB"),
        paypal("General Withdrawal", "-10.00", "0.00", "-10.00", "1WD", time="12:00:00"),
    )
    assert [row.transactions for row in one.rows] == [("3AB",), ("1WD",)]


@pytest.mark.parametrize(
    ("words", "amount", "kind"),
    [
        ("Website Payment", "10.00", "sale"),
        ("PreApproved Payment Bill User Payment", "-10.00", "adjustment"),
        ("Chargeback", "-10.00", "chargeback"),
        ("Payment Reversal", "-10.00", "chargeback"),
        ("Chargeback Fee", "-10.00", "fee"),
        ("Payment Review Hold", "-10.00", "adjustment"),
        ("Reversal of General Account Hold", "10.00", "adjustment"),
        ("General Currency Conversion", "10.00", "adjustment"),
        ("Reserve Release", "10.00", "adjustment"),
    ],
)
def test_paypal_says_in_words_what_a_row_is(words: str, amount: str, kind: str) -> None:
    [one] = read(PAYPAL, paypal(words, amount, "0.00", amount, "1AB"))
    assert kinds(one) == [kind]


def test_a_withdrawal_that_costs_a_fee_pays_out_less_than_it_takes() -> None:
    [one] = read(
        PAYPAL,
        paypal(SALE, "100.00", "0.00", "100.00", "1AB"),
        paypal("General Withdrawal", "-98.50", "-1.50", "-100.00", "1WD", time="12:00:00"),
    )
    assert (one.payout, one.fees, one.difference) == (D("98.50"), D("1.50"), D(0))


def test_each_currency_of_a_paypal_file_has_payouts_of_its_own() -> None:
    found = read(
        PAYPAL,
        paypal(SALE, "100.00", "0.00", "100.00", "1AB"),
        paypal(SALE, "80.00", "0.00", "80.00", "2AB", currency="EUR"),
        paypal("General Withdrawal", "-80.00", "0.00", "-80.00", "1WD", currency="EUR", time="12:00:00"),
        paypal("General Withdrawal", "-100.00", "0.00", "-100.00", "2WD", time="13:00:00"),
    )
    assert [(one.key, one.difference) for one in found] == [
        ("settlement/paypal/1WD/EUR", D(0)),
        ("settlement/paypal/2WD/USD", D(0)),
    ]


def test_a_paypal_file_may_begin_with_the_newest_row() -> None:
    rows = [
        paypal("General Withdrawal", "-10.00", "0.00", "-10.00", "1WD", day="11/20/2026"),
        paypal(SALE, "10.00", "0.00", "10.00", "1AB", day="11/18/2026"),
    ]
    [one] = read(PAYPAL, *rows)
    assert kinds(one) == ["sale", "payout"]


@pytest.mark.parametrize(
    ("day", "zone", "found"),
    [
        ("20/11/2026", "Europe/Berlin", DAY),
        ("20.11.2026", "Europe/Berlin", DAY),
        ("2026-11-20", "", DAY),
        ("04/03/2026", "PST", date(2026, 4, 3)),
        ("04/03/2026", "CET", date(2026, 3, 4)),
    ],
)
def test_paypal_writes_a_day_as_the_country_does(day: str, zone: str, found: date) -> None:
    [one] = read(PAYPAL, paypal("General Withdrawal", "-10.00", "0.00", "-10.00", "1WD", day=day, zone=zone))
    assert one.day == found


def test_a_day_that_can_be_read_in_two_ways_is_not_guessed() -> None:
    error = refused(file(PAYPAL, paypal(SALE, "1.00", "0.00", "1.00", "1AB", day="04/03/2026", zone="")))
    assert str(error) == ("payouts.csv:2, column Date: it cannot be told whether the day or the month comes first")


def test_paypal_amounts_may_be_written_the_european_way() -> None:
    content = file(PAYPAL, paypal(SALE, "1.234,56", "-36,10", "1.198,46", "1AB", day="20.11.2026")).decode()
    [one] = read_settlements(b"\xef\xbb\xbf" + content.encode(), "payouts.csv")
    assert one.gross("sale") == D("1234.56")


def reported(*bodies: str) -> list[Settlement]:
    return read_settlements(paypal_report(bodies), "STL-20261120.01.009.CSV")


def test_paypals_settlement_report_tells_cents_and_directions_apart() -> None:
    first, rest = reported(
        paypal_body("T0006", ("CR", "125000"), "1AB", fee=("DR", "3655")),
        paypal_body("T1107", ("DR", "5000"), "2AB", fee=("CR", "145"), parent="1AB", at="2026/11/20 11:00:00 -0600"),
        paypal_body("T0106", ("DR", "2000"), "3AB", at="2026/11/20 12:00:00 -0600"),
        paypal_body("T0400", ("DR", "114490"), "1WD", at="2026/11/20 22:00:00 -0600"),
        paypal_body("T0006", ("CR", "1000"), "4AB", at="2026/11/20 23:00:00 -0600"),
    )
    assert (first.key, first.day, first.difference) == ("settlement/paypal/1WD/USD", DAY, D(0))
    assert (first.gross("sale"), first.gross("refund"), first.fees) == (D("1250.00"), D("-50.00"), D("55.10"))
    assert first.payout == D("1144.90")
    assert first.each("refund")[0].transactions == ("2AB", "1AB")
    assert (rest.day, kinds(rest)) == (None, ["sale"])


def test_both_of_paypals_files_tell_the_same_payout() -> None:
    [told] = read(
        PAYPAL,
        paypal(SALE, "100.00", "-3.20", "96.80", "1AB"),
        paypal("General Withdrawal", "-96.80", "0.00", "-96.80", "1WD", time="22:00:00"),
    )
    [found] = reported(
        paypal_body("T0400", ("DR", "9680"), "1WD", at="2026/11/20 22:00:00 -0600"),
        paypal_body("T0006", ("CR", "10000"), "1AB", fee=("DR", "320")),
    )
    assert (found.key, found.day, kinds(found)) == (told.key, told.day, kinds(told))
    assert [(row.gross, row.fee, row.transactions) for row in found.rows] == [
        (row.gross, row.fee, row.transactions) for row in told.rows
    ]


@pytest.mark.parametrize(
    ("code", "direction", "kind"),
    [
        ("T0003", "CR", "sale"),
        ("T0008", "DR", "adjustment"),
        ("T0114", "DR", "fee"),
        ("T0200", "DR", "adjustment"),
        ("T0302", "CR", "payout"),
        ("T0401", "DR", "payout"),
        ("T1101", "CR", "payout"),
        ("T1106", "DR", "chargeback"),
        ("T1108", "CR", "fee"),
        ("T1110", "DR", "adjustment"),
        ("T1202", "CR", "chargeback"),
        ("T2103", "DR", "adjustment"),
        ("T9900", "CR", "adjustment"),
    ],
)
def test_paypals_event_code_says_what_a_row_is(code: str, direction: str, kind: str) -> None:
    [one] = reported(paypal_body(code, (direction, "1000"), "1AB"))
    assert kinds(one) == [kind]
    assert one.rows[0].gross == (D("10.00") if direction == "CR" else D("-10.00"))


def test_what_paypal_takes_from_the_bank_settles_what_it_paid_back() -> None:
    [one] = reported(
        paypal_body("T1107", ("DR", "5000"), "1AB"),
        paypal_body("T0302", ("CR", "5000"), "1BD", at="2026/11/20 23:00:00 -0600"),
    )
    assert (one.payout, one.difference) == (D("-50.00"), D(0))


def test_each_account_of_a_settlement_report_has_payouts_of_its_own() -> None:
    first = [paypal_body("T0006", ("CR", "1000"), "1AB"), paypal_body("T0400", ("DR", "1000"), "1WD")]
    second = [paypal_body("T0006", ("CR", "700"), "2AB"), paypal_body("T0400", ("DR", "700"), "2WD")]
    found = read_settlements(paypal_report(first, second), "STL.CSV")
    assert [(one.payout_id, one.payout, one.difference) for one in found] == [
        ("1WD", D("10.00"), D(0)),
        ("2WD", D("7.00"), D(0)),
    ]


def test_rows_of_a_type_that_nobody_knows_are_counted_and_named() -> None:
    content = paypal_report([paypal_body("T0006", ("CR", "1000"), "1AB")]) + b'"SX",5\r\n"Doe, Jane",5\r\n'
    assert str(refused(content)) == "payouts.csv:11: rows of a type that is not known: 2 (SX, none)"


def test_fees_by_transaction_alone_are_no_payout() -> None:
    error = refused(file(BRAINTREE_FEES, "acme,1ab,,sale,USD,,USD,24.18,2026-11-18,2026-11-20,credit_card,0.57"))
    assert "Braintree's transaction-level fee report" in str(error)
    assert error.fix == "Settle Braintree's transaction export, and book the fees from the monthly statement."


def test_stripe_names_the_payout_of_every_row() -> None:
    first, second = read(
        STRIPE,
        stripe("charge", "100.00", "3.20", "96.80", "ch_1", pi="pi_1"),
        stripe("charge", "20.00", "0.88", "19.12", "ch_2", payout="po_2"),
        stripe("refund", "-30.00", "0.00", "-30.00", "re_1", pi="pi_1"),
        stripe("dispute", "-20.00", "15.00", "-35.00", "dp_1"),
        stripe("fee", "-2.00", "0.00", "-2.00", "txn_fee"),
        stripe("risk_reserved_funds", "-5.00", "0.00", "-5.00", "rs_1"),
    )
    assert (first.key, first.day, first.payout) == ("settlement/stripe/po_1/USD", DAY, D("24.80"))
    assert kinds(first) == ["sale", "refund", "chargeback", "fee", "adjustment", "payout"]
    assert (first.fees, first.gross("chargeback"), first.gross("adjustment")) == (D("20.20"), D("-20.00"), D("-5.00"))
    assert first.rows[0].transactions == ("ch_1", "pi_1", "txn_ch_1")
    assert (second.payout_id, second.payout) == ("po_2", D("19.12"))


def test_a_payout_that_stripe_lists_among_its_rows_is_taken_as_it_is() -> None:
    [one] = read(
        STRIPE,
        stripe("charge", "100.00", "0.00", "100.00", "ch_1"),
        stripe("payout", "-99.00", "0.00", "-99.00", "po_1"),
    )
    assert (one.payout, one.difference) == (D("99.00"), D("1.00"))


def test_a_stripe_row_without_a_payout_is_not_paid_out_yet() -> None:
    [one] = read(STRIPE, stripe("charge", "100.00", "0.00", "100.00", "ch_1", payout=""))
    assert (one.payout_id, one.day) == ("", None)


def test_adyen_pays_out_a_batch_of_a_merchant_account() -> None:
    [one] = read(
        ADYEN,
        adyen("Settled", "", "100.00", "", "97.60", ("", "0.80", "0.20", "1.40"), psp="8816", modification="8817"),
        adyen("Refunded", "20.00", "", "20.00", "", psp="8816", modification="8818"),
        adyen("Chargeback", "30.00", "", "37.50", "", ("7.50", "", "", ""), psp="8819", modification="8820"),
        adyen("Fee", "", "", "1.10", "", modification="Transaction Fees November 2026"),
        adyen("DepositCorrection", "", "", "5.00", ""),
        adyen("MerchantPayout", "", "", "34.00", "", modification="TX4XT batch 4"),
    )
    assert (one.key, one.day) == ("settlement/adyen/TestMerchant-4/EUR", DAY)
    assert kinds(one) == ["sale", "refund", "chargeback", "fee", "adjustment", "payout"]
    assert (one.payout, one.fees, one.difference) == (D("34.00"), D("11.00"), D(0))
    assert (one.gross("sale"), one.gross("chargeback")) == (D("100.00"), D("-30.00"))
    assert one.rows[0].transactions == ("8817", "8816")


def test_an_adyen_sale_in_another_currency_counts_as_it_was_paid_out() -> None:
    [one] = read(
        ADYEN,
        adyen("Settled", "", "50.00", "", "56.80", ("", "1.20", "", ""), psp="8816", gross_currency="GBP"),
        adyen("MerchantPayout", "", "", "56.80", ""),
    )
    assert (one.gross("sale"), one.currency) == (D("58.00"), "EUR")


def test_an_adyen_batch_without_its_payout_waits() -> None:
    [one] = read(ADYEN, adyen("Settled", "", "10.00", "", "10.00", psp="8816"))
    assert (one.payout_id, one.day) == ("", None)


def test_braintree_disburses_once_a_day_and_merchant_account() -> None:
    first, second, rest = read(
        BRAINTREE,
        braintree("sale", "100.00", "b1"),
        braintree("credit", "40.00", "b2", parent="b1"),
        braintree("sale", "25.00", "b3", disbursed="11/21/2026"),
        braintree("sale", "", "b4"),
        braintree("sale", "5.00", "b5", disbursed=""),
    )
    assert (first.key, first.payout) == ("settlement/braintree/acme-2026-11-20/USD", D("60.00"))
    assert first.each("refund")[0].transactions == ("b2", "b1")
    assert (second.day, second.payout) == (date(2026, 11, 21), D("25.00"))
    assert (rest.payout_id, len(rest.rows)) == ("", 1)


def test_separators_and_encodings_of_spreadsheets_are_understood() -> None:
    text = file(STRIPE, stripe("charge", "100.00", "3.20", "96.80", "ch_1")).decode()
    expected = read_settlements(text.encode(), "a.csv")
    for separator in (";", "\t", "|"):
        assert read_settlements(text.replace(",", separator).encode(), "a.csv") == expected
    assert read_settlements(text.encode("utf-8-sig"), "a.csv") == expected
    assert read_settlements(text.encode("utf-16"), "a.csv") == expected
    assert read_settlements(text.replace("\r\n", "\n").encode(), "a.csv") == expected
    named = text.replace(",charge,ch_1,,", ",charge,ch_1,Müller,")
    assert read_settlements(named.encode("cp1252"), "a.csv") == expected


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "payouts.csv: the file is empty"),
        (b"\x00\x01\x02,b\n", "payouts.csv: this is no text file"),
        (b"a,b,c\n1,2,3\n", "payouts.csv:1: the header is that of no report that is known"),
        (file(STRIPE), "payouts.csv: Stripe's itemized payout reconciliation report has no rows"),
        (
            file(STRIPE.replace(",net,", ",netto,"), stripe("charge", "1.00", "0", "1.00", "ch_1")),
            "payouts.csv:1, column net: looks like Stripe's itemized payout reconciliation report, "
            "but has no column net",
        ),
        (
            file(STRIPE, stripe("charge", "1.00", "0.00", "1.00", "ch_1"), "po_1,2026-11"),
            "payouts.csv:3: the line has 2 cells, the header 14: the file is cut off or was changed",
        ),
        (
            file(STRIPE, stripe("charge", "1.00 USD", "0.00", "1.00", "ch_1")),
            'payouts.csv:2, column gross: "1.00 USD" is no amount in cents',
        ),
        (
            file(STRIPE, stripe("charge", "1.005", "0.00", "1.005", "ch_1")),
            'payouts.csv:2, column gross: "1.005" is no amount in cents',
        ),
        (
            file(STRIPE, stripe("charge", "1.00", "0.10", "1.00", "ch_1")),
            "payouts.csv:2, column net: 1.00 less the fee of 0.10 is 0.90, and the file says 1.00",
        ),
        (
            file(STRIPE, stripe("charge", "1.00", "0.00", "1.00", "ch_1", currency="dollars")),
            'payouts.csv:2, column currency: "DOLLARS" is no currency',
        ),
        (
            file(STRIPE, stripe("", "1.00", "0.00", "1.00", "ch_1")),
            "payouts.csv:2, column reporting_category: is empty",
        ),
        (
            file(STRIPE, stripe("charge", "1.00", "0.00", "1.00", "ch_1").replace("2026-11-20", "2026-13-20")),
            'payouts.csv:2, column automatic_payout_effective_at: "2026-13-20" is no day',
        ),
        (
            file(PAYPAL, paypal(SALE, "1.00", "-0.10", "1.00", "1AB")),
            "payouts.csv:2, column Net: 1.00 less the fee of 0.10 is 0.90, and the file says 1.00",
        ),
        (
            file(ADYEN, adyen("Settled", "", "10.00", "", "9.00", ("", "0.50", "", ""), psp="8816")),
            "payouts.csv:2, column Net Credit (NC): 10.00 less the fee of 0.50 is 9.50, and the file says 9.00",
        ),
        (
            paypal_report([paypal_body("T0006", ("CR", "10.00"), "1AB")]),
            'payouts.csv:5, column Gross Transaction Amount: "10.00" is no whole number of cents',
        ),
        (
            paypal_report([paypal_body("T0006", ("", "1000"), "1AB")]),
            "payouts.csv:5, column Transaction Debit or Credit: is neither CR nor DR",
        ),
        (
            paypal_report([paypal_body("T0006", ("CR", "1000"), "1AB", currency="JPY")]),
            "payouts.csv:5, column Gross Transaction Currency: how PayPal writes amounts in JPY here is not documented",
        ),
        (
            paypal_report([paypal_body("T0006", ("CR", "1000"), "1AB", fee=("DR", "9")).replace('9,"USD"', '9,"EUR"')]),
            "payouts.csv:5, column Fee Currency: the fee is not in USD",
        ),
        (paypal_report([]), "payouts.csv: PayPal's settlement report has no rows"),
        (b'automatic_payout_id,"a\n', "payouts.csv:1: the line is no row of a table (unexpected end of data)"),
    ],
)
def test_a_file_that_cannot_be_read_says_where_and_what_to_do(content: bytes, said: str) -> None:
    assert str(refused(content)) == said


def test_an_error_never_quotes_names_or_addresses() -> None:
    row = paypal(SALE, "1.00", "-0.10", "1.00", "1AB")
    assert "jane" not in str(refused(file(PAYPAL, row))).lower()
