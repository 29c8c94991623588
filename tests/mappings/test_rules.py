"""The rules file: its shape, and what is said about a wrong one."""

# ruff: noqa: E501 - a wrong text and what is said about it stand on one line

import hashlib
from decimal import Decimal

import pytest
from pydantic import ValidationError

from mappings.rules import Finding, RulesError, load, template
from mappings.rules_model import Rules
from tests.mappings.rules_sample import rules, words


def test_a_file_may_be_as_short_as_its_version_and_has_the_documented_defaults() -> None:
    made = load("version = 1\n")
    assert (made.books.post_on, made.books.target, made.books.sales_tax) == ("order", "online", "automated")
    assert (made.books.closed_period, made.books.unknown_item, made.books.customer_key) == ("hold", "hold", "email")
    assert made.books.on_account == ("purchaseorder",)
    assert made.books.number.render({"order.number": "000000042"}) == "000000042"
    assert made.books.invoice_number.render({"invoice.number": "000000007"}) == "I000000007"
    assert made.items.shipping == "Magento shipping"
    assert made.document == made.class_ == ()


def test_the_hash_is_the_sha256_of_the_files_bytes() -> None:
    text = 'version = 1 # Käse\n[books]\nmemo = "ü"\n'
    made = load(text, "shop.toml")
    assert made.hash == hashlib.sha256(text.encode()).hexdigest()
    assert made.source == "shop.toml"


def test_rules_cannot_be_changed() -> None:
    with pytest.raises(ValidationError):
        load("version = 1").books.target = "desktop"  # type: ignore[misc]


def test_an_account_is_a_role_or_a_name() -> None:
    made = rules('[accounts]\nsales = "400 Revenue"\nfees = "600 Fees"\n[[payment]]\nid="a"\nclearing="fees"\n')
    assert made.account("sales") == "400 Revenue"
    assert made.account("fees") == "600 Fees"
    assert made.account("1250 PayPal") == "1250 PayPal"
    assert made.account("rounding") == "6990 Rounding"


def test_another_shipping_account_has_an_item_of_its_own() -> None:
    made = rules("""
[[shipping]]
id = "fr"
when = { store = "fr" }
account = "4110 Shipping France"
[[shipping]]
id = "de"
when = { store = "de" }
item = "Versand"
account = "4120 Versand"
[[shipping]]
id = "same"
account = "shipping"
[[discount]]
id = "own"
item = "Promo"
""")
    assert made.shipping_item(None) == ("Magento shipping", "4100 Shipping income")
    assert made.shipping_item(made.shipping[0]) == ("Magento shipping, 4110 Shipping France", "4110 Shipping France")
    assert made.shipping_item(made.shipping[1]) == ("Versand", "4120 Versand")
    assert made.shipping_item(made.shipping[2]) == ("Magento shipping", "4100 Shipping income")
    assert made.discount_item(made.discount[0]) == ("Promo", "4900 Discounts given")


def test_rows_are_found_under_the_name_the_file_uses() -> None:
    made = rules('[[class]]\nid = "web"\nclass = "Online"\n')
    assert made.rows("class") == made.class_
    assert made.class_[0].class_name == "Online"
    assert made.rows("payment") == ()


