"""Revisions of documents that stand: what deserves one, how it is numbered, and what one document cannot say."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from mappings.booking import book_order
from mappings.checks import off_balance
from mappings.context import Context
from mappings.entry import Entry, debits
from mappings.entry_booked import Posted, booked_json, read_booked
from mappings.jsontext import dumps, parse
from mappings.model import Address, Order
from mappings.revisions import Revised, revise, stale
from mappings.rules import Rules, load, template
from mappings.said import said
from tests.mappings.sales import AUSTIN, GERMAN, TEXAS, VAT19, booked, context, german, line, order

D = Decimal
KEY = "order/000000042"
CHANGED = '[books]\nchanged = "adjust"'


def by(mode: str, target: str = "online", **more: str) -> Rules:
    text = template("us_retail").replace("[books]", f'[books]\nchanged = "{mode}"')
    for old, new in more.items():
        text = text.replace(old.replace("_", " "), new)
    return load(text, target=target if target == "desktop" else None)  # type: ignore[arg-type]


def kept(*entries: Entry) -> dict[str, Posted]:
    """What the ledger has of posted entries, by way of its JSON."""
    read = {entry.key: read_booked(entry.key, parse(dumps(booked_json(entry)))) for entry in entries}
    return {key: one for key, one in read.items() if one is not None}


def follow(old: Order, new: Order, rules: Rules, known: Context | None = None) -> Revised:
    """What follows when `old` was posted and Magento says `new`."""
    known = known or context()
    posted = kept(*booked(book_order(old, known, rules)))
    standing = {key: one.entry.kind for key, one in posted.items()}
    days = {key: one.entry.txn_date for key, one in posted.items()}
    wanted = booked(book_order(new, replace(known, standing=standing, dated=days), rules))
    return revise(wanted, posted, known, rules)


MUGS = order(line("MUG", "2", "10", TEXAS), paid=True)
MORE = order(line("MUG", "3", "10", TEXAS), paid=True)
OWED = replace(MUGS, paid=MUGS.paid * 0, state="new")


def made(revised: Revised) -> Mapping[str, tuple[str, str, str]]:
    return {one.key: (one.kind, one.number, f"{one.total:.2f}") for one in revised.entries}


def test_an_entry_comes_back_from_the_ledger_as_it_was_booked() -> None:
    [entry] = booked(book_order(MUGS, context(), by("show")))
    found = kept(entry)[KEY].entry
    for name in ("kind", "number", "total", "tax", "said", "deposit_account", "payment_method", "txn_date"):
        assert getattr(found, name) == getattr(entry, name)
    assert [(each.account, each.amount, each.sku, each.tax_code) for each in found.lines] == [
        (each.account, each.amount, each.sku, each.tax_code) for each in entry.lines
    ]


def test_what_an_earlier_version_kept_cannot_be_compared() -> None:
    assert read_booked(KEY, {"lines": []}) is None


@pytest.mark.parametrize(
    "changes",
    [
        {"billing": replace(AUSTIN, street=("Elsewhere 1",))},
        {"state": "complete", "status": "complete"},
        {"po_number": "PO-7"},
        {"buyer": replace(MUGS.buyer, first_name="Augusta")},
    ],
)
def test_texts_addresses_and_states_deserve_no_revision(changes: dict[str, object]) -> None:
    new = replace(MUGS, **changes)  # type: ignore[arg-type]
    assert said(new) == said(MUGS)
    assert follow(MUGS, new, by("repost")).problems == ()
    assert list(made(follow(MUGS, new, by("repost")))) == [KEY]


def test_a_repost_takes_back_the_same_lines_on_the_same_accounts() -> None:
    back, new = follow(MUGS, MORE, by("repost")).entries
    assert made(Revised((back, new), ())) == {
        f"{KEY}/reversal": ("refund_receipt", "000000042X2", "21.65"),
        f"{KEY}/2": ("sales_receipt", "000000042R2", "32.48"),
    }
    [sold] = booked(book_order(MUGS, context(), by("repost")))
    assert [(each.account, each.amount) for each in back.lines] == [(each.account, -each.amount) for each in sold.lines]
    assert (new.after, back.after) == (back.key, KEY)
    assert new.revision is not None and new.revision.words.startswith("1255 Checks clearing +10.83")


def test_another_customer_is_another_document() -> None:
    other = replace(MUGS, buyer=replace(MUGS.buyer, email="bob@example.com"))
    for mode in ("adjust", "repost"):
        assert set(made(follow(MUGS, other, by(mode)))) == {f"{KEY}/reversal", f"{KEY}/2"}


def test_an_adjustment_holds_the_difference_alone_and_what_stands_is_remembered_whole() -> None:
    stands, more = follow(MUGS, MORE, by("adjust")).entries
    assert (stands.key, more.key, more.kind, more.number) == (KEY, f"{KEY}/2", "sales_receipt", "000000042A2")
    assert f"{more.total:.2f} {more.tax:.2f}" == "10.83 0.83"
    assert off_balance(more.lines) == 0
    assert kept(more)[more.key].adjusts
    assert f"{kept(more)[more.key].entry.total:.2f}" == "32.48"
    _, less = follow(MORE, MUGS, by("adjust")).entries
    assert (less.kind, f"{less.total:.2f}") == ("refund_receipt", "10.83")
    assert off_balance(less.lines) == 0


def test_an_invoice_that_shrank_is_adjusted_by_a_credit_and_one_that_grew_is_reposted() -> None:
    grown = replace(MORE, paid=MORE.paid * 0, state="new")
    less = follow(grown, OWED, by("adjust"))
    assert made(less) == {
        KEY: ("invoice", "000000042", "21.65"),
        f"{KEY}/2": ("credit_memo", "000000042A2", "10.83"),
        f"{KEY}/2/applied": ("payment", "", "0.00"),
    }
    assert set(made(follow(OWED, grown, by("adjust")))) == {
        f"{KEY}/reversal",
        f"{KEY}/reversal/applied",
        f"{KEY}/2",
    }


def test_less_tax_on_a_larger_sum_is_reposted_because_no_document_has_negative_tax() -> None:
    exempt = order(line("MUG", "3", "10"), paid=True)
    assert set(made(follow(MUGS, exempt, by("adjust")))) == {f"{KEY}/reversal", f"{KEY}/2"}


def test_an_adjustment_states_what_its_own_lines_are_taxed_on() -> None:
    rules = load(template("eu_vat").replace("[books]", '[books]\nchanged = "adjust"'))
    old, less = (german(line("MUG", pieces, "10", VAT19), paid=True) for pieces in ("2", "1"))
    _, given = follow(old, less, rules, context(GERMAN)).entries
    assert given.kind == "refund_receipt"
    assert [(each.amount, each.taxable) for each in given.lines if each.tax_rate] == [(D("1.90"), D("10.00"))]


@pytest.mark.parametrize(("pieces", "total"), [("1", "10.82"), ("3", "10.83")])
def test_an_adjusting_entry_is_adjusted_by_another_over_the_difference(pieces: str, total: str) -> None:
    rules = load(template("us_retail").replace('"hold" ', '"adjusting_entry"').replace("[books]", CHANGED))
    closed = context(closed=date(2026, 11, 30))
    stands, more = follow(MUGS, order(line("MUG", pieces, "10", TEXAS), paid=True), rules, closed).entries
    assert (stands.kind, more.kind) == ("journal", "journal")
    assert more.total == D(total) == debits(more.lines)
    assert off_balance(more.lines) == 0


def payment(sale: Entry, number: str = "000000007") -> Entry:
    """The payment of a whole invoice."""
    owed = replace(sale.lines[0], amount=-sale.total)
    return replace(sale, key=f"payment/{number}", kind="payment", applies_to=KEY, lines=(owed,))


@pytest.mark.parametrize(("pieces", "amount"), [("1", "10.83"), ("3", "21.65")])
def test_what_was_paid_goes_over_to_the_new_invoice_up_to_what_that_comes_to(pieces: str, amount: str) -> None:
    rules = by("repost")
    [sale] = booked(book_order(OWED, context(), rules))
    [wanted] = booked(book_order(order(line("MUG", pieces, "10", TEXAS)), context(standing={KEY: "invoice"}), rules))
    later = payment(sale, "000000008")
    revised = revise([wanted, payment(sale), later], kept(sale, payment(sale)), context(), rules)
    found = {one.key: one for one in revised.entries}
    carried = found[f"{KEY}/reversal/carried"]
    assert (carried.applies_to, carried.lines[0].amount) == (f"{KEY}/2 {KEY}/reversal", D(amount))
    assert f"{KEY}/reversal/applied" not in found
    # What stands is applied where it was, what comes now to the invoice that stands now.
    assert (found["payment/000000007"].applies_to, found[later.key].applies_to) == (KEY, f"{KEY}/2")


def test_the_credit_of_an_invoice_that_is_taken_back_is_applied_to_it() -> None:
    found = {one.key: one for one in follow(OWED, replace(MORE, paid=D(0), state="new"), by("repost")).entries}
    assert found[f"{KEY}/reversal"].applies_to == KEY
    applied = found[f"{KEY}/reversal/applied"]
    assert (applied.applies_to, applied.lines[0].amount) == (f"{KEY} {KEY}/reversal", D("21.65"))


def test_rules_that_changed_alone_are_shown_until_somebody_asks_for_the_revision() -> None:
    moved = by("repost", **{"1255 Checks clearing": "1258 Checks"})
    sold = [*booked(book_order(MUGS, context(), by("repost")))]
    wanted = booked(book_order(MUGS, context(standing={KEY: "sales_receipt"}), moved))
    shown = revise(wanted, kept(*sold), context(), moved)
    assert (list(made(shown)), [each.code for each in shown.problems]) == ([KEY], ["changed-after-posting"])
    asked = revise(wanted, kept(*sold), context(approved=frozenset({f"{KEY}/2"})), moved)
    assert (list(made(asked)), asked.problems) == ([f"{KEY}/reversal", f"{KEY}/2"], ())


def test_names_and_skus_that_differ_only_in_case_and_blanks_deserve_no_revision() -> None:
    rules = by("repost", **{"4000_Sales": "4000  SALES"})
    posted = kept(*booked(book_order(MUGS, context(), by("repost"))))
    spelled = order(line(" mug", "2", "10", TEXAS), paid=True)
    revised = revise(booked(book_order(spelled, context(), rules)), posted, context(), rules)
    assert revised.problems == ()
    assert [one.key for one in revised.entries] == [KEY]


def test_a_paid_invoice_of_another_customer_is_left_to_a_person() -> None:
    rules = by("repost")
    [sale] = booked(book_order(OWED, context(), rules))
    other = replace(OWED, buyer=replace(OWED.buyer, email="bob@example.com"))
    [wanted] = booked(book_order(other, context(standing={KEY: "invoice"}), rules))
    revised = revise([wanted], kept(sale, payment(sale)), context(), rules)
    [shown] = revised.problems
    assert (shown.code, shown.hold) == ("changed-after-posting", False)
    assert "another customer" in shown.reason
    assert list(made(revised)) == [KEY]


@pytest.mark.parametrize(
    ("number", "target", "shown"),
    [
        ("000000042", "online", "000000042R2"),
        ("000000042-1", "online", "000000042-1R2"),
        ("000000042-1", "desktop", "0000042-1R2"),
        ("100000042", "desktop", "100000042R2"),
    ],
)
def test_numbers_of_revisions_fit_and_keep_every_digit_that_tells_them_apart(
    number: str, target: str, shown: str
) -> None:
    old, new = (replace(each, number=number) for each in (MUGS, MORE))
    text = template("us_desktop" if target == "desktop" else "us_retail").replace(
        "[books]", '[books]\nchanged = "repost"'
    )
    assert follow(old, new, load(text)).entries[-1].number == shown


def test_a_number_that_cannot_be_shortened_is_held() -> None:
    old, new = (replace(each, number="12345678912") for each in (MUGS, MORE))
    text = template("us_desktop").replace("[books]", '[books]\nchanged = "repost"')
    [held] = follow(old, new, load(text)).problems
    assert (held.code, held.document, held.hold) == ("number-too-long", "order/12345678912", True)


def test_rows_of_a_revision_that_is_not_wanted_any_more_are_told_from_those_that_are() -> None:
    keys = [
        KEY,
        f"{KEY}/void",
        f"{KEY}/reversal",
        f"{KEY}/reversal/refund",
        f"{KEY}/2",
        f"{KEY}/2/reversal",
        f"{KEY}/3",
    ]
    assert stale(keys, {KEY}, ()) == keys[2:]
    assert stale(keys, {KEY, f"{KEY}/2"}, ()) == keys[5:]
    assert stale(keys, {KEY}, {f"{KEY}/2", f"{KEY}/reversal"}) == [keys[3], *keys[5:]]
    assert stale(["order/000000042-1", "payment/7"], (), ()) == []
    assert stale(["creditmemo/7/paid", "creditmemo/7/paid/2"], {"creditmemo/7/paid"}, ()) == ["creditmemo/7/paid/2"]


def test_an_address_in_another_country_is_something_the_shop_says() -> None:
    abroad = replace(MUGS, shipping_address=Address("", "", "", (), "", "", "", "", "DE", ""))
    assert said(abroad) != said(MUGS)
