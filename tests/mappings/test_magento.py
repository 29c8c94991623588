"""Every recorded order, invoice and credit memo reads, adds up, and shows each quirk of Magento for what it is."""

from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal as D

import pytest

from mappings.magento import parse, read_credit_memo, read_invoice, read_order
from mappings.model import AppliedTax, CreditMemo, Invoice, Line, Order
from tests.mappings.recorded import order, order_by_entity, raw, texts

ZERO = D(0)


def invoice(number: str) -> Invoice:
    document = raw("invoices", number)
    found = read_invoice(document, order_by_entity(int(document["order_id"])))
    assert isinstance(found, Invoice), found
    return found


def rows(lines: tuple[Line, ...]) -> list[tuple[str, D, D]]:
    return [(line.sku, line.quantity, line.gross) for line in lines]


def must_add_up(document: Order | Invoice) -> None:
    totals, lines = document.totals, document.lines
    assert sum(line.gross for line in lines) == totals.subtotal
    assert sum(line.discount for line in lines) + totals.shipping_discount == -totals.discount
    assert sum(line.tax for line in lines) + totals.shipping_tax == totals.tax
    assert sum(line.compensation for line in lines) == totals.compensation
    assert all(sum(rate.amount for rate in line.taxes) == line.tax for line in lines)
    assert sum(rate.amount for rate in document.shipping_taxes) == totals.shipping_tax
    assert totals.grand_total == (
        totals.subtotal
        + totals.discount
        + totals.shipping
        + totals.tax
        + totals.compensation
        + totals.shipping_compensation
    )


def test_there_are_85_orders_30_invoices_and_13_credit_memos() -> None:
    assert [len(texts(kind)) for kind in ("orders", "invoices", "creditmemos")] == [85, 30, 13]


@pytest.mark.parametrize("number", texts("orders"))
def test_every_recorded_order_reads_and_adds_up(number: str) -> None:
    found = order(number)
    must_add_up(found)
    assert found.number == number
    assert found.key == f"order/{number}"
    assert found.currency == "USD"


@pytest.mark.parametrize("number", texts("invoices"))
def test_every_recorded_invoice_reads_and_adds_up(number: str) -> None:
    found = invoice(number)
    must_add_up(found)
    assert found.captured


@pytest.mark.parametrize("number", texts("creditmemos"))
def test_every_recorded_credit_memo_reads(number: str) -> None:
    memo = read_credit_memo(raw("creditmemos", number))
    assert isinstance(memo, CreditMemo), memo
    assert memo.key == f"creditmemo/{number}"


def test_adjustments_of_a_credit_memo_are_part_of_its_total() -> None:
    memo = read_credit_memo(raw("creditmemos", "2000000001"))
    # 23.09 - 2.74 + 1.00 shipping + 4.13 tax + 0.44 hidden tax + 2.00 - 0.50 adjustments
    assert isinstance(memo, CreditMemo)
    assert (memo.totals.grand_total, memo.order_id, memo.currency) == (D("27.42"), 35, "USD")


def test_a_configurable_is_one_line_with_the_sku_of_the_chosen_child() -> None:
    (line,) = order("000000040").lines
    assert (line.sku, line.product_type, line.quantity, line.gross) == ("HOODIE-RED", "configurable", 3, 153)


def test_a_fixed_bundle_is_one_line_at_the_price_of_the_bundle() -> None:
    assert rows(order("000000016").lines) == [("BUNDLE-FIX", 1, D("71.5"))]


def test_a_dynamic_bundle_is_booked_by_its_parts_and_never_twice() -> None:
    found = order("000000015")
    assert rows(found.lines) == [("MUG-RED", 2, D("25.98")), ("TEE-PLAIN", 4, D("79.96"))]
    assert found.totals.subtotal == D("105.94")


def test_the_discount_of_a_dynamic_bundle_is_that_of_its_parts() -> None:
    found = order("000000038")
    assert [(line.sku, line.discount) for line in found.lines] == [
        ("MUG-BLUE", D("0.76")),
        ("TEE-PLAIN", D("2.43")),
        ("BUNDLE-FIX", D("8.71")),
        ("HOODIE-GRUEN", D("3.04")),
        ("PEN-CHEAP", D("0.06")),
    ]
    assert found.totals.discount == D("-15")
    assert [line.path for line in found.lines] == ["items[1]", "items[2]", "items[3]", "items[6]", "items[8]"]


def test_custom_options_keep_magentos_sku_and_the_id_of_the_product() -> None:
    (line,) = order("000000055").lines
    assert (line.sku, line.product_id, line.gross) == ("ENGRAVED-ENGR-BOX-L", 29, D("25.9"))


