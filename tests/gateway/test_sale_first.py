"""On QuickBooks Desktop, too: a refund is never in the books without its sale, and a canceled memo is taken back."""

import random
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from deploy.cli.compare import ON_DESKTOP, compare
from deploy.sandbox.seeds_cart import Cart
from state import outbox, summaries
from tests.gateway.desk import Desk, open_desk
from tests.gateway.test_revisions import by_rule
from tests.gateway.test_summaries import together
from tests.gateway.test_trial_balance import agreed

METHODS = ("braintree", "checkmo", "purchaseorder", "paypal_express")
REFUSED = 9999
"""A status that says nothing which a new attempt could change."""


def without_their_sale(desk: Desk) -> Iterator[str]:
    """The credit memos that are in the company file, by themselves or in a summary, and whose sale is not."""
    with desk.reading() as conn:
        named = {one.key: one.number for one in summaries.all_summaries(conn)}
        of = {one.document: named[one.summary] for one in summaries.members(conn) if one.summary}
        numbers = {row.key: row.number for row in outbox.rows(conn)}
    found = {entity: {one["RefNumber"] for one in desk.file.documents(entity)} for entity in ON_DESKTOP}
    orders = {one["entity_id"]: f"order/{one['increment_id']}" for one in desk.shop.orders}
    for memo in desk.shop.creditmemos:
        key, sale = f"creditmemo/{memo['increment_id']}", orders[memo["order_id"]]
        there = found["CreditMemo"] & {of.get(key), numbers.get(key)}
        if there and not (found["SalesReceipt"] | found["Invoice"]) & {of.get(sale), numbers.get(sale)}:
            yield key


@pytest.mark.parametrize("posting", ["order", "summary"])
@pytest.mark.parametrize("seed", [1, 2])
def test_no_refund_is_in_the_company_file_whose_sale_is_not(tmp_path: Path, posting: str, seed: int) -> None:
    chance = random.Random(seed)
    with open_desk(tmp_path / "home") as desk:
        if posting == "summary":
            together(desk)
        desk.update()
        refused = 0
        for _ in range(6):
            for order in [desk.sell(cart=Cart(method=chance.choice(METHODS)))[0] for _ in range(4)]:
                if chance.random() < 0.7:
                    desk.shop.refund(order["increment_id"])
            desk.queue()
            for _ in range(chance.randint(0, 3)):
                desk.file.fail_next(REFUSED)
            desk.update()
            assert list(without_their_sale(desk)) == []
            refused += desk.states().get("rejected", 0)
        assert refused
        for _ in range(4):  # what fails next may be left over from the last round
            with desk.writing() as conn:
                outbox.retry(conn, None, datetime.now(UTC))
            desk.update()
        assert set(desk.states()) == {"posted"}
        assert list(without_their_sale(desk)) == []
        agreed(desk)


@pytest.mark.parametrize("changed", ["adjust", "repost"])
@pytest.mark.parametrize("method", ["braintree", "purchaseorder"])
def test_a_canceled_memo_is_taken_back_in_the_company_file(tmp_path: Path, changed: str, method: str) -> None:
    with open_desk(tmp_path / "home") as desk:
        by_rule(desk, changed)
        desk.update()
        [order] = desk.sell(cart=Cart(method=method))
        desk.queue()
        desk.update()
        memo = desk.shop.refund(order["increment_id"])
        for _ in range(3):  # what is still owed on an invoice is asked first
            desk.queue()
            desk.update()
        assert agreed(desk) == {}
        desk.shop.cancel_memo(memo)
        desk.queue()
        desk.update()
        books = {entity: desk.file.documents(entity) for entity in ON_DESKTOP}
        assert agreed(desk) != {}
        assert compare(desk.shop.orders, desk.shop.creditmemos, books, ()).agrees
        assert (set(desk.states()), desk.problems()) == ({"posted"}, {})
