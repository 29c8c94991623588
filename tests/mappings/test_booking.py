"""What orders become: numbers worked out by hand from the rules of accounting."""

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from mappings import qbo
from mappings.booking import book_invoice, book_order
from mappings.context import Books
from mappings.entry import Because
from mappings.model import Order
from mappings.shop import Product
from tests.mappings.sales import (
    BERLIN,
    RETAIL,
    TEXAS,
    US,
    context,
    held,
    journal,
    line,
    order,
    rules,
    sell,
    standing,
    waiting,
)
from tests.mappings.sales import (
    invoice as magento_invoice,
)


def test_a_paid_order_debits_the_clearing_account_and_credits_sales_shipping_and_tax() -> None:
    # 2 x 12.50 = 25.00, tax 2.06; shipping 7.50, tax 0.62; total 35.18
    paid = order(line("MUG", "2", "12.50", TEXAS), shipping="7.50", shipping_rate=TEXAS, paid=True)
    receipt = sell(paid)
    assert receipt.kind == "sales_receipt"
    assert journal(receipt) == [
        ("1255 Checks clearing", "35.18"),
        ("4000 Sales", "-25.00"),
        ("4100 Shipping income", "-7.50"),
        ("Sales Tax Payable", "-2.68"),
    ]
    assert (receipt.total, receipt.tax) == (Decimal("35.18"), Decimal("2.68"))
    assert (receipt.deposit_account, receipt.payment_method) == ("1255 Checks clearing", "Check")


def test_an_unpaid_order_is_an_invoice_with_terms_and_a_due_date() -> None:
    invoice = sell(order(line("MUG", "1", "10.00", TEXAS)))
    assert invoice.kind == "invoice"
    assert journal(invoice)[0] == ("Accounts Receivable (A/R)", "10.83")
    assert (invoice.terms, invoice.due, invoice.deposit_account) == ("Net 30", date(2026, 12, 20), "")


def test_a_purchase_order_stays_a_receivable_though_magento_calls_it_paid() -> None:
    assert sell(order(line("MUG", "1", "10.00"), paid=True, payment_method="purchaseorder")).kind == "invoice"


def test_every_line_names_its_rule_and_its_place_in_magento() -> None:
    receipt = sell(order(line("MUG", "1", "10.00", TEXAS, path="items[3]"), shipping="5", paid=True))
    assert [(each.because.list, each.because.row, *each.source) for each in receipt.lines] == [
        ("payment", "check or money order", "base_grand_total"),
        ("accounts", "sales", "items[3].base_row_total"),
        ("accounts", "shipping", "base_shipping_amount"),
        ("books", "sales_tax", "base_tax_amount"),
    ]
    assert Because("document", "paid") in receipt.decisions
    assert Because("customer", "anything else") in receipt.decisions


def test_custom_options_make_no_new_item_of_a_product() -> None:
    mug = Product("MUG", "The mug", "simple", {})
    shirt = Product("SHIRT", "The shirt", "configurable", {})
    sold = order(line("MUG-ENGRAVED", "1", "10.00"), line("SHIRT-XL", "1", "20.00"), line("GONE", "1", "1.00"))
    receipt = sell(sold, known=context(products={"MUG-ENGRAVED": mug, "SHIRT-XL": shirt}))
    assert [each.sku for each in receipt.lines if each.role == "item"] == ["MUG", "SHIRT-XL", "GONE"]


def test_another_account_for_shipping_or_discounts_has_an_item_of_its_own() -> None:
    # A QuickBooks item has one income account: lines with another account need another item.
    own = rules("""
[[shipping]]
id = "texas"
account = "4110 Shipping Texas"
when = { "ship.region" = "TX" }
[[discount]]
id = "promo"
account = "4910 Promotions"
when = { coupon = "TEN" }
""")
    sold = order(line("MUG", "1", "10.00", discount="1.00"), shipping="5.00", coupon="TEN", paid=True)
    receipt = sell(sold, own)
    assert [(each.item, each.account) for each in receipt.lines if each.role in ("shipping", "discount")] == [
        ("Magento shipping, 4110 Shipping Texas", "4110 Shipping Texas"),
        ("Magento discount, 4910 Promotions", "4910 Promotions"),
    ]


