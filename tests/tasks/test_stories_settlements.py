"""Payouts: what the processor's file says, and what stands in the books afterwards."""

import asyncio
from collections.abc import Sequence
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from deploy.sandbox.seeds_cart import Cart
from flows.settlements import settlements
from mappings import qbo
from state import problems
from state.settings import load_settings
from tasks import connections
from tasks.inquiry import LookUp
from tests.mappings.settlement_files import PAYPAL, file, paypal, paypal_body, paypal_report
from tests.tasks.company import PREFECT, Company, Open

pytestmark = PREFECT
Sold = tuple[str, Decimal]
CLEARING, BANK, FEES = "1250 PayPal clearing", "1000 Checking", "6100 Payment processing fees"
CHARGEBACKS = "6110 Chargebacks"
KEY = "settlement/paypal/5WD00000000000001/USD"


def sold(one: Company, number: int) -> list[Sold]:
    """So many orders paid with PayPal, in the books; each with its transaction."""
    orders = []
    for at in range(number):
        order = one.shop.place(Cart(method="paypal_express"))
        transaction = f"8WT{at:014d}"
        one.shop.invoice(order["increment_id"], transaction=transaction)
        orders.append((transaction, Decimal(order["base_grand_total"]).quantize(Decimal("0.01"))))
    one.sync()
    return orders


def settle(one: Company, *rows: str) -> Any:
    """Import an activity download of these rows; returns the run's counts."""
    return settled(one, file(PAYPAL, *rows))


def settled(one: Company, content: bytes) -> Any:
    """Import a file; returns the run's counts."""
    path = one.home / "paypal.csv"
    path.write_bytes(content)
    asyncio.run(settlements(files=[str(path)], home=str(one.home)))
    assert one.last_run().status == "done"
    return one.last_run().counts


def rows_of(orders: Sequence[Sold], fee: Decimal = Decimal("1.00")) -> list[str]:
    """Each order as PayPal settled it."""
    return [
        paypal("Express Checkout Payment", f"{amount:,}", f"-{fee}", f"{amount - fee:,}", transaction)
        for transaction, amount in orders
    ]


def withdrawn(amount: Decimal) -> str:
    """A payout."""
    return paypal("General Withdrawal", f"-{amount:,}", "0.00", f"-{amount:,}", "5WD00000000000001", time="23:00:00")


def net(orders: Sequence[Sold]) -> Decimal:
    """What arrives when PayPal keeps 1.00 of each."""
    return sum((amount for _, amount in orders), Decimal(0)) - len(orders)


def test_paypals_settlement_report_settles_what_its_activity_download_would(company: Open) -> None:
    one = company()
    orders = sold(one, 2)
    total = one.books.trial_balance()[CLEARING]
    bodies = [paypal_body("T0006", ("CR", str(int(a * 100))), t, fee=("DR", "100")) for t, a in orders]
    paid = ("DR", str(int(net(orders) * 100)))
    bodies.append(paypal_body("T0400", paid, "5WD00000000000001", at="2026/11/20 23:00:00 -0600"))

    counts = settled(one, paypal_report(bodies))

    balance = one.books.trial_balance()
    assert (counts["posted"], counts["held"]) == (1, 0)
    assert CLEARING not in balance
    assert (balance[BANK], balance[FEES]) == (total - 2, Decimal("2.00"))
    again = settle(one, *rows_of(orders), withdrawn(net(orders)))
    assert (again["posted"], one.count("Deposit")) == (0, 1)
    assert one.problems() == {}


def test_a_payout_empties_the_clearing_account_and_tells_bank_and_fees_apart(company: Open) -> None:
    one = company()
    orders = sold(one, 3)
    total = one.books.trial_balance()[CLEARING]

    counts = settle(one, *rows_of(orders), withdrawn(net(orders)))

    balance = one.books.trial_balance()
    assert (counts["queued"], counts["posted"], counts["held"]) == (1, 1, 0)
    assert CLEARING not in balance
    assert (balance[BANK], balance[FEES]) == (total - 3, Decimal("3.00"))
    assert sum(balance.values()) == 0
    assert one.problems() == {}


