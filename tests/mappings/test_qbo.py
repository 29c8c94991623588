"""The JSON that QuickBooks Online gets, and what is read from its answers."""

import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from mappings import qbo
from mappings.booking import book_order
from mappings.entry import Entry, Party
from mappings.jsontext import dumps, parse
from mappings.model import Address
from tests.mappings.sales import (
    GERMAN,
    RETAIL,
    TEXAS,
    US,
    VAT,
    VAT7,
    VAT19,
    booked,
    context,
    german,
    invoice,
    line,
    order,
    pay,
    rules,
    sell,
    standing,
)

D = Decimal
SCHEMAS = Path(__file__).parents[2].parent / "shared" / "reference" / "qbo"


def written(entry: Entry, by: Any = RETAIL, books: Any = US) -> dict[str, Any]:
    return qbo.write(entry, by, books)


def paid_order(**changes: Any) -> Entry:
    made = order(line("MUG", "2", "12.50", TEXAS), shipping="7.50", shipping_rate=TEXAS, paid=True, **changes)
    return sell(made)


def cancelled_rest() -> tuple[Entry, ...]:
    made = order(line("MUG", "2", "10.00", quantity_canceled=D(1)))
    return booked(book_order(replace(made, paid=D(10), canceled=D(10)), context(), RETAIL))


# --- documents ----------------------------------------------------------------------------------------


def test_a_sales_receipt_says_where_the_money_is_and_states_its_tax() -> None:
    payload = written(paid_order(transaction_id="8WT84327"))
    assert payload["DepositToAccountRef"] == {"value": "@account:1255 Checks clearing"}
    assert payload["PaymentMethodRef"] == {"value": "@payment_method:Check"}
    assert payload["PaymentRefNum"] == "8WT84327"
    assert payload["TxnTaxDetail"] == {"TotalTax": D("2.68")}
    assert payload["ShippingTaxIncludedInTotalTax"] is True
    assert payload["DocNumber"] == "000000042" and payload["TxnDate"] == "2026-11-20"
    assert not {"SalesTermRef", "DueDate", "CurrencyRef", "GlobalTaxCalculation"} & set(payload)


def test_a_tax_of_zero_is_stated_too_or_quickbooks_would_work_out_its_own() -> None:
    assert written(sell(order(line("BOOK", "1", "9.00"))))["TxnTaxDetail"] == {"TotalTax": D("0.00")}


