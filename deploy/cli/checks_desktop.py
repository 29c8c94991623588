"""The checks of `magebooks doctor` for QuickBooks Desktop: the Web Connector, its company file, and what rules name."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import TYPE_CHECKING

from deploy.cli import words
from deploy.cli.checks import QUICKBOOKS, RULES, Check
from deploy.cli.session import Exit

if TYPE_CHECKING:
    from mappings.rules import Rules
    from state.connector import Connector
    from state.ledger import Connection

SHOWN = 6


def desktop(conn: Connection, rules: Rules, now: datetime) -> Iterator[Check]:
    """From the ledger alone: Desktop cannot be asked, it asks."""
    from deploy.cli.checks_books import account_currencies, item_account
    from deploy.cli.setup_desktop import currencies, lacking, misplaced
    from mappings.rules_needs import needs
    from state import connector
    from tasks.company import is_known, read_books

    known = connector.known(conn)
    yield _connector(known, now)
    if known is None or not is_known(conn):
        return
    yield Check(QUICKBOOKS, "company file", f"{known.company}, {known.product or 'QuickBooks'}")
    books = read_books(conn)
    told = "on" if books.sales_tax_on else "off"
    wanted = "" if books.sales_tax_on else "Turn it on in QuickBooks: Edit > Preferences > Sales Tax."
    yield Check(QUICKBOOKS, "sales tax", told, wanted, Exit.DONE if books.sales_tax_on else Exit.LOOK)
    yield Check(QUICKBOOKS, "closing date", str(books.close_date or "none"))
    yield from map(item_account, misplaced(conn, needs(rules)))
    yield from account_currencies(needs(rules), books.multicurrency, currencies(conn, books.home_currency))
    missing = lacking(conn, needs(rules))
    if not missing:
        yield Check(RULES, "names", "QuickBooks has everything that the rules name, or it is queued")
    for kind in dict.fromkeys(one.kind for one in missing):
        of = [one for one in missing if one.kind == kind]
        listed = ", ".join(one.name for one in of[:SHOWN]) + (f" and {len(of) - SHOWN} more" if len(of) > SHOWN else "")
        fix = "Create them: magebooks setup" if of[0].request else f"By hand: {of[0].detail}."
        yield Check(RULES, words.count(len(of), kind.replace("_", " ")), f"missing: {listed}", fix, Exit.USAGE)


def _connector(known: Connector | None, now: datetime) -> Check:
    if known is None or known.seen_at is None:
        return Check(QUICKBOOKS, "Web Connector", "never came", "Install it: magebooks qwc", Exit.CONNECTION)
    told = f"last seen {words.when(known.seen_at, now)}"
    if known.missed(now) < 2:
        return Check(QUICKBOOKS, "Web Connector", told)
    fix = "Look at its computer: logged in, Web Connector running with Auto-Run, no window open in QuickBooks?"
    return Check(
        QUICKBOOKS, "Web Connector", f"{told}; {words.count(known.missed(now), 'update')} missed", fix, Exit.LOOK
    )