def test_fractional_quantities_keep_four_decimals() -> None:
    found = order("000000003")
    assert rows(found.lines) == [("FABRIC-M", D("2.75"), D("20.2125")), ("CHEESE-KG", D("0.333"), D("6.2504"))]
    assert found.totals.grand_total == D("36.7629")


def test_virtual_and_downloadable_orders_have_no_shipping_address() -> None:
    for number, sku in (("000000010", "SERVICE-1H"), ("000000011", "EBOOK")):
        found = order(number)
        assert (found.virtual, found.shipping_address, found.totals.shipping) == (True, None, 0)
        assert found.lines[0].sku == sku


def test_a_tax_inclusive_store_hides_tax_in_the_discount_and_row_is_not_price_times_quantity() -> None:
    found = order("2000000001")
    mug, book = found.lines
    assert (mug.gross, mug.price, mug.discount, mug.compensation) == (D("34.64"), D("11.55"), D("4.12"), D("0.66"))
    assert (book.gross, book.taxes) == (D(23), (AppliedTax("DE-VAT-7", "DE-VAT-7", D(7), D("1.45")),))
    assert found.totals.compensation == D("0.82")
    assert found.shipping_taxes == (AppliedTax("DE-VAT-19", "DE-VAT-19", D(19), D("1.05")),)


def test_amounts_are_in_base_currency_and_what_the_customer_paid_is_kept() -> None:
    found = order("2000000001")
    assert (found.currency, found.totals.grand_total) == ("USD", D("65.79"))
    assert (found.order_currency, found.order_grand_total) == ("EUR", D("60.11"))
    assert found.rates.to_order == D("0.9137")


def test_a_discount_on_shipping_is_told_from_the_discount_on_lines() -> None:
    totals = order("2000000004").totals
    assert (totals.discount, totals.shipping_discount) == (D("-23.34"), D("2.18"))
    assert totals.shipping_compensation == D("0.34")


def test_two_taxes_stay_two_taxes() -> None:
    found = order("000000018")
    assert [(rate.code, rate.percent, rate.amount) for rate in found.lines[0].taxes] == [
        ("CA-GST-5", 5, D(3)),
        ("CA-QST-9.975", D("10.4737"), D("6.28")),
    ]
    assert [rate.amount for rate in found.shipping_taxes] == [D("0.38"), D("0.79")]


def test_an_edited_order_names_the_one_it_replaces_and_finds_its_rates_again() -> None:
    old, new = order("000000059"), order("000000059-1")
    assert (old.state, old.child_number) == ("canceled", "000000059-1")
    assert (new.state, new.parent_number) == ("new", "000000059")
    # Magento links the rates of an edited order to no line.
    assert [[rate.code for rate in line.taxes] for line in new.lines] == [["US-TX-8.25"], ["US-TX-8.25"]]


def test_an_order_for_nothing_is_worth_its_lines_less_its_discount() -> None:
    found = order("000000014")
    assert (found.totals.grand_total, found.payment_method) == (0, "free")
    assert [(line.gross, line.discount) for line in found.lines] == [(D("12.5"), D("12.5")), (D("19.99"), D("19.99"))]


def test_cancelled_amounts_are_there_only_once_something_was_cancelled() -> None:
    whole, rest, none = order("000000022"), order("000000035"), order("000000003")
    assert (whole.canceled, whole.tax_canceled, whole.shipping_canceled) == (D("51.4"), D("3.92"), D("7.5"))
    assert (rest.state, rest.canceled, rest.tax_canceled, rest.paid) == (
        "processing",
        D("43.28"),
        D("3.3"),
        D("35.18"),
    )
    assert (none.canceled, none.tax_canceled, none.shipping_canceled) == (0, 0, 0)


def test_a_guest_is_named_by_the_billing_address() -> None:
    buyer = order("2000000001").buyer
    assert (buyer.id, buyer.guest, buyer.first_name, buyer.last_name) == (None, True, "Jürgen", "Groß")
    document = raw("orders", "2000000001")
    del document["customer_firstname"], document["customer_lastname"], document["customer_email"]
    read = read_order(document)
    assert isinstance(read, Order)
    assert read.buyer == buyer


def test_a_deleted_account_has_no_id_and_is_no_guest() -> None:
    buyer = order("000000052").buyer
    assert (buyer.id, buyer.guest) == (None, False)


def test_without_a_flag_only_an_id_tells_a_customer_from_a_guest() -> None:
    document = raw("orders", "000000052")
    document["customer_is_guest"] = None
    read = read_order(document)
    assert isinstance(read, Order)
    assert read.buyer.guest


