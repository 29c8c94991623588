"""The real command, killed without warning at many moments of its work, against books that lose answers."""

import random
import time

from deploy.sandbox.seeds_cart import Cart
from tests.faults import compare
from tests.faults.company import PREFECT, Company, Open, finish

pytestmark = PREFECT
KILLS = 25
SEED = 20261120


def trade(one: Company, chance: random.Random) -> None:
    """What a shop does between two runs: sales of all kinds, money that comes later, orders that are called off."""
    for _ in range(2):
        one.shop.place(paid=True)
    opened = one.shop.place(Cart(method="checkmo"))["increment_id"]
    one.shop.place(Cart(method="purchaseorder", people="companies"))
    unpaid = [
        order["increment_id"]
        for order in one.shop.rows("orders")
        if order["payment"]["method"] == "checkmo" and order["state"] == "new" and order["increment_id"] != opened
    ]
    for number in chance.sample(unpaid, min(2, len(unpaid))):
        (one.shop.invoice if chance.random() < 0.7 else one.shop.cancel)(number)


def kill_once(one: Company, chance: random.Random) -> bool:
    """Run the command and kill -9 it a moment after it has made some number of calls: to the shop (so that it dies
    while it reads) or to QuickBooks (while it sends and settles). False when it had ended before."""
    side = one.shop if chance.random() < 0.25 else one.books
    until = side.calls + chance.randint(1, 8)
    process = one.start()
    while process.poll() is None and side.calls < until:
        time.sleep(0.01)
    time.sleep(chance.uniform(0, 0.15))
    alive = process.poll() is None
    process.kill()
    process.communicate(timeout=30)
    return alive


def test_kill_9_at_any_moment_loses_nothing_and_doubles_nothing(company: Open) -> None:
    chance = random.Random(SEED)
    one = company(12, extra={"QUICKBOOKS_BATCH_SIZE": "4"})
    one.books.faults.random_drops(0.1, SEED)
    killed = in_flight = 0
    while killed < KILLS:
        trade(one, chance)
        killed += kill_once(one, chance)
        in_flight += any(row.status in ("sent", "unknown") for row in one.rows())
        compare.once_each(one)
    assert in_flight >= 5, "the kills are to hit batches under way"
    one.books.faults.clear()
    done = finish(one.start())
    assert done.status == 0, done
    compare.settled(one)
