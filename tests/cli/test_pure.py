"""Words, sums and pages that need neither a process nor a network."""

import re
from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from rich.console import Console, RenderableType

from deploy import report
from deploy.cli import company, errors, explained, prefect_env, restored, summary, words
from deploy.cli.compare import compare
from deploy.cli.session import Exit, Failure
from deploy.cli.sync import command
from deploy.report import Balance, Cause, Report
from mappings.rules import load, template
from mappings.rules_needs import needs
from tasks import notices
from tasks.clients.errors import NeedsPerson, Refused, TryLater, Unknown
from tasks.windows import Window

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("moment", "told"),
    [
        (NOW - timedelta(seconds=1), "1 second ago"),
        (NOW - timedelta(minutes=4), "4 minutes ago"),
        (NOW + timedelta(days=3), "in 3 days"),
        (NOW - timedelta(days=40), "2026-10-12 09:00 UTC"),
        (None, "never"),
    ],
)
def test_times_are_told_relative_to_now(moment: datetime | None, told: str) -> None:
    assert words.when(moment, NOW) == told


def test_amounts_always_show_cents() -> None:
    assert words.money(Decimal("1204.5"), "USD") == "1,204.50 USD"
    assert words.amounts({"USD": Decimal(1), "EUR": Decimal("0.4")}) == "0.40 EUR and 1.00 USD"


def test_next_commands_carry_the_home_so_that_they_can_be_copied() -> None:
    assert "magebooks held --home acme" in words.hints([("magebooks held", "see")], Path("acme")).plain


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NeedsPerson("QuickBooks", "sign in again"), Exit.CONNECTION),
        (TryLater("Magento", "down", status=503), Exit.LATER),
        (Unknown("QuickBooks", "no answer"), Exit.LATER),
        (Refused("Magento", "no such address", status=404), Exit.CONNECTION),
        (FileNotFoundError(2, "gone", "rules.toml"), Exit.USAGE),
    ],
)
def test_each_kind_of_failure_has_its_exit_status_and_a_way_out(error: Exception, status: Exit) -> None:
    failure = errors.from_exception(error)
    assert failure.status is status
    assert failure.fix


def test_an_unforeseen_error_tells_its_class_but_not_its_text() -> None:
    failure = errors.from_exception(KeyError("jane@example.com"))
    assert "KeyError" in failure.message
    assert "jane" not in failure.message


def test_a_run_with_something_waiting_exits_1_and_names_the_causes() -> None:
    counts = {"posted": 3, "held": 2, "held_by_cause": {"unknown-payment-method": 2}}
    assert summary.status(counts) is Exit.LOOK
    console = Console(width=100)
    with console.capture() as shown:
        for part in summary.text(counts, {"unknown-payment-method": "No rule for the payment method"}):
            console.print(part)
    assert "2 need your attention" in shown.get()
    assert "No rule for the payment method" in shown.get()
    assert summary.status({"posted": 3}) is Exit.DONE


def test_what_was_mended_is_booked_by_the_command_that_does_no_more_than_the_run_did() -> None:
    counts = {"posted": 3, "held": 2, "summarised": 21}
    shown = _shown(summary.text(counts, {}, Path("acme"), command(Window(since=date(2026, 10, 1), until=None))))
    assert "magebooks sync --from 2026-10-01 --home acme   when it is fixed" in shown
    assert "21 orders and refunds in daily summaries" in shown
    assert command(Window(since=date(2026, 10, 1), until=date(2026, 11, 1))).endswith("--to 2026-11-01")
    assert command(Window(since=None, until=None)) == "magebooks sync"


def test_the_promised_keys_are_always_in_the_json() -> None:
    assert set(summary.KEYS) <= set(summary.data({"run": "r", "more": 1}))


def _shown(parts: Iterable[RenderableType]) -> str:
    console = Console(width=120)
    with console.capture() as shown:
        for part in parts:
            console.print(part)
    return shown.get()


