"""A payout's rows beside the books: what they do not know, and what they know otherwise, is named."""

from dataclasses import replace
from decimal import Decimal

from mappings.settlement import Movement, Settlement
from mappings.settlement_join import Booked, compare, references
from tests.mappings.test_settlement_booking import DAY

D = Decimal


def payout(*rows: Movement) -> Settlement:
    return Settlement("stripe", "po_1", DAY, "USD", rows)


def sale(*ids: str, gross: str = "10.00", line: int = 2) -> Movement:
    return Movement("sale", ids, D(gross), D(0), line)


def booked(reference: str, amount: str = "10.00", kind: str = "sales_receipt", currency: str = "USD") -> Booked:
    return Booked(reference, kind, D(amount), currency)


def test_what_agrees_is_not_mentioned() -> None:
    refund = Movement("refund", ("re_1", "ch_1"), D("-4.00"), D(0), 3)
    known = [booked("ch_1"), booked("re_1", "4.00", "refund_receipt")]
    assert compare(payout(sale("ch_1"), refund), known, "online") == []


def test_a_row_is_known_by_any_of_its_ids_and_by_magentos_own_spelling() -> None:
    for reference in ("ch_1", "pi_1", "pi_1-capture"):
        assert compare(payout(sale("ch_1", "pi_1")), [booked(reference)], "online") == []


def test_a_long_id_is_known_by_the_end_that_quickbooks_keeps() -> None:
    long = "pi_3QabcdefGHIJKLmnopqrst"
    one = payout(sale(long))
    assert long[-21:] in references(one, "online")
    assert compare(one, [booked(long[-21:])], "online") == []
    assert compare(one, [booked(long[-20:])], "desktop") == []


def test_captures_of_one_transaction_are_added_up_on_both_sides() -> None:
    one = payout(sale("ch_1", gross="6.00"), sale("ch_1", gross="4.00", line=3))
    assert compare(one, [booked("ch_1", "7.00", "payment"), booked("ch_1", "3.00", "payment")], "online") == []


def test_sales_and_refunds_that_the_books_do_not_know_are_named_with_their_sum() -> None:
    refund = Movement("refund", ("re_1",), D("-4.00"), D(0), 3)
    nameless = Movement("sale", (), D("1.00"), D(0), 4)
    [problem] = compare(payout(sale("ch_1"), refund, nameless), [booked("re_1")], "online")
    assert (problem.code, problem.hold, problem.amount) == ("settlement-unknown", False, D("7.00"))
    assert problem.reason == "The books do not know sale ch_1, sale in line 4 and refund re_1; together 7.00 USD."


def test_many_unknown_rows_are_cut_after_the_first_few() -> None:
    [problem] = compare(payout(*(sale(f"ch_{at}") for at in range(14))), [], "online")
    assert "sale ch_9 and 4 more; together 140.00 USD" in problem.reason


def test_the_same_id_in_another_currency_is_another_transaction() -> None:
    [problem] = compare(payout(sale("ch_1")), [booked("ch_1", currency="EUR")], "online")
    assert problem.code == "settlement-unknown"


def test_amounts_that_differ_are_named_with_both() -> None:
    one = payout(sale("ch_1"), sale("ch_2", gross="9.00", line=3))
    [problem] = compare(one, [booked("ch_1", "12.00"), booked("ch_2")], "online")
    assert (problem.code, problem.hold, problem.amount) == ("settlement-amount-differs", False, D("-3.00"))
    assert problem.reason == (
        "sale ch_1 and sale ch_2: settled with 10.00, in the books with 12.00 (the first of them); line 2 of the file."
    )


def test_fees_and_chargebacks_are_not_looked_for() -> None:
    fee = Movement("fee", ("txn_1",), D("-4.00"), D(0), 3)
    assert references(payout(fee, replace(fee, kind="chargeback")), "online") == set()
