"""What follows when Magento says something else of a document that is in the books: a revision, never a silent edit.

Entries are compared, not payloads: amounts by account, item and tax, customer, day. A text that changed, or rules that
changed while the shop's document did not, leave what was posted alone. By `[books] changed` the rest is shown, adjusted
by a document over the difference (`mappings.adjusting`), or reversed and posted anew under the next number.

    order/000000042                 as it was posted
    order/000000042/reversal        takes it back
    order/000000042/2               stands now; `.../2/reversal` and `.../3` follow when it changes again
"""

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Final

from mappings.adjusting import CONTRARY, adjustment, alike, difference
from mappings.booking_cancel import application, taken_back
from mappings.catalogue import problem
from mappings.checks import check_entry, with_suffix
from mappings.closing import Dated, adjusting_entry, dated
from mappings.context import Context
from mappings.entry import Because, Entry, Revision
from mappings.entry_booked import Posted
from mappings.model import ZERO, EntryKind, Problem
from mappings.records import record
from mappings.rules import Rules

BY_RULE: Final = Because("books", "changed")
TAKES_BACK: Final[Mapping[str, EntryKind]] = {**CONTRARY, "credit_memo": "invoice"}
"""A credit memo is taken back as a whole or not at all: what it lowered is owed again."""
ADJUSTABLE: Final = ("sales_receipt", "refund_receipt")
_REVISION: Final = re.compile(r"([a-z]+/[^/]+(?:/paid)?)(?=/)(?:/(\d+)(?=/|$))?(/reversal(?=/|$))?")


@record(frozen=True, slots=True)
class Revised:
    """The entries that must stand, and what a person should look at, by document."""

    entries: tuple[Entry, ...]
    problems: tuple[Problem, ...]


@record(frozen=True, slots=True)
class Chain:
    """The revisions of a document that stand: `newest` (the `number`th), and `carrier`, the newest that is a whole
    document and no adjustment: payments and credits are applied to it."""

    number: int
    newest: Posted
    carrier: Entry


def revise(entries: Sequence[Entry], posted: Mapping[str, Posted], context: Context, rules: Rules) -> Revised:
    """Entries of one order as they were booked now, made into what has to follow on what is `posted`, by key."""
    made: list[Entry] = []
    problems: list[Problem] = []
    carriers: dict[str, str] = {}
    for each in entries:
        # The sale comes first: what follows it belongs to its newest revision.
        after = _newest(each.after, carriers)
        entry = each if after == each.after else replace(each, after=after)
        chain = chain_of(entry.key, posted)
        if chain is None:
            made += (entry,) if entry.lines or entry.key in context.posted else ()  # of nothing, nothing is made
            continue
        found = _follow(entry, chain, posted, context, rules)
        if isinstance(found, Problem):
            problems.append(found)
            found = (replace(entry, key=chain.newest.entry.key),)
        made += found
        carriers[entry.key] = _carrier(found, chain)
    return Revised(tuple(_applied_anew(each, carriers, posted) for each in made), tuple(problems))


def chain_of(key: str, posted: Mapping[str, Posted]) -> Chain | None:
    """The revisions of the document with this key, None when it does not stand."""
    if key not in posted:
        return None
    number, carrier = 1, posted[key].entry
    while (following := posted.get(_key(key, number + 1))) is not None:
        number += 1
        carrier = carrier if following.adjusts else following.entry
    return Chain(number, posted[_key(key, number)], carrier)


def stale(keys: Iterable[str], posted: Container[str], made: Container[str]) -> list[str]:
    """Those of `keys` that belong to a revision which is neither posted nor among what was `made` now: Magento has
    changed again, or back, before it went out."""
    return [key for key in keys if (revision := step(key)) and revision not in posted and key not in made]


def step(key: str) -> str:
    """The revision that a document belongs to (`order/42/2` for itself, its parts and `order/42/reversal`), empty for
    one that was posted first."""
    found = _REVISION.match(key)
    if found is None or not any(found.groups()[1:]):
        return ""
    base, number, reversal = found.groups()
    return _key(base, int(number or 1) + bool(reversal))


