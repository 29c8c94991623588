"""What an entry keeps of the facts that decided it: enough for a trace, nothing about a person."""

import json
from dataclasses import replace
from decimal import Decimal

from deploy.cli.passed import passed_over
from mappings.booking import book_order
from mappings.entry import Entry
from mappings.entry_json import facts_json
from mappings.jsontext import dumps
from mappings.rules import Rules
from mappings.shop import Product
from tests.mappings.sales import RETAIL, TEXAS, booked, context, line, order, rules

BRANDED = rules("""
[[item]]
id = "acme"
when = { "product.brand" = "Acme", store = "default" }
item = "Acme goods"
[[item]]
id = "dear"
when = { "line.price" = { above = 10 }, "customer.email" = { contains = "@" } }
item = "Dear goods"
""")
SOLD = order(line("MUG", "2", "12.50", TEXAS), line("CUP", "1", "7"), paid=True, parts={"gift_cards": "4"})
SHOP = context(products={"MUG": Product("MUG", "Mug", "simple", {"brand": "Bodum"})})


def entry(by: Rules) -> Entry:
    (made, *_) = booked(book_order(SOLD, SHOP, by))
    return made


def test_an_entry_keeps_what_rules_asked_of_the_document_and_of_each_line() -> None:
    told = json.loads(dumps(facts_json(entry(BRANDED))))
    assert told["facts"]["payment.method"] == "checkmo"
    assert told["facts"]["paid"] is True
    goods = [dict(each.facts) for each in entry(BRANDED).lines if each.role == "item"]
    assert [each["product.brand"] for each in goods] == ["Bodum", None]
    credit = next(each for each in entry(RETAIL).lines if each.role == "credit")
    assert credit.facts == (("credit.kind", "gift_card"),)


def test_nothing_about_a_person_is_kept() -> None:
    assert "customer.email" in {condition.fact for row in BRANDED.item for condition in row.when}
    told = dumps(facts_json(entry(BRANDED)))
    assert "customer.email" not in told
    assert "example.com" not in told.lower()


def test_rules_that_ask_nothing_keep_nothing() -> None:
    bare = replace(entry(RETAIL), facts=(), lines=tuple(replace(each, facts=()) for each in entry(RETAIL).lines))
    assert facts_json(bare) == {}


def test_the_line_of_a_tax_keeps_what_rules_asked_of_that_tax() -> None:
    by = rules(
        '[[tax]]\nid = "city"\nwhen = { "tax.rate" = { above = 9 }, "ship.region" = "NY" }\naccount = "2255 City"\n'
        'item = "City tax"\n[[tax]]\nid = "state"\nwhen = { "tax.code" = "US-TX-8.25" }\nitem = "State tax"\n'
        'account = "2256 State"\n'
    )
    (tax,) = [line for line in entry(by).lines if line.role == "tax"]
    assert dict(tax.facts) == {"tax.rate": Decimal("8.25"), "tax.code": "US-TX-8.25"}
    assert tax.because.row == "state"
    (passed,) = passed_over("tax", "state", by, {**dict(entry(by).facts), **dict(tax.facts)})
    assert passed["words"] == "city (tax.rate is 8.25)"
