"""The templates: complete, right, and with the names a company needs."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mappings.booking import book_invoice, book_order
from mappings.context import Context
from mappings.decide import decide
from mappings.facts import credit_facts, order_facts, tax_facts
from mappings.facts_list import CREDITS
from mappings.model import AppliedTax, Problem, Waiting
from mappings.rules import LISTS, TEMPLATES, Rules, RulesError, load, template
from mappings.rules_needs import Needs, needs
from tests.mappings.rules_sample import AUSTIN, BERLIN, CONTEXT, order, rules
from tests.mappings.sales import booked, line
from tests.mappings.sales import context as business_context
from tests.mappings.sales import invoice as captured
from tests.mappings.sales import order as sale

US, EU, DESKTOP, B2B, DAILY, LATER = (load(template(name), f"{name}.toml") for name in TEMPLATES)
ALL = pytest.mark.parametrize("made", [US, EU, DESKTOP, B2B, DAILY, LATER], ids=TEMPLATES)
CONSUMERS = pytest.mark.parametrize("made", [US, EU, DESKTOP], ids=TEMPLATES[:3])


def business(group: str) -> Context:
    """The shop in which every customer of group 1 is of this kind."""
    return replace(business_context(), groups={1: group})


def won(made: Rules, name: str, facts: Any) -> str | None:
    row = decide(facts, made.rows(name)).row
    return None if row is None else row.id


@CONSUMERS
@pytest.mark.parametrize(
    ("changes", "row", "make"),
    [
        ({"state": "pending_payment"}, "review state", "wait"),
        ({"state": "payment_review"}, "review state", "wait"),
        ({"state": "holded"}, "review state", "wait"),
        ({}, "paid", "sales_receipt"),
        ({"paid": Decimal(0)}, "anything else", "invoice"),
        ({"payment_method": "purchaseorder"}, "anything else", "invoice"),
    ],
)
def test_an_order_becomes_the_right_document(made: Rules, changes: dict[str, Any], row: str, make: str) -> None:
    decision = decide(order_facts(order(**changes), CONTEXT, made.books.on_account), made.document)
    assert decision.row is not None
    assert (decision.row.id, decision.row.make) == (row, make)


@ALL
@pytest.mark.parametrize(
    ("method", "clearing"),
    [
        ("paypal_express", "1250 PayPal clearing"),
        ("braintree_paypal", "1250 PayPal clearing"),
        ("braintree", "1251 Cards clearing"),
        ("stripe_payments", "1251 Cards clearing"),
        ("authorizenet_acceptjs", "1251 Cards clearing"),
        ("adyen_cc", "1251 Cards clearing"),
        ("checkmo", "1255 Checks clearing"),
        ("banktransfer", "1256 Bank transfers clearing"),
        ("cashondelivery", "1257 Cash on delivery clearing"),
        ("purchaseorder", "1256 Bank transfers clearing"),
        ("free", "1259 Zero total clearing"),
    ],
)
def test_each_usual_payment_method_has_its_clearing_account(made: Rules, method: str, clearing: str) -> None:
    row = decide({"payment.method": method}, made.payment).row
    assert row is not None
    assert row.clearing == clearing


@ALL
def test_a_payment_method_nobody_has_thought_of_has_no_row(made: Rules) -> None:
    assert won(made, "payment", {"payment.method": "acme_bitcoin"}) is None


@ALL
def test_guests_are_customers_of_their_own_until_somebody_switches_the_row_on(made: Rules) -> None:
    assert won(made, "customer", {"guest": True}) == "anything else"
    switched = load(
        template(made.source.removesuffix(".toml")).replace("off  = true\nwhen = { guest", "when = { guest")
    )
    decision = decide({"guest": True}, switched.customer)
    assert decision.row is not None
    assert (decision.row.use, decision.row.name.text) == ("summary", "Web guests")
    assert needs(switched).customers == ("Web guests",)


@ALL
def test_every_kind_of_credit_is_a_liability(made: Rules) -> None:
    liabilities = {account.name for account in needs(made).accounts if account.type == "Other Current Liability"}
    for kind in CREDITS:
        row = decide(credit_facts({}, kind, Decimal(5)), made.credit).row
        assert row is not None
        assert made.account(row.account) in liabilities


def taxed(country: str, rate: str) -> Any:
    address = replace(BERLIN if country == "DE" else AUSTIN, country=country)
    facts = order_facts(order(shipping_address=address), CONTEXT, ())
    return tax_facts(facts, AppliedTax("any", "any", Decimal(rate), Decimal(1)))


@pytest.mark.parametrize(
    ("country", "rate", "row"),
    [("US", "8.25", None), ("DE", "19", "germany"), ("FR", "20", "france"), ("GB", "20", "united kingdom"),
     ("CA", "5", "canada"), ("DE", "0", None), ("IT", "22", None)],
)  # fmt: skip
def test_vat_of_another_country_becomes_a_line_in_an_american_company(country: str, rate: str, row: str | None) -> None:
    assert won(US, "tax", taxed(country, rate)) == row


@pytest.mark.parametrize(
    ("country", "rate", "code"),
    [("DE", "19", "19% Standard"), ("DE", "7.0000", "7% Reduced"), ("NL", "19", "19% Standard"),
     ("FR", "20", "20% FR OSS"), ("AT", "20", "20% AT OSS"), ("CH", "0", "0% Export"), ("IT", "0", "0% Zero rated")],
)  # fmt: skip
def test_each_rate_has_its_vat_code_in_europe(country: str, rate: str, code: str) -> None:
    row = decide(taxed(country, rate), EU.tax).row
    assert row is not None
    assert row.code == code


def test_a_rate_that_nobody_has_named_has_no_vat_code_and_no_tax_is_zero_rated() -> None:
    assert won(EU, "tax", taxed("IT", "22")) is None
    assert won(EU, "tax", tax_facts({"ship.country": "DE"}, None)) == "nothing"


@ALL
def test_templates_explain_themselves_to_a_bookkeeper(made: Rules) -> None:
    text = template(made.source.removesuffix(".toml"))
    assert all(len(line) <= 120 for line in text.splitlines())
    assert text.count("#") >= 40
    assert (made.books.sales_tax == "codes") == (made is EU)
    assert (made.books.target == "desktop") == (made is DESKTOP)
    assert made.books.unknown_item == "create"


@ALL
def test_switching_on_every_row_that_is_off_leaves_a_right_file(made: Rules) -> None:
    text = template(made.source.removesuffix(".toml"))
    lines = [line for line in text.splitlines() if not line.startswith("off")]
    assert all(not row.off for name in LISTS for row in load("\n".join(lines)).rows(name))


# --- businesses that buy on account -----------------------------------------------------------------------------

GENERAL = replace(CONTEXT, groups={2: "General"})
DISTRIBUTORS = replace(CONTEXT, groups={2: "distributor"})


@pytest.mark.parametrize(
    ("context", "changes", "row", "make", "terms"),
    [
        (CONTEXT, {}, "wholesale", "invoice", "Net 30"),  # paid by PayPal, and an invoice all the same
        (CONTEXT, {"payment_method": "purchaseorder"}, "wholesale", "invoice", "Net 30"),
        (DISTRIBUTORS, {}, "distributors", "invoice", "Net 60"),
        (GENERAL, {"payment_method": "purchaseorder"}, "bought on account", "invoice", "Net 15"),
        (GENERAL, {"payment_method": "companycredit"}, "bought on account", "invoice", "Net 15"),
        (GENERAL, {}, "paid", "sales_receipt", ""),
        (GENERAL, {"paid": Decimal(0)}, "anything else", "invoice", "Due on receipt"),
        (CONTEXT, {"state": "payment_review"}, "review state", "wait", ""),
    ],
)
def test_businesses_get_invoices_with_terms_and_consumers_sales_receipts(
    context: Context, changes: dict[str, Any], row: str, make: str, terms: str
) -> None:
    decided = decide(order_facts(order(**changes), context, B2B.books.on_account), B2B.document).row
    assert decided is not None
    assert (decided.id, decided.make, decided.terms) == (row, make, terms)


def test_a_wholesale_order_is_an_invoice_with_its_purchase_order_number_and_due_day() -> None:
    sold = sale(line("MUG", "2", "12.50"), po_number=" PO-7781 ", payment_method="purchaseorder")
    (entry,) = booked(book_order(sold, business("Wholesale"), B2B))
    assert (entry.kind, entry.terms, entry.due) == ("invoice", "Net 30", date(2026, 12, 20))
    assert entry.fields == (("CustomerMemo", "Your purchase order PO-7781"),)
    (without,) = booked(book_order(replace(sold, po_number=""), business("Wholesale"), B2B))
    assert without.fields == ()


def test_a_paid_magento_invoice_pays_the_wholesale_invoice_but_never_one_on_account() -> None:
    sold = sale(line("MUG", "2", "12.50"), paid=True, payment_method="braintree")
    (paid,) = booked(book_invoice(captured(sold), sold, business("Wholesale"), B2B))
    assert (paid.kind, paid.deposit_account) == ("payment", "1251 Cards clearing")
    later = replace(sold, payment_method="companycredit")
    assert isinstance(book_invoice(captured(later), later, business("Wholesale"), B2B), Waiting)


@pytest.mark.parametrize(
    ("method", "quantity", "held"),
    [("purchaseorder", "400", False), ("purchaseorder", "401", True), ("braintree", "2000", False),
     ("braintree", "2001", True)],
)  # fmt: skip
def test_an_order_above_what_is_usual_waits_for_a_look(method: str, quantity: str, held: bool) -> None:
    outcome = book_order(sale(line("MUG", quantity, "12.50"), payment_method=method), business("Wholesale"), B2B)
    assert (isinstance(outcome, Problem) and outcome.code == "review") == held


def test_a_company_that_sells_on_account_needs_its_terms_and_no_class_until_one_is_switched_on() -> None:
    assert needs(B2B).terms == ("Net 60", "Net 30", "Net 15", "Due on receipt")
    assert needs(B2B).classes == ()


# --- what a company needs ---------------------------------------------------------------------------------------


def test_a_retail_company_needs_what_the_template_names() -> None:
    wanted = needs(US)
    types = {account.name: (account.type, account.subtype) for account in wanted.accounts}
    assert types["1250 PayPal clearing"] == ("Other Current Asset", "OtherCurrentAssets")
    assert types["4000 Sales"] == ("Income", "SalesOfProductIncome")
    assert types["4900 Discounts given"] == ("Income", "DiscountsRefundsGiven")
    assert types["2250 Foreign VAT payable"] == ("Other Current Liability", "OtherCurrentLiabilities")
    assert US.accounts.receivable not in types
    assert US.accounts.sales_tax not in types
    assert len(types) == len(wanted.accounts)
    items = {item.name: item.account for item in wanted.items}
    assert items["Magento shipping"] == "4100 Shipping income"
    assert items["Magento VAT DE"] == "2250 Foreign VAT payable"
    assert wanted.payment_methods == ("PayPal", "Credit Card", "Check", "Bank transfer", "Cash")
    assert wanted.terms == ("Net 30",)
    assert wanted.tax_codes == wanted.tax_rates == wanted.classes == wanted.customers == ()


@ALL
def test_each_processor_pays_out_from_the_clearing_account_of_its_methods(made: Rules) -> None:
    for processor, method in [("paypal", "paypal_express"), ("stripe", "stripe_payments"), ("adyen", "adyen_cc")]:
        row = decide({"settlement.processor": processor}, made.settlement).row
        paid = decide({"payment.method": method}, made.payment).row
        assert row is not None and paid is not None
        assert row.clearing == paid.clearing
    types = {account.name: account.type for account in needs(made).accounts}
    assert types["1000 Checking"] == "Bank"
    assert types["6100 Payment processing fees"] == types["6110 Chargebacks"] == "Expense"
    assert types["1260 Processor reserves"] == types["1250 PayPal clearing"] == "Other Current Asset"


def test_a_desktop_company_needs_items_that_are_charges_and_the_names_of_its_sales_tax_items() -> None:
    wanted = needs(DESKTOP)
    items = {item.name: (item.account, item.type) for item in wanted.items}
    assert items["Magento shipping"] == ("4100 Shipping income", "OtherCharge")
    assert items["Magento discount"] == ("4900 Discounts given", "Discount")
    assert items["Magento sales tax"] == ("2260 Sales tax on own lines", "OtherCharge")
    assert items["Magento gift card"] == ("2300 Gift card liability", "OtherCharge")
    assert items["Magento VAT DE"] == ("2250 Foreign VAT payable", "OtherCharge")
    assert wanted.tax_rates == ("Texas 8.25", "California 8.25", "New York City")
    assert wanted.tax_codes == ()
    assert "Magento sales tax" not in {item.name for item in needs(US).items}


@pytest.mark.parametrize(
    ("region", "code", "rate"),
    [("TX", "US-TX-8.25", "Texas 8.25"), ("CA", "US-CA-*-Rate 1", "California 8.25"),
     ("NY", "US-NY-STATE-4", "New York City"), ("NY", "US-NY-CITY-4.875", "New York City"), ("OR", "US-OR", None)],
)  # fmt: skip
def test_each_place_has_its_sales_tax_item_on_desktop(region: str, code: str, rate: str | None) -> None:
    facts = order_facts(order(shipping_address=replace(AUSTIN, region_code=region)), CONTEXT, ())
    row = decide(tax_facts(facts, AppliedTax(code, code, Decimal("4"), Decimal(1))), DESKTOP.tax).row
    assert (row and row.rate) == rate


def test_a_desktop_file_is_right_for_online_too_so_that_both_can_be_compared() -> None:
    made = load(template("us_desktop").replace('"desktop" ', '"online" '))
    assert needs(made).tax_rates == ()


def test_a_european_company_needs_vat_codes_and_rates() -> None:
    assert "19% Standard" in needs(EU).tax_codes
    assert "VAT 19%" in needs(EU).tax_rates
    assert len(needs(EU).tax_codes) == len(needs(EU).tax_rates) == len(EU.tax)


def test_every_list_says_what_it_needs_and_each_name_comes_once() -> None:
    wanted = needs(
        rules("""
