"""What the rules in hand make of the documents that have landed: counts for each row, and what no row covers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from deploy.cli.session import Session

if TYPE_CHECKING:
    from mappings.coverage import Coverage
    from mappings.model import Context
    from mappings.rules import Rules
    from state.ledger import Connection
    from state.settings import Settings
    from state.staging import Staging
    from state.staging_families import Family

PAGE = 500
WAIT = 2.0


def history(session: Session, settings: Settings, rules: Rules) -> Coverage | str:
    """The coverage of everything that has landed, or in words why there is none. Nothing is written."""
    from deploy.cli.opened import engine_of
    from state import ledger, staging
    from tasks import company

    if not settings.staging_path.is_file():
        return "Nothing has been read from the shop yet, so the rules were not tried on its history."
    with engine_of(settings) as engine, ledger.reading(engine) as conn:
        if not company.is_known(conn):
            return "QuickBooks has not been looked at yet, so the rules were not tried on the shop's history."
        try:
            with staging.open(settings.staging_path, wait=WAIT) as store:
                session.say("Trying the rules on what the shop has sold ...")
                return _cover(store, conn, rules)
        except staging.StagingBusy:
            return "A run is at work, so the rules were not tried on the shop's history. Try again when it has ended."


def told(coverage: Coverage, rules: Rules) -> dict[str, Any]:
    """The coverage as `rules check --json` says it."""
    from mappings.coverage import RowName
    from mappings.rules import LISTS

    return {
        "documents": coverage.documents,
        "rows": [
            {"list": name, "row": row.id, "documents": coverage.caught[RowName(name, row.id)]}
            for name in LISTS
            for row in rules.rows(name)
            if not row.off
        ],
        "never_used": [{"list": row.list, "row": row.row} for row in coverage.unused(rules)],
        "not_covered": [
            {"list": gap.list, "value": gap.value, "documents": number, "held": gap.held}
            for gap, number in sorted(coverage.gaps.items(), key=lambda each: (-each[1], each[0]))
        ],
    }


def _cover(store: Staging, conn: Connection, rules: Rules) -> Coverage:
    from mappings.coverage import Coverage
    from mappings.model import Context
    from state import staging
    from state.staging_families import families
    from tasks import company

    found, shop, books = Coverage(), staging.shop(store), company.read_books(conn)
    for page in families(store, 0, (), PAGE):
        context = Context(books, shop.stores, shop.groups, staging.products(store, page))
        for family in page:
            _family(family, context, rules, found)
    return found


def _family(family: Family, context: Context, rules: Rules, into: Coverage) -> None:
    """What cannot be read is held whatever the rules say, so it says nothing about them."""
    from mappings import magento
    from mappings.coverage import cover
    from mappings.model import Invoice, Order

    order = magento.read_order(magento.parse(family.order)) if family.order else None
    if isinstance(order, Order):
        read = (magento.read_invoice(magento.parse(member.payload), order) for member in family.invoices)
        cover(order, (each for each in read if isinstance(each, Invoice)), context, rules, into)
