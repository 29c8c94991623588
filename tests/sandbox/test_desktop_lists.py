"""Lists of the sandbox's company file: additions, changes, queries, iterators, and what it says about itself."""

from datetime import date

import pytest

from deploy.sandbox.desktop import CompanyFile

from .test_desktop import FILE_ID, OWNER, Reply, ask, made, message, ref, replies, rq, sale


@pytest.fixture
def company() -> CompanyFile:
    return CompanyFile(owner_id=OWNER, file_id=FILE_ID)


def add_customer(company: CompanyFile, name: str, *fields: tuple[str, object]) -> tuple[str, str]:
    """ListID and EditSequence of a new customer."""
    reply = ask(company, "CustomerAdd", [("Name", name), *fields])
    assert reply.status == 0, reply.words
    return reply.text("CustomerRet/ListID") or "", reply.text("CustomerRet/EditSequence") or ""


def change(company: CompanyFile, id: str, sequence: str, *fields: tuple[str, object]) -> Reply:
    return ask(company, "CustomerMod", [("ListID", id), ("EditSequence", sequence), *fields])


def test_a_customer_is_changed_only_by_who_knows_the_latest_edit_sequence(company: CompanyFile) -> None:
    id, first = add_customer(company, "Ann Example", ("Phone", "555 0100"), ("Email", "ann@example.com"))
    reply = change(company, id, first, ("Phone", "555 0199"))
    second = reply.text("CustomerRet/EditSequence") or ""
    assert (reply.text("CustomerRet/Phone"), reply.text("CustomerRet/Email")) == ("555 0199", "ann@example.com")
    assert second != first
    assert change(company, id, first, ("Phone", "1")).status == 3200
    assert change(company, "80000099-1700000000", second).status == 3120
    assert company.find("Customer", "ann example")["Phone"] == "555 0199"


def test_an_empty_element_clears_and_a_missing_one_keeps(company: CompanyFile) -> None:
    id, sequence = add_customer(company, "Ann Example", ("FirstName", "Ann"), ("Phone", "555 0100"))
    reply = change(company, id, sequence, ("Phone", ""))
    assert (reply.text("CustomerRet/FirstName"), reply.text("CustomerRet/Phone")) == ("Ann", None)


def test_a_renamed_customer_is_found_by_the_new_name_only(company: CompanyFile) -> None:
    id, sequence = add_customer(company, "Ann Example")
    taken = change(company, id, sequence, ("Name", "Acme Supplies"))
    assert taken.status == 3100
    assert change(company, id, sequence, ("Name", "Ann Other")).status == 0
    assert company.find("Customer", "Ann Example") is None
    assert add_customer(company, "Ann Example")[0] != id


def test_a_job_is_named_below_its_customer(company: CompanyFile) -> None:
    reply = ask(company, "CustomerAdd", [("Name", "Kitchen"), ("ParentRef", ref("Sam Smith"))])
    assert (reply.text("CustomerRet/FullName"), reply.text("CustomerRet/Sublevel")) == ("Sam Smith:Kitchen", "1")
    assert add_customer(company, "Kitchen")
    found = ask(company, "CustomerQuery", [("FullName", "Sam Smith:Kitchen")])
    assert found.texts("CustomerRet/Name") == ["Kitchen"]


