"""The real command, killed without warning at many moments of its work, against books that lose answers."""

import random
import threading
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


def kill_once(one: Company, calls: int, pause: float) -> bool:
    """Run the command and kill -9 it `pause` seconds after it made so many calls to QuickBooks; False when it had
    ended before."""
    reached = threading.Event()
    until = one.books.calls + calls
    one.books.hooks[:] = [lambda _path, number: reached.set() if number >= until else None]
    process = one.start()
    while process.poll() is None and not reached.wait(0.02):
        pass
    time.sleep(pause)
    alive = process.poll() is None
    process.kill()
    process.communicate(timeout=30)
    return alive


def test_kill_9_at_any_moment_loses_nothing_and_doubles_nothing(company: Open) -> None:
    chance = random.Random(SEED)
    one = company(12, extra={"QUICKBOOKS_BATCH_SIZE": "4"})
    one.books.faults.random_drops(0.1, SEED)
    killed = 0
    while killed < KILLS:
        trade(one, chance)
        killed += kill_once(one, chance.randint(0, 8), chance.uniform(0, 0.15))
        compare.once_each(one)
    one.books.hooks.clear()
    one.books.faults.clear()
    done = finish(one.start())
    assert done.status == 0, done
    compare.settled(one)