[[item]]
id = "gift wrap"
when = { "line.sku" = { starts = "WRAP" }, "product.season" = "winter" }
item = "Gift wrap"
type = "service"
account = "4200 Wrapping"
[[item]]
id = "books"
when = { "product.brand" = "Penguin" }
item = "Books"
[[item]]
id = "toys"
account = "4300 Toys"
[[shipping]]
id = "fr"
when = { store = "fr" }
account = "4110 Shipping France"
[[discount]]
id = "b2b"
account = "4910 Trade discounts"
[[class]]
id = "a"
when = { store = "fr" }
class = "Online"
department = "Paris"
[[class]]
id = "b"
class = "ONLINE"
[[customer]]
id = "by store"
use = "summary"
name = "Guests {store}"
[[review]]
id = "season"
reason = "{order.number}"
[[payment]]
id = "off"
off = true
clearing = "1 Off"
""")
    )
    assert {item.name: (item.account, item.type) for item in wanted.items if "Magento" not in item.name} == {
        "Gift wrap": ("4200 Wrapping", "Service"),
        "Books": ("4000 Sales", "NonInventory"),
    }
    names = [account.name for account in wanted.accounts]
    assert {"4200 Wrapping", "4300 Toys", "4110 Shipping France", "4910 Trade discounts"} <= set(names)
    assert "1 Off" not in names
    own = [item.name for item in wanted.items]
    assert "Magento shipping, 4110 Shipping France" in own
    assert "Magento discount, 4910 Trade discounts" in own
    assert (wanted.classes, wanted.departments) == (("Online",), ("Paris",))
    assert wanted.customers == ()
    assert wanted.product_attributes == ("season", "brand")


# --- laws -------------------------------------------------------------------------------------------------------

TEXTS = st.sampled_from([template(name) for name in TEMPLATES])
BITS = st.one_of(
    st.text(max_size=6),
    st.sampled_from(['"', "'", '"""', "[[", "]]", "{", "}", "=", "\n", "when = { }", "off = 1\n", "[tax]\n", "id = 3\n",
                     "{order.number|first:-1}", "\\", "\ud800", "1e999", "nan", "2026-13-01", "hash = 1\n"]),
)  # fmt: skip


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(TEXTS, st.lists(st.tuples(st.floats(0, 1), st.integers(0, 12), BITS), min_size=1, max_size=4))
def test_law_a_damaged_file_is_used_or_refused_in_words(text: str, cuts: list[tuple[float, int, str]]) -> None:
    for where, length, put in cuts:
        at = int(where * len(text))
        text = text[:at] + put + text[at + length :]
    try:
        made = load(text)
    except RulesError as error:
        lines = text.count("\n") + 1
        assert error.findings
        for finding in error.findings:
            assert 1 <= finding.line <= lines
            assert finding.message and "\n" not in str(finding)
    else:
        assert isinstance(needs(made), Needs)
        facts = order_facts(order(), CONTEXT, made.books.on_account)
        assert all(decide(facts, made.rows(name)).row in (None, *made.rows(name)) for name in LISTS)


words_of = st.recursive(
    st.one_of(st.booleans(), st.integers(), st.text(max_size=4), st.just("x"), st.sampled_from(LISTS)),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from([*LISTS, "id", "when", "books", "accounts", "item", "to", "from"]), inner, max_size=4
        )
    ),
    max_leaves=12,
)


def as_toml(value: Any) -> str:
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, dict):
        return "{" + ", ".join(f"{name} = {as_toml(below)}" for name, below in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ",\n ".join(map(as_toml, value)) + "]"
    return str(value) if isinstance(value, int) else '"' + "".join(filter(str.isalnum, value)) + '"'


@given(st.dictionaries(st.sampled_from([*LISTS, "version", "books", "accounts", "items", "x"]), words_of, max_size=5))
def test_law_any_shape_of_values_is_used_or_refused_in_words(data: dict[str, Any]) -> None:
    text = "".join(f"{name} = {as_toml(value)}\n" for name, value in data.items())
    try:
        load(text)
    except RulesError as error:
        assert all(finding.message for finding in error.findings)
