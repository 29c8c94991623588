"""Who a buyer is in QuickBooks: the key that finds the customer, and the name it is given.

The e-mail without case is the identity, for guests and registered customers alike, unless the rules say
`website_and_id`. A changed name does not rename anybody, and two people of one name get names of their own.
"""

from dataclasses import replace
from typing import Final

from mappings.entry import Party
from mappings.keys import digest
from mappings.model import Address
from mappings.rules import Rules
from mappings.texts import clean

NAMELESS: Final = "Magento customer"


def identity(email: str, website_id: int | None, customer_id: int | None, otherwise: str, rules: Rules) -> str:
    """The customer's key: no e-mail stands in it. A buyer without any is known by `otherwise` (`order:000000042`)."""
    if rules.books.customer_key == "website_and_id" and customer_id is not None and website_id is not None:
        return f"id:{website_id}:{customer_id}"
    return f"email:{digest(email.strip().casefold())}" if email.strip() else otherwise


def own(key: str, email: str, first: str, last: str, billing: Address | None, shipping: Address | None) -> Party:
    """The buyer's own customer: a company's name where the billing address has one, else the person's."""
    company, telephone = (billing.company, billing.telephone) if billing else ("", "")
    first, last = (
        _either(first, billing.first_name if billing else ""),
        _either(last, billing.last_name if billing else ""),
    )
    name = clean(company) or clean(f"{first} {last}") or NAMELESS
    return Party(key, name, email, first, last, company, telephone, billing, shipping)


def in_currency(party: Party, currency: str) -> Party:
    """The customer in a foreign currency: QuickBooks allows one currency for each."""
    return replace(party, key=f"{party.key}:{currency}", name=f"{party.name} ({currency})", currency=currency)


def collective(name: str) -> Party:
    """A customer that stands for many buyers, known by its name."""
    name = clean(name) or NAMELESS
    return Party(f"summary:{name.casefold()}", name)


def _either(text: str, otherwise: str) -> str:
    return text if clean(text) else otherwise
