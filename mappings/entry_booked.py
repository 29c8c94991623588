"""An entry as it was booked, kept in the ledger so that it can be compared, adjusted and taken back later.

It names its customer by key alone and has no texts: those stand in the payload only. `lines` are as in `COLUMNS`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from operator import attrgetter
from typing import Any, Final

from mappings.entry import Because, Entry, EntryLine, Party

HEAD: Final = (
    *("kind", "number", "currency", "receivable"),
    *("deposit_account", "payment_method", "class_name", "department"),
)
COLUMNS: Final = ("role", "account", "amount", "item", "sku", "tax_code", "tax_rate", "taxable", "quantity", "price")
_columns: Final = attrgetter(*COLUMNS)
_NUMBERS: Final = ("amount", "taxable", "quantity", "price")


@dataclass(frozen=True, slots=True)
class Posted:
    """What stands in QuickBooks, or may: `entry` is what the books say by this document (after an adjustment, by all
    of them), `adjusts` whether the document itself holds a difference alone."""

    entry: Entry
    adjusts: bool = False


def booked_json(entry: Entry | None) -> dict[str, Any]:
    """What `read_booked` reads; no key for what is never compared."""
    if entry is None or not entry.said:
        return {}
    told: dict[str, Any] = {}
    if entry.revision is not None:
        told["revision"] = {"of": entry.revision.of, "how": entry.revision.how, "words": entry.revision.words}
    stands = entry if entry.revision is None or entry.revision.stands is None else entry.revision.stands
    return told | {
        "booked": {name: value for name in HEAD if (value := getattr(stands, name))}
        | {
            "date": entry.txn_date.isoformat(),
            "day": (stands.day or stands.txn_date).isoformat(),
            "party": [stands.party.key, stands.party.currency],
            "rate": stands.exchange_rate,
            "total": stands.total,
            "tax": stands.tax,
            "applies_to": stands.applies_to,
            "source_id": stands.source_id,
            "said": stands.said,
            "lines": list(map(_columns, stands.lines)),
        }
    }


def read_booked(key: str, told: Mapping[str, Any]) -> Posted | None:
    """The entry with this key as the ledger keeps it (`told` is its JSON); None where it keeps too little."""
    booked = told.get("booked")
    if booked is None:
        return None
    party, currency = booked["party"]
    entry = Entry(
        key=key,
        txn_date=date.fromisoformat(booked["date"]),
        day=date.fromisoformat(booked["day"]),
        party=Party(party, "", currency=currency),
        exchange_rate=None if booked["rate"] is None else Decimal(booked["rate"]),
        total=Decimal(booked["total"]),
        tax=Decimal(booked["tax"]),
        lines=tuple(_line(dict(zip(COLUMNS, line, strict=True))) for line in booked["lines"]),
        memo="",
        applies_to=booked["applies_to"],
        source_id=booked["source_id"],
        said=booked["said"],
        **({"number": ""} | {name: booked[name] for name in HEAD if name in booked}),
    )
    return Posted(entry, told.get("revision", {}).get("how") == "adjustment")


def _line(told: dict[str, Any]) -> EntryLine:
    numbers = {name: None if told[name] is None else Decimal(told[name]) for name in _NUMBERS}
    return EntryLine(**(told | numbers), because=Because("books", "changed"), source=())
