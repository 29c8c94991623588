"""The shapes between booking and QuickBooks: balanced entries, their lines, and whom they are for.

Amounts are `Decimal` in cents, in the entry's currency; days are the store's.
"""

from collections.abc import Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Literal

from mappings.facts import FactValue
from mappings.model import ZERO, Address, EntryKind
from mappings.records import record

Role = Literal[
    "money",
    "receivable",
    "item",
    "shipping",
    "discount",
    "tax",
    "credit",
    "fee",
    "adjustment",
    "rounding",
    "clearing",
    "cost",
    "deferred",
]


@record(frozen=True, slots=True)
class Because:
    """The rule that decided a line: the list in the rules file and the row's id (`books` and the setting's
    name where a setting decided)."""

    list: str
    row: str


@record(frozen=True, slots=True)
class EntryLine:
    """One line of an entry. `amount` is signed cents-exact: debit positive, credit negative.

    `account` is the account's name in QuickBooks. `item` is the QuickBooks item by name, or empty; `sku` the
    catalogue number that finds the item, or empty; `item_type` its type when it has to be created. `source` are
    paths in the Magento document, `facts` what the rules asked of this line.
    """

    role: Role
    account: str
    amount: Decimal
    because: Because
    source: tuple[str, ...]
    item: str = ""
    sku: str = ""
    description: str = ""
    quantity: Decimal | None = None
    price: Decimal | None = None
    tax_code: str = ""
    tax_rate: str = ""
    taxable: Decimal | None = None
    item_type: str = ""
    facts: tuple[tuple[str, FactValue], ...] = ()


def debits(lines: Iterable[EntryLine]) -> Decimal:
    """The sum of the debits: what a journal entry moves."""
    return sum((line.amount for line in lines if line.amount > 0), ZERO)


def posted(lines: Iterable[EntryLine]) -> list[EntryLine]:
    """The lines of a journal entry in an accountant's order: debits, then credits; a line of nothing is none."""
    return sorted((line for line in lines if line.amount), key=lambda line: line.amount < 0)


@record(frozen=True, slots=True)
class Party:
    """The QuickBooks customer of an entry. `key` finds it (`email:<digest>`, `summary:<name>`, ...), so no
    e-mail stands in keys or logs; `name` is the wanted DisplayName before collisions are settled. `currency` is set
    for a customer in another currency than the books."""

    key: str
    name: str
    email: str = ""
    first_name: str = ""
    last_name: str = ""
    company: str = ""
    telephone: str = ""
    billing: Address | None = None
    shipping: Address | None = None
    currency: str = ""


How = Literal["reversal", "repost", "adjustment"]


@record(frozen=True, slots=True)
class Revision:
    """Why a document follows another that is in the books: `of` is that one's key, `words` what changed. `stands` is
    what the books say after an adjustment, which itself holds the difference alone."""

    of: str
    how: How
    words: str
    stands: "Entry | None" = None


SummaryForm = Literal["sales_receipt", "journal"]


@record(frozen=True, slots=True)
class Summary:
    """The daily summary that an entry goes into instead of standing in the books by itself: the store's `day` in its
    own time zone, from `begins` until `ends` (UTC), one store view (its code) and Magento's payment method. `form` is
    what it is in QuickBooks: receipts, or a journal entry."""

    day: date
    begins: datetime
    ends: datetime
    store: str
    method: str
    form: SummaryForm = "sales_receipt"


@record(frozen=True, slots=True)
class Entry:
    """A balanced accounting entry: the sum of its lines' amounts is zero, to the cent.

    `key` is the outbox key; `applies_to` the key of the document that a payment pays or a void voids.
    `total` is what the customer owes or paid (document total; of a journal entry the sum of its debits), `tax` the
    part that QuickBooks keeps as its tax total. `txn_date` is the TxnDate in the store's time zone. An `adjusting`
    entry makes up for a closed period. `decisions` are the rules behind it, `facts` what these rules asked of the
    document, without anything personal. `summary` is set where it is booked together with others; the entry that they
    become is of so many `documents`. `exchange_rate` is home currency for one unit of a foreign `currency`, whose
    receivable account is then `receivable`; `original` the entry as its lines were made, before a currency rule gave
    it this form. `day` is the document's own where a closed period moved it; `said` is what the shop said
    (`mappings.said`). `after` are the keys of documents that must stand first: of a refund, its sale.
    """

    key: str
    kind: EntryKind
    source_id: int
    number: str
    txn_date: date
    currency: str
    party: Party
    total: Decimal
    tax: Decimal
    lines: tuple[EntryLine, ...]
    memo: str
    email: str = ""
    billing: Address | None = None
    shipping: Address | None = None
    deposit_account: str = ""
    payment_method: str = ""
    reference: str = ""
    terms: str = ""
    due: date | None = None
    department: str = ""
    class_name: str = ""
    fields: tuple[tuple[str, str], ...] = ()
    applies_to: str = ""
    adjusting: bool = False
    decisions: tuple[Because, ...] = ()
    facts: tuple[tuple[str, FactValue], ...] = ()
    summary: Summary | None = None
    documents: int = 1
    exchange_rate: Decimal | None = None
    receivable: str = ""
    original: "Entry | None" = None
    day: date | None = None
    said: str = ""
    after: str = ""
    revision: Revision | None = None
