"""Queueing, claiming and settling, on both databases."""

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy.engine import Connection, Engine

from state import ledger as ledgers
from state import outbox, outbox_waiting, references
from state.outbox import BytesDiffer, Outcome, StaleClaim
from tests.state.rows import LATER, LEASE, NOW, body, keys, new, posted, put, row, send, settle, states


def _behind(conn: Connection) -> dict[str, tuple[str, str]]:
    return {one.key: (one.root, one.status) for one in outbox_waiting.behind(conn)}


def test_a_queued_document_reads_back_exactly_as_it_was_put(ledger: Engine) -> None:
    put(ledger, new("order/1", payload='{"Memo":"Ünïcode €"}', amount=Decimal("10.8000"), depends=("customer/a",)))
    found = row(ledger, "order/1")
    assert (found.payload, str(found.amount), found.depends) == ('{"Memo":"Ünïcode €"}', "10.8000", ("customer/a",))
    assert (found.status, found.attempt, found.created_at, found.txn_date) == ("ready", 1, NOW, new("order/1").txn_date)


def test_queueing_the_same_again_changes_nothing(ledger: Engine) -> None:
    assert put(ledger, new("order/1"), new("order/2")).queued == 2
    assert put(ledger, new("order/1"), new("order/2")) == outbox.Put(0, 2, 0, (), ())


def test_queueing_nothing_is_nothing(ledger: Engine) -> None:
    assert put(ledger) == outbox.Put(0, 0, 0, (), ())


def test_a_ready_row_is_replaced_by_other_content_and_by_other_dependencies(ledger: Engine) -> None:
    put(ledger, new("order/1", depends=("customer/a",)))
    assert put(ledger, new("order/1", payload="{}", depends=("customer/a",))).replaced == 1
    assert put(ledger, new("order/1", payload="{}")).replaced == 1
    found = row(ledger, "order/1")
    assert (found.payload, found.blockers, found.attempt) == ("{}", 0, 1)


@pytest.mark.parametrize("status", ["ready", "rejected"])
def test_what_other_rules_say_behind_the_same_payload_is_kept_and_the_row_stays_in_its_state(
    ledger: Engine, status: str
) -> None:
    put(ledger, new("order/1"))
    if status == "rejected":
        settle(ledger, send(ledger), Outcome("1", "rejected", code="quickbooks-refused", words="no"))
    before = row(ledger, "order/1")
    other = new("order/1", entry='{"other":1}', rules_hash="others", tax=Decimal("0.81"))
    assert put(ledger, other) == outbox.Put(0, 1, 0, (), ())
    found = row(ledger, "order/1")
    assert (found.entry, found.rules_hash, found.tax) == ('{"other":1}', "others", Decimal("0.81"))
    assert (found.status, found.attempt, found.error_words) == (status, 1, before.error_words)


@pytest.mark.parametrize("status", ["sent", "unknown", "posted"])
def test_what_quickbooks_has_or_may_have_is_never_replaced(ledger: Engine, status: str) -> None:
    put(ledger, new("order/1"))
    claim = send(ledger)
    if status != "sent":
        settle(ledger, claim, posted("1") if status == "posted" else Outcome("1", "unknown"))
    assert put(ledger, new("order/1", payload="{}")) == outbox.Put(0, 0, 0, ("order/1",), ())
    assert put(ledger, new("order/1")).unchanged == 1
    assert (row(ledger, "order/1").status, row(ledger, "order/1").payload) == (status, new("order/1").payload)


def test_the_same_number_from_another_magento_document_is_a_clash_and_replaces_nothing(ledger: Engine) -> None:
    put(ledger, new("order/1", source_id=7))
    assert put(ledger, new("order/1", source_id=8, payload="{}")).clashes == ("order/1",)
    assert row(ledger, "order/1").source_id == 7


def test_two_documents_with_one_number_in_the_same_page_clash_too(ledger: Engine) -> None:
    done = put(ledger, new("order/1", source_id=7), new("order/1", source_id=8), new("order/1", source_id=7))
    assert (done.queued, done.clashes) == (1, ("order/1",))