def test_a_discount_is_a_line_of_its_own_and_sales_stay_gross() -> None:
    receipt = sell(order(line("MUG", "2", "12.50", TEXAS, discount="2.50"), coupon="TEN", paid=True))
    assert journal(receipt)[1:3] == [("4000 Sales", "-25.00"), ("4900 Discounts given", "2.50")]
    assert receipt.lines[2].description == "Discount TEN"


def test_in_an_automated_company_a_discount_on_mixed_lines_is_split_by_taxability() -> None:
    mixed = order(line("MUG", "1", "40.00", TEXAS, discount="4.00"), line("BOOK", "1", "20.00", discount="2.00"))
    assert [(each.tax_code, each.amount) for each in sell(mixed).lines if each.role == "discount"] == [
        ("TAX", Decimal("4.00")),
        ("NON", Decimal("2.00")),
    ]


def test_a_shipping_discount_lowers_the_base_of_shipping() -> None:
    made = order(line("BOOK", "1", "20.00"), shipping="8.00", shipping_rate=TEXAS, parts={"shipping_discount": "3.00"})
    assert [(each.tax_code, each.amount) for each in sell(made).lines if each.role == "discount"] == [
        ("TAX", Decimal("3.00"))
    ]


def test_a_receipt_of_zero_keeps_gross_sales_and_their_discount() -> None:
    free = order(line("MUG", "1", "10.00", discount="10.00"), payment_method="free", paid=True)
    receipt = sell(free)
    assert (receipt.kind, receipt.total) == ("sales_receipt", 0)
    assert journal(receipt)[1:] == [("4000 Sales", "-10.00"), ("4900 Discounts given", "10.00")]


def test_a_receipt_of_zero_needs_no_clearing_account() -> None:
    free = order(line("MUG", "1", "10.00", discount="10.00"), payment_method="points_only", paid=True)
    assert [each.role for each in sell(free).lines] == ["item", "discount"]


def test_gift_cards_and_store_credit_reduce_what_is_owed_and_their_liabilities() -> None:
    credits = {"gift_cards": "20.00", "store_credit": "5.00", "reward": "1.00"}
    receipt = sell(order(line("MUG", "1", "50.00"), parts=credits, paid=True))
    assert journal(receipt) == [
        ("1255 Checks clearing", "24.00"),
        ("4000 Sales", "-50.00"),
        ("2300 Gift card liability", "20.00"),
        ("2310 Store credit liability", "5.00"),
        ("2310 Store credit liability", "1.00"),
    ]


def test_fractional_quantities_are_rounded_once_and_the_cent_is_a_rounding_line() -> None:
    # 1.5 x 3.335 = 5.0025 three times: lines 5.00 each, total 15.0075 -> 15.01
    cloth = line("CLOTH", "1.5", "3.335")
    receipt = sell(order(cloth, cloth, cloth, paid=True))
    assert journal(receipt)[-1] == ("6990 Rounding", "-0.01")
    assert receipt.total == Decimal("15.01")


def test_a_fee_that_no_line_explains_is_held_not_rounded_away() -> None:
    fair = order(line("MUG", "1", "10.00"), paid=True)
    feed = replace(fair, totals=replace(fair.totals, grand_total=Decimal("10.05")))
    problem = held(book_order(feed, context(), RETAIL))
    assert (problem.code, problem.document) == ("rounding-too-large", "order/000000042")
    assert "10.00" in problem.reason and "10.05" in problem.reason and "0.05" in problem.reason


def more(fair: Order, cents: str) -> Order:
    """The order with a total that is larger by so much than its parts."""
    return replace(fair, totals=replace(fair.totals, grand_total=fair.totals.grand_total + Decimal(cents)))


def test_rounding_is_capped_at_a_cent_for_each_taxed_line() -> None:
    taxed = order(
        line("MUG", "1", "10.00", TEXAS), line("CUP", "1", "5.00", TEXAS), line("MAP", "1", "4.00"), paid=True
    )
    assert ("6990 Rounding", "-0.02") in journal(sell(more(taxed, "0.02")))
    assert held(book_order(more(taxed, "0.03"), context(), RETAIL)).code == "rounding-too-large"


