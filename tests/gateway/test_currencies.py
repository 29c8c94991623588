"""Orders in euros on the way into a QuickBooks Desktop company with multicurrency, through the Web Connector."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.sandbox.seeds_cart import Cart
from mappings import qbxml
from mappings.rules import template
from tests.gateway.desk import Desk, open_desk
from tests.gateway.test_revisions import by_rule
from tests.gateway.test_settlements import imported
from tests.mappings.rules_sample import IN_EUROS
from tests.mappings.settlement_files import paypal
from tests.state.balances import by_entries

EUROS, BANK, OWED = "1020 Euro account", "1010 Euro bank", "Accounts Receivable - EUR"
GERMANS = Cart(store=2, people="germans", method="checkmo")

ROWS = f"""{IN_EUROS}
[[settlement]]
id          = "euros"
when        = {{ "settlement.currency" = "EUR" }}
clearing    = "1020 Euro account"
bank        = "1010 Euro bank"
fees        = "6100 Payment processing fees"
chargebacks = "6110 Chargebacks"
rate        = "1.10"

"""
FIRST_PAYMENT = '[[payment]]\nid       = "paypal"'


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    rules = template("us_desktop").replace(FIRST_PAYMENT, f"{ROWS}{FIRST_PAYMENT}")
    assert ROWS in rules
    with open_desk(tmp_path / "home") as opened:
        (opened.home / "rules.toml").write_text(rules, encoding="utf-8")
        opened.file.settings.currencies = True
        euro = next(one["ListID"] for one in opened.file.objects("Currency") if one["CurrencyCode"] == "EUR")
        for name, kind in ((EUROS, "Bank"), (BANK, "Bank"), (OWED, "AccountsReceivable")):
            text = qbxml.account_add(name, kind, "EUR").text.replace("@currency:EUR", euro)
            answer = opened.file.process(qbxml.message([("1", text)], "13.0").decode())
            assert 'statusCode="0"' in answer, answer
        yield opened


def agreed(desk: Desk) -> dict[str, Decimal]:
    """The trial balance, after two updates, when it is what the entries come to and all of them are posted."""
    desk.update()
    desk.queue()
    desk.update()
    assert (set(desk.states()), desk.problems()) == ({"posted"}, {})
    with desk.reading() as conn:
        assert desk.file.trial_balance() == by_entries(conn)
        return by_entries(conn)


def test_a_sale_in_euros_stands_in_dollars_in_the_trial_balance(desk: Desk) -> None:
    sold = desk.sell(2, GERMANS)
    found = agreed(desk)
    euros = sum((Decimal(str(one["grand_total"])) for one in sold), Decimal(0))
    worth = sum((Decimal(str(one["base_grand_total"])) for one in sold), Decimal(0))
    assert abs(found[EUROS] - worth) < Decimal("0.05")
    assert sum(one["Total"] for one in desk.file.documents("SalesReceipt")) == euros
    assert {one["CurrencyRef"]["FullName"] for one in desk.file.objects("Customer") if "CurrencyRef" in one} == {"Euro"}


def test_a_refund_in_euros_leaves_the_account_that_the_sale_came_into(desk: Desk) -> None:
    first, second = desk.sell(2, GERMANS)
    before = agreed(desk)[EUROS]
    memo = desk.shop.refund(first["increment_id"])
    found = agreed(desk)
    assert abs(found[EUROS] - Decimal(str(second["base_grand_total"]))) < Decimal("0.05")
    assert found[EUROS] < before
    [refund] = desk.file.documents("ARRefundCreditCard")
    assert refund["TotalAmount"] == memo["grand_total"]
    assert OWED not in found


def test_a_refund_of_an_unpaid_invoice_in_euros_lowers_what_is_owed_in_euros(desk: Desk) -> None:
    [order] = desk.sell(1, Cart(store=2, people="germans", method="purchaseorder"))
    assert agreed(desk)[OWED] > 0
    desk.shop.refund(order["increment_id"])
    desk.queue()  # what is still owed is asked first
    assert agreed(desk) == {}
    [invoice] = desk.file.documents("Invoice")
    assert invoice["BalanceRemaining"] == 0


def test_sales_in_euros_are_summed_up_by_themselves(desk: Desk) -> None:
    path = desk.home / "rules.toml"
    text = path.read_text(encoding="utf-8")
    path.write_text(
        text.replace('make = "sales_receipt"', 'make = "summary"\ncustomer = "Web sales"'), encoding="utf-8"
    )
    sold = desk.sell(2, GERMANS)
    desk.sell(1, Cart(method="checkmo"))
    found = agreed(desk)
    assert found[EUROS] > 0 and found["1255 Checks clearing"] > 0
    totals = {one["CurrencyRef"]["value"]: one["Total"] for one in desk.file.documents("SalesReceipt")}
    assert totals["EUR"] == sum(one["grand_total"] for one in sold)
    assert set(totals) == {"EUR", "USD"}


def test_a_payout_in_euros_moves_euros_from_their_clearing_account_to_their_bank(desk: Desk) -> None:
    sold = desk.sell(2, Cart(store=2, people="germans", method="paypal_express"))
    agreed(desk)
    charged = [(f"TXN{one['entity_id']:08d}", one["grand_total"].quantize(Decimal("0.01"))) for one in sold]
    rows = [paypal("Express Checkout Payment", f"{a}", "-1.00", f"{a - 1}", t, currency="EUR") for t, a in charged]
    net = sum(amount - 1 for _, amount in charged)
    withdrawal = ("General Withdrawal", f"-{net}", "0.00", f"-{net}", "5WD00000000000001")
    imported(desk, *rows, paypal(*withdrawal, time="23:00:00", currency="EUR"))
    found = agreed(desk)
    [deposit] = desk.file.documents("Deposit")
    assert (deposit["TotalAmt"], deposit["CurrencyRef"]["value"]) == (net, "EUR")
    assert found[BANK] == (net * Decimal("1.10")).quantize(Decimal("0.01"))
    assert found["6100 Payment processing fees"] == Decimal("2.20")


@pytest.mark.parametrize("changed", ["adjust", "repost"])
@pytest.mark.parametrize("paid", [True, False])
def test_a_document_in_euros_is_revised_in_euros(desk: Desk, changed: str, paid: bool) -> None:
    by_rule(desk, changed)
    [order] = desk.sell(1, GERMANS, paid=paid)
    agreed(desk)
    before = order["grand_total"]
    while order["grand_total"] == before:
        desk.shop.edit_order(order["increment_id"], Cart(lines="several", method="checkmo", store=2))
    agreed(desk)
    assert (set(desk.states()), desk.problems()) == ({"posted"}, {})
    kinds = (("SalesReceipt", 1), ("Invoice", 1), ("CreditMemo", -1))
    made = sum(sign * sum(one["TotalAmt"] for one in desk.file.documents(kind)) for kind, sign in kinds)
    assert made == order["grand_total"]
