"""What doctor finds about items, accounts and custom fields that are not what the rules say."""

from pathlib import Path
from typing import Any

from deploy.cli import company, setup_desktop
from deploy.cli.checks_books import account_currencies, custom_fields, item_account
from mappings import qbxml
from mappings.rules import load, template
from mappings.rules_needs import needs
from tests.gateway.desk import open_desk
from tests.mappings.rules_sample import IN_EUROS, rules

NEEDED = needs(rules(""))
ON_PAYPALS_ACCOUNT = f"{IN_EUROS}\n".replace("1020 Euro account", "1250 PayPal clearing")


def found(*, shipping_on: str) -> company.Found:
    accounts: dict[str, dict[str, Any]] = {
        name.casefold(): {"Id": str(at), "Name": name}
        for at, name in enumerate((*(one.name for one in NEEDED.accounts), "4999 Elsewhere"))
    }
    items = {
        one.name.casefold(): {"Name": one.name, "IncomeAccountRef": {"value": accounts[one.account.casefold()]["Id"]}}
        for one in NEEDED.items
        if one.account.casefold() in accounts
    }
    items["magento shipping"]["IncomeAccountRef"] = {"value": accounts[shipping_on.casefold()]["Id"]}
    return {"Account": accounts, "Item": items}


def test_an_item_on_the_account_that_the_rules_name_is_well() -> None:
    assert company.misplaced(NEEDED, found(shipping_on="4100 Shipping income")) == []


def test_an_item_on_another_account_is_named_with_both_and_the_place_in_the_rules() -> None:
    [wrong] = company.misplaced(NEEDED, found(shipping_on="4999 Elsewhere"))
    check = item_account(wrong)
    assert check.level == "fail"
    assert check.found == "Magento shipping is on 4999 Elsewhere, not on 4100 Shipping income ([items] shipping)"


def test_items_and_accounts_that_are_not_there_are_setups_business() -> None:
    assert company.misplaced(NEEDED, {"Account": {}, "Item": {}}) == []


def test_on_desktop_the_last_update_tells_which_account_an_item_is_on(tmp_path: Path) -> None:
    text = template("us_desktop")
    wanted = needs(load(text))
    with open_desk(tmp_path / "home") as desk:
        desk.update()
        with desk.reading() as conn:
            assert setup_desktop.misplaced(conn, wanted) == []
        moved = text.replace('"4100 Shipping income"', '"4000 Sales"')
        with desk.reading() as conn:
            [wrong] = [
                one for one in setup_desktop.misplaced(conn, needs(load(moved))) if one.item.name == "Magento shipping"
            ]
        assert wrong.words == "Magento shipping is on 4100 Shipping income, not on 4000 Sales"


def test_a_custom_field_that_a_rule_fills_and_the_company_lacks_is_named() -> None:
    by = rules(
        '[[field]]\nid = "po"\nfrom = "{order.po_number}"\nto = "CustomField.PO number"\n'
        '[[field]]\nid = "crew"\nfrom = "x"\nto = "CustomField.Crew"\n'
        '[[field]]\nid = "ship"\nfrom = "x"\nto = "ShipMethod"\n'
    )
    one = {"Name": "SalesFormsPrefs.SalesCustomName1", "Type": "StringType", "StringValue": "po NUMBER"}
    used = {"Name": "SalesFormsPrefs.UseSalesCustom1", "Type": "BooleanType", "BooleanValue": True}
    preferences = {"SalesFormsPrefs": {"CustomField": [{"CustomField": [used]}, {"CustomField": [one]}]}}
    [check] = custom_fields(preferences, by)
    assert (check.level, check.found) == ("fail", 'missing: Crew (field "crew")')
    assert len(list(custom_fields({}, by))) == 2


def test_an_account_in_another_currency_than_its_documents_is_named_with_the_row_and_what_to_do() -> None:
    wanted = needs(rules(ON_PAYPALS_ACCOUNT))
    [check] = account_currencies(wanted, True, {"1250 paypal clearing": "USD", "1000 checking": "USD"})
    assert check.level == "fail"
    assert check.found == '1250 PayPal clearing is in USD, not in EUR (payment "in euros")'
    assert "magebooks setup makes it in EUR" in check.fix
    assert list(account_currencies(wanted, True, {"1250 paypal clearing": "EUR"})) == []
    assert list(account_currencies(wanted, True, {})) == []


def test_without_multicurrency_the_currency_of_rules_is_named_once() -> None:
    [check] = account_currencies(needs(rules(ON_PAYPALS_ACCOUNT)), False, {"1250 paypal clearing": "USD"})
    assert (check.level, check.found) == ("fail", "off, and the rules book in EUR")
    assert list(account_currencies(NEEDED, False, {"1250 paypal clearing": "USD"})) == []


def test_on_desktop_the_last_update_tells_which_currency_an_account_is_in(tmp_path: Path) -> None:
    text = template("us_desktop").replace(
        '[[payment]]\nid       = "paypal"', f'{ON_PAYPALS_ACCOUNT}[[payment]]\nid       = "paypal"'
    )
    mended = text.replace(
        'clearing = "1250 PayPal clearing"\n\n[[payment]]', 'clearing = "1020 Euros"\n\n[[payment]]', 1
    )
    with open_desk(tmp_path / "home") as desk:
        desk.file.settings.currencies = True
        euro = next(one["ListID"] for one in desk.file.objects("Currency") if one["CurrencyCode"] == "EUR")
        made = qbxml.account_add("1020 Euros", "Bank", "EUR").text.replace("@currency:EUR", euro)
        assert 'statusCode="0"' in desk.file.process(qbxml.message([("1", made)], "13.0").decode())
        desk.update()
        with desk.reading() as conn:
            found = setup_desktop.currencies(conn, "USD")
    assert (found["1250 paypal clearing"], found["1020 euros"]) == ("USD", "EUR")
    [wrong] = account_currencies(needs(load(text)), True, {**found, "accounts receivable - eur": "EUR"})
    assert wrong.found.startswith("1250 PayPal clearing is in USD")
    assert list(account_currencies(needs(load(mended)), True, found)) == []
