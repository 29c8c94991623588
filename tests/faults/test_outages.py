"""When QuickBooks stays away: a clear end, nothing lost, and no knocking on a closed door."""

from datetime import UTC, datetime

from state import breaker, tables, tokens, vault
from state.ledger import Connection
from state.settings import load_settings
from tests.faults import compare
from tests.faults.company import PREFECT, Company, Open, at_work

pytestmark = PREFECT
ONE_EACH = {"QUICKBOOKS_BATCH_SIZE": "1"}  # many batches fail at the same time, so that no test waits for retries


def test_after_five_failures_nobody_calls_until_one_probe_has_come_back(company: Open) -> None:
    one = at_work(company, extra=ONE_EACH)
    for _ in range(6):
        one.shop.place(paid=True)
    one.books.faults.status_next(1000, 503, html=True, only="/batch")
    first = one.sync()
    assert (first.status, "try-later" in first.out, "Nothing is lost" in first.out) == (4, True, True), first
    compare.agree(one)
    calls = one.books.calls
    second = one.sync()
    assert (second.status, "next try in" in second.out, one.books.calls - calls) == (4, True, 0), second
    one.books.faults.clear()
    with one.writing() as conn:
        _cool_off(conn)
    assert one.sync().status == 0
    compare.settled(one)


def test_a_probe_that_fails_closes_the_door_again_after_one_call(company: Open) -> None:
    one = at_work(company, extra=ONE_EACH)
    for _ in range(6):
        one.shop.place(paid=True)
    one.books.faults.status_next(1000, 503, only="/batch")
    assert one.sync().status == 4
    one.books.faults.clear()
    one.books.faults.status_next(1000, 503)
    with one.writing() as conn:
        _cool_off(conn)
    calls = one.books.calls
    done = one.sync()
    assert (done.status, one.books.calls - calls) == (4, 1), done


def test_a_shop_that_is_away_ends_the_run_with_4_and_the_next_one_goes_on(company: Open) -> None:
    one = at_work(company)
    one.shop.faults.reset_next(1000)
    with one.writing() as conn:
        for _ in range(breaker.FAILURES - 1):
            breaker.record(conn, "magento", False, datetime.now(UTC))
    done = one.sync()
    assert (done.status, "Magento" in done.out, "Nothing is lost" in done.out) == (4, True, True), done
    one.shop.faults.clear()
    with one.writing() as conn:
        _cool_off(conn)
    assert one.sync().status == 0
    compare.settled(one)


def test_a_connection_that_was_ended_during_delivery_asks_for_a_person_and_goes_on_after_it(company: Open) -> None:
    one = at_work(company)
    one.books.on_call(lambda path, _: one.world.tokens.disconnect() if path.endswith("/batch") else None)
    done = one.sync()
    assert (done.status, "magebooks connect quickbooks" in done.out) == (3, True), done
    assert {row.status for row in one.rows()} <= {"posted", "ready", "sent"}
    one.books.hooks.clear()
    again = one.sync()
    assert (again.status, "magebooks connect quickbooks" in again.out) == (3, True), again
    _connect_again(one)
    assert one.sync().status == 0
    compare.settled(one)


def test_a_rotated_refresh_token_is_kept_before_the_new_access_token_is_used(company: Open) -> None:
    one = at_work(company)
    before = one.world.tokens.refresh_token
    kept: list[str] = []
    one.world.tokens.expire_access()

    def look(_path: str, _number: int) -> None:
        if one.world.tokens.refresh_token != before:
            kept.append(_tokens(one)["refresh_token"])

    one.books.on_call(look)
    assert one.sync().status == 0
    assert set(kept) == {one.world.tokens.refresh_token}


def _cool_off(conn: Connection) -> None:
    """A minute passes for the breaker."""
    table = tables.breaker
    conn.execute(table.update().where(table.c.open_until.is_not(None)).values(open_until=datetime.now(UTC)))


def _tokens(one: Company) -> dict[str, str]:
    settings = load_settings(one.home)
    with one.writing() as conn:
        found = tokens.load_tokens(conn, vault.Vault(vault.load_key(settings)), settings)
    assert found is not None
    return found


def _connect_again(one: Company) -> None:
    """What `magebooks connect quickbooks` leaves in the vault."""
    settings = load_settings(one.home)
    fresh = {"realm_id": one.world.tokens.app.realm_id, "refresh_token": one.world.tokens.refresh_token}
    with one.writing() as conn:
        tokens.save_tokens(conn, vault.Vault(vault.load_key(settings)), fresh, datetime.now(UTC))