def test_the_same_file_twice_changes_nothing(company: Open) -> None:
    one = company()
    orders = sold(one, 2)
    rows = [*rows_of(orders), withdrawn(net(orders))]
    settle(one, *rows)
    before, documents = one.books.trial_balance(), one.count("Deposit")

    counts = settle(one, *rows)

    assert (counts["queued"], counts["posted"]) == (0, 0)
    assert one.books.trial_balance() == before
    assert one.count("Deposit") == documents == 1


def test_a_chargeback_lands_on_its_own_account(company: Open) -> None:
    one = company()
    orders = sold(one, 3)
    (lost, amount), fee = orders[0], Decimal("20.00")
    rows = [
        *rows_of(orders),
        paypal("Chargeback", f"-{amount}", "0.00", f"-{amount}", "9CB00000000000001", parent=lost, time="12:00:00"),
        paypal("Chargeback Fee", f"-{fee}", "0.00", f"-{fee}", "9CB00000000000002", time="12:00:00"),
    ]

    settle(one, *rows, withdrawn(net(orders) - amount - fee))

    balance = one.books.trial_balance()
    assert CLEARING not in balance
    assert (balance[CHARGEBACKS], balance[FEES]) == (amount, fee + 3)
    assert balance[BANK] == net(orders) - amount - fee


def test_a_payout_that_does_not_add_up_is_held_with_its_difference_and_books_nothing(company: Open) -> None:
    one = company()
    orders = sold(one, 2)
    before = one.books.trial_balance()

    counts = settle(one, *rows_of(orders), withdrawn(net(orders) + Decimal("0.01")))

    assert counts["held"] == 1
    assert one.problems(hold=True) == {KEY: "settlement-differs"}
    assert one.books.trial_balance() == before
    one.sync()
    assert one.problems(hold=True) == {KEY: "settlement-differs"}
    settle(one, *rows_of(orders), withdrawn(net(orders)))
    assert one.problems() == {}
    assert CLEARING not in one.books.trial_balance()


def test_a_sale_that_the_books_do_not_know_is_named_and_stays_on_the_clearing_account(company: Open) -> None:
    one = company()
    orders = [*sold(one, 1), ("7XX00000000000009", Decimal("50.00"))]

    settle(one, *rows_of(orders), withdrawn(net(orders)))

    assert one.problems() == {KEY: "settlement-unknown"}
    with one.reading() as conn:
        [shown] = problems.open_problems(conn, document=KEY)
    assert "sale 7XX00000000000009; together 50.00 USD" in shown.problem.reason
    assert one.books.trial_balance()[CLEARING] == Decimal("-50.00")
    assert set(one.states().values()) == {"posted"}


def test_a_sale_settled_with_another_amount_is_named(company: Open) -> None:
    one = company()
    [(transaction, amount)] = sold(one, 1)
    short = [(transaction, amount - 5)]

    settle(one, *rows_of(short), withdrawn(net(short)))

    assert one.problems() == {KEY: "settlement-amount-differs"}
    assert one.books.trial_balance()[CLEARING] == Decimal(5)


def test_what_is_not_paid_out_yet_waits_for_the_next_file(company: Open) -> None:
    one = company()
    orders = sold(one, 2)

    counts = settle(one, *rows_of(orders))

    assert (counts["queued"], counts["skipped"], counts["held"]) == (0, 1, 0)
    assert one.count("Deposit") == 0


def test_a_part_of_a_payout_takes_nothing_away_from_one_that_is_in_the_books(company: Open) -> None:
    one = company()
    orders = sold(one, 2)
    settle(one, *rows_of(orders), withdrawn(net(orders)))

    settle(one, *rows_of(orders[1:]), withdrawn(net(orders)))

    assert one.problems() == {}
    assert one.states()[KEY] == "posted"