def test_a_run_for_desktop_tells_what_waits_and_what_had_to_be_changed() -> None:
    counts = {"target": "desktop", "company_known": True, "waiting": 7, "adjusted": 2, "unknown": 1}
    told = _shown([summary.books(counts)])
    assert "7 documents wait for QuickBooks Desktop" in told
    assert "2 with text changed to fit" in told
    assert "1 document on the way" in told
    assert summary.status({"target": "desktop", "waiting": 7}) is Exit.DONE
    assert summary.status({"target": "desktop", "company_known": False}) is Exit.LOOK


BEHIND = {
    "waiting": 41,
    "on_its_way": 2,
    "later": {"documents": 3, "from": "2026-11-21T09:05:00+00:00"},
    "behind": {
        "documents": 36,
        "orders": 35,
        "amounts": {"USD": "1594.27"},
        "numbers": ["000000001"],
        "causes": [
            {"kind": "customer", "status": "rejected", "records": 17, "documents": 34, "orders": 33}
            | {"amounts": {"EUR": "80.00", "USD": "1514.27"}},
            {"kind": "item", "status": "missing", "records": 1, "documents": 2, "orders": 2, "amounts": {}},
        ],
    },
    "with_held": 1,
    "skipped": 5,
    "skipped_by": {
        "Its order is paid with its sales receipt.": 2,
        'It waits by the document rule "review state".': 1,
        "Cancelled before anything was paid or posted.": 1,
        "Its total is zero.": 1,
    },
}


def test_what_waits_is_told_by_what_it_waits_for() -> None:
    told = " ".join(_shown(summary.text(BEHIND | {"posted": 1}, {})).split())
    for sentence in (
        "33 orders (34 documents), 80.00 EUR and 1,514.27 USD, wait for 17 customers that QuickBooks rejected",
        "2 orders wait for 1 item that is not queued",
        "1 more document waits for held documents of the same order",
        "3 documents will be tried again, not before 09:05:00 UTC",
        "2 documents are not posted yet. Run magebooks sync to continue.",
        "5 skipped, nothing to post: 2 Magento invoices (covered by their order), "
        '1 waiting by the rule "review state", 1 canceled, 1 (its total is zero)',
    ):
        assert sentence in told
    assert notices.summary_line(BEHIND).endswith("36 wait behind other records")


def test_what_desktop_cannot_fetch_is_not_said_to_wait_for_it() -> None:
    told = _shown([summary.books(BEHIND | {"target": "desktop"})])
    assert "2 documents wait for QuickBooks Desktop" in told
    assert "wait for 17 customers" in told
    assert summary.status(BEHIND | {"target": "desktop"}) is Exit.LOOK


def test_prefects_page_says_that_desktop_fetches_its_documents() -> None:
    counts = {"target": "desktop", "waiting": 25, "held": 1, "rejected": 0, "adjusted": 3}
    assert notices.summary_line(counts) == "25 wait for QuickBooks, 1 needs your attention"
    assert "| Text changed to fit QuickBooks | 3 |" in notices.summary_page("r1", counts)
    assert notices.summary_line({"posted": 25, "held": 3}) == "25 posted, 3 need your attention"


def test_explain_names_the_fields_that_were_changed_and_not_their_text() -> None:
    document = {
        "kind": "invoice",
        "number": "7",
        "state": "In your books",
        "status": "posted",
        "date": "2026-11-20",
        "total": "5.00",
        "currency": "USD",
        "quickbooks": {"id": None},
        "error": None,
        "lines": [],
        "adjusted": [
            {"field": "BillAddress/City", "how": "transliterated", "length": 4},
            {"field": "BillAddress/Addr1", "how": "shortened", "length": 52},
            {"field": "Line/Description", "how": "cleaned", "length": 9},
            {"field": "BillAddr/City", "how": "cut", "length": 256},
        ],
        "decisions": [],
        "rules_are_current": True,
    }
    told = _shown(explained.document(document))
    assert "BillAddress/City holds characters that QuickBooks Desktop cannot store" in told
    assert "BillAddress/Addr1 had 52 characters and was shortened" in told
    assert "Line/Description held characters that nobody sees and QuickBooks may refuse" in told
    assert "BillAddr/City had 256 characters and was cut to what QuickBooks takes; the shop has it whole" in told


