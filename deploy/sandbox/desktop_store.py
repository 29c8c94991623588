"""The lists and transactions of one company file: kept by id, found by name and number, with references resolved.

Objects are dicts in the order of Intuit's answers (`CustomerRet`, `InvoiceRet`). Several lists share one name space:
customers with vendors, employees and other names; all items together. Document numbers are not unique.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from decimal import Decimal

from deploy.sandbox.desktop_rets import arranged
from deploy.sandbox.desktop_shapes import Object
from deploy.sandbox.desktop_status import Refused, invalid_reference, missing

ITEMS = ("ItemService", "ItemNonInventory", "ItemInventory", "ItemOtherCharge", "ItemDiscount")
TAX_ITEMS = ("ItemSalesTax", "ItemSalesTaxGroup")
PEOPLE = ("Customer", "Vendor", "Employee")
LISTS = (*PEOPLE, *ITEMS, *TAX_ITEMS, "Account", "PaymentMethod", "StandardTerms", "Class", "SalesTaxCode", "Currency")
TRANSACTIONS = (
    "SalesReceipt",
    "Invoice",
    "CreditMemo",
    "ReceivePayment",
    "ARRefundCreditCard",
    "Deposit",
    "JournalEntry",
)
Posting = tuple[str, Decimal]
_SPACES: Mapping[str, str] = {
    **dict.fromkeys(PEOPLE, "name"),
    **dict.fromkeys((*ITEMS, *TAX_ITEMS), "item"),
}
_ACCOUNT = ("Account",)
REFERENCES: Mapping[str, tuple[str, ...]] = {
    "CustomerRef": ("Customer",),
    "EntityRef": PEOPLE,
    "PrefVendorRef": ("Vendor",),
    "ClassRef": ("Class",),
    "DiscountClassRef": ("Class",),
    "ARAccountRef": _ACCOUNT,
    "DepositToAccountRef": _ACCOUNT,
    "RefundFromAccountRef": _ACCOUNT,
    "DiscountAccountRef": _ACCOUNT,
    "OverrideItemAccountRef": _ACCOUNT,
    "AccountRef": _ACCOUNT,
    "IncomeAccountRef": _ACCOUNT,
    "ExpenseAccountRef": _ACCOUNT,
    "COGSAccountRef": _ACCOUNT,
    "AssetAccountRef": _ACCOUNT,
    "PaymentMethodRef": ("PaymentMethod",),
    "PreferredPaymentMethodRef": ("PaymentMethod",),
    "TermsRef": ("StandardTerms",),
    "ItemRef": ITEMS,
    "ItemSalesTaxRef": TAX_ITEMS,
    "SalesTaxCodeRef": ("SalesTaxCode",),
    "CustomerSalesTaxCodeRef": ("SalesTaxCode",),
    "CurrencyRef": ("Currency",),
}
"""What a reference may name; every other reference names a list that this company does not have."""


def space(entity: str) -> str:
    """The list in which an entity's names and ids are unique."""
    return _SPACES.get(entity, entity)


def reference(one: Mapping[str, object]) -> Object:
    """How other objects name this one."""
    return {"ListID": one["ListID"], "FullName": one.get("FullName", one["Name"])}


