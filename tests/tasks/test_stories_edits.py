"""Orders that are edited in Magento's admin, and a ledger that begins anew."""

from copy import deepcopy
from datetime import timedelta
from decimal import Decimal

from deploy.sandbox.seeds import stamp
from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from state import ledger, problems
from tests.tasks.company import PREFECT, Company, Open, connect, days, number

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


def test_a_successor_in_another_window_than_its_original_takes_the_old_invoice_back(company: Open) -> None:
    acme = company()
    old = acme.shop.place(Cart(method="checkmo"))
    acme.sync()
    first_day = acme.shop.now.date()
    acme.shop.now += timedelta(days=3)
    new = _edit(acme, old)
    acme.sync(days((first_day + timedelta(days=2)).isoformat(), (first_day + timedelta(days=4)).isoformat()))
    assert acme.states(old)[f"order/{number(old)}/void"] == "posted"
    assert acme.states(new) == {f"order/{number(new)}": "posted"}
    assert acme.books.total() == new["base_grand_total"]
    assert acme.problems() == {}


def test_an_edit_of_an_edit_leaves_the_last_one_alone_in_the_books(company: Open) -> None:
    acme = company()
    first = acme.shop.place(Cart(method="checkmo"))
    acme.sync()
    second = _edit(acme, first)
    acme.sync()
    third = _edit(acme, second, f"{number(first)}-2")
    acme.sync()
    assert acme.states(second)[f"order/{number(second)}/void"] == "posted"
    assert acme.states(third) == {f"order/{number(third)}": "posted"}
    assert acme.books.total() == third["base_grand_total"]
    assert acme.problems() == {}
    assert acme.sync()["posted"] == 0


def test_a_successor_waits_until_its_original_is_cancelled(company: Open) -> None:
    acme = company()
    old = acme.shop.place(Cart(method="checkmo"))
    acme.sync()
    new = _edit(acme, old, gone=False)
    acme.sync()
    assert acme.states(new) == {}
    assert acme.problems(hold=True) == {f"order/{number(new)}": "edited-order"}
    _replaced(acme, old, new)
    acme.sync()
    assert acme.states(old)[f"order/{number(old)}/void"] == "posted"
    assert acme.states(new) == {f"order/{number(new)}": "posted"}
    assert acme.problems() == {}


def test_the_successor_of_a_paid_order_is_held_because_that_sale_stands(company: Open) -> None:
    acme = company()
    old = acme.shop.place(Cart(method="braintree"), paid=True)
    acme.sync()
    new = _edit(acme, old, gone=False)
    acme.shop.touch(number(old), relation_child_id=str(new["entity_id"]), relation_child_real_id=number(new))
    acme.sync()
    assert (acme.states(old), acme.states(new)) == ({f"order/{number(old)}": "posted"}, {})
    assert acme.problems(hold=True) == {f"order/{number(new)}": "edited-order"}
    with acme.writing() as conn:
        problems.approve(conn, f"order/{number(new)}", "somebody", acme.shop.now)
    acme.sync()
    assert acme.states(new) == {f"order/{number(new)}": "posted"}
    assert acme.problems() == {}


def test_the_successor_of_a_partly_paid_order_is_held_and_the_paid_part_stays(company: Open) -> None:
    acme = company()
    old = acme.shop.place(Cart(lines="several", method="checkmo"))
    acme.sync()
    part = acme.shop.invoice(number(old), {old["items"][0]["sku"]: Decimal(1)})
    new = _edit(acme, old)
    acme.sync()
    assert acme.states(new) == {}
    assert acme.problems(hold=True) == {f"order/{number(new)}": "edited-order"}
    assert acme.books.total() == part["base_grand_total"]
    assert acme.document("Invoice", number(old))["Balance"] == 0


def test_an_edited_order_whose_invoices_are_booked_one_by_one_books_only_its_successors(company: Open) -> None:
    acme = company()
    acme.rules(('post_on        = "order"', 'post_on        = "invoice"'))
    old = acme.shop.place(Cart(method="checkmo"))
    new = _edit(acme, old)
    paid = acme.shop.invoice(number(new))
    acme.sync()
    assert acme.states() == {f"invoice/{number(paid)}": "posted"}
    assert acme.books.total() == new["base_grand_total"]


def _lose(acme: Company, *files: str) -> None:
    """The files are gone, and with the ledger the tokens: somebody connects QuickBooks again."""
    acme.engine.dispose()
    for name in files:
        for path in acme.home.glob(f"{name}*"):
            path.unlink()
    connect(acme.home, acme.world)
    acme.engine = ledger.connect(f"sqlite:///{acme.home / 'ledger.sqlite'}")


def _edit(acme: Company, old: Document, numbered: str = "", *, gone: bool = True) -> Document:
    """What "Edit" in the admin does: a successor with the same goods takes the order's place, which is cancelled (as
    Magento does it, after the successor was made)."""
    new = {name: value for name, value in deepcopy(old).items() if name not in LATER}
    for item in new["items"]:
        item |= {"qty_invoiced": Decimal(0), "qty_canceled": Decimal(0)}
    new["payment"] = {name: value for name, value in new["payment"].items() if not name.endswith("_paid")}
    entity = 1 + max(one["entity_id"] for one in acme.shop.orders)
    numbered = numbered or f"{number(old)}-1"
    new |= {
        "entity_id": entity,
        "increment_id": numbered,
        "edit_increment": 1,
        "original_increment_id": number(old),
        "relation_parent_id": str(old["entity_id"]),
        "relation_parent_real_id": number(old),
    }
    acme.shop.place(new)
    if gone:
        _replaced(acme, old, new)
    return acme.shop.touch(numbered, created_at=stamp(acme.shop.now), state="new", status="pending")


def _replaced(acme: Company, old: Document, new: Document) -> None:
    acme.shop.cancel(number(old))
    child = {"relation_child_id": str(new["entity_id"]), "relation_child_real_id": number(new)}
    acme.shop.touch(number(old), **child)


LATER = ("base_total_paid", "total_paid", "base_total_invoiced", "total_invoiced", "base_shipping_invoiced")
"""What Magento's invoices wrote into an order: its successor begins without."""
