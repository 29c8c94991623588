"""A small Magento on loopback that answers searches as the real one does, and that lies when a test says so."""

import operator
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.clients.loopback import Loopback, Reply, Seen

COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "gt": operator.gt,
    "gteq": operator.ge,
    "lt": operator.lt,
    "lteq": operator.le,
}


@dataclass
class Shop:
    """Documents by entity id. `before` runs ahead of each answer; `sends` replaces the list of what is found."""

    documents: dict[int, dict[str, Any]]
    before: Callable[[Seen], None] = lambda _: None
    sends: Callable[[list[dict[str, Any]]], list[dict[str, Any]]] = lambda found: found
    url: str = ""
    seen: list[Seen] = field(default_factory=list)

    def answer(self, seen: Seen) -> Reply:
        self.before(seen)
        found = [one for one in self.documents.values() if _matches(one, seen.query)]
        found.sort(key=lambda one: one["entity_id"], reverse=_sort(seen.query) == "DESC")
        page = self.sends(found)[: int(seen.query["searchCriteria[pageSize]"])]
        return Reply(body={"items": page, "search_criteria": {}, "total_count": len(found)})


@contextmanager
def running(shop: Shop) -> Iterator[Shop]:
    """Serve the shop; its `url` and what it has `seen` are filled in."""
    with Loopback(shop.answer).running() as server:
        shop.url, shop.seen = server.url, server.seen
        yield shop


def order(entity_id: int, updated_at: str = "2026-11-21 01:00:00") -> dict[str, Any]:
    """As much of an order as paging looks at."""
    return {"entity_id": entity_id, "increment_id": f"{entity_id:09d}", "updated_at": updated_at}


def _sort(query: dict[str, str]) -> str:
    return query["searchCriteria[sortOrders][0][direction]"]


def _matches(document: dict[str, Any], query: dict[str, str]) -> bool:
    for number in range(10):
        at = f"searchCriteria[filterGroups][{number}][filters][0]"
        if f"{at}[field]" not in query:
            return True
        name, value, condition = (query[f"{at}[{part}]"] for part in ("field", "value", "conditionType"))
        if condition == "in":
            if str(document[name]) not in value.split(","):
                return False
        elif not COMPARE[condition](document[name], type(document[name])(value)):
            return False
    return True
