"""A refund is never in the books without its sale, whatever holds or refuses the sale: it waits for it."""

import random
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest

from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from state import outbox, outbox_waiting, problems, summaries
from tests.tasks.company import PREFECT, Company, Open, number
from tests.tasks.test_stories_revisions import by_rule, edited
from tests.tasks.test_stories_summaries import daily, member_of, sell, summed
from tests.tasks.test_trial_balance import agreed

pytestmark = PREFECT
METHODS = ("braintree", "checkmo", "purchaseorder", "paypal_express")
UNKNOWN = "klarna_kp"
"""No rule names its clearing account: its orders are held."""


def occupied(acme: Company, numbered: str, entity: str = "SalesReceipt") -> Document:
    """A document of somebody else under this number: QuickBooks refuses the sale that has it."""
    [account] = [one for one in acme.books.documents("Account") if one["Name"] == "1251 Cards clearing"]
    [item, *_] = [one for one in acme.books.documents("Item") if one["Type"] == "Service"]
    customer = acme.books.write("Customer", "create", {"DisplayName": f"Somebody else {numbered}"})
    detail = {"ItemRef": {"value": item["Id"]}, "TaxCodeRef": {"value": "NON"}}
    line = {"Amount": Decimal(1), "DetailType": "SalesItemLineDetail", "SalesItemLineDetail": detail}
    body = {"DocNumber": numbered, "CustomerRef": {"value": customer["Id"]}, "Line": [line]}
    money = {"DepositToAccountRef": {"value": account["Id"]}} if entity == "SalesReceipt" else {}
    return acme.books.write(entity, "create", body | money)


def freed(acme: Company, entity: str = "SalesReceipt") -> None:
    """What was occupied is free again, and a person has retried what was refused."""
    for one in acme.books.documents(entity):
        if "Magento" not in one.get("PrivateNote", ""):
            acme.books.write(entity, "delete", {name: one[name] for name in ("Id", "SyncToken")})
    with acme.writing() as conn:
        outbox.retry(conn, None, acme.last_run().started_at)


def ours(acme: Company, entity: str) -> set[str]:
    """The numbers of the documents of a type that came from the shop."""
    return {one["DocNumber"] for one in acme.books.documents(entity) if "Magento" in one.get("PrivateNote", "")}


def without_their_sale(acme: Company) -> Iterator[str]:
    """The credit memos that are in QuickBooks, by themselves or in a summary, and whose sale is not."""
    with acme.reading() as conn:
        named = {one.key: one.number for one in summaries.all_summaries(conn)}
        of = {one.document: named[one.summary] for one in summaries.members(conn) if one.summary}
    sales = ours(acme, "SalesReceipt") | ours(acme, "Invoice")
    refunds = ours(acme, "RefundReceipt") | ours(acme, "CreditMemo")
    orders = {one["entity_id"]: one for one in acme.shop.orders}
    invoices = {one["order_id"]: number(one) for one in acme.shop.invoices}
    for memo in acme.shop.creditmemos:
        key, order = number(memo), orders[memo["order_id"]]
        if refunds & {f"C{key}", of.get(f"creditmemo/{key}", "")}:
            invoice = invoices[order["entity_id"]]
            keys = {number(order), f"I{invoice}", of.get(f"order/{number(order)}"), of.get(f"invoice/{invoice}")}
            if not sales & keys:
                yield key


def sell_some(acme: Company, posting: str, chance: random.Random) -> None:
    """Orders that are booked, held by the rules or refused by QuickBooks, and credit memos of most of them."""
    for _ in range(6):
        order = acme.shop.place(Cart(method=chance.choice(METHODS)), paid=True)
        fate = chance.random()
        if fate < 0.3:
            acme.shop.touch(number(order), payment=order["payment"] | {"method": UNKNOWN})
        elif fate < 0.6 and posting != "summary":
            named = number(order) if posting == "order" else f"I{number(acme.shop.invoices[-1])}"
            occupied(acme, named, "Invoice" if order["payment"]["method"] == "purchaseorder" else "SalesReceipt")
        if chance.random() < 0.7:
            acme.shop.refund(number(order))
        elif chance.random() < 0.5:
            acme.shop.cancel_memo(acme.shop.open_memo(number(order)))
    if posting == "summary":  # QuickBooks refuses the summaries of a day that was closed meanwhile
        acme.books.close(date(2026, 11, 30) if chance.random() < 0.5 else date(2026, 10, 31))


