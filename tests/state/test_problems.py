"""What needs a person: stated anew each time, grouped by remedy, approved once."""

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal

from sqlalchemy.engine import Engine

from mappings.model import Problem
from state import ledger as ledgers
from state import problems
from tests.state.rows import NOW

DAY = timedelta(days=1)
KEPT = ("total-differs",)
HELD = Problem(
    code="unknown-payment-method",
    document="order/000000042",
    field="payment.method",
    reason='No rule for the payment method "klarna".',
    fix="Add a row to [[payment]].",
    amount=Decimal("10.80"),
    currency="USD",
)


def _of(document: str, **changes: object) -> Problem:
    return replace(HELD, document=document, **changes)  # type: ignore[arg-type]


def test_a_problem_reads_back_whole(ledger: Engine) -> None:
    shown = _of("payment/7", amount=None, currency="", hold=False)
    with ledgers.begin(ledger) as conn:
        problems.replace(conn, HELD.document, [HELD], "run", NOW)
        problems.replace(conn, "payment/7", [shown], "run", NOW, number="000000042")
        first, second = problems.open_problems(conn)
        assert first == problems.Open(HELD, "000000042", "run", NOW, NOW)
        assert (second.problem, second.number) == (shown, "000000042")
        assert problems.open_problems(conn, document="payment/7") == [second]
        assert problems.open_problems(conn, number="000000042") == [first, second]
        assert problems.open_problems(conn, hold=True) == [first]
        assert problems.held(conn) == 1


def test_a_hold_is_gone_when_its_cause_is_and_keeps_its_age_while_it_lasts(ledger: Engine) -> None:
    other = _of(HELD.document, code="unmapped-tax")
    with ledgers.begin(ledger) as conn:
        problems.replace(conn, HELD.document, [HELD, other], "one", NOW)
        problems.replace(conn, HELD.document, [HELD], "two", NOW + DAY)
        (found,) = problems.open_problems(conn)
        assert (found.problem.code, found.first_seen, found.last_seen, found.run) == (HELD.code, NOW, NOW + DAY, "two")
        problems.replace(conn, HELD.document, [], "three", NOW + DAY)
        assert problems.open_problems(conn) == []


def test_many_documents_are_stated_at_once_and_foreign_codes_are_kept(ledger: Engine) -> None:
    documents = [f"order/{number:04}" for number in range(1100)]
    with ledgers.begin(ledger) as conn:
        problems.note(conn, [_of("order/0001", code="total-differs", hold=False)], "run", NOW)
        problems.replace_many(conn, {name: [_of(name)] for name in documents}, "run", NOW, keep=KEPT)
        assert problems.held(conn) == 1100
        problems.replace_many(conn, dict.fromkeys(documents, ()), "run", NOW, keep=KEPT)
        assert [one.problem.code for one in problems.open_problems(conn)] == ["total-differs"]
        problems.replace_many(conn, dict.fromkeys(documents, ()), "run", NOW)
        assert problems.open_problems(conn) == []


def test_a_code_that_is_kept_and_found_again_is_stated_anew(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        problems.note(conn, [HELD], "one", NOW)
        new = replace(HELD, reason="Other words.")
        problems.replace_many(conn, {HELD.document: [new]}, "two", NOW + DAY, keep=(HELD.code,))
        (found,) = problems.open_problems(conn)
        assert (found.problem, found.first_seen, found.run) == (new, NOW, "two")


def test_reasons_of_the_same_code_on_one_document_are_told_together(ledger: Engine) -> None:
    other = replace(HELD, field="items[1].sku", reason='No item "MUG".', hold=False)
    with ledgers.begin(ledger) as conn:
        problems.replace(conn, HELD.document, [HELD, other, HELD], "run", NOW)
        (found,) = problems.open_problems(conn)
    assert found.problem == replace(HELD, reason=f"{HELD.reason} {other.reason}")


def test_noted_problems_stand_beside_those_already_there(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        problems.note(conn, [], "one", NOW)
        problems.replace(conn, HELD.document, [HELD], "one", NOW)
        later = [_of(HELD.document, code="tax-differs"), replace(HELD, reason="Again.")]
        problems.note(conn, later, "two", NOW + DAY)
        found = {one.problem.code: one for one in problems.open_problems(conn)}
        assert set(found) == {HELD.code, "tax-differs"}
        assert (found[HELD.code].problem.reason, found[HELD.code].first_seen) == ("Again.", NOW)
        assert problems.clear(conn, HELD.document, ["tax-differs"]) == 1
        assert problems.clear(conn, HELD.document) == 1
        assert problems.clear(conn, HELD.document) == 0


def test_problems_are_grouped_by_remedy_with_sums_per_currency(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        for number in range(7):
            at = NOW + number * DAY
            currency = "EUR" if number == 6 else "USD"
            problems.note(conn, [_of(f"order/{number}", currency=currency)], "run", at)
        shown = _of("order/0", code="total-differs", fix="Look.", hold=False, amount=Decimal("-0.01"))
        other = _of("order/8", fix="Another remedy.", amount=None)
        problems.note(conn, [shown, other], "run", NOW)
        first, second, third = problems.grouped(conn)
    assert (first.code, first.count, first.since, first.fix) == (HELD.code, 7, NOW, HELD.fix)
    assert first.amounts == {"USD": Decimal("64.80"), "EUR": Decimal("10.80")}
    assert first.documents == ("order/0", "order/1", "order/2", "order/3", "order/4")
    assert (second.fix, second.amounts, second.hold) == ("Another remedy.", {}, True)
    assert (third.code, third.hold, third.amounts) == ("total-differs", False, {"USD": Decimal("-0.01")})


def test_an_approval_is_given_once_and_stays(ledger: Engine) -> None:
    with ledgers.begin(ledger) as conn:
        assert problems.approved(conn) == frozenset()
        problems.approve(conn, "order/1", "jane", NOW)
        problems.approve(conn, "order/1", "john", NOW + DAY)
        assert problems.approved(conn) == {"order/1"}
        assert conn.exec_driver_sql("SELECT who FROM approval").all() == [("jane",)]


def test_a_key_without_a_slash_is_its_own_number() -> None:
    assert problems.number_of("order/000000042/rest") == "000000042"
    assert problems.number_of("000000042") == "000000042"
