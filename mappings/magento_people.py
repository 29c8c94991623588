"""Who bought and where to: names and addresses of a Magento order, no more of them than the books need."""

from typing import Final

from mappings.magento_fields import NOTHING, Document, rows, section, texts, whole, within
from mappings.model import Address, Buyer

_ADDRESS: Final = (
    "firstname",
    "lastname",
    "company",
    "city",
    "region",
    "region_code",
    "postcode",
    "country_id",
    "telephone",
)
_BUYER: Final = ("customer_email", "customer_firstname", "customer_lastname", "customer_taxvat")


def read_address(document: Document) -> Address:
    """One address; fields that Magento leaves out (a region in Germany) are empty."""
    first_name, last_name, company, city, region, region_code, postcode, country, telephone = texts(document, _ADDRESS)
    street = document.get("street")
    lines = tuple(line for line in street if type(line) is str and line) if type(street) is list else ()
    return Address(first_name, last_name, company, lines, city, region, region_code, postcode, country, telephone)


def read_billing(order: Document) -> Address:
    """The billing address, all empty when an order lost it."""
    return within("billing_address", read_address, section(order, "billing_address"))


def read_shipping(extension: Document) -> tuple[Address | None, str]:
    """Where the order was shipped to and by which method; None and empty for virtual orders.

    Magento keeps both in `extension_attributes.shipping_assignments` alone.
    """
    assignments = rows(extension, "shipping_assignments")
    shipping = within("shipping_assignments[0]", section, assignments[0], "shipping") if assignments else NOTHING
    if not shipping:
        return None, ""
    path = "shipping_assignments[0].shipping"
    address = within(path, section, shipping, "address")
    (method,) = within(path, texts, shipping, ("method",))
    return (within(f"{path}.address", read_address, address) if address else None), method


def read_buyer(order: Document, billing: Address) -> Buyer:
    """The buyer. A guest's name is that of the billing address; a deleted account has no id and is no guest."""
    email, first_name, last_name, tax_id = texts(order, _BUYER)
    customer_id = whole(order, "customer_id") or None
    flag = whole(order, "customer_is_guest")
    guest = customer_id is None if flag is None else bool(flag)
    if guest or not (first_name or last_name):
        first_name, last_name = billing.first_name or first_name, billing.last_name or last_name
    if not (email and tax_id):
        address = section(order, "billing_address")
        billing_email, billing_tax_id = within("billing_address", texts, address, ("email", "vat_id"))
        email, tax_id = email or billing_email, tax_id or billing_tax_id
    return Buyer(email, first_name, last_name, customer_id, guest, whole(order, "customer_group_id") or 0, tax_id)
