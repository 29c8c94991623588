"""Daily summaries under the real command: every order in one of them, whatever happens, and to be found again."""

import random
from collections import Counter
from decimal import Decimal

import duckdb

from deploy.sandbox.seeds_cart import Cart
from mappings import rules
from state import ledger, summaries
from state.summaries import Member
from tests.faults.company import PREFECT, Company, Open, finish
from tests.faults.test_kills import kill_once

pytestmark = PREFECT
KILLS = 8
SEED = 20261121


def daily(one: Company) -> Company:
    """The company under the rules of the template."""
    (one.home / "rules.toml").write_text(rules.template("daily_summary"), encoding="utf-8")
    return one


def members(one: Company) -> list[Member]:
    with ledger.reading(one.engine) as conn:
        return list(summaries.members(conn))


def settled(one: Company) -> None:
    """Each sale of the shop stands in the books once, in a summary or by itself, and all amounts agree."""
    assert one.books.duplicates() == []
    assert Counter(row.status for row in one.rows() if row.status != "posted") == Counter()
    alone = {row.key.partition("/")[2]: row.amount for row in one.rows() if row.key.startswith("order/")}
    together = {member.number: member.amount for member in members(one)}
    assert not alone.keys() & together.keys()
    assert all(member.summary for member in members(one))
    sold = {order["increment_id"]: Decimal(str(order["base_grand_total"])) for order in one.shop.rows("orders")}
    assert alone | together == sold
    made = {row.key: row for row in one.rows("posted") if row.key.startswith("summary/")}
    sums = {key: sum(member.amount for member in members(one) if member.summary == key) for key in made}
    assert (
        sums == {key: row.amount for key, row in made.items()} == {key: row.posted_total for key, row in made.items()}
    )
    assert one.books.total() == sum(sold.values())


def trade(one: Company) -> None:
    for method in ("braintree", "paypal_express", "braintree"):
        one.shop.place(Cart(method=method), paid=True)
    one.shop.place(Cart(method="checkmo"))


def test_kill_9_at_any_moment_loses_no_order_and_doubles_none(company: Open) -> None:
    chance = random.Random(SEED)
    one = daily(company(0, extra={"QUICKBOOKS_BATCH_SIZE": "2"}))
    one.books.faults.random_drops(0.1, SEED)
    killed = 0
    while killed < KILLS:
        trade(one)
        killed += kill_once(one, chance)
        assert one.books.duplicates() == []
    one.books.faults.clear()
    done = finish(one.start())
    assert done.status == 0, done
    settled(one)


def test_two_commands_at_once_sum_up_every_order_once(company: Open) -> None:
    one = daily(company(0, extra={"QUICKBOOKS_BATCH_SIZE": "2"}))
    for _ in range(8):
        trade(one)
    done = [finish(process) for process in [one.start() for _ in range(2)]]
    assert {each.status for each in done} <= {0, 1}, done
    assert one.sync().status == 0
    settled(one)


def test_the_orders_behind_each_line_are_found_by_command_and_by_sql(company: Open) -> None:
    one = daily(company(0))
    orders = [one.shop.place(Cart(method="braintree"), paid=True) for _ in range(3)]
    memo = one.shop.refund(orders[0]["increment_id"])
    seen = one.command("preview", "--from", "2026-11-20", "--to", "2026-11-21")
    assert [document["number"] for document in seen.data["documents"]] == ["D261120-1", "D261120-2"]
    assert one.sync().status == 0

    told = one.command("explain", orders[0]["increment_id"])
    assert told.status == 0
    sale, refund = sorted(told.data["documents"], key=lambda document: str(document["kind"]), reverse=True)
    assert (sale["summary"]["number"], sale["summary"]["documents"], sale["state"]) == ("D261120-2", 3, "In your books")
    assert (refund["number"], refund["summary"]["number"]) == (memo["increment_id"], "D261120-1")
    whole = one.command("explain", "D261120-2").data
    assert whole == one.command("explain", sale["summary"]["key"]).data
    assert {each["number"] for each in whole["list"]["documents"]} == {order["increment_id"] for order in orders}
    [receipt] = one.books.documents("SalesReceipt")
    assert f"3 orders, list {whole['list']['list']}" in receipt["PrivateNote"]
    for line in sale["lines"]:
        assert whole["list"]["lines"][line["summary_line"] - 1]["account"] == line["account"]

    with duckdb.connect(str(one.home / "books.duckdb"), read_only=True) as mart:
        wrong = mart.execute(
            "SELECT s.number FROM summary_lines l JOIN summaries s ON s.key = l.summary JOIN summary_parts p "
            "ON p.summary = l.summary AND p.line = l.line "
            "GROUP BY s.number, l.line, l.amount HAVING sum(p.amount) <> l.amount"
        ).fetchall()
        behind = mart.execute(
            "SELECT document FROM summary_parts p JOIN summaries s ON s.key = p.summary JOIN summary_lines l "
            "ON l.summary = p.summary AND l.line = p.line WHERE s.number = 'D261120-2' AND l.account = '4000 Sales'"
        ).fetchall()
        listed = mart.execute("SELECT count(*), sum(amount) FROM summary_documents WHERE kind = 'sales_receipt'")
        assert wrong == []
        assert {document for (document,) in behind} == {f"order/{order['increment_id']}" for order in orders}
        assert listed.fetchall() == [(3, sum(order["base_grand_total"] for order in orders))]
    person = orders[0]["customer_email"]
    assert person.encode() not in (one.home / "books.duckdb").read_bytes()
    assert one.command("status").data["for_summaries"] == 0