def test_a_claim_takes_the_lowest_rank_only_and_not_more_than_asked(ledger: Engine) -> None:
    put(ledger, new("payment/1", rank=2), new("customer/a", rank=0), new("customer/b", rank=0), new("order/1"))
    assert keys(send(ledger, size=1)) == ["customer/a"]
    assert keys(send(ledger)) == ["customer/b"]
    assert keys(send(ledger)) == ["order/1"]
    assert keys(send(ledger)) == ["payment/1"]
    with ledgers.begin(ledger) as conn:
        assert outbox.claim(conn, 30, "one", NOW, LEASE) is None


def test_a_row_waits_until_all_its_dependencies_are_posted(ledger: Engine) -> None:
    put(ledger, new("order/1", depends=("customer/a", "customer/b", "customer/a")))
    put(ledger, new("customer/a", rank=0), new("customer/b", rank=0))
    assert row(ledger, "order/1").blockers == 2
    settle(ledger, send(ledger), posted("1"), Outcome("2", "rejected", code="6240", words="The name exists."))
    assert row(ledger, "order/1").blockers == 1
    with ledgers.begin(ledger) as conn:
        assert outbox.claim(conn, 30, "one", NOW, LEASE) is None
        assert _behind(conn) == {"order/1": ("customer/b", "rejected")}
        assert outbox.retry(conn, None, NOW) == ["customer/b"]
        assert _behind(conn) == {}
    settle(ledger, send(ledger))
    assert keys(send(ledger)) == ["order/1"]


def test_a_row_whose_dependency_is_posted_already_is_ready_at_once(ledger: Engine) -> None:
    put(ledger, new("customer/a", rank=0))
    settle(ledger, send(ledger))
    put(ledger, new("order/1", depends=("customer/a",)))
    assert keys(send(ledger)) == ["order/1"]


def test_a_dependency_that_was_never_queued_is_named_as_the_cause(ledger: Engine) -> None:
    put(ledger, new("payment/1", rank=2, depends=("order/1",)))
    with ledgers.reading(ledger) as conn:
        assert _behind(conn) == {"payment/1": ("order/1", "missing")}


def test_many_dependencies_are_linked_in_pieces(ledger: Engine) -> None:
    put(ledger, *(new(f"order/{number:04}", depends=("customer/a",)) for number in range(1200)))
    put(ledger, new("customer/a", rank=0))
    settle(ledger, send(ledger))
    assert keys(send(ledger, size=2)) == ["order/0000", "order/0001"]
    with ledgers.reading(ledger) as conn:
        assert {one.blockers for one in outbox.rows(conn, status="ready")} == {0}


def test_the_request_id_is_short_and_follows_from_rows_and_attempts(ledger: Engine) -> None:
    put(ledger, new("order/1"), new("order/2"))
    claim = send(ledger)
    rows = [one for _, one in claim.items]
    assert claim.batch_id == outbox.request_id(rows[::-1]) and len(claim.batch_id) <= 36
    settle(ledger, claim, Outcome("1", "ready"), Outcome("2", "ready"))
    assert send(ledger).batch_id != claim.batch_id


def test_other_bytes_under_a_known_request_id_are_refused_when_intended_and_when_sent(ledger: Engine) -> None:
    put(ledger, new("order/1"))
    claim = send(ledger)
    with ledgers.begin(ledger) as conn, pytest.raises(BytesDiffer):
        outbox.intend(conn, claim, b"other", NOW)
    with ledgers.begin(ledger) as conn, pytest.raises(BytesDiffer):
        outbox.guard(conn, claim.batch_id, claim.epoch, b"other")
    with ledgers.begin(ledger) as conn:
        outbox.intend(conn, claim, body(claim), NOW)
        outbox.guard(conn, claim.batch_id, claim.epoch, body(claim))


