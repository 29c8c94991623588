"""Customers, items, accounts and small lists as QuickBooks Desktop gets them; each request is right by the schemas."""

from dataclasses import replace

import pytest

from mappings import qbxml
from mappings.entry import Party
from tests.mappings.desktop import element, names, text
from tests.mappings.sales import AUSTIN

ADA = Party(
    "email:abc", "Ada Lovelace", "ada@example.com", "Ada", "Lovelace", "", "555-0100", AUSTIN, replace(AUSTIN, city="")
)


# --- customers ----------------------------------------------------------------------------------------


def test_a_customer_is_created_with_what_the_shop_knows() -> None:
    request = qbxml.customer_add(ADA, "Ada Lovelace (2)")
    found = element(request)
    assert names(found) == ["Name", "FirstName", "LastName", "BillAddress", "ShipAddress", "Phone", "Email"]
    assert text(found, "Name") == "Ada Lovelace (2)" and text(found, "Email") == "ada@example.com"
    assert request.adjusted == () and request.symbols == frozenset()


def test_a_collective_customer_is_a_name() -> None:
    assert names(element(qbxml.customer_add(Party("summary:web", "Web"), "Web"))) == ["Name"]


def test_a_display_name_has_no_colon_and_forty_one_characters() -> None:
    assert qbxml.display_name(Party("email:abc", "Doe:\tJane\nJr.")) == "Doe Jane Jr."
    assert qbxml.display_name(Party("email:abc", "x" * 41)) == "x" * 41
    assert qbxml.display_name(Party("email:abc", " : ")) == "Customer abc"
    assert text(element(qbxml.customer_add(Party("email:abc", ""), "Customer abc")), "Name") == "Customer abc"


def test_a_customer_name_of_60_letters_keeps_its_end_apart() -> None:
    first, second = (qbxml.display_name(Party("email:abc", "Augusta " * 7 + end)) for end in ("King", "Byron"))
    assert first != second and len(first) == len(second) == 41


def test_a_shortened_name_stands_whole_in_the_notes_and_is_told() -> None:
    party = replace(ADA, name="The Analytical Engine Company of London and Turin", company="Analytical " * 5)
    request = qbxml.customer_add(party, qbxml.display_name(party))
    notes = text(element(request), "Notes") or ""
    assert f"Name: {party.name}" in notes and f"CompanyName: {party.company.strip()}" in notes
    assert [(each.field, each.how) for each in request.adjusted] == [
        ("Name", "shortened"),
        ("CompanyName", "shortened"),
    ]


def test_half_an_email_is_none() -> None:
    assert element(qbxml.customer_add(replace(ADA, email="a" * 1024), "Ada")).find("Email") is None


def test_a_changed_customer_keeps_its_name() -> None:
    request = qbxml.customer_mod("email:abc", replace(ADA, telephone=""))
    assert names(element(request))[:4] == ["ListID", "EditSequence", "FirstName", "LastName"]
    assert request.symbols == {("customer", "email:abc"), ("sync", "email:abc")}
    assert element(request).find("Phone") is None  # an empty element would clear what somebody wrote there


def test_a_customer_that_exists_gets_another_name() -> None:
    request = qbxml.customer_add(ADA, "Ada Lovelace").text
    assert qbxml.renamed(request, "Ada Lovelace (2)") == qbxml.customer_add(ADA, "Ada Lovelace (2)").text
    long = qbxml.renamed(request, "x" * 50)
    assert len(qbxml.name_of(long)) == 41
    with pytest.raises(ValueError, match="TxnDelRq has no name"):
        qbxml.renamed(qbxml.txn_del("Invoice", "order/1").text, "Ada")


