"""Whatever form a shop shows its order rows in, the books are the same and nothing is held for it."""

from decimal import Decimal
from typing import Any

import pytest

from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.shop_rows import FORMS
from state import outbox
from tests.tasks.company import PREFECT, Company, Open, number

pytestmark = PREFECT


def payloads(acme: Company) -> dict[str, Any]:
    """Every row of the outbox: its state and the bytes that QuickBooks got."""
    with acme.reading() as conn:
        return {row.key: (row.status, row.payload) for row in outbox.rows(conn)}


@pytest.mark.parametrize("template", ["us_retail", "eu_vat"])
def test_the_same_history_gives_the_same_books_in_every_form(company: Open, template: str) -> None:
    plain = company(orders=60, template=template)
    plain.sync()
    expected = payloads(plain)
    assert len(expected) > 60
    for form in FORMS[1:]:
        other = company(orders=60, template=template, rows=form)
        other.sync()
        assert payloads(other) == expected, form
        assert other.problems() == plain.problems()


def test_a_shop_that_changes_its_form_changes_nothing_in_the_books(company: Open) -> None:
    acme = company(orders=40)
    acme.sync()
    before, calls = payloads(acme), len(acme.books.documents("SalesReceipt"))
    for form in FORMS[1:]:
        acme.shop.show_rows(form)
        for order in list(acme.shop.orders):
            acme.shop.touch(order["increment_id"])
        acme.sync()
        assert payloads(acme) == before, form
    assert len(acme.books.documents("SalesReceipt")) == calls


def test_an_order_whose_rows_fit_no_form_is_held_alone_until_it_is_corrected(company: Open) -> None:
    acme = company(rows="2.4.8")
    other = acme.shop.place(Cart(method="braintree"), paid=True)
    wrong = acme.shop.place(Cart(method="braintree"), paid=True)
    totals = ("subtotal", "base_subtotal", "grand_total", "base_grand_total")
    right = {name: wrong[name] for name in totals}
    acme.shop.touch(number(wrong), **{name: amount + Decimal("7.77") for name, amount in right.items()})
    acme.sync()
    assert acme.problems() == {f"order/{number(wrong)}": "lines-differ"}
    assert list(acme.states()) == [f"order/{number(other)}"]
    acme.shop.touch(number(wrong), **right)
    acme.sync()
    assert acme.problems() == {}
    assert acme.states(wrong) == {f"order/{number(wrong)}": "posted"}