def test_goods_are_found_by_sku_and_our_own_items_by_name() -> None:
    goods, shipping = written(paid_order())["Line"]
    assert goods["SalesItemLineDetail"]["ItemRef"] == {"value": "@sku:MUG"}
    assert shipping["SalesItemLineDetail"]["ItemRef"] == {"value": "@item:Magento shipping"}
    assert goods["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "TAX"}
    assert "Qty" not in shipping["SalesItemLineDetail"]


def test_an_invoice_has_terms_and_a_due_date_and_no_deposit() -> None:
    payload = written(sell(order(line("MUG", "1", "9.00"))))
    assert (payload["SalesTermRef"], payload["DueDate"]) == ({"value": "@term:Net 30"}, "2026-12-20")
    assert "DepositToAccountRef" not in payload


def test_with_tax_codes_each_rate_states_base_and_tax() -> None:
    entry = sell(german(line("MUG", "1", "100.00", VAT19), line("BOOK", "1", "50.00", VAT7)), VAT, context(GERMAN))
    payload = written(entry, VAT, GERMAN)
    assert payload["GlobalTaxCalculation"] == "TaxExcluded"
    assert payload["TxnTaxDetail"] == {
        "TotalTax": D("22.50"),
        "TaxLine": [
            {
                "Amount": D("19.00"),
                "DetailType": "TaxLineDetail",
                "TaxLineDetail": {"TaxRateRef": {"value": "@tax_rate:VAT 19%"}, "NetAmountTaxable": D("100.00")},
            },
            {
                "Amount": D("3.50"),
                "DetailType": "TaxLineDetail",
                "TaxLineDetail": {"TaxRateRef": {"value": "@tax_rate:VAT 7%"}, "NetAmountTaxable": D("50.00")},
            },
        ],
    }
    assert payload["Line"][0]["SalesItemLineDetail"]["TaxCodeRef"] == {"value": "@tax_code:19% Standard"}
    assert "ShippingTaxIncludedInTotalTax" not in payload


def test_a_payment_pays_the_invoice_of_its_order() -> None:
    made = order(line("MUG", "1", "9.00"))
    payload = written(pay(invoice(made), made))
    assert payload["TotalAmt"] == D("9.00")
    assert payload["Line"] == [
        {"Amount": D("9.00"), "LinkedTxn": [{"TxnId": "@txn:order/000000042", "TxnType": "Invoice"}]}
    ]
    assert not {"TxnTaxDetail", "BillAddr", "DocNumber"} & set(payload)


def test_a_void_names_the_invoice_and_its_sync_token_alone() -> None:
    gone = order(line("MUG", "1", "9.00"), state="canceled", canceled=D(9))
    _, void = booked(book_order(gone, standing("invoice"), RETAIL))
    assert written(void) == {"Id": "@txn:order/000000042", "SyncToken": "@sync:order/000000042"}
    assert (qbo.entity(void.kind), qbo.operation(void.kind)) == ("Invoice", "void")


def test_a_credit_memo_is_positive_and_a_payment_of_zero_applies_it() -> None:
    _, memo, applied = cancelled_rest()
    assert [each["Amount"] for each in written(memo)["Line"]] == [D("10.00")]
    payload = written(applied)
    assert payload["TotalAmt"] == 0
    assert [(each["Amount"], each["LinkedTxn"][0]["TxnType"]) for each in payload["Line"]] == [
        (D("10.00"), "Invoice"),
        (D("10.00"), "CreditMemo"),
    ]
    assert qbo.references(payload) >= {("txn", "order/000000042"), ("txn", "order/000000042/rest")}
    assert (qbo.entity(memo.kind), qbo.operation(memo.kind)) == ("CreditMemo", "create")


def test_the_currency_is_sent_only_where_the_company_has_several() -> None:
    assert written(paid_order(), books=replace(US, multicurrency=True))["CurrencyRef"] == {"value": "USD"}


def test_class_location_and_fields_are_written_where_rules_fill_them() -> None:
    by = rules(
        '[[class]]\nid = "web"\nclass = "Web"\ndepartment = "Austin"\n'
        '[[field]]\nid = "po"\nfrom = "{order.po_number}"\nto = "CustomField.1"\n'
        '[[field]]\nid = "coupon"\nfrom = "{coupon}"\nto = "CustomerMemo"\n'
        '[[field]]\nid = "ship"\nfrom = "{shipping.description}"\nto = "ShipMethod"\n'
    )
    payload = written(sell(order(line("MUG", "1", "9.00"), po_number="PO-1", coupon="@item:X"), by), by)
    assert (payload["ClassRef"], payload["DepartmentRef"]) == ({"value": "@class:Web"}, {"value": "@department:Austin"})
    assert payload["ShipMethodRef"] == {"value": "Flat Rate - Fixed"}
    assert [each["StringValue"] for each in payload["CustomField"]] == ["PO-1"]
    # What a buyer typed is never taken for one of our symbols.
    assert payload["CustomerMemo"] == {"value": "@item:X"}
    assert ("item", "X") not in qbo.references(payload)
    ids = dict.fromkeys(qbo.references(payload), "9")
    assert qbo.resolve(payload, ids)["CustomerMemo"] == {"value": "@item:X"}


# --- quantities and prices ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantity", "price", "gross", "written_price"),
    [
        ("3", "10.55", "31.65", "10.55"),
        ("3", "10.55", "31.64", None),  # a tax-inclusive store: 31.64 / 3 has no end
        ("4", "10.55", "42.18", "10.545"),  # the exact quotient, where there is one
        ("0.333", "18.77", "6.2504", "18.77"),
        ("1000", "0.005", "5.00", "0.005"),
        ("2", "0", "0", "0"),
    ],
)
def test_price_times_quantity_is_the_amount_or_the_price_is_left_out(
    quantity: str, price: str, gross: str, written_price: str | None
) -> None:
    made = sell(order(line("MUG", quantity, price, gross=D(gross))))
    detail = written(made)["Line"][0]["SalesItemLineDetail"]
    assert detail["Qty"] == D(quantity)
    assert detail.get("UnitPrice") == (None if written_price is None else D(written_price))


def test_quantities_are_plain_digits() -> None:
    detail = written(sell(order(line("MUG", "1E+2", "1.50"))))["Line"][0]["SalesItemLineDetail"]
    assert dumps(detail["Qty"]) == "100"


# --- addresses and names ------------------------------------------------------------------------------


def test_an_address_of_many_lines_keeps_all_of_them_in_five() -> None:
    street = ("Unit 1", "Building 2", "Yard 3", "Gate 4")
    place = Address("Ada", "Lovelace", "Acme", street, "Austin", "Texas", "", "78701", "US", "")
    found = written(replace(paid_order(), billing=place))["BillAddr"]
    assert [found[f"Line{number}"] for number in range(1, 6)] == [
        "Ada Lovelace",
        "Acme",
        "Unit 1",
        "Building 2",
        "Yard 3, Gate 4",
    ]
    assert found["CountrySubDivisionCode"] == "Texas"


def test_a_customer_is_created_with_what_quickbooks_takes() -> None:
    party = replace(paid_order().party, telephone="5" * 31, company="Acme: West\t")
    payload = qbo.customer_payload(party, "Acme (2)")
    assert payload["DisplayName"] == "Acme (2)" and payload["CompanyName"] == "Acme West"
    assert payload["PrimaryEmailAddr"] == {"Address": "Ada@Example.com"}
    assert (payload["GivenName"], payload["FamilyName"]) == ("Ada", "Lovelace")
    assert "PrimaryPhone" not in payload and payload["BillAddr"]["City"] == "Austin"
    assert qbo.customer_payload(Party("summary:web", "Web"), "Web") == {"DisplayName": "Web"}


