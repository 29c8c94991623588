"""What waits behind a refused or held record is counted there, and every document that was read can be explained."""

import json
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from deploy.sandbox.seeds_cart import Cart
from deploy.sandbox.seeds_shapes import Document
from state import outbox, references, staging
from tasks.notices import summary_page
from tests.cli.command import magebooks_in
from tests.tasks.company import PREFECT, Company, Open, number
from tests.tasks.test_stories_summaries import DAY, daily, sell

pytestmark = PREFECT
Ask = Callable[..., tuple[int, dict[str, Any]]]


@pytest.fixture
def ask(tmp_path: Path) -> Ask:
    """`ask(company, "held")`: exit status and JSON of the real command."""

    def asked(acme: Company, *arguments: str) -> tuple[int, dict[str, Any]]:
        done = magebooks_in(tmp_path)(*arguments, "--json", "--home", str(acme.home))
        return done.returncode, json.loads(done.stdout)

    return asked


def _shown(tmp_path: Path, acme: Company, *arguments: str) -> str:
    shown = magebooks_in(tmp_path)(*arguments, "--home", str(acme.home)).stdout
    return " ".join(shown.split())


def _bought(acme: Company, *, email: str = "", method: str = "braintree", paid: bool = True) -> Document:
    """An order; with an `email`, that of a customer whom QuickBooks refuses."""
    if email:
        acme.books.faults.poison("refused")
    order = acme.shop.place(Cart(method=method), paid=paid)
    return acme.shop.touch(number(order), customer_email=email) if email else order


def _unruled(acme: Company, order: Document) -> None:
    acme.shop.touch(number(order), payment=order["payment"] | {"method": "klarna_kp"})


def _two_lines(order: Document) -> bool:
    return len(order["items"]) > 1 and {item["product_type"] for item in order["items"]} == {"simple"}


def _in_all(counts: Mapping[str, Any], acme: Company) -> None:
    """Every row is posted, refused, on its way, waits for its time, or waits behind another one."""
    with acme.reading() as conn:
        states = outbox.counts(conn)
    behind = counts["behind"]["documents"]
    assert counts["waiting"] == counts["on_its_way"] + counts["later"]["documents"] + behind
    assert sum(states.values()) == states.get("posted", 0) + counts["rejected"] + counts["unknown"] + counts["waiting"]
    assert sum(cause["documents"] for cause in counts["behind"]["causes"]) == behind


def test_payments_and_refunds_wait_behind_the_customer_that_quickbooks_refused(
    company: Open, ask: Ask, tmp_path: Path
) -> None:
    acme = company()
    refunded = _bought(acme, email="refused@example.com")
    acme.shop.refund(number(refunded))
    later = _bought(acme, email="refused.too@example.com", method="checkmo", paid=False)
    acme.shop.touch(number(later), created_at="2026-11-10 10:00:00")
    good = _bought(acme)
    acme.sync()
    acme.shop.invoice(number(later))
    counts = acme.sync()
    _in_all(counts, acme)
    assert (counts["on_its_way"], counts["rejected"]) == (0, 2)
    [cause] = counts["behind"]["causes"]
    orders = sorted([number(refunded), number(later)])
    total = refunded["base_grand_total"] + later["base_grand_total"]
    assert (cause["kind"], cause["status"], cause["records"], cause["orders"]) == ("customer", "rejected", 2, 2)
    assert (cause["numbers"], cause["amounts"]) == (orders, {"USD": f"{total:.2f}"})
    status, held = ask(acme, "held")
    [refused] = held["held"]
    assert (status, refused["behind"]["orders"], refused["behind"]["amounts"]) == (1, orders, cause["amounts"])
    told = _shown(tmp_path, acme, "held")
    assert f"2 orders ({cause['documents']} documents), {total:,.2f} USD, wait for these 2: {orders[0]}" in told
    status, where = ask(acme, "status")
    assert (status, where["on_its_way"], where["behind"]["orders"]) == (1, 0, 2)
    assert "wait for 2 customers that QuickBooks rejected" in _shown(tmp_path, acme, "status")
    page = summary_page("r", counts)
    assert "wait for 2 customers that QuickBooks rejected" in page and orders[0] in page
    assert "refused@" not in page
    status, story = ask(acme, "explain", number(refunded))
    [waits_for] = {one["waits_for"][0]["document"] for one in story["documents"]}
    assert (status, waits_for.partition("/")[0]) == (1, "customer")
    assert {one["state"] for one in story["documents"]} == {"Waits"}
    assert ask(acme, "explain", number(good))[0] == 0
    status, record = ask(acme, "explain", waits_for)
    assert (status, record["record"], record["documents"][0]["status"]) == (1, waits_for, "rejected")
    assert record["behind"]["orders"] == [number(refunded)]
    told = _shown(tmp_path, acme, "explain", waits_for)
    assert f"waits for it: {number(refunded)}" in told and "refused@" not in told