def known_again(acme: Company, share: float, chance: random.Random) -> None:
    """Orders that the rules held come by a payment method that they know."""
    for order in acme.shop.orders:
        if order["payment"]["method"] == UNKNOWN and chance.random() < share:
            acme.shop.touch(number(order), payment=order["payment"] | {"method": "braintree"})


@pytest.mark.parametrize("posting", ["order", "invoice", "summary"])
@pytest.mark.parametrize("seed", [1, 2])
def test_at_no_moment_is_a_refund_in_the_books_whose_sale_is_not(company: Open, posting: str, seed: int) -> None:
    acme, chance = company(), random.Random(seed)
    if posting == "summary":
        daily(acme)
    elif posting == "invoice":
        acme.rules(('post_on        = "order"', 'post_on        = "invoice"'))
    acme.sync()
    seen: list[str] = []
    acme.books.on_call(lambda path, _: seen.extend(without_their_sale(acme) if "batch" in path else ()))
    refused = 0
    for _ in range(4):
        sell_some(acme, posting, chance)
        acme.sync()
        seen += without_their_sale(acme)
        with acme.reading() as conn:
            refused += len(outbox.rows(conn, status="rejected"))
        known_again(acme, 0.5, chance)
    assert refused
    known_again(acme, 1, chance)
    everything_is_put_right(acme)
    assert seen == []


def everything_is_put_right(acme: Company) -> None:
    """What was refused and held is let go: both sides agree, each refund beside its sale."""
    acme.books.close(date(2026, 10, 31))
    freed(acme, "Invoice")
    freed(acme)
    acme.sync()
    assert set(acme.states().values()) == {"posted"}
    assert acme.problems(hold=True) == {}
    agreed(acme)
    assert list(without_their_sale(acme)) == []
    refunded = sum((one["base_grand_total"] for one in acme.shop.creditmemos if one["state"] == 2), Decimal(0))
    assert acme.books.total() == sum(one["base_grand_total"] for one in acme.shop.orders) - refunded


def test_a_refund_waits_for_a_sale_that_quickbooks_refused_and_follows_it(company: Open) -> None:
    acme = company()
    acme.sync()
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    occupied(acme, number(order))
    memo = acme.shop.refund(number(order))
    acme.sync()
    sale, refund = f"order/{number(order)}", f"creditmemo/{number(memo)}"
    assert acme.states(order) == {sale: "rejected", refund: "ready"}
    with acme.reading() as conn:
        [waits] = outbox_waiting.behind(conn)
    assert (waits.key, waits.root, waits.status) == (refund, sale, "rejected")
    freed(acme)
    acme.sync()
    assert acme.states(order) == {sale: "posted", refund: "posted"}


def test_a_refund_that_waits_goes_when_its_sale_is_held_instead(company: Open) -> None:
    acme = company()
    acme.sync()
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    occupied(acme, number(order))
    acme.shop.refund(number(order))
    acme.sync()
    acme.shop.touch(number(order), payment=order["payment"] | {"method": UNKNOWN})
    acme.sync()
    assert acme.states(order) == {}
    assert acme.problems(hold=True) == {f"order/{number(order)}": "unknown-payment-method"}


def test_the_credit_of_a_cancelled_rest_waits_for_its_invoice(company: Open) -> None:
    acme = company()
    acme.sync()
    order = acme.shop.place(Cart(method="checkmo", lines="several"))
    occupied(acme, number(order), "Invoice")
    first = order["items"][0]
    acme.shop.invoice(number(order), {first["sku"]: Decimal(1)})
    acme.shop.cancel(number(order))
    acme.sync()
    assert set(acme.states(order).values()) == {"rejected", "ready"}
    assert (acme.count("CreditMemo"), acme.count("Payment")) == (0, 0)
    freed(acme, "Invoice")
    acme.sync()
    assert set(acme.states(order).values()) == {"posted"}


def test_a_refund_of_a_sale_that_is_posted_anew_waits_for_the_new_one(company: Open) -> None:
    acme = company()
    by_rule(acme, "repost")
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    acme.sync()
    occupied(acme, f"{number(order)}R2")
    edited(acme, order)
    memo = acme.shop.refund(number(order))
    acme.sync()
    key, refund = f"order/{number(order)}", f"creditmemo/{number(memo)}"
    assert acme.states(order) == {key: "posted", f"{key}/reversal": "posted", f"{key}/2": "rejected", refund: "ready"}
    freed(acme)
    acme.sync()
    assert set(acme.states(order).values()) == {"posted"}
    agreed(acme)