def test_a_processor_without_a_rule_is_held_and_booked_when_the_rule_is_there(company: Open) -> None:
    one = company()
    orders = sold(one, 1)
    rule = 'when        = { "settlement.processor" = "paypal" }'
    one.rules((rule, f"off = true\n{rule}"))

    settle(one, *rows_of(orders), withdrawn(net(orders)))
    assert one.problems() == {KEY: "no-rule"}

    one.rules((f"off = true\n{rule}", rule))
    settle(one, *rows_of(orders), withdrawn(net(orders)))
    assert one.problems() == {}
    assert CLEARING not in one.books.trial_balance()


def test_a_lost_answer_makes_no_second_deposit(company: Open) -> None:
    one = company()
    orders = sold(one, 1)
    one.books.faults.drop_next(only="/batch")

    settle(one, *rows_of(orders), withdrawn(net(orders)))

    assert one.states()[KEY] == "posted"
    assert one.count("Deposit") == 1


def collected(amount: Decimal) -> str:
    """Money that PayPal took from the bank."""
    return paypal("General Withdrawal", f"{amount:,}", "0.00", f"{amount:,}", "5WD00000000000001", time="23:00:00")


def disputed(orders: Sequence[Sold], amount: Decimal) -> list[str]:
    """All orders, and chargebacks over more than they brought: PayPal collects the amount."""
    lost = net(orders) + amount
    return [
        *rows_of(orders),
        paypal("Chargeback", f"-{lost}", "0.00", f"-{lost}", "9CB00000000000001", time="12:00:00"),
        collected(amount),
    ]


@pytest.mark.parametrize("lost", [False, True], ids=["answered", "the answer lost"])
def test_what_the_processor_collects_leaves_the_bank_once_as_a_journal_entry(company: Open, lost: bool) -> None:
    one = company()
    orders = sold(one, 2)
    if lost:
        one.books.forget_requestids()
        one.books.faults.drop_next(only="/batch")

    counts = settle(one, *disputed(orders, Decimal("18.60")))

    balance = one.books.trial_balance()
    assert (counts["queued"], counts["held"], one.states()[KEY]) == (1, 0, "posted")
    assert (one.count("Deposit"), one.count("JournalEntry")) == (0, 1)
    assert CLEARING not in balance
    assert (balance[BANK], balance[FEES]) == (Decimal("-18.60"), Decimal("2.00"))
    assert balance[CHARGEBACKS] == net(orders) + Decimal("18.60")
    assert one.problems() == {}


def test_a_sale_that_is_an_adjusting_entry_is_known_to_its_payout_by_the_money_it_moved(company: Open) -> None:
    one = company()
    one.rules(('closed_period  = "hold"', 'closed_period  = "adjusting_entry"'))
    one.books.close(date(2026, 11, 30))
    orders = sold(one, 2)

    settle(one, *rows_of(orders), withdrawn(net(orders)))

    assert (one.count("JournalEntry"), one.count("Deposit")) == (3, 0)
    assert CLEARING not in one.books.trial_balance()
    assert one.problems() == {}


def test_a_journal_entry_is_found_again_by_its_day_note_and_debits(company: Open) -> None:
    one = company()
    settle(one, *disputed(sold(one, 1), Decimal("18.60")))
    row = one.row(KEY)

    async def asked(**changes: Any) -> dict[str, Any] | None:
        async with connections.session(load_settings(one.home), "test") as here:
            return await LookUp(here.quickbooks, here.ledger).find(row, qbo.parse(row.payload) | changes)

    found = asyncio.run(asked())
    assert found is not None and found["Id"] == row.qb_id
    assert asyncio.run(asked(PrivateNote="PayPal payout of somebody else")) is None


def test_a_deposit_is_found_again_by_its_day_note_and_total(company: Open) -> None:
    one = company()
    orders = sold(one, 1)
    settle(one, *rows_of(orders), withdrawn(net(orders)))
    row = one.row(KEY)

    async def asked(**changes: Any) -> dict[str, Any] | None:
        async with connections.session(load_settings(one.home), "test") as here:
            return await LookUp(here.quickbooks, here.ledger).find(row, qbo.parse(row.payload) | changes)

    found = asyncio.run(asked())
    assert found is not None and found["Id"] == row.qb_id
    assert asyncio.run(asked(PrivateNote="PayPal payout of somebody else")) is None