def test_rows_that_are_ready_again_though_their_batch_is_open_go_out_under_another_id_after_a_look_up(
    ledger: Engine,
) -> None:
    put(ledger, new("order/1"))
    first = send(ledger)
    with ledgers.begin(ledger) as conn:
        conn.exec_driver_sql("UPDATE outbox SET status = 'ready'")
        again = outbox.claim(conn, 30, "two", NOW, LEASE)
        assert again is not None and again.batch_id != first.batch_id
        assert [one.look_up_first for _, one in again.items] == [True]
        outbox.intend(conn, again, b"other", NOW)
    with ledgers.begin(ledger) as conn:
        assert [batch.body for batch in outbox.due(conn, LATER)] == [b"other"]


def test_nothing_is_sent_that_was_not_intended(ledger: Engine) -> None:
    put(ledger, new("order/1"))
    with ledgers.begin(ledger) as conn:
        claim = outbox.claim(conn, 30, "one", NOW, LEASE)
        assert claim is not None
        with pytest.raises(BytesDiffer):
            outbox.guard(conn, claim.batch_id, claim.epoch, b"anything")


def test_a_claim_that_was_never_intended_is_given_back_when_its_lease_ends(ledger: Engine) -> None:
    put(ledger, new("order/1"))
    with ledgers.begin(ledger) as conn:
        lost = outbox.claim(conn, 30, "one", NOW, LEASE)
    with ledgers.begin(ledger) as conn:
        assert outbox.claim(conn, 30, "two", NOW, LEASE) is None
        assert outbox.due(conn, LATER) == []
    found = send(ledger, owner="two", now=LATER)
    assert keys(found) == keys(lost) == ["order/1"]


def test_a_row_that_cannot_be_written_is_refused_and_the_rest_goes_on_under_its_own_id(ledger: Engine) -> None:
    put(ledger, new("order/1"), new("order/2"))
    with ledgers.begin(ledger) as conn:
        claim = outbox.claim(conn, 30, "one", NOW, LEASE)
        assert claim is not None
        outbox.refuse(conn, "order/1", "unknown-account", "No account of that name.", NOW)
        rest = outbox.without(conn, claim, ["order/1"], "one", NOW, LEASE)
        assert rest is not None and rest.batch_id != claim.batch_id
        outbox.intend(conn, rest, b"body", NOW)
    assert keys(rest) == ["order/2"]
    assert states(ledger) == {"order/1": "rejected", "order/2": "sent"}
    assert (row(ledger, "order/1").error_code, row(ledger, "order/1").batch_id) == ("unknown-account", None)


def test_nothing_remains_of_a_claim_whose_rows_are_all_refused(ledger: Engine) -> None:
    put(ledger, new("order/1"))
    with ledgers.begin(ledger) as conn:
        claim = outbox.claim(conn, 30, "one", NOW, LEASE)
        assert claim is not None
        outbox.refuse(conn, "order/1", "unknown-account", "No account of that name.", NOW)
        assert outbox.without(conn, claim, ["order/1"], "one", NOW, LEASE) is None
        with pytest.raises(StaleClaim):
            outbox.intend(conn, claim, b"body", NOW)


def test_a_posted_row_keeps_what_quickbooks_said_and_can_be_referred_to(ledger: Engine) -> None:
    put(ledger, new("customer/a", rank=0, kind="customer"))
    symbols = (("customer", "email:a"), ("name", "jane doe"))
    settle(
        ledger, send(ledger), posted("1", qb_id="58", sync_token="3", number="N-1", name="Jane Doe", symbols=symbols)
    )
    found = row(ledger, "customer/a")
    assert (found.status, found.qb_id, found.sync_token, found.posted_number) == ("posted", "58", "3", "N-1")
    assert (found.posted_total, found.posted_tax, found.posted_at) == (Decimal("10.80"), Decimal("0.80"), NOW)
    wanted = [("txn", "customer/a"), ("sync", "customer/a"), ("customer", "email:a"), ("customer", "email:b")]
    with ledgers.reading(ledger) as conn:
        assert references.lookup(conn, wanted) == dict(zip(wanted, ("58", "3", "58"), strict=False))
        assert references.names(conn) == {"jane doe"}