ROW = '[[payment]]\nid = "paypal"\n'
PAYOUT = '[[settlement]]\nid = "paypal"\nclearing = "1 C"\nbank = "1 B"\nfees = "6 F"\nchargebacks = "6 C"\n'


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (ROW + 'clearnig = "1 P"\nclearing = "1 P"', 'rules.toml:4: payment "paypal": unknown field "clearnig"; did you mean "clearing"?'),
        (ROW, 'rules.toml:2: payment "paypal": "clearing" is missing'),
        ('[[payment]]\nclearing = "1 P"', 'rules.toml:2: payment row 1: "id" is missing'),
        (ROW + 'clearing = 1', 'rules.toml:4: payment "paypal", clearing: must be a text in quotes'),
        (ROW + 'clearing = " "', 'rules.toml:4: payment "paypal", clearing: must not be empty'),
        (ROW + 'clearing = ""', 'rules.toml:4: payment "paypal", clearing: must not be empty'),
        (ROW + 'clearing = "' + "x" * 501 + '"', 'rules.toml:4: payment "paypal", clearing: is too long; the most is 500 characters'),
        (ROW + 'clearing = "1 P"\noff = 1', 'rules.toml:5: payment "paypal", off: must be true or false'),
        ('[[payment]]\nid = "a/b"\nclearing = "1 P"', 'rules.toml:3: payment "a/b", id: must be made of letters'),
        ('[payment]\nid = "a"', "rules.toml:2: [payment]: is a list of rows; write [[payment]] with two brackets"),
        ('payment = ["x"]', "rules.toml:2: payment row 1: must be a table of names and values"),
        ("books = 1", "rules.toml:2: books: must be a table of names and values"),
        ('[book]\ntarget = "online"', 'rules.toml:2: unknown field "book"; did you mean "books"?'),
        ('hash = "x"', 'rules.toml:2: unknown field "hash"'),
        ('[[book]]\nx = 1', 'unknown field "book"'),
        ('[books]\npost_no = "order"', 'rules.toml:3: [books]: unknown field "post_no"; did you mean "post_on"?'),
        ('[books]\npost_on = "invoices"', 'rules.toml:3: [books] post_on: "invoices" is not one of order, invoice; did you mean "invoice"?'),
        ('[books]\non_account = "checkmo"', "rules.toml:3: [books] on_account: must be a list in square brackets"),
        ('[books]\non_account = ["checkmo", 3]', "rules.toml:3: [books] on_account.1: must be a text in quotes"),
        ("[books]\nmemo = 3", "rules.toml:3: [books] memo: must be a text in quotes"),
        ('[books]\nnumber = "{order.nmber}"', 'rules.toml:3: [books] number: unknown fact "order.nmber"; did you mean "order.number"?'),
        ('[books]\nmemo = "{line.sku}"', "rules.toml:3: [books] memo: fact line.sku is known only to [[item]] and [[deferral]] rows"),
        ('[items]\nshiping = "S"', 'rules.toml:3: [items]: unknown field "shiping"; did you mean "shipping"?'),
        ('[accounts]\nsales = 4000', "rules.toml:3: [accounts] sales: must be a text in quotes"),
        ('[accounts]\nshiping = "4100"', 'rules.toml:3: [accounts] shiping: no row uses the account "shiping"; did you mean "shipping"?'),
        (PAYOUT + 'when = { "payment.method" = "paypal" }', 'rules.toml:8: settlement "paypal", when, payment.method: payment.method is a fact of one order; a payout is of many'),
        (PAYOUT + 'when = { "settlement.processor" = "payapl" }', 'settlement "paypal", when, settlement.processor'),
        (PAYOUT.replace("bank", "bnak"), 'rules.toml:5: settlement "paypal": unknown field "bnak"; did you mean "bank"?'),
        (PAYOUT.replace('"1 C"', '"salse"'), 'settlement "paypal", clearing: no account is called "salse" in [accounts]; did you mean "sales"?'),
        (ROW + 'clearing = "1 P"\nwhen = { "settlement.currency" = "USD" }', 'payment "paypal", when, settlement.currency: fact settlement.currency is known only to [[settlement]] rows'),
        (ROW + 'clearing = "salse"', 'rules.toml:4: payment "paypal", clearing: no account is called "salse" in [accounts]; did you mean "sales"?'),
        (ROW + 'clearing = "1 P"\nwhen = { "payment.metod" = "x" }', 'rules.toml:5: payment "paypal", when: unknown fact "payment.metod"; did you mean "payment.method"?'),
        (ROW + 'clearing = "1 P"\n[payment.when]\n# hm\n"line.sku" = "x"', 'rules.toml:7: payment "paypal", when, line.sku: fact line.sku is known only to'),
        (ROW + 'clearing = "1 P"\nwhen = { paid = "yes" }', 'rules.toml:5: payment "paypal", when, paid: paid is yes or no'),
        (ROW + 'clearing = "1 P"\nwhen = {}', 'rules.toml:5: payment "paypal", when: is empty'),
        (ROW + 'clearing = "1 P"\nwhen = "paid"', 'rules.toml:5: payment "paypal", when: must be a table'),
        (ROW + 'clearing = "1 P"\n' + ROW + 'clearing = "1 P"', 'rules.toml:5: payment "paypal": is never reached: "paypal" above it has no `when`'),
        (ROW.replace("paypal", "PayPal") + 'clearing = "1 P"\noff = true\n' + ROW + 'clearing = "1 P"', 'rules.toml:7: payment "paypal", id: another row of this list has the same id'),
        ('[[customer]]\nid = "a"\nuse = "summary"', 'rules.toml:2: customer "a": use = "summary" needs the name of the collective customer'),
        ('[[document]]\nid = "a"\nmake = "summary"', 'rules.toml:2: document "a": make = "summary" needs the name of a collective customer'),
        ('[[document]]\nid = "a"\nmake = "invoice"\ncustomer = "Web"', 'rules.toml:2: document "a": customer is for make = "summary"'),
        ('[[document]]\nid = "a"\nmake = "summary"\ncustomer = "Web"\nterms = "Net 30"', 'rules.toml:2: document "a": terms are for invoices'),
        ('[[document]]\nid = "a"\nmake = "summary"\ncustomer = "{customer.name}"', 'rules.toml:5: document "a", customer: customer.name is of one person'),
        ('[[document]]\nid = "a"\nmake = "invoice"\nform = "journal"', 'rules.toml:2: document "a": form is for make = "summary"'),
        ('[[document]]\nid = "a"\nmake = "summary"\nform = "journal"\ncustomer = "Web"', 'rules.toml:2: document "a": form = "journal" makes a journal entry, which names no customer'),
        ('[books]\nsummary_number = "D{order.number}"', 'rules.toml:3: [books] summary_number: order.number is a fact of one order'),
        ('[books]\nsummary_number = "D{summary.date}"', 'rules.toml:3: [books] summary_number: needs {summary.sequence}'),
        ('[books]\nnumber = "D{summary.date}"', 'rules.toml:3: [books] number: summary.date is not known'),
        ('[[tax]]\nid = "a"\ncode = "T"\nitem = "VAT"', 'rules.toml:2: tax "a": names both a tax code and an item'),
        ('[[tax]]\nid = "a"\nitem = "VAT"', 'rules.toml:2: tax "a": needs both item and account'),
        ('[books]\nsales_tax = "codes"\n[[tax]]\nid = "a"\nrate = "VAT"', 'rules.toml:4: tax "a": needs code'),
        ('[[shipping]]\nid = "a"', 'rules.toml:2: shipping "a": needs item or account'),
        ('[[customer]]\nid = "a"\nuse = "own"\nkeep = "always"', '"always" is not one of as_needed, create, update'),
        ('[[customer]]\nid = "a"\nuse = "summary"\nname = "W"\nkeep = "create"', 'rules.toml:6: customer "a", keep: is for use = "own": a collective customer is created when it is needed'),
        ('[[customer]]\nid = "a"\nuse = "own"\nkeep = "update"\nwhen = { paid = true }', 'rules.toml:6: customer "a", when, paid: paid is a fact of an order; keep decides about a customer alone'),
        ('[[item]]\nid = "a"\nkeep = "create"\nwhen = { "line.quantity" = 2 }', 'line.quantity is a fact of an order; keep decides about a product alone'),
        ('[[item]]\nid = "a"\nkeep = "create"\nitem = "X"', 'rules.toml:4: item "a", keep: is for items of the SKU itself; this row sells under another item'),
        (
            '[[class]]\nid = "a"\nwhen = { "product.brand" = "Acme" }\nclass = "Acme"',
            'rules.toml:4: class "a", when, product.brand: fact product.brand is known only to [[item]] and [[deferral]] rows',
        ),
        ('[[class]]\nid = "a"', 'rules.toml:2: class "a": needs class or department'),
        ('[[field]]\nid = "a"\nfrom = "x"\nto = "Customfield.PO"', 'rules.toml:5: field "a", to: is no QuickBooks field we fill'),
        ('[[field]]\nid = "a"\nfrom = "x"\nto = "CustomField."', 'rules.toml:5: field "a", to: is no QuickBooks field we fill'),
        ('[[field]]\nid = "a"\nfrom = "{tax.rate}"\nto = "ShipMethod"', 'rules.toml:4: field "a", from: fact tax.rate is known only to [[tax]] rows'),
        ('[[field]]\nid = "a"\nform = "x"\nto = "ShipMethod"', 'rules.toml:4: field "a": unknown field "form"; did you mean "from"?'),
        ('[[class]]\nid = "a"\nclas = "x"\nclass = "y"', 'rules.toml:4: class "a": unknown field "clas"; did you mean "class"?'),
        ('[[credit]]\nid = "a"\nitem = "Magento shipping"\naccount = "2300 Gift"', 'rules.toml:2: credit "a": item "Magento shipping" is on account "4100 Shipping income" already ([items] shipping)'),
    ],
)  # fmt: skip
def test_a_wrong_file_names_line_row_and_field_and_the_nearest_name(text: str, expected: str) -> None:
    found = words("version = 1\n" + text + "\n")
    assert [line for line in found if expected in line], found