def test_a_display_name_has_no_colon_tab_or_newline_and_a_hundred_characters() -> None:
    assert qbo.display_name(Party("email:abc", "Doe:\tJane\nJr.")) == "Doe Jane Jr."
    assert len(qbo.display_name(Party("email:abc", "x" * 300))) == 100
    assert qbo.display_name(Party("email:abc", " : ")) == "Customer abc"


def test_an_item_is_created_by_its_sku_under_an_income_account() -> None:
    assert qbo.item_payload("MUG", "MUG", "Blue mug", "4000 Sales", "service") == {
        "Name": "MUG",
        "Sku": "MUG",
        "Description": "Blue mug",
        "Type": "Service",
        "IncomeAccountRef": {"value": "@account:4000 Sales"},
    }
    long = qbo.item_payload("L", "L" * 101, "", "4000 Sales", "noninventory")
    assert (long["Type"], len(long["Sku"])) == ("NonInventory", 100)


# --- symbols ------------------------------------------------------------------------------------------


def test_every_symbol_is_found_and_replaced_by_its_id() -> None:
    payload = written(paid_order())
    symbols = qbo.references(payload)
    assert ("sku", "MUG") in symbols and ("account", "1255 Checks clearing") in symbols
    resolved = dumps(qbo.resolve(payload, {symbol: str(at) for at, symbol in enumerate(sorted(symbols))}))
    assert '"@' not in resolved


def test_a_symbol_without_an_id_is_an_error_not_a_guess() -> None:
    with pytest.raises(KeyError):
        qbo.resolve(written(paid_order()), {})


# --- answers ------------------------------------------------------------------------------------------


def test_an_answer_is_read_with_exact_amounts() -> None:
    answer = parse(
        '{"Id": "145", "SyncToken": "2", "DocNumber": "000000042", "TotalAmt": 35.18,'
        ' "TxnTaxDetail": {"TotalTax": 2.68}, "CustomerRef": {"value": "7"}, "NewField": {}}'
    )
    found = qbo.read_answer(answer)
    assert (found.id, found.sync_token, found.doc_number, found.customer) == ("145", "2", "000000042", "7")
    assert (found.total, found.tax) == (D("35.18"), D("2.68"))


def test_an_answer_without_amounts_says_so() -> None:
    found = qbo.read_answer({"Id": 7})
    assert (found.id, found.sync_token, found.total, found.tax, found.customer) == ("7", "0", None, None, "")


# --- text ---------------------------------------------------------------------------------------------


def test_json_is_the_same_bytes_for_the_same_object_and_money_keeps_its_cents() -> None:
    assert dumps({"b": D("7.50"), "a": [1, True, None, 'Ünit "1"'], "c": (False,)}) == (
        '{"a":[1,true,null,"Ünit \\"1\\""],"b":7.50,"c":[false]}'
    )
    assert dumps(D("1E+3")) == "1000"


def test_a_float_has_no_place_in_a_payload() -> None:
    with pytest.raises(TypeError, match="Amount is a float"):
        qbo.references({"Line": [{"Amount": 1.5}]})


def test_a_written_payload_reads_back_as_itself() -> None:
    payload = written(paid_order())
    assert parse(dumps(payload)) == payload


# --- Intuit's schema ----------------------------------------------------------------------------------


@cache
def schema_names() -> frozenset[str]:
    found = (re.findall(r'<xs:element\s+name="(\w+)"', path.read_text()) for path in SCHEMAS.glob("*.xsd"))
    return frozenset(name for names in found for name in names)


def names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from names(inner)
    elif isinstance(value, list):
        for each in value:
            yield from names(each)


def test_every_property_we_write_is_one_that_intuit_documents() -> None:
    if not SCHEMAS.exists():
        pytest.skip("Intuit's schemas are not at hand")
    field = (
        '[[field]]\nid = "po"\nfrom = "x"\nto = "CustomField.1"\n[[field]]\nid = "m"\nfrom = "x"\nto = "CustomerMemo"\n'
    )
    by = rules(field + '[[field]]\nid = "s"\nfrom = "x"\nto = "ShipMethod"\n')
    made = order(line("MUG", "2", "12.50", TEXAS), shipping="5", paid=True)
    vat = sell(german(line("MUG", "1", "100.00", VAT19)), VAT, context(GERMAN))
    payloads = [
        written(sell(made, by), by, replace(US, multicurrency=True)),
        written(sell(replace(made, paid=D(0)))),
        written(vat, VAT, GERMAN),
        *(written(each) for each in cancelled_rest()),
        qbo.customer_payload(sell(made).party, "Ada"),
        qbo.item_payload("A", "A", "A", "4000 Sales", "service"),
    ]
    # The JSON form writes a reference as {"value": id}; the schema calls the same thing the element's text.
    assert set(names(payloads)) - schema_names() <= {"value", "Id", "SyncToken"}