@pytest.mark.parametrize(
    ("sent", "cleaner", "other"),
    [
        (
            '{"PrivateNote":"Order  1\\u2028\\u0002","TotalAmt":9.50}',
            '{"PrivateNote":"Order 1","TotalAmt":9.50}',
            "9.51",
        ),
        ("<A><Memo>Order  1 </Memo><Rate>9.50</Rate></A>", "<A><Memo>Order 1</Memo><Rate>9.50</Rate></A>", "9.51"),
    ],
)
def test_a_posted_document_whose_texts_only_became_cleaner_has_not_changed(
    ledger: Engine, sent: str, cleaner: str, other: str
) -> None:
    put(ledger, new("order/1", payload=sent))
    settle(ledger, send(ledger), posted("1"))
    assert put(ledger, new("order/1", payload=cleaner)) == outbox.Put(0, 1, 0, (), ())
    assert put(ledger, new("order/1", payload=cleaner.replace("9.50", other))).changed == ("order/1",)
    assert row(ledger, "order/1").payload == sent


def test_a_refused_row_keeps_the_words_and_a_retry_is_a_new_attempt(ledger: Engine) -> None:
    put(ledger, new("order/1"), new("order/2"))
    settle(ledger, send(ledger), *(Outcome(bid, "rejected", code="2010", words="Bad field.") for bid in "12"))
    assert (row(ledger, "order/1").error_code, row(ledger, "order/1").error_words) == ("2010", "Bad field.")
    with ledgers.begin(ledger) as conn:
        assert outbox.retry(conn, ["order/2", "order/9"], NOW) == ["order/2"]
    assert states(ledger) == {"order/1": "rejected", "order/2": "ready"}
    assert (row(ledger, "order/2").attempt, row(ledger, "order/2").error_words) == (2, "")


def test_a_refused_row_with_other_content_is_ready_as_a_new_attempt(ledger: Engine) -> None:
    put(ledger, new("order/1"))
    settle(ledger, send(ledger), Outcome("1", "rejected", code="2010", words="Bad field."))
    assert put(ledger, new("order/1")).unchanged == 1
    assert put(ledger, new("order/1", payload="{}")).replaced == 1
    found = row(ledger, "order/1")
    assert (found.status, found.attempt, found.error_code, found.batch_id) == ("ready", 2, "", None)


def test_a_row_to_be_tried_again_waits_as_long_as_asked(ledger: Engine) -> None:
    put(ledger, new("order/1"))
    settle(ledger, send(ledger), Outcome("1", "ready", not_before=LATER))
    with ledgers.begin(ledger) as conn:
        assert outbox.claim(conn, 30, "one", NOW, LEASE) is None
    claim = send(ledger, now=LATER)
    assert [one.attempt for _, one in claim.items] == [2]


def test_while_one_answer_is_missing_only_posted_items_are_final(ledger: Engine) -> None:
    put(ledger, *(new(f"order/{number}") for number in (1, 2, 3, 4)))
    claim = send(ledger)
    settle(ledger, claim, posted("1"), Outcome("2", "rejected", code="2010"), Outcome("3", "ready"))
    assert states(ledger) == {"order/1": "posted", "order/2": "unknown", "order/3": "unknown", "order/4": "unknown"}
    with ledgers.begin(ledger) as conn:
        (batch,) = outbox.due(conn, NOW)
        assert (batch.id, batch.body, batch.state) == (claim.batch_id, body(claim), "unknown")
        again = outbox.take_over(conn, batch.id, "two", NOW, LEASE)
        assert (again.epoch, again.owner, keys(again)) == (2, "two", keys(claim))
        answers = [
            posted("1", qb_id="other"),
            Outcome("2", "rejected"),
            Outcome("3", "ready"),
            posted("4"),
            posted("9"),
        ]
        outbox.settle(conn, again.id, again.epoch, answers, NOW)
    assert states(ledger) == {"order/1": "posted", "order/2": "rejected", "order/3": "ready", "order/4": "posted"}
    assert row(ledger, "order/1").qb_id == "101"