def test_all_findings_come_at_once_in_the_order_of_the_file() -> None:
    found = words("""version = 1
[books]
taget = "online"
number = "{order.nmber|uper}"
[[payment]]
id = "a"
when = { paid = 1, "order.stat" = "x" }
clearing = 3
[[payment]]
id = "a"
clearing = "bank"
""")
    assert [line.split(":")[1] for line in found] == ["3", "4", "4", "7", "7", "8", "10", "11"]


@pytest.mark.parametrize("version", ["", "version = 2", 'version = "1"'])
def test_the_version_of_the_format_is_needed(version: str) -> None:
    assert words(version + "\n") == ["rules.toml:1: version: write version = 1, the format of rules files that this "
                                     "MageBooks reads"]  # fmt: skip


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("version = 1\n[books\n", "rules.toml:2: is not valid TOML:"),
        ('version = 1\n\n[books]\nmemo = "x', "rules.toml:4: is not valid TOML: "),
        ("version = 1\nversion = 2\n", "rules.toml:2: is not valid TOML: Cannot overwrite a value"),
        ("version = " + "9" * 5000, "rules.toml:1: holds a number that is too long"),
        ("version = 1e99999999999999999999", "rules.toml:1: holds a number that is too long"),
        ("version = " + "[" * 100_000, "rules.toml:1: has too many brackets inside each other"),
        ("version = 1\nx = '\ud800'", "rules.toml:2: is not UTF-8 text"),
        ("version = 1\n#" + "x" * 512 * 1024, "rules.toml:1: is 512 kB long; the most is 512 kB"),
    ],
    ids=["bracket", "quote", "twice", "digits", "exponent", "brackets", "surrogate", "large"],
)
def test_text_that_cannot_be_read_at_all_is_one_finding(text: str, expected: str) -> None:
    (found,) = words(text)
    assert found.startswith(expected)


