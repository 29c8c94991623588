"""Reading landed documents back: what changed since, by id, by number, and what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from state.staging_fields import Kind
from state.staging_sql import statements
from state.staging_store import Staging


@dataclass(frozen=True, slots=True)
class Raw:
    """A landed document. `number` is its increment id, SKU or code; `seq` grows with each change; `payload` is JSON."""

    kind: str
    id: int
    number: str
    seq: int
    payload: str


def slices(store: Staging, kind: Kind, after_seq: int, size: int) -> list[tuple[int, int]]:
    """The first and the last sequence number of each `size` documents that landed or changed after `after_seq`, oldest
    change first: `between` reads one of them. What changes meanwhile is left for the next reading."""
    seqs = [seq for (seq,) in _rows(store, "seqs", kind=kind, after_seq=after_seq)]
    parts = (seqs[start : start + size] for start in range(0, len(seqs), size))
    return [(part[0], part[-1]) for part in parts]


def between(store: Staging, kind: Kind, low: int, high: int) -> list[Raw]:
    """The documents of a slice that did not change since it was made, oldest change first."""
    return [Raw(*row) for row in _rows(store, "slice", kind=kind, low=low, high=high)]


def by_ids(store: Staging, kind: Kind, ids: Sequence[int]) -> list[Raw]:
    """The landed documents with these entity ids, by id; missing ones are left out."""
    return [Raw(*row) for row in _rows(store, "by_ids", kind=kind, wanted=list(ids))]


def by_numbers(store: Staging, kind: Kind, numbers: Sequence[str]) -> list[Raw]:
    """The landed documents with these increment ids (SKUs, codes), exactly as written."""
    return [Raw(*row) for row in _rows(store, "by_numbers", kind=kind, wanted=list(numbers))]


def missing_orders(store: Staging) -> list[int]:
    """Entity ids of orders that landed invoices or credit memos name, or that landed orders replace, but that have not
    landed themselves, or not since they were replaced."""
    return [order_id for (order_id,) in _rows(store, "missing_orders")]


def open_memos(store: Staging) -> list[int]:
    """Entity ids of credit memos that were open when they landed: no money had moved."""
    return [memo_id for (memo_id,) in _rows(store, "open_memos")]


def unmoved_memos(store: Staging) -> list[str]:
    """Increment ids of credit memos that are open or canceled: no money moved."""
    return [number for (number,) in _rows(store, "unmoved_memos")]


@dataclass(frozen=True, slots=True)
class ShippingGap:
    """How long goods stay after they were invoiced: the median of so many orders, in hours (below zero where they
    leave before)."""

    orders: int
    hours: float


def shipping_gap(store: Staging) -> ShippingGap | None:
    """The time between the first invoice and the first shipment of orders that have both; None without any."""
    ((orders, hours),) = _rows(store, "shipping_gap")
    return ShippingGap(int(orders), float(hours)) if orders else None


def newest(store: Staging) -> int:
    """The highest sequence number given to any document; 0 when none has landed."""
    ((seq,),) = _rows(store, "newest")
    return int(seq)


def counts(store: Staging) -> dict[str, int]:
    """How many documents of each kind have landed."""
    return dict(_rows(store, "counts"))


def _rows(store: Staging, name: str, **values: object) -> list[tuple[Any, ...]]:
    return store.rows(statements("documents")[name], **values)