def test_the_closing_lines_and_the_report_say_what_waits_and_for_what(company: Open, tmp_path: Path) -> None:
    acme = company()
    order = _bought(acme, email="refused@example.com")
    told = _shown(tmp_path, acme, "sync")
    total = f"{order['base_grand_total']:,.2f} USD"
    assert f"1 order, {total}, waits for 1 customer that QuickBooks rejected (magebooks held)." in told
    assert "sync goes on" not in told and "not posted yet" not in told
    assert "1 skipped, nothing to post: 1 Magento invoice (covered by its order)" in told
    [path] = (acme.home / "reports").glob("run-*.html")
    page = path.read_text(encoding="utf-8")
    assert f"1 order, {total}, waits for it:" in page
    assert f"<code>{number(order)}</code>" in page


def test_a_refund_of_a_held_sale_is_shown_with_the_sale(company: Open, ask: Ask, tmp_path: Path) -> None:
    acme = company()
    order = _bought(acme)
    _unruled(acme, order)
    memo = acme.shop.refund(number(order))
    counts = acme.sync()
    _in_all(counts, acme)
    assert (counts["held"], counts["with_held"], counts["skipped"]) == (1, 2, 0)
    [held] = ask(acme, "held")[1]["held"]
    key, total = f"creditmemo/{number(memo)}", f"{memo['base_grand_total']:.2f}"
    assert {"document": key, "amount": total, "currency": "USD"} in held["with_held"]
    told = _shown(tmp_path, acme, "held")
    assert f"1 Magento invoice and 1 credit memo, {Decimal(total):,.2f} USD, wait with it: {key}" in told
    status, story = ask(acme, "explain", key)
    assert (status, story["order"], story["asked"]) == (1, number(order), key)
    status, refused = ask(acme, "release", number(order))
    assert (status, refused["error"]["code"]) == (2, "not-releasable")
    assert f"order/{number(order)} is on hold: No rule for this payment method." in refused["error"]["message"]
    assert {one["outcome"] for one in story["read"]} == {"waits-for-held"}


def test_a_sale_waits_with_its_refund_that_cannot_be_written(company: Open, ask: Ask) -> None:
    acme = company()
    acme.rules(('unknown_item   = "create"', 'unknown_item   = "hold"'))
    order = _bought(acme)
    counts = acme.sync()
    assert acme.problems(hold=True) == {f"order/{number(order)}": "unknown-item"}
    _in_all(counts, acme)
    acme.shop.refund(number(order))
    counts = acme.sync()
    [held] = ask(acme, "held")[1]["held"]
    assert (counts["with_held"], len(held["with_held"])) == (1, 2)


def test_orders_of_a_held_summary_wait_behind_it_and_not_for_their_day(company: Open, ask: Ask) -> None:
    acme = daily(company())
    order = sell(acme)
    acme.sync(only=["orders", "invoices"])
    with acme.writing() as conn:
        [known] = references.entries(conn, "company")
        closed = known._replace(extra={**known.extra, "close_date": DAY})
        references.put_many(conn, "company", [closed], datetime.now(UTC))
    counts = acme.sync()
    assert [*acme.problems(hold=True).values()] == ["closed-period"]
    [cause] = counts["behind"]["causes"]
    assert (cause["kind"], cause["status"], cause["numbers"]) == ("summary", "held", [number(order)])
    assert (counts["for_summaries"], counts["on_its_way"]) == (0, 0)
    status, story = ask(acme, "explain", number(order))
    [document] = story["documents"]
    assert (status, document["waits_for"][0]["status"]) == (1, "held")


@pytest.mark.parametrize(
    ("then", "words"),
    [
        ("cancel", "is canceled in Magento; nothing to post."),
        ("hold", 'is on hold in Magento. The document rule "review state" waits until that changes.'),
        ("pending", 'is pending payment in Magento. The document rule "review state" waits until that changes.'),
        ("skip", 'is skipped by the document rule "all"; nothing to post.'),
    ],
)
def test_an_order_without_a_document_says_why(company: Open, ask: Ask, then: str, words: str) -> None:
    acme = company()
    order = _bought(acme, method="checkmo", paid=False)
    if then == "skip":
        paid = '[[document]]\nid   = "paid"'
        acme.rules(
            (paid, f'[[document]]\nid = "all"\nwhen = {{ "payment.method" = "checkmo" }}\nmake = "skip"\n\n{paid}')
        )
    elif then == "pending":
        acme.shop.touch(number(order), state="pending_payment", status="pending_payment")
    else:
        getattr(acme.shop, then)(number(order))
    acme.sync()
    assert ask(acme, "explain", number(order)) == (
        0,
        {
            "order": number(order),
            "asked": "",
            "documents": [],
            "problems": [],
            "story": [],
            "read": [
                {
                    "document": f"order/{number(order)}",
                    "outcome": "waits" if "waits" in words else "skipped",
                    "words": f"Order {number(order)} {words}",
                }
            ],
        },
    )