def _follow(
    wanted: Entry, chain: Chain, posted: Mapping[str, Posted], context: Context, rules: Rules
) -> tuple[Entry, ...] | Problem:
    """What follows on a document that stands: itself when it says the same, a revision, or why there is none."""
    stands, mode = chain.newest.entry, rules.books.changed
    if stands.summary is not None:  # whom a summary is for is not of its documents
        wanted = replace(wanted, party=stands.party)
    begun = _reversal(stands.key) in posted
    standing = (replace(wanted, key=stands.key),)
    # Like the void of an invoice that nobody owes: no money moves, so no rule is asked.
    withdrawn = stands.kind == "credit_memo" and not wanted.lines
    if not begun and not withdrawn:
        if f"{wanted.key}/void" in posted or alike(stands, wanted):
            return standing
        if stands.said == wanted.said and _key(wanted.key, chain.number + 1) not in context.approved:
            return _shown(wanted, chain, rules, by_shop=False)
        if mode == "show" or wanted.kind not in CONTRARY:
            return _shown(wanted, chain, rules, by_shop=True)
    adjusted = adjustment(stands, wanted) if mode == "adjust" and not begun and not withdrawn else None
    made = _adjusted(wanted, adjusted, chain, posted, context, rules) if adjusted is not None else None
    made = made or _reposted(wanted, chain, posted, context, rules)
    if isinstance(made, Problem):
        return made
    held = next((found for each in made if (found := check_entry(each, rules)) is not None), None)
    return replace(held, document=wanted.key) if held is not None else made


def _reposted(
    wanted: Entry, chain: Chain, posted: Mapping[str, Posted], context: Context, rules: Rules
) -> tuple[Entry, ...] | Problem:
    """The contrary of what stands, and the document anew. An invoice's credit settles what is open on it; what had
    been paid goes over to the new invoice."""
    stands, number = chain.newest.entry, chain.number + 1
    words, key = difference(stands, wanted), _reversal(stands.key)
    back_on = _dated(wanted, stands.txn_date, context, rules)
    new_on = _dated(wanted, wanted.day or wanted.txn_date, context, rules)
    if isinstance(back_on, Problem):
        return back_on
    if isinstance(new_on, Problem):
        return new_on
    back = replace(
        stands,
        key=key,
        kind=TAKES_BACK[stands.kind],
        source_id=wanted.source_id,
        number=_numbered(wanted, f"X{number}", rules),
        day=stands.txn_date,
        memo=f"{wanted.memo}, takes back {stands.number}",
        lines=taken_back(stands.lines),
        applies_to=chain.carrier.key if stands.kind == "invoice" else "",
        decisions=(BY_RULE,),
        after=stands.key,
        revision=Revision(stands.key, "reversal", words),
    )
    new = replace(
        wanted,
        key=_key(wanted.key, number),
        number=_numbered(wanted, f"R{number}", rules),
        memo=f"{wanted.memo}, in place of {stands.number}",
        decisions=(BY_RULE, *wanted.decisions),
        after=f"{key} {wanted.after}".rstrip(),
        revision=Revision(stands.key, "repost", words),
    )
    back, new = _on(back, back_on, rules), _on(new, new_on, rules)
    if not wanted.lines:  # cancelled
        return (back,)
    if stands.kind == "credit_memo":
        new = replace(new, applies_to=back.key)
        return back, new, application(back, new, min(back.total, new.total))
    if stands.kind != "invoice":
        return back, new
    owed = _open(chain.carrier, posted, back.key)
    paid = min(back.total - owed, new.total)
    if paid and stands.party.key != new.party.key:
        reason = f"It was paid, or a part of it, and now belongs to another customer: {words}."
        fix = "Correct both customers' invoices and move the payment in QuickBooks by hand."
        return _problem(wanted, reason, fix, hold=False)
    first = (application(chain.carrier, back, owed),) if owed else ()
    return back, *first, new, *((application(new, back, paid, "carried"),) if paid else ())


def _adjusted(
    wanted: Entry,
    made: Entry,
    chain: Chain,
    posted: Mapping[str, Posted],
    context: Context,
    rules: Rules,
) -> tuple[Entry, ...] | Problem:
    """What stands stays, and beside it one document over the difference."""
    stands, number = chain.newest.entry, chain.number + 1
    day = _dated(wanted, wanted.day or wanted.txn_date, context, rules)
    if isinstance(day, Problem):
        return day
    key = _key(wanted.key, number)
    entry = replace(
        made,
        key=key,
        number=_numbered(wanted, f"A{number}", rules),
        memo=f"{wanted.memo}, adjusts {stands.number}",
        applies_to=chain.carrier.key if made.kind == "credit_memo" else "",
        decisions=(BY_RULE, *wanted.decisions),
        after=f"{stands.key} {wanted.after}".rstrip(),
        revision=Revision(stands.key, "adjustment", difference(stands, wanted), replace(wanted, key=key)),
    )
    entry = _on(entry, day, rules)
    standing = replace(wanted, key=stands.key)
    if entry.kind != "credit_memo":
        return standing, entry
    owed = min(_open(chain.carrier, posted, key), entry.total)
    return standing, entry, *((application(chain.carrier, entry, owed),) if owed else ())


