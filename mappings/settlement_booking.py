"""A payout becomes one entry: the bank gets the net amount, the processor its fees, and the clearing account returns
by what its sales and refunds had brought.

    Dr bank   Dr fees   Dr chargebacks   Cr clearing (sales, less refunds)

It is a deposit, which the bank feed matches. When the processor collects money instead, or pays out nothing, there is
nothing to deposit: the same lines are a journal entry, which the withdrawal in the bank feed matches.

Reserves and corrections go to an account of their own, so that nothing lands in the result unseen.
"""

from decimal import Decimal

from mappings.catalogue import problem
from mappings.checks import check_entry
from mappings.closing import Stands, adjusting_entry, dated
from mappings.context import Books
from mappings.decide import decide
from mappings.entry import Because, Entry, EntryLine, Party, Role, debits
from mappings.facts import settlement_facts
from mappings.model import ZERO, Problem, Waiting
from mappings.rules import Rules, SettlementRow
from mappings.settlement import PROCESSORS, Kind, Settlement


def book_settlement(
    settlement: Settlement, books: Books, rules: Rules, stands: Stands | None = None
) -> tuple[Entry, ...] | Problem | Waiting:
    """The entry of one payout, which may stand in QuickBooks already.

    Waiting while the processor has not paid out; a Problem where it cannot be booked safely: rows that do not add up,
    another currency, a closed period, no rule."""
    if settlement.day is None or not settlement.payout_id:
        amount = f"{settlement.difference:.2f} {settlement.currency}"
        number = len(settlement.rows)
        rows = "1 row" if number == 1 else f"{number:,} rows"
        return Waiting(settlement.key, f"{rows} over {amount} not paid out yet in this file.")
    row = decide(settlement_facts(settlement.processor, settlement.currency), rules.settlement).row
    held = _unfit(settlement, books, row)
    if held is not None or row is None:
        return held or _no_rule(settlement)
    found = dated(settlement.day, stands, books, rules)
    if isinstance(found, str):
        return _held("closed-period", settlement, "date", found)
    because = Because("settlement", row.id)
    lines = _lines(settlement, row, because, rules)
    if not any(line.amount for line in lines):
        return Waiting(settlement.key, "No money moved.")
    deposited = settlement.payout > ZERO
    entry = Entry(
        key=settlement.key,
        kind="deposit" if deposited else "journal",
        source_id=0,
        number="",
        txn_date=found.day,
        currency=settlement.currency,
        party=Party(f"processor:{settlement.processor}", PROCESSORS[settlement.processor]),
        total=settlement.payout if deposited else debits(lines),
        tax=ZERO,
        lines=lines,
        memo=f"{_memo(settlement)}{found.clause}",
        deposit_account=rules.account(row.bank) if deposited else "",
        decisions=(because,),
        exchange_rate=Decimal(row.rate) if row.rate and settlement.currency != books.home_currency else None,
    )
    if found.adjusting and deposited:
        entry = adjusting_entry(entry, rules)
    return check_entry(entry, rules) or (entry,)


def _memo(settlement: Settlement) -> str:
    collected = ", collected from the bank" if settlement.payout < ZERO else ""
    return f"{PROCESSORS[settlement.processor]} payout {settlement.payout_id}{collected}"


def _lines(settlement: Settlement, row: SettlementRow, because: Because, rules: Rules) -> tuple[EntryLine, ...]:
    def line(role: Role, account: str, amount: Decimal, words: str) -> EntryLine:
        return EntryLine(role, rules.account(account), amount, because, (words,), description=words)

    parts: list[tuple[Kind, Role, str]] = [
        ("sale", "clearing", row.clearing),
        ("refund", "clearing", row.clearing),
        ("chargeback", "cost", row.chargebacks),
        ("adjustment", "cost", row.adjustments),
    ]
    found = [
        line(role, account, -settlement.gross(kind), _count(kind, len(settlement.each(kind))))
        for kind, role, account in parts
        if settlement.gross(kind)
    ]
    if settlement.fees:
        found.append(line("cost", row.fees, settlement.fees, "fees"))
    return (line("money", row.bank, settlement.payout, f"payout {settlement.payout_id}"), *found)


def _count(kind: Kind, number: int) -> str:
    return f"{number:,} {kind}{'' if number == 1 else 's'}"


def _unfit(settlement: Settlement, books: Books, row: SettlementRow | None) -> Problem | None:
    if settlement.difference:
        made = settlement.payout + settlement.difference
        reason = f"The rows make {made:.2f}, the payout is {settlement.payout:.2f}: {settlement.difference:.2f} apart."
        return _held("settlement-differs", settlement, "net", reason, settlement.difference)
    if books.home_currency and settlement.currency != books.home_currency:
        held = _foreign(settlement, books, row)
        if held is not None:
            return held
    if row is not None and not row.adjustments and settlement.each("adjustment"):
        reason = f"{_count('adjustment', len(settlement.each('adjustment')))} and no account for them."
        fix = "Name an account as `adjustments` in this [[settlement]] row of rules.toml, then settle the file again."
        return _held("no-rule", settlement, f'settlement "{row.id}", adjustments', reason, fix=fix)
    return None


def _foreign(settlement: Settlement, books: Books, row: SettlementRow | None) -> Problem | None:
    """A payout in a foreign currency needs a rate by rule, and QuickBooks' multicurrency."""
    reason = f"The payout is in {settlement.currency}, the books are kept in {books.home_currency}"
    if not books.multicurrency:
        return _held("currency-differs", settlement, "currency", f"{reason}.", fix="Record this payout by hand.")
    if row is None or not row.rate:
        rate = f"a rate: {books.home_currency} for one {settlement.currency}"
        fix = (
            f'Add a [[settlement]] row for settlement.currency = "{settlement.currency}" to rules.toml, with accounts '
            f"of that currency and {rate}. Then settle the file again."
        )
        return _held("exchange-rate-unknown", settlement, "currency", f"{reason}, and no row has a rate.", fix=fix)
    return None


def _no_rule(settlement: Settlement) -> Problem:
    reason = f"No [[settlement]] row fits payouts of {PROCESSORS[settlement.processor]} in {settlement.currency}."
    fix = "Add a [[settlement]] row to rules.toml that names the accounts, then settle the file again."
    return _held("no-rule", settlement, "settlement", reason, fix=fix)


def _held(
    code: str, settlement: Settlement, field: str, reason: str, amount: Decimal | None = None, fix: str | None = None
) -> Problem:
    at_stake = settlement.payout if amount is None else amount
    return problem(code, settlement.key, field, reason, fix=fix, amount=at_stake, currency=settlement.currency)