def test_every_kind_of_item_can_be_sold(company: CompanyFile) -> None:
    sold = ("SalesOrPurchase", [("Desc", "A mug"), ("Price", "9.95"), ("AccountRef", ref("4000 Sales"))])
    stock = [("COGSAccountRef", ref("5000 Cost of goods sold")), ("AssetAccountRef", ref("1300 Inventory"))]
    bought = [("IncomeAccountRef", ref("4000 Sales")), ("ExpenseAccountRef", ref("5000 Cost of goods sold"))]
    kinds = {
        "ItemService": [("Name", "A"), sold],
        "ItemNonInventory": [("Name", "B"), ("SalesAndPurchase", bought)],
        "ItemOtherCharge": [("Name", "C"), sold],
        "ItemInventory": [
            ("Name", "D"),
            ("BarCode", [("BarCodeValue", "4006381333931")]),
            ("SalesPrice", "3.00"),
            ("IncomeAccountRef", ref("4000 Sales")),
            *stock,
        ],
    }
    for kind, fields in kinds.items():
        assert ask(company, f"{kind}Add", fields).status == 0
        line = [("ItemRef", ref(str(fields[0][1]))), ("Quantity", "2"), ("Amount", "4.00")]
        assert ask(company, "SalesReceiptAdd", sale(SalesReceiptLineAdd=line)).status == 0
    assert [one["BarCodeValue"] for one in company.objects("ItemInventory")] == ["4006381333931"]
    priced = [("ItemRef", ref("A")), ("Quantity", "2"), ("SalesTaxCodeRef", ref("Non"))]
    reply = ask(company, "SalesReceiptAdd", sale(SalesReceiptLineAdd=priced))
    assert reply.text("SalesReceiptRet/TotalAmount") == "19.90"
    assert reply.text("SalesReceiptRet/SalesReceiptLineRet/Desc") == "A mug"


def test_an_inactive_object_is_not_referred_to_and_not_listed(company: CompanyFile) -> None:
    id, sequence = add_customer(company, "Ann Example")
    assert change(company, id, sequence, ("IsActive", "false")).status == 0
    assert ask(company, "SalesReceiptAdd", sale(CustomerRef=[("ListID", id)])).status == 3140
    assert "Ann Example" not in ask(company, "CustomerQuery").texts("CustomerRet/Name")
    found = ask(company, "CustomerQuery", [("ActiveStatus", "InactiveOnly")])
    assert found.texts("CustomerRet/Name") == ["Ann Example"]
    assert len(ask(company, "CustomerQuery", [("ActiveStatus", "All")]).texts("CustomerRet/Name")) == 3


def test_what_was_asked_for_by_name_and_is_not_there_is_a_warning(company: CompanyFile) -> None:
    reply = ask(company, "CustomerQuery", [("FullName", "Sam Smith"), ("FullName", "Nobody")])
    assert (reply.status, reply.severity) == (500, "Warn")
    assert reply.texts("CustomerRet/Name") == ["Sam Smith"]
    assert '"Nobody"' in reply.words
    assert ask(company, "CustomerQuery", [("ListID", "80000099-1700000000")]).status == 500
    assert ask(company, "InvoiceQuery", [("TxnID", "FF-1700000000")]).status == 500


def test_a_filter_without_a_hit_is_status_1(company: CompanyFile) -> None:
    nobody = [("NameFilter", [("MatchCriterion", "StartsWith"), ("Name", "zz")])]
    assert (ask(company, "CustomerQuery", nobody).status, ask(company, "InvoiceQuery").status) == (1, 1)


@pytest.mark.parametrize(
    ("fields", "names"),
    [
        ([("NameFilter", [("MatchCriterion", "StartsWith"), ("Name", "sam")])], ["Sam Smith"]),
        ([("NameFilter", [("MatchCriterion", "EndsWith"), ("Name", "customer")])], ["Walk-in customer"]),
        ([("NameFilter", [("MatchCriterion", "Contains"), ("Name", "M S")])], ["Sam Smith"]),
        ([("NameRangeFilter", [("FromName", "T"), ("ToName", "X")])], ["Walk-in customer"]),
        ([("MaxReturned", "1")], ["Sam Smith"]),
        ([("FromModifiedDate", "2999-01-01")], []),
        ([("ToModifiedDate", "2000-01-01T00:00:00+00:00")], []),
        ([("FromModifiedDate", "2000-01-01T00:00:00")], ["Sam Smith", "Walk-in customer"]),
    ],
)
def test_customers_are_filtered(company: CompanyFile, fields: list[tuple[str, object]], names: list[str]) -> None:
    assert ask(company, "CustomerQuery", fields).texts("CustomerRet/Name") == names


