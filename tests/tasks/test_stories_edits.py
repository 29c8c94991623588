"""Orders that are edited in Magento's admin, and a ledger that begins anew."""

from copy import deepcopy

from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from state import ledger
from tests.tasks.company import PREFECT, Company, Open, connect, number

pytestmark = PREFECT


def test_an_edited_order_takes_the_old_invoice_back_and_books_its_successor(company: Open) -> None:
    acme = company()
    old = acme.shop.place(Cart(method="checkmo"))
    acme.sync()
    new = _edit(acme, old)
    acme.sync()
    assert acme.states(old)[f"order/{number(old)}/void"] == "posted"
    assert acme.states(new) == {f"order/{number(new)}": "posted"}
    assert acme.document("Invoice", number(old))["TotalAmt"] == 0
    assert acme.books.total() == new["base_grand_total"]
    assert acme.problems() == {}


def test_an_order_edited_before_it_was_booked_leaves_its_successor_alone_in_the_books(company: Open) -> None:
    acme = company()
    old = acme.shop.place(Cart(method="checkmo"))
    new = _edit(acme, old)
    acme.sync()
    assert acme.states() == {f"order/{number(new)}": "posted"}
    assert acme.problems() == {}


def test_a_new_ledger_under_the_old_address_reads_the_lists_although_they_are_cached(company: Open) -> None:
    acme = company()
    acme.sync()
    _lose(acme, "ledger.sqlite")
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    acme.sync()
    assert acme.states(order) == {f"order/{number(order)}": "posted"}


def test_a_lost_ledger_does_not_post_a_second_time(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    acme.sync()
    _lose(acme, "ledger.sqlite", "staging.duckdb")
    acme.sync()
    assert acme.states(order) == {f"order/{number(order)}": "posted"}
    assert acme.count("SalesReceipt") == 1
    assert acme.books.duplicates() == []


def _lose(acme: Company, *files: str) -> None:
    """The files are gone, and with the ledger the tokens: somebody connects QuickBooks again."""
    acme.engine.dispose()
    for name in files:
        for path in acme.home.glob(f"{name}*"):
            path.unlink()
    connect(acme.home, acme.world)
    acme.engine = ledger.connect(f"sqlite:///{acme.home / 'ledger.sqlite'}")


def _edit(acme: Company, old: Document) -> Document:
    """What "Edit" in the admin does: the order is cancelled, and a successor with the same goods takes its place."""
    new = deepcopy(old)
    entity = 1 + max(one["entity_id"] for one in acme.shop.orders)
    numbered = f"{number(old)}-1"
    new |= {
        "entity_id": entity,
        "increment_id": numbered,
        "edit_increment": 1,
        "original_increment_id": number(old),
        "relation_parent_id": str(old["entity_id"]),
        "relation_parent_real_id": number(old),
    }
    acme.shop.cancel(number(old))
    acme.shop.touch(number(old), relation_child_id=str(entity), relation_child_real_id=numbered)
    acme.shop.place(new)
    return acme.shop.touch(numbered)
