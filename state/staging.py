"""Staging: every Magento document as the shop last said it, reduced to the fields in use, in one DuckDB file.

This is the store's front: open it, land pages, read documents back. It is never held across a call over the network.
"""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import duckdb

from state.staging_fields import Kind, structure
from state.staging_reading import Raw, by_ids, by_numbers, counts, missing_orders, newest, pages
from state.staging_shop import Shop, products, shop
from state.staging_sql import statements
from state.staging_store import Staging, StagingBusy, open

__all__ = [
    "BadPage",
    "Kind",
    "Landed",
    "Raw",
    "Shop",
    "Staging",
    "StagingBusy",
    "by_ids",
    "by_numbers",
    "counts",
    "land",
    "land_all",
    "missing_orders",
    "newest",
    "open",
    "pages",
    "products",
    "shop",
]


ROOM = "2GB"


class BadPage(Exception):
    """An answer that is no page of documents: nothing of it was kept. The words hold nothing of its content."""


@dataclass(frozen=True, slots=True)
class Landed:
    """What a page held: `count` documents, the highest id (0 when empty), Magento's `total_count` (the count where
    it gave none), how many documents were new or changed, and the newest `updated_at` (aware, UTC)."""

    count: int
    last_id: int
    total_count: int
    changed: int
    latest: datetime | None = None


def land(store: Staging, kind: Kind, page: bytes | str, run: str) -> Landed:
    """Keep a search answer (or a JSON list) in one statement and transaction: all of it, or nothing.

    Only the fields of `state.staging_fields` are stored. Landing a page again changes nothing. Raises `BadPage` for
    HTML, cut JSON, an answer without documents' ids or without items.
    """
    try:
        text = page if isinstance(page, str) else page.decode()
        if text.startswith("["):
            text = f'{{"items":{text},"total_count":0}}'
        ((count, last_id, latest, total),) = _with_room(store, "facts", page=text)
        if count is None and total is None:
            raise BadPage(f"Magento sent an answer without a list of {kind}s; nothing of it was kept")
        values = {"page": text, "fields": structure(kind), "kind": kind, "run": run}
        ((changed,),) = _with_room(store, "land", **values)
    except (UnicodeDecodeError, duckdb.InvalidInputException, duckdb.ConversionException, duckdb.ConstraintException):
        raise BadPage(f"Magento sent a page of {kind}s that cannot be read; nothing of it was kept") from None
    return Landed(
        count or 0, last_id or 0, total or count or 0, changed, latest.replace(tzinfo=UTC) if latest else None
    )


def _with_room(store: Staging, name: str, **values: object) -> list[tuple[Any, ...]]:
    """Run a statement; once more with much memory where a page (of very long orders) does not fit into the usual."""
    try:
        return store.rows(statements("documents")[name], **values)
    except duckdb.OutOfMemoryException:
        store.rows(f"SET memory_limit = '{ROOM}'")
        return store.rows(statements("documents")[name], **values)


def land_all(store: Staging, kind: Kind, pages: Sequence[bytes | str], run: str) -> list[Landed]:
    """Land several pages, two at a time. Each is kept whole or not at all; raises the first `BadPage` when all are
    done, so a bad page does not lose its neighbours."""
    with ThreadPoolExecutor(2) as pool:
        landing = [pool.submit(land, store, kind, page, run) for page in pages]
    return [one.result() for one in landing]
