"""The user's rules: read a rules.toml, report everything that is wrong with it at once, hand out the templates.

The shape is in `mappings.rules_model`; what a company needs for it in `mappings.rules_needs`.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal
from importlib import resources
from typing import Any, Final

from pydantic import ValidationError

from mappings import rules_check
from mappings.rules_check import Found
from mappings.rules_findings import Finding, RulesError
from mappings.rules_model import LISTS, PostOn, Rules, Target
from mappings.rules_needs import clashes
from mappings.rules_places import line_of, locate
from mappings.rules_rows import (
    ClassRow,
    CreditRow,
    CurrencyRow,
    CustomerRow,
    DeferralRow,
    DiscountRow,
    DocumentRow,
    FeeRow,
    FieldRow,
    ItemRow,
    PaymentRow,
    RefundRow,
    ReviewRow,
    Row,
    SettlementRow,
    ShippingRow,
    TaxRow,
)
from mappings.rules_words import faults_of

__all__ = [
    "LISTS",
    "TEMPLATES",
    "ClassRow",
    "CreditRow",
    "CurrencyRow",
    "CustomerRow",
    "DeferralRow",
    "DiscountRow",
    "DocumentRow",
    "FeeRow",
    "FieldRow",
    "Finding",
    "ItemRow",
    "PaymentRow",
    "PostOn",
    "RefundRow",
    "ReviewRow",
    "Row",
    "Rules",
    "RulesError",
    "SettlementRow",
    "ShippingRow",
    "Target",
    "TaxRow",
    "load",
    "template",
]

TEMPLATES: Final = ("us_retail", "eu_vat", "us_desktop", "b2b_invoices", "daily_summary", "deferred_revenue")
LARGEST: Final = 512 * 1024
_AT_LINE: Final = re.compile(r" \(at line (\d+), column \d+\)$")


def load(text: str, source: str = "rules.toml", target: Target | None = None) -> Rules:
    """Read rules from the text of a file called `source`, as if it named `target` when one is given.

    Raises RulesError with every finding: file, line, row and field, what is wrong, and the nearest right name.
    """
    data = _aimed(_parse(text, source), target)
    faults = rules_check.check(data)
    try:
        rules = Rules.model_validate({**_tuples(data), "text": text, "source": source})
    except ValidationError as error:
        faults = [*faults, *faults_of(error)]
    else:
        faults = [*faults, *clashes(rules)]
    if faults:
        raise RulesError(_findings(data, text, source, faults))
    return rules


def _aimed(data: dict[str, Any], target: Target | None) -> dict[str, Any]:
    books = data.get("books", {})
    if target is None or not isinstance(books, dict):
        return data
    return {**data, "books": {**books, "target": target}}


def _findings(data: Mapping[str, Any], text: str, source: str, faults: Sequence[Found]) -> Iterator[Finding]:
    places = locate(text)
    for path, fault in faults:
        place = rules_check.place(data, path[:-1] if fault.quoted else path)
        yield Finding(source, line_of(places, path), place, fault.message, fault.nearest)


def template(name: str) -> str:
    """The text of a template that comes with MageBooks. Raises KeyError for a name not in TEMPLATES."""
    if name not in TEMPLATES:
        raise KeyError(f"no rules template is called {name!r}; there are {', '.join(TEMPLATES)}")
    return (resources.files("mappings") / "templates" / f"{name}.toml").read_text(encoding="utf-8")


def _parse(text: str, source: str) -> dict[str, Any]:
    """The file's values; numbers with a point are exact decimals."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        raise RulesError([Finding(source, text.count("\n", 0, error.start) + 1, "", "is not UTF-8 text")]) from error
    if size > LARGEST:
        raise RulesError([Finding(source, 1, "", f"is {size // 1024} kB long; the most is {LARGEST // 1024} kB")])
    try:
        return tomllib.loads(text, parse_float=Decimal)
    except tomllib.TOMLDecodeError as error:
        words = str(error)
        found = _AT_LINE.search(words)
        line = int(found[1]) if found else text.count("\n") + 1
        message = f"is not valid TOML: {_AT_LINE.sub('', words)}"
    except (ValueError, ArithmeticError):
        line, message = 1, "holds a number that is too long"
    except RecursionError:
        line, message = 1, "has too many brackets inside each other"
    raise RulesError([Finding(source, line, "", message)])


def _tuples(data: Mapping[str, Any]) -> dict[str, Any]:
    """Lists as tuples, which is what frozen rules hold; names that only MageBooks fills in are left out."""
    made = {key: tuple(value) if isinstance(value, list) else value for key, value in data.items()}
    books = made.get("books")
    if isinstance(books, dict) and isinstance(books.get("on_account"), list):
        made["books"] = {**books, "on_account": tuple(books["on_account"])}
    return made
