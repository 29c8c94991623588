"""Payouts in QuickBooks Desktop: one deposit each, whatever happens to the connector."""

import asyncio
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.sandbox.seeds_cart import Cart
from tasks import connections
from tasks.settlements import queue_settlements
from tests.gateway.desk import Desk, open_desk
from tests.mappings.settlement_files import PAYPAL, file, paypal

CLEARING, BANK, FEES = "1250 PayPal clearing", "1000 Checking", "6100 Payment processing fees"
KEY = "settlement/paypal/5WD00000000000001/USD"
FEE = Decimal("1.00")


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    """Three orders paid with PayPal are in the books."""
    with open_desk(tmp_path / "home") as opened:
        opened.update()
        opened.sell(3, Cart(method="paypal_express"))
        opened.queue()
        opened.update()
        yield opened


def paid_out(desk: Desk) -> Decimal:
    """Queue the payout of all of them; returns what reaches the bank."""
    orders = [
        (f"TXN{one['entity_id']:08d}", one["base_grand_total"].quantize(Decimal("0.01"))) for one in desk.shop.orders
    ]
    rows = [paypal("Express Checkout Payment", f"{a}", f"-{FEE}", f"{a - FEE}", t) for t, a in orders]
    net: Decimal = sum((amount - FEE for _, amount in orders), Decimal(0))
    rows.append(paypal("General Withdrawal", f"-{net}", "0.00", f"-{net}", "5WD00000000000001", time="23:00:00"))
    imported(desk, *rows)
    return net


def imported(desk: Desk, *rows: str) -> None:
    """Queue what an activity download of these rows tells."""
    path = desk.home / "paypal.csv"
    path.write_bytes(file(PAYPAL, *rows))
    asyncio.run(_queue(desk, path))


async def _queue(desk: Desk, path: Path) -> None:
    async with connections.session(desk.settings, "test"):
        await queue_settlements.fn([str(path)])


def collected(desk: Desk, amount: Decimal) -> None:
    """Queue chargebacks over more than all orders brought: PayPal takes the amount from the bank."""
    brought = desk.file.trial_balance()[CLEARING]
    sold = [
        (f"TXN{one['entity_id']:08d}", one["base_grand_total"].quantize(Decimal("0.01"))) for one in desk.shop.orders
    ]
    rows = [paypal("Express Checkout Payment", f"{a}", "0.00", f"{a}", t) for t, a in sold]
    lost = f"-{brought + amount}"
    rows.append(paypal("Chargeback", lost, "0.00", lost, "9CB00000000000001", time="12:00:00"))
    rows.append(paypal("General Withdrawal", f"{amount}", "0.00", f"{amount}", "5WD00000000000001", time="23:00:00"))
    imported(desk, *rows)


@pytest.mark.parametrize("fault", ["", "answer lost", "answer lost and forgotten"])
def test_what_the_processor_collects_leaves_the_bank_once_as_a_journal_entry(desk: Desk, fault: str) -> None:
    collected(desk, Decimal("18.60"))
    if fault:
        desk.cut("processed", times=1)
    if fault.endswith("forgotten"):
        desk.file.forget_message_sets()
    desk.update()
    desk.update()
    balance = desk.file.trial_balance()
    assert CLEARING not in balance
    assert balance[BANK] == Decimal("-18.60")
    assert sum(balance.values()) == 0
    [entry] = desk.file.documents("JournalEntry")
    assert entry["Memo"] == "PayPal payout 5WD00000000000001, collected from the bank"
    assert desk.states() == {"posted": len(desk.rows())}
    assert desk.problems() == {}


def _is_settled(desk: Desk, net: Decimal) -> None:
    balance = desk.file.trial_balance()
    assert CLEARING not in balance
    assert (balance[BANK], balance[FEES]) == (net, 3 * FEE)
    assert sum(balance.values()) == 0
    [deposit] = desk.file.documents("Deposit")
    assert deposit["TotalAmt"] == net
    assert desk.states() == {"posted": len(desk.rows())}
    assert desk.problems() == {}


def test_a_payout_empties_the_clearing_account(desk: Desk) -> None:
    net = paid_out(desk)
    desk.update()
    _is_settled(desk, net)


def test_the_same_file_twice_changes_nothing(desk: Desk) -> None:
    net = paid_out(desk)
    desk.update()
    assert paid_out(desk) == net
    desk.update()
    _is_settled(desk, net)


@pytest.mark.parametrize("forgotten", [False, True])
def test_a_deposit_whose_answer_was_lost_is_found_by_its_memo_and_not_made_twice(desk: Desk, forgotten: bool) -> None:
    net = paid_out(desk)
    desk.cut("processed", times=1)
    if forgotten:
        desk.file.forget_message_sets()
    desk.update()
    desk.update()
    _is_settled(desk, net)
