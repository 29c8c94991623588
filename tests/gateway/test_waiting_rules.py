"""Documents that wait for the Web Connector follow the rules of now, not those they were queued under."""

from tests.gateway.desk import Desk

RECEIPT, INVOICE, SKIP = (f'when = {{ paid = true }}\nmake = "{made}"' for made in ("sales_receipt", "invoice", "skip"))


def change(desk: Desk, old: str, new: str) -> None:
    path = desk.home / "rules.toml"
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def kinds(desk: Desk) -> list[str]:
    return sorted(row.kind for row in desk.rows() if row.kind not in ("customer", "item"))


def test_they_become_other_documents(desk: Desk) -> None:
    change(desk, RECEIPT, INVOICE)
    desk.queue()
    assert kinds(desk) == ["invoice"] * 3 + ["payment"] * 3
    change(desk, INVOICE, RECEIPT)
    desk.queue()
    assert kinds(desk) == ["sales_receipt"] * 3
    desk.update()
    desk.audit()
    assert set(desk.states()) == {"posted"}


def test_they_are_taken_back_when_the_rules_leave_them_out(desk: Desk) -> None:
    change(desk, RECEIPT, SKIP)
    desk.queue()
    assert kinds(desk) == []


def test_what_quickbooks_may_have_already_stays_as_it_was_sent(desk: Desk) -> None:
    desk.cut("processed")
    sent = [row for row in desk.rows() if row.status == "sent"]
    assert sent
    change(desk, RECEIPT, SKIP)
    desk.queue()
    assert [row for row in desk.rows() if row.status == "sent"] == sent
    desk.update()
    desk.audit()
