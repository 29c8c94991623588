"""What changes in the shop while it is read, and stamps and clocks that are wrong: nothing is lost or doubled."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest

from deploy.cli.compare import SIGNS, compare
from deploy.sandbox.seeds import BASE_TIME, stamp
from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from deploy.sandbox.shop import Shop
from state import references, watermarks
from tasks.clients.errors import NeedsPerson
from tests.state.balances import by_entries
from tests.tasks.company import PREFECT, Company, Open, number

pytestmark = PREFECT

ORDERS = "/orders"
FAR_AHEAD = "2027-06-01 00:00:00"


def during(shop: Shop, path: str, *steps: Callable[[], object]) -> None:
    """From the second call of a path on, five minutes pass with each call, and one of the steps is done."""
    left, calls = list(steps), 0

    def meanwhile(called: str) -> None:
        nonlocal calls
        if not called.endswith(path):
            return
        calls += 1
        if calls > 1:
            shop.now += timedelta(minutes=5)
            if left:
                left.pop(0)()

    shop.meanwhile = meanwhile


def small_pages(acme: Company) -> None:
    with (acme.home / ".env").open("a", encoding="utf-8") as file:
        file.write("MAGENTO_PAGE_SIZE=10\n")


def mark(acme: Company, name: str = "order") -> datetime | None:
    with acme.reading() as conn:
        return watermarks.get(conn, name).at


def agrees(acme: Company) -> bool:
    """Whether shop and books are the same, and the books are what the entries say."""
    documents = {entity: acme.books.documents(entity) for entity in SIGNS}
    with acme.reading() as conn:
        assert acme.books.trial_balance() == by_entries(conn)
    assert acme.books.duplicates() == []
    return compare(acme.shop.orders, acme.shop.creditmemos, documents, set()).agrees


def test_what_happens_in_half_an_hour_of_first_reading_is_in_the_books_after_the_next_run(company: Open) -> None:
    acme = company()
    small_pages(acme)
    shop = acme.shop
    owed = [shop.place(Cart(method="checkmo")) for _ in range(40)]
    paid = [shop.place(Cart(method="braintree"), paid=True) for _ in range(20)]
    begun, placed = shop.now, list[Document]()
    during(
        shop,
        ORDERS,
        lambda: shop.cancel(number(owed[0])),
        lambda: placed.append(shop.place(Cart(method="checkmo"))),
        lambda: shop.invoice(number(owed[3])),
        lambda: shop.refund(number(paid[0])),
        lambda: (shop.invoice(number(owed[4])), shop.refund(number(owed[4]))),
        lambda: placed.append(shop.place(Cart(method="braintree"), paid=True)),
        lambda: shop.touch(number(paid[19])),
    )
    acme.sync()
    shop.meanwhile = lambda path: None
    assert shop.now - begun >= timedelta(minutes=30)
    assert mark(acme) == begun
    acme.sync()
    assert all(acme.states(one) == {f"order/{number(one)}": "posted"} for one in placed)
    assert acme.states(owed[0])[f"order/{number(owed[0])}/void"] == "posted"
    assert set(acme.states().values()) == {"posted"}
    assert acme.problems() == {}
    assert agrees(acme)
    total, writes = acme.books.total(), acme.books.writes
    acme.sync()
    assert (acme.books.total(), acme.books.writes) == (total, writes)


def test_an_order_edited_behind_the_page_that_is_read_is_named_after_the_next_run(company: Open) -> None:
    acme = company()
    small_pages(acme)
    orders = [acme.shop.place(Cart(method="checkmo")) for _ in range(30)]
    during(acme.shop, ORDERS, lambda: acme.shop.edit_order(number(orders[0]), Cart(method="checkmo", lines="several")))
    acme.sync()
    acme.shop.meanwhile = lambda path: None
    assert acme.problems() == {}
    acme.sync()
    assert acme.problems() == {f"order/{number(orders[0])}": "changed-after-posting"}


def test_an_order_put_on_hold_during_the_reading_is_read_again_when_it_is_released(company: Open) -> None:
    acme = company()
    small_pages(acme)
    orders = [acme.shop.place(Cart(method="checkmo")) for _ in range(30)]
    during(acme.shop, ORDERS, lambda: acme.shop.hold(number(orders[29])), lambda: acme.shop.release(number(orders[29])))
    acme.sync()
    acme.shop.meanwhile = lambda path: None
    acme.sync()
    assert set(acme.states().values()) == {"posted"}
    assert agrees(acme)


@pytest.mark.parametrize("kind", ["invoice", "creditmemo", "customer", "product"])
def test_no_watermark_passes_the_shops_time_at_which_its_reading_began(company: Open, kind: str) -> None:
    acme = company(60)
    small_pages(acme)
    for _ in range(12):
        acme.shop.refund(number(acme.shop.place(Cart(method="braintree"), paid=True)))
    path = {"customer": "/customers/search", "product": "/products"}.get(kind, f"/{kind}s")
    began: list[datetime] = []

    def meanwhile(called: str) -> None:
        if called.endswith(path):
            began.append(acme.shop.now)
            acme.shop.now += timedelta(minutes=5)
            for one in acme.shop.rows(path.strip("/").split("/")[0]):
                one["updated_at"] = stamp(acme.shop.now)
                acme.shop._bytes.clear()

    acme.shop.meanwhile = meanwhile
    acme.sync()
    assert began
    reached = mark(acme, kind)
    assert reached is not None
    assert reached <= began[0] + timedelta(minutes=5)  # the answer's time


def test_an_order_with_a_stamp_in_the_future_hides_no_later_order(company: Open) -> None:
    acme = company()
    acme.sync()
    strange = acme.shop.place(Cart(method="braintree"), paid=True)
    _stamp(acme, strange, FAR_AHEAD)
    acme.sync()
    assert acme.states(strange) == {f"order/{number(strange)}": "posted"}
    later = [acme.shop.place(Cart(method="checkmo")) for _ in range(3)]
    acme.sync()
    assert all(acme.states(one) == {f"order/{number(one)}": "posted"} for one in later)
    reached = mark(acme)
    assert reached is not None
    assert reached <= acme.shop.now


def test_an_order_whose_stamp_is_in_the_future_is_read_again_when_it_changes(company: Open) -> None:
    acme = company()
    strange = acme.shop.place(Cart(method="checkmo"))
    _stamp(acme, strange, FAR_AHEAD)
    acme.sync()
    acme.shop.cancel(number(strange))
    _stamp(acme, strange, FAR_AHEAD)
    acme.sync()
    assert acme.states(strange)[f"order/{number(strange)}/void"] == "posted"


@pytest.mark.parametrize("written", [BASE_TIME + timedelta(hours=1), None], ids=["while true", "by a clock as wrong"])
def test_a_watermark_ahead_of_the_shops_time_is_brought_back_and_what_it_passed_is_read(
    company: Open, written: datetime | None
) -> None:
    acme = company()
    acme.sync()
    passed = [acme.shop.place(Cart(method="checkmo")) for _ in range(3)]
    ahead = datetime(2027, 6, 1, tzinfo=UTC)
    with acme.writing() as conn:
        for kind in ("order", "invoice", "creditmemo", "customer", "product"):
            watermarks.put(conn, kind, written or ahead, at=ahead)
    acme.sync()
    assert all(acme.states(one) == {f"order/{number(one)}": "posted"} for one in passed)
    assert mark(acme) == acme.shop.now
    assert agrees(acme)


def test_a_watermark_that_was_ahead_when_it_moved_is_brought_back_although_the_time_has_come(company: Open) -> None:
    acme = company()
    acme.sync()
    moved = acme.shop.now
    passed = acme.shop.place(Cart(method="checkmo"))
    with acme.writing() as conn:
        watermarks.put(conn, "order", moved, at=moved + timedelta(hours=2))
    acme.shop.now += timedelta(hours=3)
    acme.sync()
    assert acme.states(passed) == {f"order/{number(passed)}": "posted"}


def test_a_reading_that_breaks_off_moves_no_watermark(company: Open) -> None:
    acme = company()
    small_pages(acme)
    for _ in range(30):
        acme.shop.place(Cart(method="checkmo"))
    acme.shop.faults.status_next(9, 403, after=2, only=ORDERS)
    with pytest.raises(NeedsPerson):
        acme.sync()
    assert mark(acme) is None
    acme.shop.faults.clear()
    acme.sync()
    assert agrees(acme)


def test_the_beginning_of_a_reading_that_is_repeated_is_that_of_the_attempt_that_succeeds(company: Open) -> None:
    acme = company()
    small_pages(acme)
    orders = [acme.shop.place(Cart(method="checkmo")) for _ in range(30)]
    times: list[datetime] = []

    def meanwhile(called: str) -> None:
        if called.endswith(ORDERS):
            acme.shop.touch(number(orders[-1]))
            acme.shop.now += timedelta(minutes=5)
            times.append(acme.shop.now)

    acme.shop.meanwhile = meanwhile
    acme.shop.faults.status_next(1, 503, after=1, only=ORDERS)
    acme.sync()
    assert len(times) > 2
    assert mark(acme) == times[1]  # times[0] is that of the attempt that broke off


def test_a_shop_that_does_not_say_its_time_is_read_by_this_machines_clock(company: Open) -> None:
    acme = company(now=datetime.now(UTC).replace(microsecond=0) - timedelta(hours=1))
    acme.shop.says_date = False
    first = acme.shop.place(Cart(method="checkmo"))
    acme.sync()
    assert mark(acme) == acme.shop.now
    _stamp(acme, acme.shop.touch(number(first)), "2099-01-01 00:00:00")
    acme.sync()
    reached = mark(acme)
    assert reached is not None
    assert reached < datetime.now(UTC)
    later = acme.shop.place(Cart(method="checkmo"))
    acme.shop.now = datetime.now(UTC).replace(microsecond=0)
    acme.shop.touch(number(later))
    acme.sync()
    assert acme.states(later) == {f"order/{number(later)}": "posted"}


def _stamp(acme: Company, order: Document, updated_at: str) -> None:
    order["updated_at"] = updated_at
    acme.shop._bytes.clear()


@pytest.mark.parametrize("ahead", [timedelta(days=300), timedelta(hours=1)])
def test_a_mark_of_quickbooks_lists_that_is_ahead_of_its_clock_hides_no_customer(
    company: Open, ahead: timedelta
) -> None:
    acme = company()
    acme.sync()
    made = acme.books.write(
        "Customer", "create", {"DisplayName": "New", "PrimaryEmailAddr": {"Address": "n@n.example"}}
    )
    with acme.writing() as conn:
        watermarks.put(conn, "references", datetime.now(UTC), at=datetime.now(UTC) + ahead)
    acme.sync()
    with acme.reading() as conn:
        assert made["Id"] in references.known(conn, "customer").values()
        reached = watermarks.get(conn, "references").at
    assert reached is not None
    assert reached <= datetime.now(UTC)


def test_the_mark_of_quickbooks_lists_is_quickbooks_time_at_which_the_reading_began(company: Open) -> None:
    acme = company()
    for _ in range(2):  # all of them, then what changed
        before = datetime.now(UTC).replace(microsecond=0)
        acme.sync()
        reached = mark(acme, "references")
        assert reached is not None
        assert before - timedelta(seconds=1) <= reached <= datetime.now(UTC)
        assert reached.microsecond == 0  # of the Date that QuickBooks sends, not of this machine's clock