class Store:
    """All objects by entity and id. `journal` holds each transaction's postings: account and amount, debit positive."""

    def __init__(self) -> None:
        self.objects: dict[str, dict[str, Object]] = {entity: {} for entity in (*LISTS, *TRANSACTIONS)}
        self.journal: dict[str, list[Posting]] = {}
        self._last: dict[str, int] = {}
        self._names: dict[tuple[str, str], tuple[str, str]] = {}
        self._owners: dict[tuple[str, str], str] = {}
        self._numbers: dict[tuple[str, str], list[str]] = {}
        self._sequence = 0
        self._undo: list[Callable[[], object]] = []

    @contextmanager
    def atomic(self) -> Iterator[None]:
        """Takes back everything that was done inside when an exception leaves it."""
        self._undo.clear()
        try:
            yield
        except BaseException:
            for step in reversed(self._undo):
                step()
            raise

    def find(self, entity: str, name: str) -> Object | None:
        """A list object by its full name (case ignored)."""
        owner, id = self._names.get((space(entity), name.casefold()), ("", ""))
        return self.objects[entity][id] if owner == entity else None

    def get(self, entities: tuple[str, ...], id: str) -> Object | None:
        """A list object by its ListID, when it is one of these entities."""
        owner = self._owners.get((space(entities[0]), id), "") if entities else ""
        return self.objects[owner][id] if owner in entities else None

    def taken(self, entity: str, full_name: str, but: str = "") -> bool:
        """Whether another object of the name space has the name."""
        holder = self._names.get((space(entity), full_name.casefold()))
        return holder is not None and holder[1] != but

    def numbered(self, entity: str, number: str) -> Iterator[Object]:
        """Transactions with a RefNumber (case ignored), in the order in which they were made."""
        for id in self._numbers.get((entity, number.casefold()), ()):
            yield self.objects[entity][id]

    def add(self, entity: str, fields: Object) -> Object:
        """Keeps a new object under a new id and returns it, in the order of Intuit's answers."""
        now = datetime.now(UTC)
        key = "TxnID" if entity in TRANSACTIONS else "ListID"
        head: Object = {key: self._new_id(entity, now), "TimeCreated": iso(now), "TimeModified": iso(now)}
        head["EditSequence"] = self._next_sequence(now)
        if key == "TxnID":
            head["TxnNumber"] = str(self._last["txn"])
        one = arranged(entity, head | fields)
        self._index(entity, one)
        self._undo.append(lambda: self._forget(entity, one[key]))
        return one

    def line_id(self, one: Object) -> str:
        """An id for a line of a transaction; lines and transactions count together."""
        self._last["txn"] += 1
        return f"{self._last['txn']:X}-{one['TxnID'].partition('-')[2]}"

    def change(self, entity: str, old: Object, fields: Object) -> Object:
        """The object with other fields, a new EditSequence and time; its name may change, its number not."""
        now = datetime.now(UTC)
        stamp = {"TimeModified": iso(now), "EditSequence": self._next_sequence(now)}
        one = arranged(entity, old | fields | stamp)
        self._replace(entity, old, one)
        self._undo.append(lambda: self._replace(entity, one, old))
        return one

    def remove(self, entity: str, one: Object) -> None:
        """Forgets a transaction and its postings."""
        postings = self.journal.get(one["TxnID"], [])
        self._forget(entity, one["TxnID"])
        self._undo.append(lambda: self._index(entity, one))
        self._undo.append(lambda: self.journal.update({one["TxnID"]: postings}))

    def post(self, id: str, postings: list[Posting]) -> None:
        """Sets what a transaction posts; none when it is voided."""
        before = self.journal.get(id, [])
        self.journal[id] = [(account, amount) for account, amount in postings if amount]
        self._undo.append(lambda: self.journal.update({id: before}))

    def _index(self, entity: str, one: Object) -> None:
        id = _id(one)
        self.objects[entity][id] = one
        if "ListID" in one:
            self._owners[space(entity), id] = entity
            self._names[space(entity), _name(one)] = (entity, id)
        elif one.get("RefNumber"):
            self._numbers.setdefault((entity, one["RefNumber"].casefold()), []).append(id)

    def _replace(self, entity: str, old: Object, one: Object) -> None:
        self.objects[entity][_id(one)] = one
        if "ListID" in one:
            del self._names[space(entity), _name(old)]
            self._names[space(entity), _name(one)] = (entity, one["ListID"])

    def _forget(self, entity: str, id: str) -> None:
        one = self.objects[entity].pop(id)
        self.journal.pop(id, None)
        if "ListID" in one:
            del self._owners[space(entity), id], self._names[space(entity), _name(one)]
        elif one.get("RefNumber"):
            self._numbers[entity, one["RefNumber"].casefold()].remove(id)

    def resolve(self, fields: Object, where: str) -> Object:
        """The fields with every reference naming an active object by ListID and FullName.

        Refused 3140 for one that names nothing, 3150 for one without ListID and FullName."""
        return {name: self._resolved(name, value, where) for name, value in fields.items()}

    def _resolved(self, name: str, value: object, where: str) -> object:
        if isinstance(value, list):
            return [self._resolved(name, one, where) for one in value]
        if not isinstance(value, dict):
            return value
        if name.endswith("Ref") and name != "ParentRef":
            return reference(self.referred(REFERENCES.get(name, ()), name, value, where))
        return self.resolve(value, where)

    def referred(self, entities: tuple[str, ...], name: str, value: Mapping[str, str], where: str) -> Object:
        """The active object that a reference names; ListID wins over FullName. Refused 3140 or 3150."""
        id, full_name = value.get("ListID", ""), value.get("FullName", "")
        if not id and not full_name:
            raise missing(f"{name}.ListID")
        if id:
            found = self.get(entities, id)
        else:
            found = next((one for entity in entities if (one := self.find(entity, full_name)) is not None), None)
        if found is None or found.get("IsActive") == "false":
            raise invalid_reference(name.removesuffix("Ref"), id or full_name, where)
        return found

    def transaction(self, entities: tuple[str, ...], id: str) -> tuple[str, Object]:
        """Entity and object of a TxnID. Refused 3120 when there is none among these entities."""
        for entity in entities:
            if id in self.objects[entity]:
                return entity, self.objects[entity][id]
        raise Refused(3120, f'Object "{id}" specified in the request cannot be found.')

    def _new_id(self, entity: str, now: datetime) -> str:
        kind = "txn" if entity in TRANSACTIONS else space(entity)
        self._last[kind] = number = self._last.get(kind, 0) + 1
        prefix = f"{number:X}" if kind == "txn" else f"{0x80000000 + number:X}"
        return f"{prefix}-{int(now.timestamp())}"

    def _next_sequence(self, now: datetime) -> str:
        self._sequence = max(self._sequence + 1, int(now.timestamp()))
        return str(self._sequence)


def _id(one: Object) -> str:
    return str(one["TxnID"] if "TxnID" in one else one["ListID"])


def _name(one: Object) -> str:
    return str(one.get("FullName", one["Name"])).casefold()


def iso(moment: datetime) -> str:
    """A moment as QuickBooks writes it, to the second."""
    return moment.isoformat(timespec="seconds")
