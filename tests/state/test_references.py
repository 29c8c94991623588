"""Names to ids, and display names that nobody else has."""

from datetime import timedelta

from alembic import command
from sqlalchemy.engine import Engine

from mappings.keys import fold as fold_symbol
from state import ledger as ledgers
from state import references
from state.references import Known, fold
from tests.state.processes import finish, start
from tests.state.rows import NOW


def test_symbols_resolve_to_the_ids_last_seen(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        references.put_many(conn, "account", [("sales", "1", "Sales", {}), Known("bank", "2", "Bank")], NOW)
        references.put_many(conn, "account", [("sales", "7", "Sales", {"AccountType": "Income"})], NOW)
        references.put_many(conn, "account", [], NOW)
        wanted = [("account", "sales"), ("account", "bank"), ("account", "cash"), ("item", "sales")]
        assert references.lookup(conn, wanted) == {("account", "sales"): "7", ("account", "bank"): "2"}
        assert references.lookup(conn, []) == {}
        assert references.known(conn, "account") == {"sales": "7", "bank": "2"}
        assert references.entries(conn, "account") == [
            Known("bank", "2", "Bank", {}),
            Known("sales", "7", "Sales", {"AccountType": "Income"}),
        ]


def test_the_last_of_two_equal_keys_in_one_list_counts(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        references.put_many(conn, "sku", [("a-1", "1", "", {}), ("a-1", "2", "", {})], NOW)
        assert references.known(conn, "sku") == {"a-1": "2"}


def test_what_a_full_refresh_no_longer_meets_is_not_used_any_more(ledger: Engine) -> None:
    later = NOW + timedelta(hours=1)
    with ledgers.begin(ledger) as conn:
        references.put_many(conn, "item", [("mug", "1", "Mug", {}), ("cup", "2", "Cup", {})], NOW)
        references.put_many(conn, "item", [("mug", "1", "Mug", {})], later)
        assert references.forget_unseen(conn, "item", later) == 1
        assert references.forget_unseen(conn, "item", later) == 0
        assert references.known(conn, "item") == {"mug": "1"}
        assert references.lookup(conn, [("item", "cup")]) == {}
        assert [one.active for one in references.entries(conn, "item")] == [False, True]


def test_more_symbols_than_fit_into_one_statement_are_found(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        references.put_many(conn, "sku", [(f"s{number}", str(number), "", {}) for number in range(1300)], NOW)
        assert len(references.lookup(conn, [("sku", f"s{number}") for number in range(1300)])) == 1300


def test_names_fold_as_quickbooks_compares_them() -> None:
    assert fold("  Jane DOE ") == "jane doe"
    assert fold("STRAẞE") == fold("strasse")


def test_names_of_customers_vendors_and_employees_are_taken_inactive_ones_too(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        references.put_names(conn, [Known("Jane Doe", "1"), Known("ACME", "2", active=False)], NOW)
        assert references.names(conn) == {"jane doe", "acme"}
        assert references.reserve_name(conn, "jane doe", "customer/a") == "jane doe (2)"
        assert references.reserve_name(conn, "Acme", "customer/b") == "Acme (2)"
        assert references.names(conn) == {"jane doe", "acme", "jane doe (2)", "acme (2)"}


def test_a_holder_keeps_its_name_and_another_gets_the_next_one(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        assert references.reserve_name(conn, "Jane Doe", "customer/a") == "Jane Doe"
        assert references.reserve_name(conn, "JANE DOE", "customer/b") == "JANE DOE (2)"
        assert references.reserve_name(conn, "Jane Doe", "customer/c", {"jane doe (3)"}) == "Jane Doe (4)"
        assert references.reserve_name(conn, "Jane D.", "customer/a") == "Jane Doe"


def test_a_name_that_quickbooks_refused_is_given_back(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        references.reserve_name(conn, "Jane Doe", "customer/a")
        references.put_names(conn, [Known("Jane Doe", "")], NOW)
        references.release_name(conn, "customer/a")
        assert references.reserve_name(conn, "Jane Doe", "customer/a") == "Jane Doe (2)"


def test_a_numbered_name_stays_within_100_characters(ledger: Engine) -> None:
    long = "A" * 96 + " " + "B" * 20
    with ledgers.begin(ledger) as conn:
        assert references.reserve_name(conn, long, "customer/a") == long[:100]
        assert references.reserve_name(conn, long, "customer/b") == "A" * 96 + " (2)"


def test_two_processes_never_reserve_the_same_name(ledger: Engine, ledger_url: str) -> None:
    first, second = finish(*(start("name", ledger_url, owner) for owner in "ab"))
    assert len({*first, *second}) == 40
    assert {name.removesuffix(" (2)") for name in first} == {f"Jane {number}" for number in range(20)}


def test_a_ledger_of_before_finds_its_skus_and_names_whatever_their_case_and_blanks(ledger: Engine) -> None:
    rows = (("sku", "MUG-Blue", True), ("sku", "Zed  1", True), ("sku", "zed 1", False), ("customer", "order:A", True))
    with ledgers.begin(ledger) as conn:
        command.downgrade(ledgers.alembic_config(conn), "0005")
        values = {"name": "", "extra": "{}", "seen_at": NOW}
        conn.execute(
            references.TABLE.insert(),
            [
                {"kind": kind, "key": key, "id": str(at), "active": active, **values}
                for at, (kind, key, active) in enumerate(rows)
            ],
        )
        command.upgrade(ledgers.alembic_config(conn), "head")
        wanted = {fold_symbol(("sku", sku)) for sku in (" mug-blue", "ZED 1")}
        assert references.lookup(conn, wanted) == {("sku", "mug-blue"): "0", ("sku", "zed 1"): "1"}
        assert references.known(conn, "customer") == {"order:A": "3"}


def test_what_quickbooks_answers_is_kept_under_the_key_that_look_ups_ask_for(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        references.put_many(conn, "sku", [Known(" MUG-Blue\u200b ", "1")], NOW)
        assert references.lookup(conn, [fold_symbol(("sku", "mug-BLUE"))]) == {("sku", "mug-blue"): "1"}