def test_only_an_amount_with_a_fraction_of_a_cent_can_round_without_tax() -> None:
    whole = order(line("MUG", "1", "10.00"), line("CUP", "1", "5.00"), paid=True)
    assert held(book_order(more(whole, "0.01"), context(), RETAIL)).code == "rounding-too-large"
    cloth = order(line("CLOTH", "1.5", "3.335"), line("CUP", "1", "5.00"), paid=True)  # 5.0025 is 5.00
    assert journal(sell(more(cloth, "0.01")))[-1] == ("6990 Rounding", "-0.01")
    assert held(book_order(more(cloth, "0.02"), context(), RETAIL)).code == "rounding-too-large"


def test_the_day_is_the_stores_own() -> None:
    late = datetime(2026, 11, 21, 3, 30, tzinfo=UTC)  # still the 20th in New York
    assert sell(order(line("MUG", "1", "1.00"), created_at=late)).txn_date == date(2026, 11, 20)
    tokyo = rules(books='timezone = "Asia/Tokyo"')
    assert sell(order(line("MUG", "1", "1.00"), created_at=late), tokyo).txn_date == date(2026, 11, 21)


# --- what is held -------------------------------------------------------------------------------------


def test_an_order_in_another_currency_than_the_books_is_held() -> None:
    problem = held(book_order(order(line("MUG", "1", "1.00"), currency="EUR"), context(), RETAIL))
    assert (problem.code, problem.field) == ("currency-differs", "base_currency_code")


def test_a_company_that_did_not_say_its_currency_holds_nothing_for_it() -> None:
    unknown = context(replace(US, home_currency=""))
    assert sell(order(line("MUG", "1", "1.00"), currency="EUR"), known=unknown).currency == "EUR"


def test_an_order_of_an_unknown_store_view_is_held() -> None:
    assert held(book_order(order(line("MUG", "1", "1.00"), store_id=9), context(), RETAIL)).code == "store-unknown"


def test_a_total_below_zero_is_held() -> None:
    low = order(line("MUG", "1", "5.00"), parts={"store_credit": "6.00"})
    problem = held(book_order(low, context(), RETAIL))
    assert problem.code == "unbalanced" and "-1.00" in problem.reason


def test_a_payment_method_without_a_rule_is_held_with_its_name() -> None:
    problem = held(book_order(order(line("MUG", "1", "5.00"), payment_method="klarna", paid=True), context(), RETAIL))
    assert problem.code == "unknown-payment-method" and '"klarna"' in problem.reason


def test_an_unpaid_order_needs_no_clearing_account_yet() -> None:
    assert sell(order(line("MUG", "1", "5.00"), payment_method="klarna")).kind == "invoice"


def test_store_credit_without_a_rule_is_held() -> None:
    bare = rules("""[[credit]]
id = "nothing"
when = { "credit.kind" = "reward" }
item = "Points"
account = "credits"
""")
    off = bare.model_copy(update={"credit": bare.credit[:1]})
    used = order(line("MUG", "1", "5.00"), parts={"store_credit": "2.00"}, paid=True)
    problem = held(book_order(used, context(), off))
    assert problem.code == "unmapped-credit" and "2.00" in problem.reason
    assert problem.field == "extension_attributes.base_customer_balance_amount"


def test_a_number_longer_than_quickbooks_takes_is_held() -> None:
    long = rules(books='number = "Magento-web-{order.number}-x"')
    problem = held(book_order(order(line("MUG", "1", "5.00")), context(), long))
    assert problem.code == "number-too-long" and "23 characters" in problem.reason


def test_desktop_takes_eleven_characters_of_a_number() -> None:
    desktop = rules(books='target = "desktop"\nnumber_prefix = "WEB"')
    assert held(book_order(order(line("MUG", "1", "5.00")), context(), desktop)).code == "number-too-long"


def test_texts_longer_than_quickbooks_takes_are_held() -> None:
    made = order(line("MUG", "1", "5.00"), coupon="C" * 32, po_number="P" * 4000)
    field = '[[field]]\nid = "x"\nfrom = "{%s}"\nto = "%s"\n'
    for by in (
        rules(field % ("coupon", "CustomField.1")),
        rules(field % ("order.po_number", "CustomerMemo")),
        rules(field % ("order.po_number", "PrivateNote")),
    ):
        assert held(book_order(made, context(), by)).code == "text-too-long"
    endless = replace(made, billing=replace(made.billing, postcode="9" * 31))
    problem = held(book_order(endless, context(), RETAIL))
    assert problem.code == "text-too-long" and "Magento" in problem.fix


