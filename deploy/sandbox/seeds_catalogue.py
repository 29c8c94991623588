"""What the sandbox's shop sells and to whom: products of every Magento type, buyers with awkward names."""

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Article:
    """A catalogue product. `children` are (SKU, quantity) of a configurable's variant or a bundle's parts;
    `price` is net in a tax-exclusive store and gross in a tax-inclusive one, in base currency."""

    id: int
    sku: str
    name: str
    type: str
    price: Decimal
    weight: Decimal | None = Decimal(1)
    reduced: bool = False
    decimal: bool = False
    children: tuple[tuple[str, int], ...] = ()


def _article(id: int, sku: str, name: str, type: str, price: str, **more: object) -> Article:
    return Article(id, sku, name, type, Decimal(price), **more)  # type: ignore[arg-type]


_LIGHT = Decimal("0.25")

ARTICLES: tuple[Article, ...] = (
    _article(3, "EBOOK", "E-Book (downloadable)", "downloadable", "14", weight=None),
    _article(4, "MUG-BLUE", "Blue Mug", "simple", "12.50"),
    _article(5, "MUG-RED", "Red Mug", "simple", "12.99"),
    _article(6, "TEE-PLAIN", "Plain Tee", "simple", "19.99", weight=_LIGHT),
    _article(7, "PEN-CHEAP", "Cheap Pen", "simple", "0.33", weight=Decimal("0.01")),
    _article(8, "DESK-OAK", "Oak Desk", "simple", "1234.56", weight=Decimal("48.5")),
    _article(9, "BOOK-DE", "Das Buch – gebunden", "simple", "24.90", reduced=True),
    _article(10, "FABRIC-M", "Fabric by the metre", "simple", "7.35", weight=Decimal("0.4"), decimal=True),
    _article(11, "CHEESE-KG", "Käse (kg)", "simple", "18.77", decimal=True, reduced=True),
    _article(12, "SKU WITH SPACE/SLASH & AMP", 'Lamp "Étoile" <b>bold</b> & co', "simple", "45.00"),
    _article(13, "LONG-" + "X" * 59, "A very long name " + "that goes on and on " * 8 + "end", "simple", "9.10"),
    _article(14, "MUG-????", "Party mug ????", "simple", "11.00"),
    _article(15, "Shipping", "Shipping crate (a product of that name)", "simple", "31.40"),
    _article(16, "TEA-日本", "日本茶", "simple", "16.80", reduced=True),
    _article(19, "SERVICE-1H", "Consulting hour", "virtual", "80", weight=None),
    _article(20, "WARRANTY-2Y", "Two year warranty", "virtual", "29.95", weight=None),
    _article(21, "HOODIE-BLUE", "Hoodie Blue", "simple", "49", weight=Decimal("0.8")),
    _article(23, "HOODIE-RED", "Hoodie Red", "simple", "51", weight=Decimal("0.8")),
    _article(
        24,
        "HOODIE",
        "Hoodie (configurable)",
        "configurable",
        "49",
        children=(("HOODIE-BLUE", 1),),
        weight=Decimal("0.8"),
    ),
    _article(25, "BUNDLE-DYN", "Bundle dynamic", "bundle", "0", children=(("MUG-RED", 1), ("TEE-PLAIN", 2))),
    _article(26, "BUNDLE-FIX", "Bundle fixed", "bundle", "71.50", children=(("MUG-RED", 1), ("TEE-PLAIN", 2))),
    _article(29, "ENGRAVED", "Engraved pen", "simple", "12.95", weight=Decimal("0.1")),
    _article(30, "SAMPLE-FREE", "Free sample", "simple", "0", weight=Decimal("0.001")),
)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a buyer lives; `taxes` are (code, percent) of the destination, `reduced` those of reduced goods."""

    city: str
    postcode: str
    country: str
    region: str = ""
    region_code: str = ""
    region_id: int = 0
    street: tuple[str, ...] = ("100 Main St",)
    taxes: tuple[tuple[str, str], ...] = ()
    reduced: tuple[tuple[str, str], ...] = ()


_TX = (("US-TX-8.25", "8.25"),)
_CA = (("US-CA-*-Rate 1", "8.25"),)
_NY = (("US-NY-STATE-4", "4"), ("US-NY-CITY-4.875", "4.875"))
_DE = (("DE-VAT-19", "19"),)
_DE7 = (("DE-VAT-7", "7"),)

AUSTIN = Place("Austin", "78701", "US", "Texas", "TX", 57, taxes=_TX, reduced=_TX)
LOS_ANGELES = Place(
    "Los Angeles", "90001", "US", "California", "CA", 12, ("1 Sunset Blvd", "Apt 4"), taxes=_CA, reduced=_CA
)
NEW_YORK = Place("New York", "10001", "US", "New York", "NY", 43, ("350 Fifth Avenue",), taxes=_NY, reduced=_NY)
PORTLAND = Place("Portland", "97201", "US", "Oregon", "OR", 49, ("7 Pine Street",))
SPRINGFIELD = Place(
    "Springfield",
    "75701-1234",
    "US",
    "Texas",
    "TX",
    57,
    ("The Old Mill House, behind the second gate on the left hand side", "Building C, Stair 12, Floor 3", "Door 7"),
    taxes=_TX,
    reduced=_TX,
)
DUESSELDORF = Place("Düsseldorf", "40212", "DE", street=("Königsallee 1", "c/o Süß & Söhne"), taxes=_DE, reduced=_DE7)
BERLIN = Place("Berlin", "10115", "DE", street=("Invalidenstraße 44",), taxes=_DE, reduced=_DE7)
US_PLACES: tuple[Place, ...] = (AUSTIN, LOS_ANGELES, NEW_YORK, PORTLAND, SPRINGFIELD)
DE_PLACES: tuple[Place, ...] = (DUESSELDORF, BERLIN)


@dataclass(frozen=True, slots=True)
class Person:
    """A buyer. `customer_id` None: a guest. The same person may write the e-mail in another case."""

    first: str
    last: str
    email: str
    customer_id: int | None = None
    group: int = 0
    company: str = ""
    vat: str = ""


PEOPLE: tuple[Person, ...] = (
    Person("Ada", "Lovelace", "ada@lab.example", 1, 1),
    Person("Ada", "Lovelace", "Ada@Lab.Example"),
    Person("Conor", "O'Brien", "obrien+shop@lab.example", 2, 1),
    Person("Maria", "Garcia", "maria.garcia@lab.example"),
    Person("Maria", "Garcia", "mgarcia@other.example", 3, 1),
    Person("Gina", "Guest", "guest@lab.example"),
    Person("Emily", "Carter", "emily.carter@lab.example"),
    Person('Dwayne "Rocky"', "Johnson & Sons <b>", "rocky@lab.example"),
    Person("Zoé", "Tremblay", "zoe@lab.example", 4, 1),
    Person("太郎", "山田", "taro@lab.example"),
    Person("Emo", "Ji ????", "emoji@lab.example"),
    Person("Hubert Blaine", "Wolfeschlegelsteinhausenbergerdorff-" + "Senior-" * 12 + "Esq", "hubert@lab.example"),
    Person("Tab\tby", "Colon: the name", "tabby@lab.example"),
    Person("Sam", "Smith", "sam1@lab.example"),
    Person("Sam", "Smith", "sam2@lab.example"),
    Person("Sam", "Smith", "sam3@lab.example", 5, 3),
    Person("Nora", "Jensen", "nora@lab.example", 6, 1),
    Person("Liam", "Murphy", "liam@lab.example"),
    Person("Olivia", "Brown", "olivia@lab.example", 7, 1),
    Person("Noah", "Davis", "noah@lab.example"),
    Person("Ava", "Wilson", "ava@lab.example", 8, 3),
    Person("Mia", "Anderson", "mia@lab.example"),
    Person("Ethan", "Thomas", "ethan@lab.example", 9, 1),
    Person("Amelia", "Moore", "amelia@lab.example"),
)
COMPANIES: tuple[Person, ...] = (
    Person("Bob", "Builder", "purchasing@acme.example", 10, 2, "Acme Supplies"),
    Person("Grace", "Hopper", "grace@navy.example", 11, 2, 'Hopper & Sons "Fine" Goods, Ltd.'),
)
GERMANS: tuple[Person, ...] = (
    Person("Jürgen", "Groß", "juergen@lab.example"),
    Person("Björk", "Guðmundsdóttir & Søn", "bjork@lab.example", 12, 1, 'Müller & Söhne GmbH "Köln"', "DE123456789"),
    Person("Anna", "Schmidt", "anna.schmidt@lab.example"),
    Person("Anna", "Schmidt", "Anna.Schmidt@lab.example", 13, 1),
)
