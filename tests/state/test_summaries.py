"""Who is in which daily summary: each document once, and what was posted stays as it is."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import sqlalchemy as sa
from sqlalchemy.engine import Engine

from state import ledger as ledgers
from state import outbox, summaries, summary_sales, tables
from state.outbox_booked import booked
from state.summaries import Joined, Member, Summed
from tests.state.rows import NOW, new, put, send

DAY = datetime(2026, 11, 20, tzinfo=UTC)
SERIES = "summary/2026-11-20/sales-default-checkmo-abc123"
RULES = "rules"


def member(number: int, **changes: object) -> Member:
    """An order of 10.80 on 20 November."""
    one = Member(
        document=f"order/{number:09}",
        series=SERIES,
        head="{}",
        begins=DAY,
        ends=DAY + timedelta(days=1),
        kind="sales_receipt",
        order_key=f"order/{number:09}",
        number=f"{number:09}",
        reference=f"TXN{number}",
        source_id=number,
        amount=Decimal("10.80"),
        tax=Decimal("0.80"),
        currency="USD",
        entry="{}",
        digest="as it was",
        rules_hash=RULES,
    )
    return replace(one, **changes)  # type: ignore[arg-type]


def join(ledger: Engine, *members: Member, keys: tuple[str, ...] = ()) -> Joined:
    with ledgers.begin(ledger) as conn:
        summaries.one_writer(conn)
        return summaries.join(conn, [*keys, *(one.order_key for one in members)], members, NOW)


def close(ledger: Engine, documents: int, sequence: int = 1) -> str:
    """Queue the summary of the series and close it, as a run does; returns its key."""
    with ledgers.begin(ledger) as conn:
        key = summaries.next_key(conn, SERIES)
        assert summaries.next_sequence(conn, date(2026, 11, 20)) == sequence
        outbox.put(conn, [new(key, order_key="", source_id=0)], NOW)
        number = f"D261120-{sequence}"
        summed = Summed(key, SERIES, date(2026, 11, 20), sequence, number, "{}", "[]", "ab", documents)
        summaries.close(conn, summed, NOW)
    return key


def state(ledger: Engine) -> dict[str, str]:
    with ledgers.reading(ledger) as conn:
        return {one.document[-1]: one.summary for one in summaries.members(conn)}


def test_a_document_is_a_member_once_however_often_it_is_mapped(ledger: Engine) -> None:
    assert join(ledger, member(1), member(2)) == Joined(2, (), ())
    assert join(ledger, member(1), member(2)) == Joined(0, (), ())
    assert state(ledger) == {"1": "", "2": ""}
    with ledgers.reading(ledger) as conn:
        assert summaries.waiting(conn) == 2
        assert list(summaries.entries(conn, SERIES)) == [("order/000000001", "{}"), ("order/000000002", "{}")]


def test_an_order_that_is_named_no_more_leaves_a_day_that_is_open(ledger: Engine) -> None:
    join(ledger, member(1), member(2))
    join(ledger, keys=("order/000000001",))
    assert state(ledger) == {"2": ""}


def test_a_day_is_complete_when_all_of_it_lies_in_what_was_read(ledger: Engine) -> None:
    join(ledger, member(1))
    ends = DAY + timedelta(days=1)
    with ledgers.reading(ledger) as conn:
        assert summaries.complete(conn, None, ends) == summaries.complete(conn, DAY, ends) == ["{}"]
        assert summaries.complete(conn, None, ends - timedelta(seconds=1)) == []
        assert summaries.complete(conn, DAY + timedelta(seconds=1), ends) == []


def test_keys_are_given_once_and_numbers_count_the_day(ledger: Engine) -> None:
    join(ledger, member(1))
    assert close(ledger, 1) == SERIES
    join(ledger, member(2))
    assert close(ledger, 1, sequence=2) == f"{SERIES}/2"
    assert state(ledger) == {"1": SERIES, "2": f"{SERIES}/2"}
    with ledgers.reading(ledger) as conn:
        assert [one.number for one in summaries.all_summaries(conn)] == ["D261120-1", "D261120-2"]
        assert summaries.find(conn, "D261120-2") == summaries.find(conn, f"{SERIES}/2")
        assert summaries.find(conn, "D261120-9") is None


REFUNDS = "summary/2026-11-20/refunds-default-checkmo-abc123"


def refund(number: int) -> Member:
    """The refund of the order with this number."""
    own = {"document": f"creditmemo/{number:09}", "order_key": f"order/{number:09}", "source_id": 1000 + number}
    return member(number, **own, series=REFUNDS, kind="refund_receipt", entry=f'{{"after":"order/{number:09}"}}')


def test_refunds_find_their_sales_in_a_summary_or_alone_and_the_others_go_on_waiting(ledger: Engine) -> None:
    put(ledger, new("order/000000003"))
    join(ledger, member(1), refund(1), refund(3))
    close(ledger, 1)
    join(ledger, member(2), refund(2))
    sales = [f"order/00000000{number}" for number in range(1, 5)]
    with ledgers.begin(ledger) as conn:
        assert [key for key, _ in summary_sales.followers(conn, REFUNDS)] == [
            *("creditmemo/000000001", "creditmemo/000000002", "creditmemo/000000003")
        ]
        assert list(summary_sales.followers(conn, SERIES)) == []
        assert summary_sales.places(conn, sales) == {sales[0]: SERIES, sales[2]: sales[2]}
        outbox.put(conn, [new(REFUNDS, order_key="", source_id=0, depends=(SERIES, sales[2]))], NOW)
        summed = Summed(REFUNDS, REFUNDS, date(2026, 11, 20), 2, "D261120-2", "{}", "[]", "ab", 2)
        summaries.close(conn, summed, NOW, but={"creditmemo/000000002"})
        assert summary_sales.following(conn, SERIES) == [REFUNDS]
        members = {one.document: one.summary for one in summaries.members(conn) if one.series == REFUNDS}
    assert list(members.values()) == [REFUNDS, "", REFUNDS]


def test_a_summary_of_refunds_is_taken_apart_with_the_summary_of_their_sales(ledger: Engine) -> None:
    join(ledger, member(1), refund(1))
    close(ledger, 1)
    with ledgers.begin(ledger) as conn:
        outbox.put(conn, [new(REFUNDS, order_key="", source_id=0, depends=(SERIES,))], NOW)
        summaries.close(conn, Summed(REFUNDS, REFUNDS, date(2026, 11, 20), 2, "D2", "{}", "[]", "ab", 1), NOW)
    join(ledger, member(1, digest="as it is now"), refund(1))
    with ledgers.reading(ledger) as conn:
        assert outbox.rows(conn) == []
        assert {one.summary for one in summaries.members(conn)} == {""}


def test_a_summary_is_of_the_documents_that_were_added_up_or_not_at_all(ledger: Engine) -> None:
    join(ledger, member(1), member(2))
    with pytest.raises(RuntimeError, match="sums up 1 documents, and 2 are waiting"):
        close(ledger, 1)
    assert state(ledger) == {"1": "", "2": ""}
    with ledgers.reading(ledger) as conn:
        assert outbox.get(conn, SERIES) is None


@pytest.mark.parametrize("left", ["changed", "gone"])
def test_a_summary_that_was_not_sent_is_taken_apart_when_an_order_changes_or_leaves(ledger: Engine, left: str) -> None:
    join(ledger, member(1), member(2))
    close(ledger, 2)
    if left == "changed":
        assert join(ledger, member(1, digest="otherwise")) == Joined(0, (), ())
        assert state(ledger) == {"1": "", "2": ""}
    else:
        join(ledger, keys=("order/000000001",))
        assert state(ledger) == {"2": ""}
    with ledgers.reading(ledger) as conn:
        assert outbox.get(conn, SERIES) is None
        assert summaries.all_summaries(conn) == []
    assert close(ledger, 2 if left == "changed" else 1) == f"{SERIES}/2", "a key is never used for another request"


def test_what_quickbooks_has_or_may_have_is_never_taken_apart(ledger: Engine) -> None:
    join(ledger, member(1), member(2))
    close(ledger, 2)
    send(ledger)
    assert join(ledger, member(1, digest="otherwise")) == Joined(0, ("order/000000001",), ())
    join(ledger, keys=("order/000000002",))
    with ledgers.begin(ledger) as conn:
        summaries.overtaken(conn, ["order/000000001"], "other rules", NOW)
        found = summaries.standing(conn, ["order/000000001", "order/000000003"])
        assert found.kinds == {"order/000000001": "sales_receipt"}
        assert found.days == {"order/000000001": date(2026, 11, 20)}
    assert state(ledger) == {"1": SERIES, "2": SERIES}


def test_what_waits_under_other_rules_is_taken_apart_and_under_the_same_it_stays(ledger: Engine) -> None:
    join(ledger, member(1))
    close(ledger, 1)
    with ledgers.begin(ledger) as conn:
        summaries.overtaken(conn, ["order/000000001"], RULES, NOW)
        assert summaries.standing(conn, ["order/000000001"]).kinds == {"order/000000001": "sales_receipt"}
        summaries.overtaken(conn, ["order/000000001"], "other rules", NOW)
        assert summaries.standing(conn, ["order/000000001"]).kinds == {}
    assert state(ledger) == {"1": ""}


def test_two_documents_with_one_number_are_told_and_the_first_stays(ledger: Engine) -> None:
    join(ledger, member(1))
    assert join(ledger, member(1, source_id=99, amount=Decimal(5))).clashes == ("order/000000001",)
    assert join(ledger, member(2), member(2, source_id=99)).clashes == ("order/000000002",)
    with ledgers.reading(ledger) as conn:
        assert [(one.source_id, one.amount) for one in summaries.members(conn)] == [
            (1, Decimal("10.80")),
            (2, Decimal("10.80")),
        ]


def test_orders_in_posted_summaries_are_in_the_books_and_those_of_an_open_day_are_not(ledger: Engine) -> None:
    join(ledger, member(1))
    close(ledger, 1)
    join(ledger, member(1), member(2), member(3, document="creditmemo/000000003", order_key="order/000000001"))
    keys = ["order/000000001", "order/000000002"]
    with ledgers.begin(ledger) as conn:
        assert outbox.in_the_books(conn, keys) == {}
        conn.execute(tables.outbox.update().values(status="posted"))
        assert outbox.in_the_books(conn, keys) == {}, "its credit memo waits"
        conn.execute(tables.summary_member.delete().where(tables.summary_member.c.number == "000000003"))
        assert outbox.in_the_books(conn, keys) == {"order/000000001": {"order/000000001"}}


def test_a_summarised_order_is_found_by_its_transaction_unless_its_summary_was_refused(ledger: Engine) -> None:
    join(ledger, member(1), member(2))
    close(ledger, 2)
    put(ledger, new("order/000000007", reference="TXN7"))
    with ledgers.begin(ledger) as conn:
        assert [one.reference for one in booked(conn, ["TXN1", "TXN7"])] == ["TXN7", "TXN1"]
        conn.execute(sa.update(tables.outbox).where(tables.outbox.c.key == SERIES).values(status="rejected"))
        assert [one.reference for one in booked(conn, ["TXN1", "TXN7"])] == ["TXN7"]


def test_a_refund_of_quickbooks_desktop_goes_with_its_credit_memo(ledger: Engine) -> None:
    join(ledger, member(1))
    key = close(ledger, 1)
    put(ledger, new(f"{key}/refund", order_key="", source_id=0, depends=(key,)))
    join(ledger, member(1, digest="otherwise"))
    with ledgers.reading(ledger) as conn:
        assert outbox.rows(conn) == []
