"""Keeping a customer or item up to date without overwriting a bookkeeper's own edit. Pure.

Of each field three values count: what the shop says now, what we last wrote, what QuickBooks shows. A field is ours
while QuickBooks shows what we wrote, or nothing; else somebody changed it there, and it is left and shown. What the
shop no longer says stays in QuickBooks, and a name is never changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Final

from lxml import etree

from mappings.jsontext import dumps, parse
from mappings.qbxml_read import Ret
from mappings.qbxml_tree import Element, Request, finished, leaf, node, parsed, tag
from mappings.texts import folded

Fields = Mapping[str, Mapping[str, str]]
"""A field of QuickBooks and its parts (`BillAddr`: `Line1`, `City`); one without parts has a part without name."""

ONLINE: Final[Mapping[str, tuple[str, ...]]] = {
    "Customer": ("GivenName", "FamilyName", "CompanyName", "PrimaryEmailAddr", "PrimaryPhone", "BillAddr", "ShipAddr"),
    "Item": ("Description",),
}
DESKTOP: Final = ("CompanyName", "FirstName", "LastName", "BillAddress", "ShipAddress", "Phone", "Email", "Notes")
TOLD: Final = ("SalesOrPurchase/Desc", "SalesDesc")
"""Where an item of Desktop keeps its description, by its kind."""
EXTENSION: Final = "DataExt"
CUSTOM_FIELD: Final = "CustomField."
_ADDRESS: Final = ("Addr1", "Addr2", "Addr3", "Addr4", "Addr5", "City", "State", "PostalCode", "Country")
_ECHOED: Final = frozenset(("Id", "Lat", "Long", "Country"))
"""Parts that QuickBooks Online adds or spells in its own way: countries come back as three letters."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The fields to write, and those that somebody changed in QuickBooks."""

    write: tuple[str, ...]
    left: tuple[str, ...]


def changed(wanted: Fields, written: Fields) -> tuple[str, ...]:
    """The fields in which the shop says something else than we last wrote."""
    return tuple(name for name, parts in wanted.items() if _plain(parts) != _plain(written.get(name, {})))


def judge(wanted: Fields, written: Fields, present: Fields) -> Verdict:
    """What to write of the fields that changed in the shop, given what QuickBooks shows now."""
    write: list[str] = []
    left: list[str] = []
    for name in changed(wanted, written):
        now = _plain(present.get(name, {}))
        if now == _plain(wanted[name]):
            continue
        (write if not now or now == _plain(written.get(name, {})) else left).append(name)
    return Verdict(tuple(write), tuple(left))


def merged(all_written: Iterable[Fields]) -> Fields:
    """What was written last, field by field, of several writes in their order."""
    last: dict[str, Mapping[str, str]] = {}
    for fields in all_written:
        last |= fields
    return last


def online_fields(entity: str, shown: Mapping[str, Any]) -> Fields:
    """The fields of a payload of ours, or of an object as QuickBooks Online answers it."""
    return {name: _parts(shown[name]) for name in ONLINE[entity] if shown.get(name)}


def online_update(entity: str, payload: str, names: Iterable[str], shown: Mapping[str, Any]) -> str:
    """The sparse update that writes these fields of `payload` over the object `shown` (Intuit, "sparse update")."""
    wanted = parse(payload)
    head = {"Id": str(shown["Id"]), "SyncToken": str(shown["SyncToken"]), "sparse": True}
    return dumps(head | {name: wanted[name] for name in ONLINE[entity] if name in set(names)})


def desktop_fields(text: str) -> Fields:
    """The fields of an Add or Mod request of ours."""
    body = parsed(text)[0]
    if tag(body).startswith(EXTENSION):
        name, value = body.findtext("DataExtName") or "", body.findtext("DataExtValue") or ""
        return {f"{CUSTOM_FIELD}{name}": {"": value}}
    if tag(body).startswith("Item"):
        found = body.findtext("./SalesOrPurchase/Desc") or body.findtext("./SalesOrPurchaseMod/Desc")
        told = found or body.findtext("./SalesDesc")
        return {"Desc": {"": told}} if told else {}
    return {tag(child): _inside(child) for child in body if tag(child) in DESKTOP}


def desktop_present(ret: Ret) -> Fields:
    """The fields of a customer or an item as QuickBooks Desktop answers it, custom fields included."""
    extensions = ret.each(f"{EXTENSION}Ret")
    found = {f"{CUSTOM_FIELD}{each['DataExtName']}": {"": each.get("DataExtValue", "")} for each in extensions}
    if ret.entity.startswith("Item"):
        return found | {"Desc": {"": next((ret.fields[path] for path in TOLD if ret.fields.get(path)), "")}}
    for path, value in ret.fields.items():
        name, _, part = path.partition("/")
        if name in DESKTOP:
            found.setdefault(name, {})[part] = value
    return found


def desktop_update(symbol: tuple[str, str], text: str, names: Iterable[str], present: Fields) -> Request:
    """The request that writes these fields of the Add (or Mod) `text`: a Mod, or an Add of a custom field. Parts of an
    address that are there and not wanted are emptied, because QuickBooks keeps what a Mod leaves out."""
    body, wanted = parsed(text)[0], set(names)
    if tag(body).startswith(EXTENSION):
        return _custom_field(body, present)
    kind = tag(body).removesuffix("Add").removesuffix("Mod")
    head = (leaf("ListID", f"@{symbol[0]}:{symbol[1]}"), leaf("EditSequence", f"@sync:{symbol[1]}"))
    if kind.startswith("Item"):
        told = desktop_fields(text).get("Desc", {}).get("", "")
        inventory = kind == "ItemInventory"
        inside = [leaf("SalesDesc", told)] if inventory else [node("SalesOrPurchaseMod", leaf("Desc", told))]
    else:
        inside = [_field(child, present.get(tag(child), {})) for child in body if tag(child) in wanted]
    return finished(node(f"{kind}ModRq", node(f"{kind}Mod", *head, *inside)))


def _custom_field(body: Element, present: Fields) -> Request:
    """An Add where the custom field shows nothing, a Mod where it holds a value (Intuit, "DataExtMod")."""
    name = f"{CUSTOM_FIELD}{body.findtext('DataExtName')}"
    made = f"{EXTENSION}Mod" if _plain(present.get(name, {})) else f"{EXTENSION}Add"
    return finished(node(f"{made}Rq", node(made, *body)))


def _field(child: Element, present: Mapping[str, str]) -> Element | None:
    if not len(child):
        return leaf(tag(child), child.text or "")
    parts = _inside(child)
    made = etree.Element(tag(child))
    for name in _ADDRESS:
        if name in parts or present.get(name):
            etree.SubElement(made, name).text = parts.get(name, "")
    return made


def _inside(child: Element) -> dict[str, str]:
    return {tag(part): part.text or "" for part in child} if len(child) else {"": child.text or ""}


def _parts(value: Any) -> dict[str, str]:
    if isinstance(value, Mapping):
        return {name: str(part) for name, part in value.items() if name not in _ECHOED}
    return {"": str(value)}


def _plain(parts: Mapping[str, str]) -> dict[str, str]:
    """Parts as they are compared: cleaned and without case; empty ones are none."""
    return {name: text for name, value in parts.items() if (text := folded(value))}
