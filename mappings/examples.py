"""Examples that a bookkeeper keeps: an order, and the entries that the rules must make of it.

One small TOML file for each, readable and without personal data: keys, accounts, items, amounts. Like the history of
`mappings.coverage`, an example is booked as if nothing were posted yet.
"""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from typing import Any, Final

from mappings.booking import book_invoice, book_order, holds_its_money
from mappings.booking_memo import book_credit_memo
from mappings.compare_entries import HEAD, EntryChange, Kept, KeptLine, compare_all, keep
from mappings.context import Context
from mappings.model import CreditMemo, Invoice, Order, Problem
from mappings.rules import Rules
from mappings.rules_findings import short

TOP: Final = """\
# An example: what the rules must make of this order. `magebooks rules check` runs it.
# After a change that is meant: magebooks rules accept NAME
"""
_AMOUNTS: Final = ("total", "tax")


class ExampleError(ValueError):
    """An example's file that cannot be used; the text says why, without its name."""


@dataclass(frozen=True, slots=True)
class Example:
    """`order` is the order's number; `changed_at` when the shop last changed it before it was kept (ISO, UTC)."""

    order: str
    changed_at: str
    entries: tuple[Kept, ...]


def make_example(
    order: Order, invoices: Iterable[Invoice], context: Context, rules: Rules, memos: Iterable[CreditMemo] = ()
) -> Example | Problem:
    """The example of an order, its Magento invoices and its credit memos under `rules`, or the first thing that would
    hold it."""
    fresh = replace(context, books=replace(context.books, close_date=None), standing={}, approved=frozenset())
    booked = book_order(order, fresh, rules)
    entries = list(booked) if isinstance(booked, tuple) else []
    if isinstance(booked, Problem):
        return booked
    if not holds_its_money(booked, rules):
        for invoice in invoices:
            paid = book_invoice(invoice, order, fresh, rules, entries)
            if isinstance(paid, Problem):
                return paid
            entries += paid if isinstance(paid, tuple) else ()
    for memo in memos:
        back = book_credit_memo(memo, order, entries, fresh, rules)
        if isinstance(back, Problem):
            return back
        entries += back if isinstance(back, tuple) else ()
    return Example(order.number, order.updated_at.isoformat(), tuple(keep(entry) for entry in entries))


def changes(old: Example, new: Example) -> tuple[EntryChange, ...]:
    """What `new` books otherwise than `old`, entry by entry; empty where nothing changes."""
    return compare_all(old.entries, new.entries)


def write_example(example: Example) -> str:
    """The text of an example's file."""
    parts = [TOP, f"version = 1\norder = {_quoted(example.order)}\nchanged_at = {_quoted(example.changed_at)}\n"]
    for entry in example.entries:
        head = [f"{name} = {_value(getattr(entry, name))}" for name in HEAD if getattr(entry, name) != ""]
        lines = [f"  {{ {_line(line)} }},\n" for line in entry.lines]
        parts.append(
            "\n".join(["\n[[entry]]", f"key = {_quoted(entry.key)}", *head, f"lines = [\n{''.join(lines)}]\n"])
        )
    return "".join(parts)


def read_example(text: str) -> Example:
    """Read what `write_example` wrote, perhaps edited by hand. Raises ExampleError."""
    try:
        data = tomllib.loads(text, parse_float=Decimal)
        if data["version"] != 1:
            raise ExampleError(f"version {data['version']} is not known here; this is version 1")
        entries = tuple(map(_entry, data.get("entry", ())))
        return Example(_text(data["order"]), _text(data["changed_at"]), entries)
    except KeyError as error:
        raise ExampleError(f"{error} is missing") from error
    except (TypeError, AttributeError) as error:
        raise ExampleError("holds a name or a value that does not belong there") from error
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise ExampleError(str(error)) from error


def _entry(data: Mapping[str, Any]) -> Kept:
    values: dict[str, Any] = {name: _text(value) for name, value in data.items() if name not in (*_AMOUNTS, "lines")}
    values |= {name: _amount(data[name]) for name in _AMOUNTS}
    lines = [
        KeptLine(_text(line["role"]), _text(line["account"]), _amount(line["amount"]), _text(line.get("item", "")))
        for line in data["lines"]
    ]
    return Kept(**values, lines=tuple(lines))


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise ExampleError(f"{short(value)} must be a text in quotes")
    return value


def _amount(value: object) -> Decimal:
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite():
        raise ExampleError(f"{short(value)} must be an amount without quotes")
    return Decimal(value)


def _line(line: KeptLine) -> str:
    named: dict[str, str | Decimal] = {"account": line.account, "amount": line.amount, "role": line.role}
    if line.item:
        named["item"] = line.item
    return ", ".join(f"{name} = {_value(value)}" for name, value in named.items())


def _value(value: str | Decimal) -> str:
    return f"{value:.2f}" if isinstance(value, Decimal) else _quoted(value)


def _quoted(text: str) -> str:
    """A TOML text in one line; control characters are escaped."""
    plain = text.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if c.isprintable() or ord(c) > 0x9F else f"\\u{ord(c):04x}" for c in plain) + '"'