def test_times_are_utc() -> None:
    assert order("2000000001").created_at == datetime(2026, 11, 21, 1, 36, 56, tzinfo=UTC)


def test_a_country_without_regions_leaves_them_empty_and_the_street_keeps_its_lines() -> None:
    address = order("2000000001").billing
    assert (address.region, address.region_code, address.country) == ("", "", "DE")
    assert address.street == ("Königsallee 1", "c/o Süß & Söhne")


def test_the_shipping_address_may_differ_from_the_billing_address() -> None:
    found = order("000000041")
    assert found.shipping_address is not None
    assert found.shipping_address != found.billing
    assert found.attributes["shipping_method"] == "flatrate_flatrate"


def test_a_purchase_order_number_comes_unchanged() -> None:
    assert order("000000020").po_number == 'PO "4711"/ÄÖ & <x>'


def test_the_transaction_is_the_last_one_of_the_payment_else_what_the_gateway_left() -> None:
    assert order("000000046").transaction_id == "CAP-0001"
    document = raw("orders", "000000046")
    del document["payment"]["last_trans_id"]
    document["extension_attributes"]["payment_additional_info"].append({"key": "transaction_id", "value": "ch_7"})
    read = read_order(document)
    assert isinstance(read, Order)
    assert read.transaction_id == "ch_7"
    assert invoice("000000022").transaction_id == "CAP-0001"


def test_no_machine_address_and_no_gift_message_travels_on() -> None:
    assert "gift_message" not in repr(order("000000057")) and "127.0.0.1" not in repr(order("000000057"))


def test_invoices_of_one_order_share_its_lines_and_shipping_is_on_the_first() -> None:
    first, second, third = (invoice(f"0000000{number}") for number in ("08", "09", "10"))
    assert [found.totals.shipping for found in (first, second, third)] == [D("7.5"), 0, 0]
    assert [found.totals.grand_total for found in (first, second, third)] == [D("21.26"), D("38.95"), D("58.26")]
    ordered = order_by_entity(first.order_id)
    invoiced = sum(line.gross for found in (first, second, third) for line in found.lines)
    assert invoiced == ordered.totals.subtotal


def test_an_invoice_of_a_dynamic_bundle_has_the_parts_lines() -> None:
    found = next(invoice(number) for number in texts("invoices") if raw("invoices", number)["order_id"] == 15)
    assert rows(found.lines) == [("MUG-RED", 2, D("25.98")), ("TEE-PLAIN", 4, D("79.96"))]


def test_an_invoice_takes_rates_and_kinds_of_its_lines_from_the_order() -> None:
    found = invoice("2000000001")
    assert [(line.product_type, line.tax_percent) for line in found.lines] == [("simple", 19), ("simple", 7)]
    assert found.lines[0].taxes == (AppliedTax("DE-VAT-19", "DE-VAT-19", D(19), D("5.92")),)
    assert found.shipping_taxes == (AppliedTax("DE-VAT-19", "DE-VAT-19", D(19), D("1.05")),)
    alone = read_invoice(raw("invoices", "2000000001"))
    assert isinstance(alone, Invoice)
    assert alone.lines[0] == replace(found.lines[0], taxes=(), tax_percent=ZERO, product_type="")
    assert alone.shipping_taxes == ()


def test_an_invoice_of_part_of_a_line_with_two_taxes_splits_its_tax_to_the_cent() -> None:
    ordered = order("000000018")
    document = raw("invoices", "000000016")
    document.update(order_id=D(ordered.entity_id))
    (item,) = document["items"]
    item.update(order_item_id=D(ordered.lines[0].item_id))
    found = read_invoice(document, ordered)
    assert isinstance(found, Invoice), found
    # 2.06 of tax in the proportion 3.00 : 6.28 is 0.666 : 1.394; the larger fraction gets the cent.
    assert [rate.amount for rate in found.lines[0].taxes] == [D("0.67"), D("1.39")]
    assert [rate.amount for rate in found.shipping_taxes] == [D("0.20"), D("0.42")]


def test_an_invoice_not_captured_or_cancelled_is_not_paid() -> None:
    for state in (1, 3):
        document = raw("invoices", "000000016")
        document["state"] = D(state)
        found = read_invoice(document)
        assert isinstance(found, Invoice)
        assert (found.captured, found.canceled) == (False, state == 3)


def test_numbers_are_exact_and_nan_is_not_json() -> None:
    assert parse(b'{"a": 36.7629, "b": 12, "c": "\\u00fc"}') == {"a": D("36.7629"), "b": D(12), "c": "ü"}
    for text in ('{"a": NaN}', '{"a": -Infinity}', "[1]", "", "{", "[" * 100_000):
        with pytest.raises(ValueError):
            parse(text)