# --- items --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "tag", "described", "account"),
    [
        ("service", "ItemServiceAdd", "SalesOrPurchase/Desc", "SalesOrPurchase/AccountRef"),
        ("noninventory", "ItemNonInventoryAdd", "SalesOrPurchase/Desc", "SalesOrPurchase/AccountRef"),
        ("othercharge", "ItemOtherChargeAdd", "SalesOrPurchase/Desc", "SalesOrPurchase/AccountRef"),
        ("inventory", "ItemInventoryAdd", "SalesDesc", "IncomeAccountRef"),
        ("discount", "ItemDiscountAdd", "ItemDesc", "AccountRef"),
    ],
)
def test_an_item_of_each_kind_has_its_income_account(kind: str, tag: str, described: str, account: str) -> None:
    request = qbxml.item_add(
        kind, "MUG", "MUG", "Blue mug", "4000 Sales", asset_account="1300 Inventory", cost_account="5000 Cost"
    )
    found = element(request)
    assert found.tag == tag and text(found, "Name") == "MUG"
    assert text(found, described) == "Blue mug"
    assert text(found, f"{account}/ListID") == "@account:4000 Sales"


def test_an_inventory_item_has_three_accounts() -> None:
    request = qbxml.item_add("inventory", "MUG", "MUG", "", "4000 Sales", asset_account="1300", cost_account="5000")
    assert request.symbols == {("account", "4000 Sales"), ("account", "1300"), ("account", "5000")}
    found = element(request)
    assert text(found, "AssetAccountRef/ListID") == "@account:1300"
    assert text(found, "COGSAccountRef/ListID") == "@account:5000"


def test_a_sku_that_is_not_the_name_stands_before_the_description() -> None:
    sku = "WINTER-JACKET-MENS-NAVY-LARGE-2026"
    found = element(qbxml.item_add("noninventory", qbxml.sku_key(sku, ()), sku, "Jacket", "4000 Sales"))
    assert text(found, "SalesOrPurchase/Desc") == f"{sku} Jacket"


def test_an_item_and_an_account_may_stand_below_another() -> None:
    item = element(qbxml.item_add("othercharge", "Magento:Shipping", "", "", "4100 Shipping"))
    assert (text(item, "Name"), text(item, "ParentRef/FullName")) == ("Shipping", "Magento")
    account = element(qbxml.account_add("Income:Web:4000 Sales", "Income"))
    assert (text(account, "Name"), text(account, "ParentRef/FullName")) == ("4000 Sales", "Income:Web")


def test_an_item_of_another_kind_is_a_mistake_of_ours() -> None:
    with pytest.raises(KeyError):
        qbxml.item_add("bundle", "A", "A", "", "4000 Sales")


# --- accounts and small lists -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("Other Current Asset", "OtherCurrentAsset"),
        ("Cost of Goods Sold", "CostOfGoodsSold"),
        ("Income", "Income"),
        ("Other Income", "OtherIncome"),
        ("OtherCurrentLiability", "OtherCurrentLiability"),
    ],
)
def test_an_account_has_the_type_that_desktop_calls_so(words: str, kind: str) -> None:
    assert text(element(qbxml.account_add("4000 Sales", words)), "AccountType") == kind


@pytest.mark.parametrize(
    ("name", "kind"), [("Check", "Check"), ("Credit Card", "OtherCreditCard"), ("PayPal", "Other")]
)
def test_a_payment_method_has_its_type(name: str, kind: str) -> None:
    assert text(element(qbxml.payment_method_add(name)), "PaymentMethodType") == kind


def test_terms_say_in_how_many_days() -> None:
    found = element(qbxml.terms_add("Net 30", 30))
    assert (text(found, "Name"), text(found, "StdDueDays")) == ("Net 30", "30")
    assert text(element(qbxml.terms_add("Due on receipt", 0)), "StdDueDays") == "0"


def test_a_class_may_stand_below_another() -> None:
    assert names(element(qbxml.class_add("Web"))) == ["Name"]
    assert names(element(qbxml.class_add("Shops:Web"))) == ["Name", "ParentRef"]
