"""Staging: every Magento document as the shop last said it, reduced to the fields in use, in one DuckDB file.

This is the store's front: open it, land pages, read documents back. It is never held across a call over the network.
"""

from collections.abc import Sequence
from typing import Any

import duckdb

from mappings.json_answer import trimmed
from state.staging_fields import Kind, structure
from state.staging_reading import (
    Raw,
    ShippingGap,
    between,
    by_ids,
    by_numbers,
    counts,
    missing_orders,
    newest,
    open_memos,
    shipping_gap,
    slices,
    unmoved_memos,
)
from state.staging_shop import Shop, originals, products, shop
from state.staging_sql import statements
from state.staging_store import Staging, StagingBusy, open

__all__ = [
    "BadPage",
    "Kind",
    "Raw",
    "ShippingGap",
    "Shop",
    "Staging",
    "StagingBusy",
    "between",
    "by_ids",
    "by_numbers",
    "counts",
    "land",
    "land_all",
    "missing_orders",
    "newest",
    "open",
    "open_memos",
    "originals",
    "products",
    "shipping_gap",
    "shop",
    "slices",
    "unmoved_memos",
]

ROOM = "2GB"


class BadPage(Exception):
    """An answer that is no page of documents: nothing of it was kept. The words hold nothing of its content."""


def land(store: Staging, kind: Kind, page: bytes | str, run: str) -> int:
    """Keep a search answer (or a JSON list): all of it, or nothing. Returns how many documents were new or changed.
    White space and byte-order marks around it do not matter.

    Only the fields of `state.staging_fields` are stored. Landing a page again changes nothing. Raises `BadPage` for
    HTML, cut JSON, an answer without documents' ids or without items.
    """
    return land_all(store, kind, [page], run)


def land_all(store: Staging, kind: Kind, pages: Sequence[bytes | str], run: str) -> int:
    """Keep several pages, in one statement as long as all of them are good.

    A bad page does not lose its neighbours: then each is kept on its own, and `BadPage` is raised when all are done.
    """
    try:
        return _keep(store, kind, pages, run)
    except BadPage:
        if len(pages) == 1:
            raise
    changed, bad = 0, None
    for page in pages:
        try:
            changed += _keep(store, kind, [page], run)
        except BadPage as error:
            bad = error
    if bad:
        raise bad
    return changed


def _keep(store: Staging, kind: Kind, pages: Sequence[bytes | str], run: str) -> int:
    """One statement and transaction: every page, or nothing."""
    try:
        texts = [_answer(trimmed(page.encode() if isinstance(page, str) else page).decode()) for page in pages]
        ((changed,),) = _with_room(store, pages=texts, fields=structure(kind), kind=kind, run=run)
    except (UnicodeDecodeError, duckdb.InvalidInputException, duckdb.ConversionException, duckdb.ConstraintException):
        raise BadPage(f"Magento sent a page of {kind}s that cannot be read; nothing of it was kept") from None
    return int(changed)


def _answer(text: str) -> str:
    """A list in the shape of a search answer."""
    return f'{{"items":{text},"total_count":0}}' if text.startswith("[") else text


def _with_room(store: Staging, **values: object) -> list[tuple[Any, ...]]:
    """Land; once more with much memory where pages (of very long orders) do not fit into the usual."""
    statement = statements("documents")["land"]
    try:
        return store.rows(statement, **values)
    except duckdb.OutOfMemoryException:
        store.rows(f"SET memory_limit = '{ROOM}'")
        return store.rows(statement, **values)
