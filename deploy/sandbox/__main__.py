"""`python -m deploy.sandbox` runs a shop and a company in the foreground and prints the environment to use them."""

import argparse
import sys
import threading

from deploy.sandbox.shop_rows import FORMS
from deploy.sandbox.world import Sandbox


def main() -> int:
    """Runs until interrupted."""
    parser = argparse.ArgumentParser(prog="python -m deploy.sandbox", description=__doc__)
    parser.add_argument("--orders", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--template", choices=("us_retail", "eu_vat"), default="us_retail")
    parser.add_argument("--empty", action="store_true", help="a company without the names that the rules use")
    parser.add_argument("--rows", choices=FORMS, default=FORMS[0], help="the form of the row totals of orders")
    parser.add_argument("--shop-port", type=int, default=0)
    parser.add_argument("--books-port", type=int, default=0)
    given = parser.parse_args()
    with Sandbox(
        given.orders,
        given.seed,
        given.template,
        empty=given.empty,
        rows=given.rows,
        shop_port=given.shop_port,
        books_port=given.books_port,
    ) as world:
        lines = [f"export {name}={value}" for name, value in world.environment().items()]
        sys.stdout.write("\n".join([*lines, "# running; end with Ctrl-C", ""]))
        sys.stdout.flush()
        try:
            threading.Event().wait()
        except KeyboardInterrupt:
            return 0
    return 0


if __name__ == "__main__":
    sys.exit(main())