REVIEW = '[[review]]\nid = "much"\nwhen = { "order.total" = { above = 100 } }\nreason = "{order.total} is a lot"\n'


def test_a_review_rule_holds_until_a_person_releases_the_document() -> None:
    by, large = rules(REVIEW), order(line("TV", "1", "900.00"))
    problem = held(book_order(large, context(), by))
    assert (problem.code, problem.reason) == ("review", "900 is a lot")
    assert sell(large, by, context(approved=frozenset({"order/000000042"}))).total == 900
    assert sell(order(line("MUG", "1", "9.00")), by).total == 9


def test_a_review_rule_that_comes_later_does_not_hold_what_stands() -> None:
    assert sell(order(line("TV", "1", "900.00")), rules(REVIEW), standing("invoice")).kind == "invoice"


def test_a_review_rule_without_words_still_says_why() -> None:
    silent = rules('[[review]]\nid = "coupons"\nreason = "{coupon}"\n')
    assert "coupons" in held(book_order(order(line("MUG", "1", "9.00")), context(), silent)).reason


# --- closed periods -----------------------------------------------------------------------------------


def test_an_order_in_a_closed_period_is_held_by_default() -> None:
    problem = held(book_order(order(line("MUG", "1", "9.00")), context(closed=date(2026, 11, 20)), RETAIL))
    assert problem.code == "closed-period" and "2026-11-20" in problem.reason


def test_by_rule_it_is_dated_on_the_first_open_day_and_the_memo_says_so() -> None:
    moved = rules(books='closed_period = "first_open_day"')
    invoice = sell(order(line("MUG", "1", "9.00")), moved, context(closed=date(2026, 11, 30)))
    assert invoice.txn_date == date(2026, 12, 1)
    assert "2026-11-20" in invoice.memo


def test_a_gift_of_a_closed_month_has_nothing_to_adjust() -> None:
    by, closed = rules(books='closed_period = "adjusting_entry"'), context(closed=date(2026, 11, 30))
    free = order(line("MUG", "1", "0.00"), paid=True)
    assert "no amounts" in waiting(book_order(free, closed, by)).reason
    each = rules(books='closed_period = "adjusting_entry"\npost_on = "invoice"')
    paid = order(line("MUG", "1", "9.00"), paid=True)
    nothing = magento_invoice(paid, line("GIFT", "1", "0.00"))
    assert "no amounts" in waiting(book_invoice(nothing, paid, closed, each)).reason


def test_the_day_after_the_closing_date_is_open() -> None:
    assert sell(order(line("MUG", "1", "9.00")), known=context(closed=date(2026, 11, 19))).kind == "invoice"


def test_closing_the_books_later_does_not_hold_what_stands() -> None:
    stands = standing("invoice", closed=date(2026, 12, 31))
    assert sell(order(line("MUG", "1", "9.00")), known=stands).txn_date == date(2026, 11, 20)


# --- which document -----------------------------------------------------------------------------------


def test_rules_may_let_an_order_wait_or_leave_it_out() -> None:
    wait = rules('[[document]]\nid = "later"\nmake = "wait"\nwhen = { coupon = "X" }\n')
    skip = rules('[[document]]\nid = "never"\nmake = "skip"\nwhen = { coupon = "X" }\n')
    made = order(line("MUG", "1", "9.00"), coupon="X")
    assert '"later"' in waiting(book_order(made, context(), wait)).reason
    assert '"never"' in waiting(book_order(made, context(), skip)).reason


def test_without_document_rows_payment_alone_decides() -> None:
    bare = RETAIL.model_copy(update={"document": ()})
    assert sell(order(line("MUG", "1", "9.00"), paid=True), bare).kind == "sales_receipt"
    assert sell(order(line("MUG", "1", "9.00")), bare).kind == "invoice"


def test_an_invoice_stays_one_to_the_last_byte_when_its_order_is_paid() -> None:
    unpaid = order(line("MUG", "1", "9.00", TEXAS), shipping="3")
    before = sell(unpaid)
    assert sell(replace(unpaid, paid=unpaid.totals.grand_total), known=standing("invoice")) == before


def test_a_sales_receipt_stays_one() -> None:
    assert sell(order(line("MUG", "1", "9.00")), known=standing("sales_receipt")).kind == "sales_receipt"