def test_documents_are_filtered_by_number_date_customer_and_payment(company: CompanyFile) -> None:
    add_customer(company, "Ann Example")
    made(company, "Invoice", "A1", TxnDate="2026-11-01")
    made(company, "Invoice", "B1", TxnDate="2026-11-15", CustomerRef=ref("Ann Example"))

    def numbers(*fields: tuple[str, object]) -> list[str]:
        return ask(company, "InvoiceQuery", fields).texts("InvoiceRet/RefNumber")

    assert numbers(("RefNumber", "a1"), ("RefNumber", "none")) == ["A1"]
    assert numbers(("RefNumberCaseSensitive", "a1")) == []
    assert numbers(("RefNumberFilter", [("MatchCriterion", "EndsWith"), ("RefNumber", "1")])) == ["A1", "B1"]
    assert numbers(("RefNumberRangeFilter", [("FromRefNumber", "B")])) == ["B1"]
    assert numbers(("TxnDateRangeFilter", [("ToTxnDate", "2026-11-10")])) == ["A1"]
    assert numbers(("EntityFilter", ref("ann example"))) == ["B1"]
    assert numbers(("ModifiedDateRangeFilter", [("FromModifiedDate", "2999-01-01")])) == []
    assert numbers(("PaidStatus", "NotPaidOnly")) == ["A1", "B1"]
    assert numbers(("PaidStatus", "PaidOnly")) == []


def test_lines_and_links_are_shown_only_when_asked_for(company: CompanyFile) -> None:
    made(company)
    plain = ask(company, "SalesReceiptQuery", [("RefNumber", "000000042")])
    full = ask(company, "SalesReceiptQuery", [("RefNumber", "000000042"), ("IncludeLineItems", "true")])
    assert plain.texts("SalesReceiptRet/SalesReceiptLineRet") == []
    assert full.texts("SalesReceiptRet/SalesReceiptLineRet/Amount") == ["20.00"]


def test_an_answer_is_cut_down_to_what_is_asked_for(company: CompanyFile) -> None:
    trimmed = [("IncludeRetElement", "ListID"), ("IncludeRetElement", "Name")]
    reply = ask(company, "AccountQuery", trimmed)
    assert {one.tag for ret in reply.element for one in ret} == {"ListID", "Name"}
    end = "</SalesReceiptAdd>"
    adding = rq("SalesReceiptAdd", sale()).replace(end, f"{end}<IncludeRetElement>TxnID</IncludeRetElement>")
    (sold,) = replies(company.process(message(adding)))
    assert [one.tag for one in sold.element[0]] == ["TxnID"]


def page(company: CompanyFile, most: int, attributes: str, filters: str = "") -> Reply:
    body = f'<ItemQueryRq requestID="1" {attributes}><MaxReturned>{most}</MaxReturned>{filters}</ItemQueryRq>'
    return replies(company.process(message(body)))[0]


def test_an_iterator_shows_each_item_once(company: CompanyFile) -> None:
    reply = page(company, 5, 'iterator="Start"')
    names, id = [one.findtext("Name") for one in reply.element], reply.element.attrib["iteratorID"]
    while reply.element.attrib["iteratorRemainingCount"] != "0":
        reply = page(company, 5, f'iterator="Continue" iteratorID="{id}"')
        assert len(reply.element) <= 5
        names += [one.findtext("Name") for one in reply.element]
    everything = [one.findtext("Name") for one in ask(company, "ItemQuery").element]
    assert names == everything
    assert len(set(names)) == len(names) > 15
    assert ask(company, "ItemQuery", [("MaxReturned", "3")]).texts("ItemServiceRet/Name") == ["Magento sales"]
    assert page(company, 5, f'iterator="Continue" iteratorID="{id}"').status == 3391