def test_an_order_in_a_state_of_an_extension_is_explained_by_its_problem(company: Open, ask: Ask) -> None:
    acme = company()
    order = _bought(acme)
    acme.shop.touch(number(order), state="awaiting_fraud_check")
    acme.sync()
    status, story = ask(acme, "explain", number(order))
    assert (status, [one["code"] for one in story["problems"]]) == (1, ["unknown-state"])


def test_whatever_people_type_finds_the_order(company: Open, ask: Ask, tmp_path: Path) -> None:
    acme = company()
    for _ in range(3):
        acme.shop.cancel(number(_bought(acme, method="checkmo", paid=False)))
    sold = _bought(acme)
    acme.sync()
    memo = acme.shop.refund(number(sold))
    acme.sync()
    [invoice] = acme.shop.invoices
    assert number(invoice) != number(sold)
    short = number(sold).lstrip("0")
    for given in (
        short,
        f"#{number(sold)}",
        f"order/{number(sold)}",
        f"order/{short}",
        f"C{number(memo)}",
        f"c{number(memo)}",
        f"# {short} ",
        f"ORDER/{short}",
    ):
        status, story = ask(acme, "explain", given)
        assert (given, status, story["order"]) == (given, 0, number(sold))
    for given in (f"invoice/{number(invoice)}", f"creditmemo/{number(memo)}", f"payment/{number(invoice)}"):
        assert (given, ask(acme, "explain", given)[1]["order"]) == (given, number(sold))
    covered = f"Magento invoice {number(invoice)} is covered by the sales receipt of order {number(sold)}"
    assert covered in _shown(tmp_path, acme, "explain", f"invoice/{number(invoice)}")
    assert ask(acme, "explain", "1")[1]["order"] == "000000001"


def test_what_was_never_read_says_so(company: Open, ask: Ask) -> None:
    acme = company()
    _bought(acme)
    acme.sync()
    status, answer = ask(acme, "explain", "99999")
    assert (status, answer["error"]["message"]) == (2, "Order 99999 was not found.")
    assert answer["error"]["fix"] == "Check the number, or run magebooks sync."
    for given, name in {"creditmemo/7": "Credit memo 7", "item/x": "Item x", "summary/x": "Summary x"}.items():
        status, answer = ask(acme, "explain", given)
        assert (status, answer["error"]["message"]) == (2, f"{name} was not found.")
    assert ask(acme, "explain", " ")[1]["error"]["message"] == "Name an order."


def test_while_a_run_keeps_what_was_read_the_ledger_still_answers(company: Open, ask: Ask) -> None:
    acme = company()
    held, canceled = _bought(acme), _bought(acme, method="checkmo", paid=False)
    _unruled(acme, held)
    acme.shop.cancel(number(canceled))
    acme.sync()
    with staging.open(acme.home / "staging.duckdb"):
        status, story = ask(acme, "explain", number(held))
        assert (status, len(story["problems"])) == (1, 1)
        status, answer = ask(acme, "explain", number(canceled))
        assert (status, answer["error"]["code"]) == (4, "staging-busy")
        [cause] = ask(acme, "held")[1]["held"]
        assert cause["with_held"] == []


def test_all_figures_add_up_in_a_shop_where_everything_goes_wrong(company: Open, ask: Ask, tmp_path: Path) -> None:
    acme = company(40, broken=True)
    acme.sync()
    acme.books.close(date(2026, 11, 10))
    early = {"created_at": "2026-11-05 12:00:00"}
    partly = next(order for order in (acme.shop.place(Cart(method="braintree")) for _ in range(9)) if _two_lines(order))
    acme.shop.touch(number(partly), **early)
    acme.shop.invoice(number(partly), {partly["items"][0]["sku"]: partly["items"][0]["qty_ordered"]})
    unknown = _bought(acme, email="refused@example.com")
    acme.shop.refund(number(unknown))
    held = _bought(acme)
    _unruled(acme, held)
    acme.shop.refund(number(held))
    counts = acme.sync()
    _in_all(counts, acme)
    states = acme.states(partly)
    assert states.pop(f"order/{number(partly)}") == "rejected"
    assert [*states.values()] == ["ready"]
    kinds = {cause["kind"]: cause["orders"] for cause in counts["behind"]["causes"]}
    assert (kinds, counts["on_its_way"]) == ({"customer": 1, "invoice": 1}, 0)
    causes = ask(acme, "held")[1]["held"]
    behind = [cause["behind"]["orders"] for cause in causes if cause["behind"]]
    assert sorted(behind) == sorted([[number(partly)], [number(unknown)]])
    assert any(one["document"].startswith("creditmemo/") for cause in causes for one in cause["with_held"])
    assert "1 order" in (told := _shown(tmp_path, acme, "status")) and "that QuickBooks rejected" in told
    for order in acme.shop.orders:
        status, story = ask(acme, "explain", number(order))
        assert status in (0, 1) and story["order"] == number(order)
        assert story["documents"] or story["problems"] or story["read"], number(order)
