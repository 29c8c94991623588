"""QuickBooks' lists mirrored into the references, in pages and by changes; and the EditSequence before a Mod."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

from deploy.gateway import lists, mirroring
from mappings import qbxml
from mappings.entry import Party
from mappings.keys import digest
from state import outbox, references, watermarks
from state.outbox import NewRow
from tasks.company import read_books
from tests.gateway.desk import Desk, open_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    with open_desk(tmp_path / "home") as opened:
        yield opened


def known(desk: Desk, kind: str) -> dict[str, str]:
    with desk.reading() as conn:
        return references.known(conn, kind)


def listen(desk: Desk) -> list[str]:
    """Every message that QuickBooks gets from now on."""
    heard: list[str] = []
    process: Callable[[str], str] = desk.file.process

    def hear(request: str) -> str:
        heard.append(request)
        return process(request)

    desk.file.process = hear  # type: ignore[method-assign]
    return heard


def customers(desk: Desk, number: int) -> None:
    """Customers that somebody has entered in QuickBooks."""
    adds = [
        (
            str(each),
            qbxml.customer_add(Party(f"k{each}", f"Customer {each}", f"c{each}@example.com"), f"Customer {each}").text,
        )
        for each in range(number)
    ]
    for start in range(0, number, 100):
        desk.file.process(qbxml.message(adds[start : start + 100], "13.0").decode())


def test_the_first_update_learns_accounts_items_customers_and_taxes(desk: Desk) -> None:
    assert desk.update().result == "done"
    account = desk.file.find("Account", "4000 Sales")
    assert account is not None
    assert known(desk, "account")["4000 sales"] == account["ListID"]
    assert {"magento shipping", "magento rounding"} <= set(known(desk, "item"))
    assert {"tax", "non"} <= set(known(desk, "tax_code"))
    assert {"paypal", "cash", "check"} <= set(known(desk, "payment_method"))
    assert {"net 30"} <= set(known(desk, "term"))


def test_what_a_sales_tax_item_or_group_charges_is_known_to_booking(desk: Desk) -> None:
    desk.update()
    with desk.reading() as conn:
        books = read_books(conn)
    assert books.tax_rates["tax_rate", "texas 8.25"] == (Decimal("8.25"),)
    assert sorted(books.tax_rates["tax_rate", "new york city"]) == [Decimal("4"), Decimal("4.875")]
    assert (books.taxable_code, books.untaxed_code, books.home_currency, books.country) == ("Tax", "Non", "USD", "US")


def test_long_lists_come_in_pages_within_one_session(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirroring, "PAGE", 40)
    customers(desk, 130)
    heard = listen(desk)
    assert desk.update().result == "done"
    assert len(heard) >= 4
    assert 'iterator="Start"' in heard[0]
    assert all('iterator="Continue"' in each for each in heard[1:])
    assert len([key for key in known(desk, "customer") if key.startswith("email:")]) >= 130
    assert known(desk, "customer")[f"email:{digest('c129@example.com')}"]


def test_a_mirror_that_was_cut_starts_over_in_the_next_session(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirroring, "PAGE", 40)
    customers(desk, 130)
    desk.cut("processed", times=2)
    heard = listen(desk)
    assert desk.update().result == "done"
    assert 'iterator="Start"' in heard[0]
    assert known(desk, "customer")[f"email:{digest('c129@example.com')}"]


def test_an_iterator_that_quickbooks_has_forgotten_starts_over(desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mirroring, "PAGE", 40)
    customers(desk, 130)
    process, forgotten = desk.file.process, []

    def forget(request: str) -> str:
        if 'iterator="Continue"' in request and not forgotten:
            forgotten.append(1)
            desk.file.end_session()
        return process(request)

    desk.file.process = forget  # type: ignore[method-assign]
    assert desk.update().result == "done"
    assert forgotten
    assert known(desk, "customer")[f"email:{digest('c129@example.com')}"]


def test_later_only_what_changed_is_read(desk: Desk) -> None:
    desk.update()
    desk.clock.later(hours=7)
    customers(desk, 1)
    heard = listen(desk)
    assert desk.update().result == "done"
    assert all("FromModifiedDate" in query for query in re.findall(r"<\w+QueryRq.*?</\w+QueryRq>", heard[0]))
    assert known(desk, "customer")[f"email:{digest('c0@example.com')}"]


@pytest.mark.parametrize("hours", [5, 24 * 30])
def test_a_clock_that_is_ahead_of_quickbooks_hides_no_change(desk: Desk, hours: int) -> None:
    desk.clock.later(hours=hours)
    desk.update()
    desk.clock.later(hours=7)
    customers(desk, 1)
    assert desk.update().result == "done"
    assert known(desk, "customer")[f"email:{digest('c0@example.com')}"]


def test_marks_of_a_clock_that_was_ahead_hide_no_change(desk: Desk) -> None:
    desk.update()
    ahead = desk.clock() + timedelta(days=30)
    with desk.writing() as conn:
        for name in (mirroring.MARK, mirroring.FULL_MARK, watermarks.read_at(mirroring.MARK)):
            watermarks.put(conn, name, ahead, at=ahead)
    customers(desk, 1)
    assert desk.update().result == "done"
    assert known(desk, "customer")[f"email:{digest('c0@example.com')}"]
    with desk.reading() as conn:
        reached = watermarks.get(conn, mirroring.MARK).at
    assert reached is not None
    assert reached <= desk.clock()


def test_a_mirror_that_found_nothing_new_is_not_repeated_at_once(desk: Desk) -> None:
    desk.update()
    desk.clock.later(hours=7)
    desk.update()
    with desk.reading() as conn:
        assert not mirroring.due(conn, desk.clock())


def test_once_a_week_all_is_read_and_what_is_gone_is_forgotten(desk: Desk) -> None:
    desk.update()
    desk.clock.later(days=8)
    with desk.writing() as conn:
        references.put_many(
            conn, "account", [references.Known("deleted there", "9-9")], desk.clock() - (desk.clock.ahead)
        )
    heard = listen(desk)
    desk.update()
    assert "FromModifiedDate" not in heard[0]
    assert "deleted there" not in known(desk, "account")
    assert "4000 sales" in known(desk, "account")


def test_an_order_held_for_a_missing_account_makes_the_next_update_look_again(desk: Desk) -> None:
    rules = (desk.home / "rules.toml").read_text()
    (desk.home / "rules.toml").write_text(rules.replace('"4000 Sales"', '"4005 Web sales"'))
    desk.update()
    desk.sell(1)
    desk.queue()
    assert set(desk.problems().values()) == {"unknown-account"}
    desk.file.process(qbxml.message([("1", qbxml.account_add("4005 Web sales", "Income").text)], "13.0").decode())
    assert desk.update().result == "done"
    desk.queue()
    assert desk.problems() == {}
    desk.update()
    desk.audit()


def changed(desk: Desk, city: str) -> NewRow:
    """A row that changes the first customer that was posted."""
    row = next(row for row in desk.rows() if row.kind == "customer")
    key = next(name for kind, name in qbxml_symbols(row.entry) if kind == "customer")
    from tests.mappings.sales import AUSTIN

    party = Party(key, "", "new@example.com", "Buyer", "Number 1", billing=replace(AUSTIN, city=city))
    request = qbxml.customer_mod(key, party)
    values = {name: getattr(row, name) for name in NewRow.__dataclass_fields__}
    return NewRow(
        **{**values, "key": f"{row.key}/{city}", "operation": "mod", "payload": request.text, "depends": (row.key,)}
    )


def qbxml_symbols(entry: str) -> list[tuple[str, str]]:
    import json

    return [(kind, key) for kind, key in json.loads(entry)["symbols"]]


def test_the_edit_sequence_is_read_before_a_mod(desk: Desk) -> None:
    desk.update()
    desk.sell(1)
    desk.queue()
    desk.update()
    row = changed(desk, "Dallas")
    with desk.writing() as conn:
        outbox.put(conn, [row], desk.clock())
    heard = listen(desk)
    assert desk.update().result == "done"
    assert [re.findall(r"<(\w+Rq)\b", each)[-1] for each in heard] == ["CustomerQueryRq", "CustomerModRq"]
    [customer] = [one for one in desk.file.objects("Customer") if one.get("Email") == "new@example.com"]
    assert customer["BillAddress"]["City"] == "Dallas"


def test_a_change_by_somebody_else_in_between_is_read_and_the_mod_goes_again(desk: Desk) -> None:
    desk.update()
    desk.sell(1)
    desk.queue()
    desk.update()
    with desk.writing() as conn:
        outbox.put(conn, [changed(desk, "Dallas")], desk.clock())
    process, meddled = desk.file.process, []

    def meddle(request: str) -> str:
        if "CustomerModRq" in request and not meddled:
            meddled.append(1)
            process(re.sub(r"(newMessageSetID=\")[^\"]*", r"\1meddler", request).replace("Dallas", "Houston"))
        return process(request)

    desk.file.process = meddle  # type: ignore[method-assign]
    assert desk.update().result == "done"
    assert meddled
    assert set(desk.states()) == {"posted"}
    [customer] = [one for one in desk.file.objects("Customer") if one.get("Email") == "new@example.com"]
    assert customer["BillAddress"]["City"] == "Dallas"


def ret(entity: str, **fields: str) -> qbxml.Ret:
    return qbxml.Ret(entity, {name.replace("__", "/"): value for name, value in fields.items()}, {})


def test_a_customer_in_a_foreign_currency_is_another_than_the_one_with_the_same_address_at_home(desk: Desk) -> None:
    desk.update()
    now = datetime.now(UTC)
    dollars = ret("Currency", ListID="1", Name="US Dollar", CurrencyCode="USD")
    euros = ret("Currency", ListID="2", Name="Euro", CurrencyCode="EUR")
    same = {"Email": "jane@example.com"}
    at_home = ret("Customer", ListID="7", FullName="Jane Doe", CurrencyRef__ListID="1", **same)
    abroad = ret("Customer", ListID="8", FullName="Jane Doe (EUR)", CurrencyRef__ListID="2", **same)
    with desk.writing() as conn:
        lists.remember(conn, "Currency", [dollars, euros], now)
        lists.remember(conn, "Customer", [at_home, abroad], now)
    assert known(desk, "currency") == {"usd": "1", "eur": "2"}
    mail = digest("jane@example.com")
    found = known(desk, "customer")
    assert (found[f"email:{mail}"], found[f"email:{mail}:EUR"]) == ("7", "8")
    assert (found["summary:jane doe"], found["summary:jane doe:EUR"]) == ("7", "8")
