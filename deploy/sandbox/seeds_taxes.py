"""The tax lists of an order document: by rate, by item, and itemised inside each item."""

from decimal import Decimal

from deploy.sandbox.seeds_money import ZERO, Rate
from deploy.sandbox.seeds_shapes import Counters, Document, Draft, added


def taxes_of(draft: Draft, counters: Counters, order_id: int, items: list[Document]) -> Document:
    """`applied_taxes`, `item_applied_taxes`, `taxes` and the itemised lists; also fills the items' own."""
    if not added([charge.tax for charge in draft.base]):
        return {name: [] for name in ("applied_taxes", "item_applied_taxes", "taxes", "additional_itemized_taxes")}
    by_place = {item["_at"]: item for item in items if item["_at"] is not None}
    rows = [(by_place.get(at), at) for at in (len(draft.base) - 1, *range(len(draft.base) - 1))]
    sums: dict[Rate, list[Decimal]] = {}
    tax_ids: dict[Rate, int] = {}
    by_item: list[Document] = []
    extra: list[Document] = []
    for item, at in rows:
        parts = []
        for (rate, base), (_, shown) in zip(draft.base[at].taxes, draft.shown[at].taxes, strict=True):
            if rate not in sums:
                counters.tax += 1
                sums[rate], tax_ids[rate] = [ZERO, ZERO], counters.tax
            sums[rate] = [sums[rate][0] + base, sums[rate][1] + shown]
            parts.append({**_named(rate), "amount": shown, "base_amount": base})
            counters.tax_item += 1
            one = _itemized(rate, base, shown, counters.tax_item, tax_ids[rate], item)
            (extra if item is None else item["extension_attributes"]["itemized_taxes"]).append(one)
        if parts:
            where = {"type": "shipping"} if item is None else {"type": "product", "item_id": item["item_id"]}
            by_item.append({**where, "applied_taxes": parts})
    applied = [{**_named(rate), "amount": shown, "base_amount": base} for rate, (base, shown) in sums.items()]
    taxes = [
        {
            "tax_id": tax_ids[rate],
            "order_id": order_id,
            **_named(rate),
            "amount": shown,
            "base_amount": base,
            "base_real_amount": base,
            "priority": 0,
            "position": 0,
            "process": 0,
        }
        for rate, (base, shown) in sums.items()
    ]
    return {
        "applied_taxes": applied,
        "item_applied_taxes": by_item,
        "taxes": taxes,
        "additional_itemized_taxes": extra,
    }


def _named(rate: Rate) -> Document:
    return {"code": rate.code, "title": rate.code, "percent": rate.percent}


def _itemized(rate: Rate, base: Decimal, shown: Decimal, tax_item: int, tax: int, item: Document | None) -> Document:
    return {
        "tax_item_id": tax_item,
        "tax_id": tax,
        **({} if item is None else {"item_id": item["item_id"]}),
        "tax_code": rate.code,
        "tax_percent": rate.percent,
        "amount": shown,
        "base_amount": base,
        "real_amount": shown,
        "real_base_amount": base,
        "taxable_item_type": "shipping" if item is None else "product",
    }