def test_an_edited_orders_successor_books_by_itself() -> None:
    successor = order(line("MUG", "1", "9.00"), number="000000042-1", parent_number="000000042")
    assert (sell(successor).key, sell(successor).number) == ("order/000000042-1", "000000042-1")


def test_posting_by_magento_invoice_leaves_orders_alone_but_for_those_of_zero() -> None:
    by = rules(books='post_on = "invoice"')
    assert waiting(book_order(order(line("MUG", "1", "9.00"), paid=True), context(), by)).document == "order/000000042"
    free = order(line("MUG", "1", "9.00", discount="9.00"), payment_method="free")
    assert sell(free, by).kind == "sales_receipt"


# --- the head -----------------------------------------------------------------------------------------


def test_a_buyer_is_known_by_the_case_folded_email_and_no_email_stands_in_the_key() -> None:
    one, other = (sell(order(line("MUG", "1", "9.00"))).party for _ in range(2))
    assert one.key == other.key
    assert len(one.key) == len("email:") + 20 and "@" not in one.key
    loud = order(line("MUG", "1", "9.00"))
    loud = replace(loud, buyer=replace(loud.buyer, email="ADA@EXAMPLE.COM "))
    assert sell(loud).party.key == one.key


def test_by_rule_a_registered_buyer_is_known_by_website_and_id() -> None:
    by, made = rules(books='customer_key = "website_and_id"'), order(line("MUG", "1", "9.00"))
    assert sell(made, by).party.key == "id:1:7"
    guest = replace(made, buyer=replace(made.buyer, id=None, guest=True))
    assert sell(guest, by).party.key.startswith("email:")


def test_a_buyer_without_an_email_is_known_by_the_order() -> None:
    made = order(line("MUG", "1", "9.00"))
    assert sell(replace(made, buyer=replace(made.buyer, email=""))).party.key == "order:000000042"


def test_a_collective_customer_takes_the_document_and_the_buyer_stays_on_it() -> None:
    by = rules('[[customer]]\nid = "together"\nuse = "summary"\nname = "Web {store}"\n')
    invoice = sell(order(line("MUG", "1", "9.00")), by)
    assert (invoice.party.key, invoice.party.name, invoice.party.email) == ("summary:web default", "Web default", "")
    assert invoice.email == "Ada@Example.com" and invoice.billing is not None


def test_a_company_is_called_by_its_name_and_nobody_is_nameless() -> None:
    made = order(line("MUG", "1", "9.00"))
    company = replace(made, billing=replace(made.billing, company="Acme  Ltd"))
    assert (sell(company).party.name, sell(made).party.name) == ("Acme Ltd", "Ada Lovelace")
    nobody = replace(
        made,
        buyer=replace(made.buyer, first_name="", last_name=""),
        billing=replace(made.billing, first_name="", last_name=""),
    )
    assert sell(nobody).party.name == "Magento customer"


def test_a_long_transaction_id_keeps_its_end_and_stands_whole_in_the_memo() -> None:
    receipt = sell(order(line("MUG", "1", "9.00"), paid=True, transaction_id="pi_3OqvZzLkdIwHu7ix0abc"))
    assert receipt.reference == "_3OqvZzLkdIwHu7ix0abc" and len(receipt.reference) == 21
    assert receipt.memo == "Magento order 000000042, transaction pi_3OqvZzLkdIwHu7ix0abc"


def test_an_email_that_quickbooks_would_refuse_stands_in_the_memo() -> None:
    made = order(line("MUG", "1", "9.00"))
    long = f"{'a' * 95}@x.com"
    invoice = sell(replace(made, buyer=replace(made.buyer, email=long)))
    assert invoice.email == "" and invoice.memo.endswith(f"e-mail {long}")


def test_fields_class_and_location_come_from_their_rows() -> None:
    by = rules(
        '[[class]]\nid = "web"\nclass = "Web"\ndepartment = "Austin"\n'
        '[[field]]\nid = "po"\nfrom = "{order.po_number}"\nto = "CustomField.1"\n'
        '[[field]]\nid = "coupon"\nfrom = "{coupon}"\nto = "CustomerMemo"\n'
        '[[field]]\nid = "store"\nfrom = "sold in {store}"\nto = "PrivateNote"\n'
    )
    invoice = sell(order(line("MUG", "1", "9.00"), po_number="PO-1"), by)
    assert (invoice.class_name, invoice.department) == ("Web", "Austin")
    assert invoice.fields == (("CustomField.1", "PO-1"),)
    assert invoice.memo == "Magento order 000000042\nsold in default"


