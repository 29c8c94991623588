"""Orders in euros on the way into a QuickBooks Desktop company with multicurrency, through the Web Connector."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.sandbox.seeds_cart import Cart
from mappings import qbxml
from mappings.rules import template
from tests.gateway.desk import Desk, open_desk
from tests.state.balances import by_entries

IN_EUROS = """
[[currency]]
id   = "euro prices"
when = { "order.shown_currency" = "EUR" }
mode = "foreign"

[[payment]]
id       = "in euros"
when     = { "order.shown_currency" = "EUR" }
clearing = "1020 Euro account"

"""
FIRST_PAYMENT = '[[payment]]\nid       = "paypal"'


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    rules = template("us_desktop").replace(FIRST_PAYMENT, f"{IN_EUROS}{FIRST_PAYMENT}")
    assert IN_EUROS in rules
    with open_desk(tmp_path / "home") as opened:
        (opened.home / "rules.toml").write_text(rules, encoding="utf-8")
        opened.file.settings.currencies = True
        euro = next(one["ListID"] for one in opened.file.objects("Currency") if one["CurrencyCode"] == "EUR")
        for name, kind in (("1020 Euro account", "Bank"), ("Accounts Receivable - EUR", "AccountsReceivable")):
            text = qbxml.account_add(name, kind, "EUR").text.replace("@currency:EUR", euro)
            answer = opened.file.process(qbxml.message([("1", text)], "13.0").decode())
            assert 'statusCode="0"' in answer, answer
        yield opened


def test_a_sale_in_euros_stands_in_dollars_in_the_trial_balance(desk: Desk) -> None:
    desk.update()
    sold = desk.sell(2, Cart(store=2, people="germans", method="checkmo"))
    desk.queue()
    desk.update()
    assert set(desk.states()) == {"posted"}
    with desk.reading() as conn:
        predicted = by_entries(conn)
    assert desk.file.trial_balance() == predicted
    assert predicted["1020 Euro account"] > 0
    euros = sum((Decimal(str(one["grand_total"])) for one in sold), Decimal(0))
    worth = sum((Decimal(str(one["base_grand_total"])) for one in sold), Decimal(0))
    assert abs(predicted["1020 Euro account"] - worth) < Decimal("0.05")
    assert sum(one["Total"] for one in desk.file.documents("SalesReceipt")) == euros
    assert {one["CurrencyRef"]["FullName"] for one in desk.file.objects("Customer") if "CurrencyRef" in one} == {"Euro"}