def test_a_process_that_slept_through_a_takeover_can_neither_send_nor_settle(ledger: Engine) -> None:
    put(ledger, new("order/1"))
    sleeper = send(ledger)
    with ledgers.begin(ledger) as conn:
        outbox.take_over(conn, sleeper.batch_id, "two", LATER, LEASE)
    for act in (
        lambda conn: outbox.guard(conn, sleeper.batch_id, sleeper.epoch, body(sleeper)),
        lambda conn: outbox.renew(conn, sleeper.batch_id, sleeper.epoch, LATER, LEASE),
        lambda conn: outbox.settle(conn, sleeper.batch_id, sleeper.epoch, [posted("1")], LATER),
    ):
        with pytest.raises(StaleClaim), ledgers.begin(ledger) as conn:
            act(conn)
    assert states(ledger) == {"order/1": "sent"}


def test_a_batch_is_taken_over_only_when_nobody_holds_it(ledger: Engine) -> None:
    put(ledger, new("order/1"))
    claim = send(ledger)
    with ledgers.begin(ledger) as conn:
        assert outbox.due(conn, NOW) == []
        with pytest.raises(StaleClaim):
            outbox.take_over(conn, claim.batch_id, "two", NOW, LEASE)
        outbox.renew(conn, claim.batch_id, claim.epoch, LATER, LEASE)
        assert outbox.due(conn, LATER) == []
    settle(ledger, claim)
    with ledgers.begin(ledger) as conn:
        for batch_id in (claim.batch_id, "mb-unheard-of"):
            with pytest.raises(StaleClaim):
                outbox.take_over(conn, batch_id, "two", LATER + LEASE, LEASE)
    with pytest.raises(StaleClaim):
        settle(ledger, claim)


def test_held_documents_leave_the_outbox_unless_they_were_sent(ledger: Engine) -> None:
    put(ledger, new("order/1"), new("order/2", depends=("customer/a",)), new("order/3", depends=("customer/a",)))
    send(ledger)
    with ledgers.begin(ledger) as conn:
        assert outbox.discard(conn, ["order/1", "order/2", "order/9"]) == ["order/2"]
        assert _behind(conn) == {"order/3": ("customer/a", "missing")}
    assert set(states(ledger)) == {"order/1", "order/3"}


def test_rows_are_found_by_state_order_and_run(ledger: Engine) -> None:
    put(ledger, new("order/1"), new("order/1/void", rank=3), new("order/2", run="other"), new("payment/1", rank=2))
    send(ledger, size=1)
    with ledgers.reading(ledger) as conn:
        assert [one.key for one in outbox.rows(conn, order_key="order/1")] == ["order/1", "order/1/void"]
        assert [one.key for one in outbox.rows(conn, status="ready")] == ["order/2", "payment/1", "order/1/void"]
        assert [one.key for one in outbox.rows(conn, status=("sent", "posted"))] == ["order/1"]
        assert [one.key for one in outbox.rows(conn, run="other")] == ["order/2"]
        assert len(outbox.rows(conn, limit=2)) == 2
        assert outbox.counts(conn) == {"ready": 3, "sent": 1}
        assert outbox.counts(conn, run="other") == {"ready": 1}
        assert outbox.standing(conn, ["order/1", "order/2", "order/9"]) == {"order/1": "sales_receipt"}
        assert outbox.kinds(conn, ["order/1", "order/2", "order/9"]) == dict.fromkeys(
            ["order/1", "order/2"], "sales_receipt"
        )
        assert outbox.get(conn, "order/9") is None


def test_the_bytes_of_old_settled_batches_are_forgotten(ledger: Engine) -> None:
    put(ledger, new("order/1"), new("order/2"))
    settle(ledger, send(ledger, size=1))
    waiting = send(ledger)
    with ledgers.begin(ledger) as conn:
        assert outbox.forget_bodies(conn, NOW) == 0
        assert outbox.forget_bodies(conn, NOW + timedelta(days=1)) == 1
        assert [batch.body for batch in outbox.due(conn, LATER)] == [body(waiting)]