def _dated(wanted: Entry, day: date, context: Context, rules: Rules) -> Dated | Problem:
    """When a revision is booked that belongs to `day`: its document stands there, its revision does not yet. A day that
    is summed up is dated with its summary."""
    if wanted.summary is not None:
        return Dated(day)
    found = dated(day, None, context.books, rules)
    if not isinstance(found, str):
        return found
    amount, currency = wanted.total, wanted.currency
    return problem("closed-period", wanted.key, "created_at", found, amount=amount, currency=currency)


def _on(entry: Entry, on: Dated, rules: Rules) -> Entry:
    """The entry on its day, or where a closed period asks for it, as an adjusting entry; what is owed stays."""
    clause = "" if on.clause in entry.memo else on.clause
    placed = replace(entry, txn_date=on.day, memo=f"{entry.memo}{clause}")
    return adjusting_entry(placed, rules) if on.adjusting and entry.kind in ADJUSTABLE else placed


def _numbered(wanted: Entry, suffix: str, rules: Rules) -> str:
    """The number of a revision; in a summary the shop's own, which no document of QuickBooks has."""
    return wanted.number if wanted.summary is not None else with_suffix(wanted.number, suffix, rules)


def _open(invoice: Entry, posted: Mapping[str, Posted], but: str) -> Decimal:
    """What is owed on an invoice that stands, by the payments and credits that stand; those of `but` left out."""
    settled = ZERO
    for one in posted.values():
        paid, _, credit = one.entry.applies_to.partition(" ")
        if one.entry.kind == "payment" and paid == invoice.key and credit != but:
            owed = (line.amount for line in one.entry.lines if line.role == "receivable")
            settled -= sum((amount for amount in owed if amount < 0), ZERO)
    return max(invoice.total - settled, ZERO)


def _applied_anew(entry: Entry, carriers: Mapping[str, str], posted: Mapping[str, Posted]) -> Entry:
    """An entry that is applied to a document with revisions is applied to the newest, unless it stands already."""
    applied_to = _newest(entry.applies_to, carriers)
    if applied_to == entry.applies_to or entry.key in posted or step(entry.key):
        return entry
    return replace(entry, applies_to=applied_to)


def _newest(keys: str, carriers: Mapping[str, str]) -> str:
    return " ".join(carriers.get(key, key) for key in keys.split())


def _carrier(made: Sequence[Entry], chain: Chain) -> str:
    new = (one.key for one in made if one.revision is not None and one.revision.how == "repost")
    return next(new, chain.carrier.key)


def _shown(wanted: Entry, chain: Chain, rules: Rules, *, by_shop: bool) -> Problem:
    """It stays as it was posted, and somebody may look. The fix says how it would follow."""
    stands, number = chain.newest.entry, chain.number + 1
    what = "the shop now says something else" if by_shop else "by today's rules it would be another entry"
    reason = f"{wanted.key} is in the books as {stands.number or stands.key}, and {what}: {difference(stands, wanted)}."
    fix = None
    if wanted.kind in CONTRARY and rules.books.changed == "show":
        fix = 'Correct it in QuickBooks by hand, or say changed = "repost" (or "adjust") under [books] in rules.toml.'
    elif wanted.kind in CONTRARY:
        fix = f"It stays as it was posted. To book it anew: magebooks release {_key(wanted.key, number)}"
    return _problem(wanted, reason, fix, hold=False)


def _problem(wanted: Entry, reason: str, fix: str | None, *, hold: bool) -> Problem:
    code, amount = "changed-after-posting", wanted.total
    return problem(code, wanted.key, "lines", reason, fix=fix, amount=amount, currency=wanted.currency, hold=hold)


def _key(key: str, number: int) -> str:
    return key if number == 1 else f"{key}/{number}"


def _reversal(key: str) -> str:
    return f"{key}/reversal"