def test_item_shipping_and_discount_rows_change_account_and_item() -> None:
    by = rules(
        '[[item]]\nid = "cards"\nwhen = { "line.sku" = "GIFT" }\nitem = "Gift card"\naccount = "gift_cards"\n'
        'type = "service"\n'
        '[[shipping]]\nid = "all"\nitem = "Freight"\naccount = "4120 Freight"\n'
        '[[discount]]\nid = "all"\nitem = "Rebate"\naccount = "4910 Rebates"\n'
    )
    made = order(line("GIFT", "1", "50.00"), line("MUG", "1", "9.00", discount="1.00"), shipping="4")
    lines = sell(made, by).lines[1:]
    assert [(each.account, each.item) for each in lines] == [
        ("2300 Gift card liability", "Gift card"),
        ("4000 Sales", ""),
        ("4120 Freight", "Freight"),
        ("4910 Rebates", "Rebate"),
    ]
    assert [each.item_type for each in lines[:2]] == ["service", "noninventory"]


def test_terms_that_name_no_days_leave_the_due_date_to_quickbooks() -> None:
    bare = rules(books='terms = "Due on receipt"').model_copy(update={"document": ()})
    invoice = sell(order(line("MUG", "1", "9.00")), bare)
    assert (invoice.terms, invoice.due) == ("Due on receipt", None)


def test_goods_sent_abroad_without_tax_need_no_tax_rule() -> None:
    assert sell(order(line("MUG", "1", "9.00"), shipping_address=BERLIN)).tax == 0


def test_books_without_a_country_take_any_tax_as_their_own() -> None:
    nowhere = Books("", "USD", False, True, None, True)
    assert sell(order(line("MUG", "1", "9.00", TEXAS)), known=context(nowhere)).tax == Decimal("0.74")


def test_by_rule_a_discount_lowers_the_prices_of_its_lines() -> None:
    own = rules('[[discount]]\nid = "net"\nshow = "reduced_price"\n')
    goods = (line("MUG", "2", "12.50", TEXAS, discount="2.50"), line("BOOK", "1", "20.00"))
    receipt = sell(order(*goods, coupon="TEN", shipping="8.00", parts={"shipping_discount": "3.00"}, paid=True), own)
    assert journal(receipt)[1:] == [
        ("4000 Sales", "-22.50"),
        ("4000 Sales", "-20.00"),
        ("4100 Shipping income", "-5.00"),
        ("Sales Tax Payable", "-1.86"),  # 8.25 % of 22.50
    ]
    assert receipt.lines[1].description == "The MUG (Discount TEN)"
    [mug, *_] = qbo.write(receipt, own, US)["Line"]
    assert (mug["Amount"], mug["SalesItemLineDetail"]["UnitPrice"]) == (Decimal("22.50"), Decimal("11.25"))


def test_by_rule_a_discount_is_quickbooks_own_discount_line() -> None:
    own = rules('[[discount]]\nid = "whole"\nshow = "discount_line"\n')
    receipt = sell(order(line("MUG", "2", "12.50", TEXAS, discount="2.50"), coupon="TEN", paid=True), own)
    assert journal(receipt)[1:3] == [("4000 Sales", "-25.00"), ("4900 Discounts given", "2.50")]
    [_, discount] = qbo.write(receipt, own, US)["Line"]
    assert (discount["DetailType"], discount["Amount"]) == ("DiscountLineDetail", Decimal("2.50"))
    assert discount["DiscountLineDetail"]["DiscountAccountRef"] == {"value": "@account:4900 Discounts given"}


def test_a_discount_on_taxed_and_untaxed_lines_cannot_be_one_line_on_the_whole() -> None:
    own = rules('[[discount]]\nid = "whole"\nshow = "discount_line"\n')
    mixed = order(line("MUG", "1", "40.00", TEXAS, discount="4.00"), line("BOOK", "1", "20.00", discount="2.00"))
    assert [each.item for each in sell(mixed, own).lines if each.role == "discount"] == ["Magento discount"] * 2