def _order(number: str, total: str, canceled: str = "0", state: str = "complete") -> dict[str, object]:
    amounts = {"base_grand_total": Decimal(total), "base_total_canceled": Decimal(canceled)}
    return {"entity_id": int(number), "increment_id": number, "base_currency_code": "USD", "state": state, **amounts}


def _document(number: str, total: str) -> dict[str, object]:
    return {"DocNumber": number, "CurrencyRef": {"value": "USD"}, "TotalAmt": Decimal(total)}


def _books(receipts: Sequence[object], memos: Sequence[object] = ()) -> dict[str, list[dict[str, object]]]:
    return {"SalesReceipt": list(receipts), "Invoice": [], "CreditMemo": list(memos)}  # type: ignore[arg-type]


def test_the_demo_adds_up_both_sides_and_nets_cancelled_rests() -> None:
    orders = [_order("1", "10.00"), _order("2", "30.00", canceled="10.00")]
    books = _books([_document("1", "10.00"), _document("2", "30.00")], [_document("2", "10.00")])
    found = compare(orders, [], books, set())
    assert found.agrees
    assert found.balances == (Balance("USD", Decimal("30.00"), Decimal("30.00")),)


def test_the_demo_adds_up_each_currency_by_itself() -> None:
    euros = {"order_currency_code": "EUR", "grand_total": Decimal("8.00"), "total_canceled": Decimal("1.00")}
    orders = [_order("1", "10.00"), _order("2", "10.00") | euros, _order("3", "5.00") | euros]
    memo = {"increment_id": "9", "order_id": 2, "base_currency_code": "USD", "base_grand_total": Decimal("2.50")}
    memos = [memo | {"order_currency_code": "EUR", "grand_total": Decimal("2.00")}]
    foreign = [_document(number, total) | {"CurrencyRef": {"value": "EUR"}} for number, total in (("2", "7.00"),)]
    back = _document("C9", "2.00") | {"CurrencyRef": {"value": "EUR"}}
    found = compare(orders, memos, _books([_document("1", "10.00"), *foreign, _document("3", "5.00")], [back]), set())
    assert found.agrees
    assert found.balances == (
        Balance("EUR", Decimal("5.00"), Decimal("5.00")),
        Balance("USD", Decimal("15.00"), Decimal("15.00")),
    )


def test_the_demo_finds_a_cent_a_lost_order_and_a_double() -> None:
    orders = [_order("1", "10.00"), _order("2", "5.00"), _order("3", "7.00"), _order("4", "1.00", state="canceled")]
    found = compare(orders, [], _books([_document("1", "10.01"), _document("1", "10.00")]), {"3"})
    assert found.lost == ("2",)
    assert found.doubled == ("1",)
    assert found.balances[0].difference == Decimal("-10.01")
    assert not found.agrees


def test_the_demo_counts_the_orders_of_a_summary_and_sees_one_that_stands_beside_it() -> None:
    orders = [_order("1", "10.00"), _order("2", "5.00"), _order("3", "7.00")]
    memos = [{"increment_id": "1", "order_id": 1, "base_currency_code": "USD", "base_grand_total": Decimal("4.00")}]
    books = _books([_document("D1", "15.00"), _document("3", "7.00")], [_document("D2", "4.00")])
    summed = {"1": "D1", "2": "D1", "C1": "D2"}
    found = compare(orders, memos, books, set(), summed)
    assert found.agrees
    assert found.balances == (Balance("USD", Decimal("18.00"), Decimal("18.00")),)
    assert compare(orders, memos, books, set(), {"1": "D1", "C1": "D2"}).lost == ("2",)
    assert compare(orders, memos, books, set(), summed | {"3": "D1"}).doubled == ("3",)


