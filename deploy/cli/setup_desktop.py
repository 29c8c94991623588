"""`magebooks setup --target desktop`: what the rules name and the company file lacks, queued for the Web Connector."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from deploy.cli import company
from deploy.cli.company import Misplaced
from mappings import qbxml
from mappings.jsontext import dumps
from mappings.keys import digest, fold
from mappings.qbxml import Request
from mappings.rules_needs import Needs

if TYPE_CHECKING:
    from state.ledger import Connection
    from state.outbox import NewRow


@dataclass(frozen=True, slots=True)
class Lacking:
    """One name that the company file lacks. `request` creates it, or is None for what a person has to make;
    `account` is the account that an item is bound to."""

    kind: str
    entity: str
    name: str
    detail: str
    place: str
    request: Request | None
    account: str = ""

    @property
    def key(self) -> str:
        """Its key in the outbox: the same for the same name, so that a repeated setup creates nothing twice."""
        return f"{self.kind}/{digest(fold((self.kind, self.name))[1])}"


def lacking(conn: Connection, needs: Needs) -> list[Lacking]:
    """What is neither in QuickBooks nor queued already, in the order of creation."""
    from state import outbox, references

    known = {kind: references.known(conn, kind) for kind in ("account", "item", "payment_method", "term", "class")}
    known |= {kind: references.known(conn, kind) for kind in ("tax_rate", "tax_code")}
    wanted = [one for one in _wanted(needs) if fold((one.kind, one.name))[1] not in known[one.kind]]
    queued = outbox.kinds(conn, [one.key for one in wanted])
    return [one for one in wanted if one.key not in queued]


def misplaced(conn: Connection, needs: Needs) -> list[Misplaced]:
    """The items that stand on another account than the rules say, as far as the last update told."""
    from state import references
    from tasks.company import ACCOUNT

    accounts = {one.id: one for one in references.entries(conn, "account")}
    ids = {one.key: one.id for one in accounts.values()}
    items = {one.key: one.extra.get(ACCOUNT, "") for one in references.entries(conn, "item")}
    hits = []
    for item in needs.items:
        there, wanted = items.get(company.fold(item.name), ""), ids.get(company.fold(item.account), "")
        if there and wanted and there != wanted:
            hits.append(Misplaced(item, accounts[there].name if there in accounts else "another account"))
    return hits


def currencies(conn: Connection, home: str) -> dict[str, str]:
    """The currency of each account by its folded name, as far as the last update told."""
    from state import references
    from tasks.company import CURRENCY

    codes = {one.id: one.name for one in references.entries(conn, "currency")}
    accounts = references.entries(conn, "account")
    return {one.key: codes.get(one.extra[CURRENCY], "") if CURRENCY in one.extra else home for one in accounts}


def queue(conn: Connection, missing: list[Lacking], run: str) -> int:
    """Queue the requests; returns how many. An item waits for the account that it is bound to."""
    from state import outbox

    new = {fold((one.kind, one.name)): one.key for one in missing}
    rows = [_row(one, one.request, new, run) for one in missing if one.request is not None]
    return outbox.put(conn, rows, datetime.now(UTC)).queued


def _wanted(needs: Needs) -> Iterator[Lacking]:
    for account in needs.accounts:
        request = qbxml.account_add(account.name, account.type, account.currency)
        detail = f"{account.type} {account.currency}".strip()
        yield Lacking("account", "Account", account.name, detail, account.place, request)
    for item in needs.items:
        kind = item.type.casefold().replace(" ", "")
        request = qbxml.item_add(kind, item.name, "", "", item.account)
        detail = f"{item.type}, to {item.account}"
        yield Lacking("item", "Item", item.name, detail, item.place, request, item.account)
    for name in needs.payment_methods:
        yield Lacking("payment_method", "PaymentMethod", name, "", "", qbxml.payment_method_add(name))
    for name in needs.terms:
        yield _term(name)
    for name in needs.classes:
        yield Lacking("class", "Class", name, "", "", qbxml.class_add(name))
    for name in needs.tax_rates:
        yield Lacking(
            "tax_rate", "TaxRate", name, "make it under Lists > Item List (sales tax item or group)", "", None
        )
    for name in needs.tax_codes:
        yield Lacking("tax_code", "TaxCode", name, "make it under Lists > Sales Tax Code List", "", None)


def _term(name: str) -> Lacking:
    """`Net 30` tells its days; a term of another name is for a person to make."""
    days = re.search(r"\d{1,3}", name)
    if days is None and "receipt" not in name.casefold():
        return Lacking("term", "Term", name, "make it under Lists > Customer & Vendor Profile Lists", "", None)
    due = int(days[0]) if days else 0
    return Lacking("term", "Term", name, f"due in {due} days", "", qbxml.terms_add(name, due))


def _row(one: Lacking, request: Request, new: dict[tuple[str, str], str], run: str) -> NewRow:
    from state.outbox import NewRow

    needed = new.get(fold(("account", one.account)))
    return NewRow(
        key=one.key,
        kind=one.kind,
        entity=one.entity,
        operation="create",
        rank=0,
        payload=request.text,
        entry=dumps({"symbols": [list(fold((one.kind, one.name)))]}),
        rules_hash="",
        run=run,
        depends=(needed,) if needed else (),
    )