def test_an_iterator_ends_with_its_session_when_stopped_and_with_other_filters(company: CompanyFile) -> None:
    def start() -> str:
        return str(page(company, 2, 'iterator="Start"').element.attrib["iteratorID"])

    lost = start()
    company.end_session()
    assert page(company, 2, f'iterator="Continue" iteratorID="{lost}"').status == 3391
    stopped = start()
    assert page(company, 2, f'iterator="Stop" iteratorID="{stopped}"').status == 0
    assert page(company, 2, f'iterator="Continue" iteratorID="{stopped}"').status == 3391
    other = start()
    changed = "<ActiveStatus>All</ActiveStatus>"
    assert page(company, 2, f'iterator="Continue" iteratorID="{other}"', changed).status == 3391
    assert replies(company.process(message('<ItemQueryRq iterator="Start"/>')))[0].status == 3150


def test_lists_that_a_mirror_reads_are_all_there(company: CompanyFile) -> None:
    names = {
        "PaymentMethod": {"Cash", "Check", "Credit Card", "PayPal", "Bank transfer"},
        "SalesTaxCode": {"Tax", "Non"},
        "ItemSalesTax": {"Texas 8.25", "California 8.25", "NY State", "NY City"},
        "ItemSalesTaxGroup": {"New York City"},
        "Class": {"Online"},
    }
    for entity, wanted in names.items():
        assert wanted <= set(ask(company, f"{entity}Query").texts(f"{entity}Ret/Name"))
    terms = ask(company, "TermsQuery").texts("StandardTermsRet/Name")
    assert {"Net 15", "Net 30", "Due on receipt"} <= set(terms)
    group = ask(company, "ItemSalesTaxGroupQuery").texts("ItemSalesTaxGroupRet/ItemSalesTaxRef/FullName")
    assert group == ["NY State", "NY City"]


def test_an_empty_file_has_only_what_quickbooks_makes_itself() -> None:
    company = CompanyFile(empty=True)
    accounts = ask(company, "AccountQuery").texts("AccountRet/Name")
    assert {"Accounts Receivable", "Undeposited Funds", "Sales Tax Payable"} <= set(accounts)
    assert "4000 Sales" not in accounts
    assert company.find("ItemOtherCharge", "Magento shipping") is None
    assert company.find("PaymentMethod", "PayPal") is None
    assert company.find("ItemSalesTaxGroup", "New York City") is not None


def test_the_first_answers_tell_which_company_file_it_is(company: CompanyFile) -> None:
    company.closing_date = date(2026, 10, 31)
    host, file, preferences = replies(company.hcp(OWNER))
    assert "16.0" in host.texts("HostRet/SupportedQBXMLVersion")
    assert file.text("CompanyRet/CompanyName") == "Sandbox Retail Inc"
    assert file.text("CompanyRet/DataExtRet/DataExtValue") == FILE_ID
    assert preferences.text("PreferencesRet/AccountingPreferences/ClosingDate") == "2026-10-31"
    path = "PreferencesRet/SalesTaxPreferences/DefaultItemSalesTaxRef/FullName"
    assert preferences.text(path) == "Texas 8.25"
    company.name = "Another Inc"
    assert replies(company.hcp())[1].text("CompanyRet/CompanyName") == "Another Inc"
    assert company.processed.requests == 0


def test_the_stamp_is_shown_only_to_its_owner(company: CompanyFile) -> None:
    stranger = ask(company, "CompanyQuery", [("OwnerID", "{00000000-0000-0000-0000-000000000001}")])
    assert stranger.text("CompanyRet/DataExtRet/DataExtValue") is None
    assert ask(company, "CompanyQuery").text("CompanyRet/DataExtRet/DataExtValue") is None
    assert (
        ask(company, "CompanyQuery", [("OwnerID", OWNER.upper())]).text("CompanyRet/DataExtRet/DataExtValue") == FILE_ID
    )


def test_answers_can_be_written_as_windows_writes_them(company: CompanyFile) -> None:
    add_customer(company, "Jörg Müller")
    company.crlf, company.encoding = True, "windows-1252"
    answer = company.process(message(rq("CustomerQuery", [("FullName", "Jörg Müller")])))
    assert answer.startswith('<?xml version="1.0" encoding="windows-1252" ?>\r\n<QBXML>\r\n')
    assert "<Name>Jörg Müller</Name>\r\n" in answer
    assert answer.encode("windows-1252")
