"""QuickBooks' trial balance after a history of all kinds is the one that the entries predict, account by account."""

from decimal import Decimal

import pytest

from deploy.cli.compare import SIGNS, compare
from tests.mappings.rules_sample import IN_EUROS
from tests.sandbox.history import ALL_KINDS, go_on
from tests.state.balances import by_entries
from tests.tasks.company import PREFECT, Company, Open

pytestmark = PREFECT


def agreed(acme: Company) -> dict[str, Decimal]:
    """The trial balance, which is that of the entries and adds up to zero."""
    with acme.reading() as conn:
        predicted = by_entries(conn)
    shown = acme.books.trial_balance()
    assert shown == predicted
    assert sum(shown.values()) == 0
    return shown


@pytest.mark.parametrize("template", ["us_retail", "eu_vat"])
@pytest.mark.parametrize("post_on", ["order", "invoice"])
def test_the_trial_balance_is_that_of_the_entries(company: Open, template: str, post_on: str) -> None:
    acme = company(ALL_KINDS, template=template)
    acme.rules(('post_on        = "order"', f'post_on        = "{post_on}"'))
    acme.sync()
    first = agreed(acme)
    go_on(acme.shop)
    acme.sync()
    assert agreed(acme) != first
    assert set(acme.states().values()) == {"posted"}
    kinds = {acme.row(key).kind for key in acme.states()}
    more = {"payment", "credit_memo", "void"} if post_on == "order" else set()
    assert kinds == {"sales_receipt", "invoice", "refund_receipt"} | more


FIRST_PAYMENT = '[[payment]]\nid       = "paypal"'


def in_euros(acme: Company) -> None:
    """By rule, what was shown in euros is booked in euros."""
    acme.books.use_several_currencies()
    euros = {"Name": "1020 Euro account", "AccountType": "Bank", "AccountSubType": "Checking"}
    acme.books.write("Account", "create", {**euros, "CurrencyRef": {"value": "EUR"}})
    acme.rules((FIRST_PAYMENT, f"{IN_EUROS}\n{FIRST_PAYMENT}"))


def test_sales_in_euros_stand_in_the_trial_balance_at_the_rate_of_their_day(company: Open) -> None:
    acme = company(ALL_KINDS)
    in_euros(acme)
    acme.sync()
    first = agreed(acme)
    assert first["1020 Euro account"] > 0
    go_on(acme.shop)
    acme.sync()
    assert agreed(acme) != first
    assert set(acme.states().values()) == {"posted"}
    assert acme.problems() == {}
    shown = {one.get("CurrencyRef", {}).get("value") for one in acme.books.documents("Customer")} - {None}
    assert shown == {"USD", "EUR"}
    documents = {entity: acme.books.documents(entity) for entity in SIGNS}
    both = compare(acme.shop.orders, acme.shop.creditmemos, documents, set())
    assert {each.currency: each.difference for each in both.balances} == {"USD": 0, "EUR": 0}
