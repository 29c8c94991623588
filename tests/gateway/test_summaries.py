"""Daily summaries in a company file: QuickBooks Desktop computes the tax of the sum by itself."""

from decimal import Decimal
from pathlib import Path

import pytest

from state import summaries
from tests.gateway.desk import Desk, open_desk
from tests.gateway.test_revisions import by_rule, edited
from tests.gateway.test_trial_balance import agreed, decide
from tests.sandbox.history import ALL_KINDS, go_on

TAX = ("Sales Tax Payable", "2260 Sales tax on own lines", "6990 Rounding")


def together(desk: Desk) -> Desk:
    """The company under rules that sum up what was paid on a day."""
    path = desk.home / "rules.toml"
    text, receipt = path.read_text(encoding="utf-8"), 'make = "sales_receipt"'
    assert receipt in text
    path.write_text(text.replace(receipt, 'make = "summary"\ncustomer = "Web sales"'), encoding="utf-8")
    return desk


def history(desk: Desk) -> dict[str, Decimal]:
    """The trial balance after a history of all kinds and what happened next."""
    desk.update()
    desk.queue()
    desk.update()
    go_on(desk.shop)
    desk.queue()
    desk.update()
    assert set(desk.states()) == {"posted"}
    desk.audit()
    return agreed(desk)


@pytest.mark.parametrize("tax_method", ["first_fit", "own_line"])
def test_the_trial_balance_is_that_of_posting_order_by_order(tmp_path: Path, tax_method: str) -> None:
    found = []
    for name in ("together", "alone"):
        with open_desk(tmp_path / name, orders=ALL_KINDS) as desk:
            decide(desk, tax_method=tax_method)
            found.append(history(together(desk) if name == "together" else desk))
            assert ("Sales Tax Payable" in found[-1]) == (tax_method == "first_fit")
    summed, alone = found
    if tax_method == "first_fit":  # the cents by which QuickBooks rounds a sum otherwise than its parts
        assert sum(summed.pop(each, Decimal(0)) for each in TAX) == sum(alone.pop(each, Decimal(0)) for each in TAX)
    assert summed == alone


def test_what_waits_for_the_connector_is_one_receipt_for_each_sales_tax_item(tmp_path: Path) -> None:
    with open_desk(tmp_path / "home") as desk:
        together(desk).update()
        desk.sell(12)
        desk.queue()
        with desk.reading() as conn:
            made = summaries.all_summaries(conn)
            members = list(summaries.members(conn))
        receipts = [row for row in desk.rows() if row.kind == "sales_receipt"]
        assert {row.key for row in receipts} == {one.key for one in made} == {one.summary for one in members}
        assert sum(one.documents for one in made) == len(members) == 12
        assert len(made) < 12
        desk.update()
        assert desk.problems() == {}
        agreed(desk)


def test_an_answer_that_was_lost_is_found_by_the_summarys_number(tmp_path: Path) -> None:
    with open_desk(tmp_path / "home") as desk:
        together(desk).update()
        desk.sell(4)
        desk.queue()
        desk.cut("processed", times=2)
        desk.update()
        desk.update()
        assert set(desk.states()) == {"posted"}
        desk.audit()
        agreed(desk)


def test_refunds_are_summed_up_into_a_credit_memo_and_the_refund_that_uses_it_up(tmp_path: Path) -> None:
    with open_desk(tmp_path / "home") as desk:
        together(desk).update()
        for order in desk.sell(3):
            desk.shop.refund(order["increment_id"])
        desk.queue()
        desk.update()
        kinds = [row.kind for row in desk.rows() if row.kind not in ("customer", "item")]
        assert kinds.count("credit_memo") == kinds.count("refund") == kinds.count("sales_receipt")
        assert len(kinds) < 9
        assert set(desk.states()) == {"posted"}
        desk.audit()
        assert not any(agreed(desk).get(account) for account in ("Accounts Receivable", "4000 Sales"))


def test_a_journal_entry_posts_the_same_on_accounts_alone(tmp_path: Path) -> None:
    with open_desk(tmp_path / "home") as desk:
        path = desk.home / "rules.toml"
        text = path.read_text(encoding="utf-8")
        made = 'make = "summary"\nform = "journal"'
        path.write_text(text.replace('make = "sales_receipt"', made), encoding="utf-8")
        desk.update()
        for order in desk.sell(3)[:1]:
            desk.shop.refund(order["increment_id"])
        desk.queue()
        desk.update()
        assert {row.kind for row in desk.rows()} == {"journal"}
        assert (set(desk.states()), desk.problems()) == ({"posted"}, {})
        shown = agreed(desk)
        assert "Sales Tax Payable" not in shown and shown["2290 Sales tax adjustments"] < 0


@pytest.mark.parametrize(("changed", "made"), [("adjust", 2), ("repost", 3)])
def test_an_order_that_changed_after_its_summary_was_posted_is_carried_by_further_ones(
    tmp_path: Path, changed: str, made: int
) -> None:
    with open_desk(tmp_path / "home") as desk:
        by_rule(together(desk), changed)
        desk.update()
        [order] = desk.sell(1)
        desk.queue()
        desk.update()
        edited(desk, order)
        desk.update()
        with desk.reading() as conn:
            found = summaries.all_summaries(conn)
        assert [one.documents for one in found] == [1] * made
        assert set(desk.states()) == {"posted"}
        assert set(desk.problems().values()) <= {"tax-own-line"}
        desk.audit()
        shown = agreed(desk)
        assert sum(shown[name] for name in shown if "clearing" in name) == order["base_grand_total"]
        desk.shop.touch(order["increment_id"])
        desk.queue()
        assert "ready" not in desk.states()