def _report(**changes: object) -> Report:
    values: dict[str, object] = {
        "title": "Run r1",
        "scope": "1 Nov 2026 to 8 Nov 2026",
        "run": "r/1",
        "finished": NOW,
        "landed": 10,
        "posted": 8,
        "on_its_way": 0,
        "needs_you": 2,
        "left_out": 0,
        "balances": (Balance("USD", Decimal("1234.5"), Decimal("1234.5")),),
        "causes": [Cause("No rule", "<script>alert(1)</script>", "Choose", 2, "310.00 USD", ("order/1", "order/2"))],
    }
    return Report(**{**values, **changes})  # type: ignore[arg-type]


def test_the_report_loads_nothing_and_escapes_what_shops_write() -> None:
    page = report.render(_report())
    assert "<script" not in page
    assert "&lt;script&gt;" in page
    assert not re.search(r"(src|href|url\()\s*=?\s*['\"]?(https?:)?//", page)
    assert "prefers-color-scheme:dark" in page
    assert "1,234.50" in page


def test_a_report_without_trouble_says_so() -> None:
    page = report.render(_report(needs_you=0, causes=[], balances=()))
    assert "Nothing needs your attention." in page


def test_a_report_is_written_under_its_runs_name(tmp_path: Path) -> None:
    assert report.write(tmp_path / "reports", _report()) == tmp_path / "reports" / "run-r-1.html"


def test_prefect_is_quiet_and_at_home_unless_the_user_said_otherwise(tmp_path: Path) -> None:
    environ: dict[str, str] = {"PREFECT_LOGGING_LEVEL": "INFO"}
    prefect_env.prepare(environ, tmp_path)
    assert environ["PREFECT_LOGGING_LEVEL"] == "INFO"
    assert environ["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environ["PREFECT_HOME"] == str(tmp_path / "prefect")


def test_a_prefect_server_of_the_users_own_is_left_as_it_is(tmp_path: Path) -> None:
    environ = {"PREFECT_API_URL": "http://127.0.0.1:4200/api"}
    prefect_env.prepare(environ, tmp_path)
    assert "PREFECT_HOME" not in environ
    assert not [name for name in environ if "SERVICES" in name]


def test_setup_asks_for_each_name_once_with_a_request_id_of_its_own() -> None:
    wanted = needs(load(template("us_retail")))
    empty: dict[str, dict[str, dict[str, object]]] = {entity: {} for entity in company.LISTS}
    missing = company.lacking(wanted, empty)
    ids = [one.request_id for one in missing]
    assert len(set(ids)) == len(ids)
    assert all(len(one) <= 36 for one in ids)
    names = [(one.entity, one.name.casefold()) for one in missing]
    assert len(set(names)) == len(names)
    assert ids == [one.request_id for one in company.lacking(wanted, empty)]


def test_setup_takes_the_days_of_a_term_from_its_name() -> None:
    wanted = needs(load(template("us_retail")))
    empty: dict[str, dict[str, dict[str, object]]] = {entity: {} for entity in company.LISTS}
    term = next(one for one in company.lacking(wanted, empty) if one.name == "Net 30")
    assert term.body == {"Name": "Net 30", "Type": "STANDARD", "DueDays": 30}


def test_a_failure_carries_code_message_and_fix() -> None:
    failure = errors.from_exception(Failure("x", "It is so.", "Do this."))
    assert (failure.code, failure.message, failure.fix) == ("x", "It is so.", "Do this.")


@pytest.mark.parametrize(
    ("reason", "words"),
    [("restored", "was restored from a backup"), ("unseen", "has sent documents that this machine did not see")],
)
def test_a_restored_ledger_is_said_while_documents_wait_for_their_look_up(reason: str, words: str) -> None:
    noticed = {"reason": reason, "noticed": "2026-12-01T13:05:09+00:00", "to_look_up": 12}
    [(_, sentence)] = restored.lines(noticed)
    assert sentence == (
        f"This ledger {words} (noticed 2026-12-01 13:05 UTC): "
        "12 documents are looked up in QuickBooks before they are sent."
    )
    assert restored.lines(noticed | {"to_look_up": 0}) == restored.lines(None) == []