def test_more_than_two_thousand_rows_are_too_many() -> None:
    rows = "".join(f'[[payment]]\nid = "r{n}"\nwhen = {{ paid = true }}\nclearing = "1 P"\n' for n in range(2001))
    assert words("version = 1\n" + rows) == ["rules.toml:1: has 2001 rows; the most is 2000"]


def test_a_row_that_is_off_may_stand_below_anything_else_but_must_still_be_right() -> None:
    assert not words(
        'version = 1\n[[payment]]\nid="a"\nclearing="1 P"\n[[payment]]\nid="b"\noff=true\nclearing="1 P"\n'
    )
    assert words('version = 1\n[[payment]]\nid="b"\noff=true\n')


def test_a_field_may_have_a_last_row_for_each_target() -> None:
    row = '[[field]]\nid="{0}"\nfrom="x"\nto="{1}"\n'
    assert not words("version = 1\n" + row.format("a", "ShipMethod") + row.format("b", "CustomField.PO"))
    assert words("version = 1\n" + row.format("a", "ShipMethod") + row.format("b", "ShipMethod")) == [
        'rules.toml:6: field "b": is never reached: "a" above it has no `when`'
    ]


def test_an_extra_account_that_looks_like_none_of_ours_needs_no_user() -> None:
    assert not words('version = 1\n[accounts]\nbank_fees = "6100 Fees"\n')


def test_an_extra_account_that_a_row_uses_may_look_like_ours() -> None:
    assert not words('version = 1\n[accounts]\nsales_eu = "4001"\n[[item]]\nid="eu"\naccount="sales_eu"\n')


def test_numbers_with_a_point_are_exact() -> None:
    made = rules('[[tax]]\nid="a"\nwhen={ "tax.rate" = 8.1 }\ncode="T"\n')
    assert made.tax[0].when[0].test(Decimal("8.10"))


def test_findings_can_be_shown_one_by_one() -> None:
    with pytest.raises(RulesError) as caught:
        load("version = 1\n[books]\ntarget = 'onlin'\n", "a.toml")
    assert caught.value.findings == (
        Finding("a.toml", 3, "[books] target", '"onlin" is not one of online, desktop', "online"),
    )


def test_an_error_that_pydantic_alone_knows_is_told_in_its_words() -> None:
    """`number_prefix` has a length; what has no words of ours keeps pydantic's."""
    assert words('version = 1\n[books]\nnumber_prefix = "12345678901"\n') == [
        "rules.toml:3: [books] number_prefix: is too long; the most is 10 characters"
    ]


def test_a_template_is_known_by_name() -> None:
    assert template("us_retail").startswith("# MageBooks rules")
    with pytest.raises(KeyError, match="us_retail, eu_vat"):
        template("../../etc/passwd")


def test_rules_need_no_file() -> None:
    assert Rules(version=1, text="", source="").account("sales") == "4000 Sales"