def test_a_summary_of_refunds_waits_for_the_summary_of_their_sales(company: Open) -> None:
    acme = daily(company())
    acme.sync()
    acme.books.close(date(2026, 11, 30))
    order, other = sell(acme), sell(acme)
    memo = acme.shop.refund(number(order))
    acme.sync()
    assert {row.kind: row.status for row in summed(acme).values()} == {
        "sales_receipt": "rejected",
        "refund_receipt": "ready",
    }
    first = member_of(acme)
    acme.books.close(date(2026, 10, 31))
    acme.shop.touch(number(other), payment=other["payment"] | {"method": "paypal_express"})
    acme.sync()
    again = member_of(acme)
    assert first[f"order/{number(order)}"] != again[f"order/{number(order)}"]
    assert first[f"creditmemo/{number(memo)}"] != again[f"creditmemo/{number(memo)}"]
    assert {row.status for row in summed(acme).values()} == {"posted"}
    assert acme.books.total() == other["base_grand_total"]
    agreed(acme)


BEFORE = '[[document]]\nid   = "before we began"\nwhen = { "order.date" = { below = "2026-11-21" } }\nmake = "skip"\n\n'
FIRST_ROW = "[[document]]\nid"


def begun(acme: Company) -> None:
    """The rules leave out what was sold before 21 November."""
    path = acme.home / "rules.toml"
    path.write_text(path.read_text(encoding="utf-8").replace(FIRST_ROW, f"{BEFORE}{FIRST_ROW}", 1), encoding="utf-8")


@pytest.mark.parametrize("method", ["braintree", "purchaseorder"])
def test_a_refund_of_a_sale_from_before_the_books_began_is_held_and_booked_when_it_is_released(
    company: Open, method: str
) -> None:
    acme = company()
    begun(acme)
    order = acme.shop.place(Cart(method=method), paid=True)
    acme.sync()
    acme.shop.now += timedelta(days=3)
    memo = acme.shop.refund(number(order))
    key = f"creditmemo/{number(memo)}"
    acme.sync()
    assert (acme.states(order), acme.problems(hold=True)) == ({}, {key: "review"})
    with acme.reading() as conn:
        [held] = problems.open_problems(conn)
    assert number(order) in held.problem.reason and "before we began" in held.problem.reason
    assert f"magebooks release {key}" in held.problem.fix
    with acme.writing() as conn:
        problems.approve(conn, key, "somebody", datetime.now(UTC))
    acme.sync()
    assert (acme.states(order), acme.problems()) == ({key: "posted"}, {})
    account = "1251 Cards clearing" if method == "braintree" else "Accounts Receivable (A/R)"
    assert agreed(acme)[account] == -memo["base_grand_total"]
    acme.shop.touch(number(order))
    assert acme.sync()["posted"] == 0


def test_a_refund_from_before_the_books_began_is_left_out_with_its_sale(company: Open) -> None:
    acme = company()
    begun(acme)
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    acme.shop.refund(number(order))
    acme.sync()
    assert (acme.states(order), acme.problems()) == ({}, {})


def test_a_refund_of_a_sale_that_a_rule_leaves_out_for_another_reason_is_left_out_with_it(company: Open) -> None:
    acme = company()
    acme.rules(('make = "sales_receipt"', 'make = "skip"'))
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    acme.shop.now += timedelta(days=3)
    acme.shop.refund(number(order))
    acme.sync()
    assert (acme.states(order), acme.problems()) == ({}, {})


def test_nothing_of_an_order_follows_the_sale_of_another_store_with_its_number(company: Open) -> None:
    acme = company()
    order = acme.shop.place(Cart(method="braintree"), paid=True)
    acme.sync()
    other = acme.shop.place(Cart(method="braintree"), paid=True)
    memo = acme.shop.refund(number(other))
    other["increment_id"] = number(order)
    acme.shop._bytes.clear()
    acme.sync()
    assert acme.states(order) == {f"order/{number(order)}": "posted"}
    assert acme.problems(hold=True) == {f"order/{number(order)}": "number-clash"}
    assert f"C{number(memo)}" not in ours(acme, "RefundReceipt")
    assert acme.books.total() == order["base_grand_total"]
