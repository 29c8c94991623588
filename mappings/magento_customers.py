"""Reads Magento's registered customers (`/V1/customers/search`): who they are and their default addresses.

A customer's address has the region as an object and the country as `country_id` (Magento Open Source 2.4.7).
"""

from collections.abc import Mapping
from typing import Any, Final

from mappings.catalogue import problem
from mappings.magento_fields import Document, Unreadable, identifier, rows, section, texts, whole, within
from mappings.magento_people import read_address
from mappings.magento_shop import attributes
from mappings.model import Address, Customer, Problem

_TEXTS: Final = ("email", "firstname", "lastname", "taxvat")


def read_customer(raw: Mapping[str, Any]) -> Customer | Problem:
    """One customer, or what keeps it from being read."""
    try:
        return _customer(raw)
    except Unreadable as fault:
        return problem(fault.code, f"customer/id-{raw.get('id')}", fault.field, f"{fault.field} {fault.reason}.")


def _customer(raw: Document) -> Customer:
    email, first, last, tax_id = (value.strip() for value in texts(raw, _TEXTS))
    addresses = rows(raw, "addresses")
    return Customer(
        id=identifier(raw, "id"),
        email=email,
        first_name=first,
        last_name=last,
        tax_id=tax_id,
        group_id=whole(raw, "group_id") or 0,
        website_id=whole(raw, "website_id") or 0,
        store_id=whole(raw, "store_id") or 0,
        billing=_default(addresses, "default_billing"),
        shipping=_default(addresses, "default_shipping"),
        attributes=attributes(raw),
    )


def _default(addresses: list[dict[str, Any]], flag: str) -> Address | None:
    """The address with the flag; a customer need not have one."""
    for number, address in enumerate(addresses):
        if address.get(flag) is True:
            region = within(f"addresses[{number}]", section, address, "region")
            named = {name: region.get(name) for name in ("region", "region_code")}
            return within(f"addresses[{number}]", read_address, {**address, **named})
    return None
