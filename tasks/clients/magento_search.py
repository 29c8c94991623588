"""Magento's search requests: which address lists what, and how a question becomes a signed-safe query.

Lists are paged by `entity_id` ascending above the last id seen (paging by number loses or repeats documents when the
list changes meanwhile). A sort order without direction would be DESC; several filters in one group would be OR, so
each condition is a group of its own. Dates are UTC `YYYY-MM-DD HH:MM:SS`; Magento ignores offsets.
"""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Literal, NamedTuple
from urllib.parse import quote, urlencode

Kind = Literal["order", "invoice", "creditmemo", "shipment", "customer", "product"]
Stamp = Literal["updated_at", "created_at"]

PATHS: dict[Kind, str] = {
    "order": "orders",
    "invoice": "invoices",
    "creditmemo": "creditmemos",
    "shipment": "shipments",
    "customer": "customers/search",
    "product": "products",
}
MOST_FILTERS = 10  # from the eleventh on, Magento checks OAuth signatures over another order of parameters


class Filter(NamedTuple):
    """One condition; Magento takes an unknown condition for `eq` without a word."""

    field: str
    value: str
    condition: Literal["eq", "gt", "lt", "gteq", "lteq", "in"]


def window(since: datetime | None, until: datetime | None, stamp: Stamp = "updated_at") -> list[Filter]:
    """A time stamp in the half-open [since, until), aware datetimes; None leaves that side open."""
    filters = []
    if since is not None:
        filters.append(Filter(stamp, _utc(since), "gteq"))
    if until is not None:
        filters.append(Filter(stamp, _utc(until), "lt"))
    return filters


def query(filters: Sequence[Filter], page_size: int, *, newest: bool = False, fields: str = "") -> str:
    """The query string, percent-encoded throughout: Magento refuses signatures over `+` for a space or bare `[`.

    Sorted by `entity_id` ascending, or descending when only the `newest` is wanted.
    """
    if len(filters) > MOST_FILTERS:
        raise ValueError(f"Magento checks signatures over at most {MOST_FILTERS} filters, not {len(filters)}")
    pairs = []
    for number, condition in enumerate(filters):
        at = f"searchCriteria[filterGroups][{number}][filters][0]"
        pairs += [(f"{at}[field]", condition.field), (f"{at}[value]", condition.value)]
        pairs += [(f"{at}[conditionType]", condition.condition)]
    pairs += [
        ("searchCriteria[sortOrders][0][field]", "entity_id"),
        ("searchCriteria[sortOrders][0][direction]", "DESC" if newest else "ASC"),
        ("searchCriteria[pageSize]", str(page_size)),
    ]
    if fields:
        pairs.append(("fields", fields))
    return urlencode(pairs, quote_via=quote, safe="")


def rest_root(base_url: str) -> str:
    """The address that REST paths are put behind, for a store root, `…/rest/V1`, `…/rest/<store code>/V1` or the
    Cloud Service's `…/<tenant>/V1`."""
    root = base_url.strip().rstrip("/")
    if root.endswith("/V1"):
        return root
    before, _, last = root.rpartition("/")
    if last == "rest" or before.endswith("/rest"):
        return f"{root}/V1"
    return f"{root}/rest/V1"


def _utc(moment: datetime) -> str:
    if moment.tzinfo is None:
        raise ValueError("a window needs aware datetimes")
    return moment.astimezone(UTC).strftime("%Y-%m-%d %H:%M:%S")
