"""A payout becomes one entry that balances, or is held with its reason."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from mappings import qbo, qbxml
from mappings.checks import off_balance
from mappings.closing import Stands
from mappings.context import Books
from mappings.entry import Entry
from mappings.model import Problem, Waiting
from mappings.rules import Rules
from mappings.settlement import Kind, Movement, Settlement
from mappings.settlement_booking import book_settlement
from tests.mappings.desktop import RULES as DESKTOP
from tests.mappings.desktop import names
from tests.mappings.qbxml_schema import valid
from tests.mappings.sales import GERMAN, RETAIL, US, rules

D = Decimal
DAY = date(2026, 11, 20)
OWN = """
[[settlement]]
id = "mine"
when = { "settlement.currency" = "USD" }
clearing = "1250 PayPal clearing"
bank = "1000 Checking"
fees = "6100 Payment processing fees"
chargebacks = "6110 Chargebacks"
"""
MINE = RETAIL.model_copy(update={"settlement": rules(OWN).settlement[:1]})
"""Rules that know payouts in dollars alone, and no account for adjustments."""


def row(kind: Kind, gross: str, fee: str = "0.00") -> Movement:
    return Movement(kind, (), D(gross), D(fee), 2)


def settled(*rows: Movement, **changes: Any) -> Settlement:
    """A PayPal payout of these rows."""
    return Settlement(
        **({"processor": "paypal", "payout_id": "5WD", "day": DAY, "currency": "USD", "rows": rows} | changes)
    )


WHOLE = settled(
    row("sale", "100.00", "3.20"),
    row("sale", "50.00", "1.75"),
    row("refund", "-20.00", "-0.60"),
    row("chargeback", "-30.00"),
    row("fee", "-15.00"),
    row("adjustment", "-10.00"),
    row("payout", "-70.65"),
)


def one(settlement: Settlement, books: Books = US, by: Rules = RETAIL) -> Entry:
    made = book_settlement(settlement, books, by)
    assert isinstance(made, tuple), made
    [entry] = made
    return entry


def held(settlement: Settlement, books: Books = US, by: Rules = RETAIL) -> Problem:
    made = book_settlement(settlement, books, by)
    assert isinstance(made, Problem) and made.hold, made
    return made


def journal(entry: Entry) -> list[tuple[str, Decimal, str]]:
    return [(line.account, line.amount, line.description) for line in entry.lines]


def test_a_payout_goes_from_clearing_to_bank_less_fees_and_chargebacks() -> None:
    entry = one(WHOLE)
    assert journal(entry) == [
        ("1000 Checking", D("70.65"), "payout 5WD"),
        ("1250 PayPal clearing", D("-150.00"), "2 sales"),
        ("1250 PayPal clearing", D("20.00"), "1 refund"),
        ("6110 Chargebacks", D("30.00"), "1 chargeback"),
        ("1260 Processor reserves", D("10.00"), "1 adjustment"),
        ("6100 Payment processing fees", D("19.35"), "fees"),
    ]
    assert off_balance(entry.lines) == 0
    assert (entry.key, entry.kind, entry.total, entry.txn_date) == (
        "settlement/paypal/5WD/USD",
        "deposit",
        D("70.65"),
        DAY,
    )
    assert (entry.memo, entry.deposit_account) == ("PayPal payout 5WD", "1000 Checking")
    assert [(each.list, each.row) for each in entry.decisions] == [("settlement", "paypal")]


KINDS = (("sale",), ("refund",), ("chargeback",), ("adjustment",))
amounts = st.decimals("-500", "500", places=2)
moves = st.builds(
    lambda kind, gross, fee: Movement(kind, (), gross, fee, 2),
    st.sampled_from(("sale", "refund", "chargeback", "adjustment")),
    amounts,
    amounts,
)


@given(st.lists(moves, max_size=12))
def test_whatever_the_rows_are_the_entry_balances_and_clearing_gives_what_sales_and_refunds_brought(
    rows: list[Movement],
) -> None:
    net = sum((each.net for each in rows), D(0))
    made = book_settlement(settled(*rows, row("payout", f"{-net}")), US, RETAIL)
    if isinstance(made, Waiting):
        sums = [sum((each.gross for each in rows if each.kind in kinds), D(0)) for kinds in KINDS]
        assert (net, sum((each.fee for each in rows), D(0)), sums) == (0, 0, [0] * len(KINDS))
        return
    assert isinstance(made, tuple)
    [entry] = made
    assert off_balance(entry.lines) == 0
    assert (entry.kind == "deposit") == (net > 0)
    clearing = sum((line.amount for line in entry.lines if line.role == "clearing"), D(0))
    assert -clearing == sum((each.gross for each in rows if each.kind in ("sale", "refund")), D(0))


def test_rows_that_do_not_add_up_to_the_payout_are_held_with_the_difference() -> None:
    problem = held(settled(row("sale", "100.00"), row("payout", "-99.99")))
    assert (problem.code, problem.amount) == ("settlement-differs", D("0.01"))
    assert problem.reason == "The rows make 100.00, the payout is 99.99: 0.01 apart."


def test_a_payout_in_another_currency_than_the_books_is_held() -> None:
    assert held(WHOLE, GERMAN).code == "currency-differs"


def test_a_payout_in_a_foreign_currency_needs_multicurrency_and_a_rate_by_rule() -> None:
    euros = replace(settled(row("sale", "100.00", "3.00"), row("payout", "-97.00")), currency="EUR")
    several = replace(US, multicurrency=True)
    assert held(euros, US).code == "currency-differs"
    assert held(euros, several).code == "exchange-rate-unknown"
    assert "USD for one EUR" in held(euros, several).fix
    by_rate = rules(OWN.replace('"USD"', '"EUR"').replace('id = "mine"', 'id = "mine"\nrate = "1.08"'))
    made = book_settlement(euros, several, by_rate)
    assert isinstance(made, tuple)
    assert (made[0].currency, made[0].total, made[0].exchange_rate) == ("EUR", D("97.00"), D("1.08"))
    payload = qbo.write(made[0], by_rate, several)
    assert (payload["CurrencyRef"], payload["ExchangeRate"]) == ({"value": "EUR"}, D("1.08"))
    request = qbxml.write(made[0], by_rate, several)
    assert ("currency", "EUR") in request.symbols
    assert "<ExchangeRate>1.08</ExchangeRate>" in valid(request.text)
    collected = replace(euros, rows=(row("chargeback", "-30.00"), row("payout", "30.00")))
    taken = book_settlement(collected, several, by_rate)
    assert isinstance(taken, tuple)
    assert "<ExchangeRate>1.08</ExchangeRate>" in valid(qbxml.write(taken[0], by_rate, several).text)
    assert qbo.write(taken[0], by_rate, several)["ExchangeRate"] == D("1.08")


COLLECTED = settled(row("sale", "12.00", "0.60"), row("chargeback", "-30.00"), row("payout", "18.60"))


def test_money_that_the_processor_collects_is_a_journal_entry_from_the_bank() -> None:
    entry = one(COLLECTED)
    assert (entry.kind, entry.total, entry.number) == ("journal", D("30.60"), "")
    assert journal(entry) == [
        ("1000 Checking", D("-18.60"), "payout 5WD"),
        ("1250 PayPal clearing", D("-12.00"), "1 sale"),
        ("6110 Chargebacks", D("30.00"), "1 chargeback"),
        ("6100 Payment processing fees", D("0.60"), "fees"),
    ]
    assert (entry.memo, entry.deposit_account) == ("PayPal payout 5WD, collected from the bank", "")


def test_a_payout_of_nothing_still_moves_its_fees_as_a_journal_entry_without_the_bank() -> None:
    entry = one(settled(row("sale", "10.00", "10.00"), row("payout", "0.00")))
    assert (entry.kind, entry.total) == ("journal", D("10.00"))
    lines = qbo.write(entry, RETAIL, US)["Line"]
    assert [(each["JournalEntryLineDetail"]["PostingType"], each["Amount"]) for each in lines] == [
        ("Debit", D("10.00")),
        ("Credit", D("10.00")),
    ]


def test_a_payout_in_which_nothing_moved_is_left_out() -> None:
    nothing = settled(row("payout", "0.00"))
    assert book_settlement(nothing, US, RETAIL) == Waiting("settlement/paypal/5WD/USD", "No money moved.")


def test_without_a_row_that_fits_a_payout_is_held() -> None:
    problem = held(replace(WHOLE, currency="EUR"), GERMAN, MINE)
    assert (problem.code, problem.reason) == ("no-rule", "No [[settlement]] row fits payouts of PayPal in EUR.")


def test_adjustments_without_an_account_of_their_own_are_held() -> None:
    problem = held(WHOLE, by=MINE)
    assert (problem.code, problem.field) == ("no-rule", 'settlement "mine", adjustments')
    assert problem.reason == "1 adjustment and no account for them."


def test_what_is_not_paid_out_yet_waits() -> None:
    waiting = book_settlement(replace(settled(row("sale", "5.00")), payout_id="", day=None), US, RETAIL)
    assert waiting == Waiting("settlement/paypal//USD", "1 row over 5.00 USD not paid out yet in this file.")


def test_a_closed_period_holds_a_payout_or_moves_it_as_the_rules_say() -> None:
    closed = replace(US, close_date=DAY)
    assert held(WHOLE, closed).code == "closed-period"
    moved = one(WHOLE, closed, rules(books='closed_period = "first_open_day"'))
    assert (moved.kind, moved.txn_date) == ("deposit", date(2026, 11, 21))
    assert moved.memo == "PayPal payout 5WD, dated 2026-11-20 and moved out of the closed period"


def test_by_rule_a_payout_of_a_closed_period_is_an_adjusting_entry() -> None:
    by = rules(books='closed_period = "adjusting_entry"')
    entry = one(WHOLE, replace(US, close_date=DAY), by)
    assert (entry.kind, entry.txn_date, entry.total) == ("journal", date(2026, 11, 21), D("150.00"))
    assert entry.memo == "Adjusting entry: PayPal payout 5WD, dated 2026-11-20 and moved out of the closed period"
    assert [each[:2] for each in journal(entry)] == [each[:2] for each in journal(one(WHOLE))]
    assert qbo.write(entry, by, US)["Adjustment"] is True
    stands = Stands("journal", entry.txn_date)
    assert book_settlement(WHOLE, replace(US, close_date=date(2026, 12, 31)), RETAIL, stands) == (entry,)


def test_a_payout_that_stands_keeps_its_day_and_kind_when_its_period_is_closed() -> None:
    by = rules(books='closed_period = "adjusting_entry"')
    made = book_settlement(WHOLE, replace(US, close_date=DAY), by, Stands("deposit", DAY))
    assert made == (one(WHOLE),)


def test_online_a_payout_is_a_deposit_with_costs_as_lines_below_zero() -> None:
    entry = one(WHOLE)
    payload = qbo.write(entry, RETAIL, replace(US, multicurrency=True))
    assert (qbo.entity(entry.kind), qbo.operation(entry.kind)) == ("Deposit", "create")
    assert {name: payload[name] for name in payload if name != "Line"} == {
        "TxnDate": "2026-11-20",
        "PrivateNote": "PayPal payout 5WD",
        "DepositToAccountRef": {"value": "@account:1000 Checking"},
        "CurrencyRef": {"value": "USD"},
    }
    assert [(one["DepositLineDetail"]["AccountRef"]["value"], one["Amount"]) for one in payload["Line"]] == [
        ("@account:1250 PayPal clearing", D("150.00")),
        ("@account:1250 PayPal clearing", D("-20.00")),
        ("@account:6110 Chargebacks", D("-30.00")),
        ("@account:1260 Processor reserves", D("-10.00")),
        ("@account:6100 Payment processing fees", D("-19.35")),
    ]
    assert sum(one["Amount"] for one in payload["Line"]) == entry.total
    assert "CurrencyRef" not in qbo.write(entry, RETAIL, US)


def test_on_desktop_a_payout_is_a_deposit_that_intuits_schemas_take() -> None:
    entry = one(WHOLE, by=DESKTOP)
    request = etree.fromstring(valid(qbxml.write(entry, DESKTOP, US).text))
    made = request[0]
    assert (request.tag, qbxml.entity(entry.kind)) == ("DepositAddRq", "Deposit")
    assert names(made) == ["TxnDate", "DepositToAccountRef", "Memo", *["DepositLineAdd"] * 5]
    assert made.findtext("Memo") == "PayPal payout 5WD"
    lines = [(each.findtext("Memo"), each.findtext("Amount")) for each in made.iterfind("DepositLineAdd")]
    assert lines[0] == ("2 sales", "150.00")
    assert lines[-1] == ("fees", "-19.35")


@pytest.mark.parametrize("memo", ["PayPal payout 5WD", "PayPal payout 6WD"])
def test_on_desktop_a_deposit_is_found_again_by_day_memo_and_total(memo: str) -> None:
    entry = one(WHOLE, by=DESKTOP)
    text = qbxml.write(entry, DESKTOP, US).text
    sent = qbxml.resolve(text, {symbol: "80000001-1700000000" for symbol in qbxml.references(text)})
    query = valid(qbxml.find_request(sent))
    assert "<FromTxnDate>2026-11-20</FromTxnDate>" in query
    assert "EntityFilter" not in query
    ret = qbxml.Ret("Deposit", {"TxnID": "1-1", "TxnDate": "2026-11-20", "DepositTotal": "70.65", "Memo": memo}, {})
    assert qbxml.made_by(sent, ret, entry.total) is (memo == entry.memo)
    assert qbxml.read_answer(ret).total == D("70.65")
