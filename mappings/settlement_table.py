"""A settlement file as a table: rows by column name, cells as amounts and days, every fault with its place.

Files come as spreadsheets save them: with or without a byte order mark, separated by commas, semicolons or tabs,
amounts with either decimal sign. A report of PayPal's, whose rows say first of what type they are, is the table that
its columns (CH) and bodies (SB) make. Error texts quote amounts, days and column names, never other cells: those hold
names and addresses.
"""

import csv
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Final, NoReturn

from mappings.model import ZERO
from mappings.settlement import Movement, SettlementError

LARGEST: Final = 200 * 1024 * 1024
AGAIN: Final = "Download the file again, and do not save it with a spreadsheet program in between."
_SEPARATORS: Final = ",;\t|"
_AMOUNT: Final = re.compile(
    r"(?P<whole>\d{1,3}(?:(?P<group>[.,])\d{3}(?:(?P=group)\d{3})*)|\d+)(?:(?P<decimal>[.,])(?P<cents>\d{1,2}))?"
)


SECTION: Final = "section account"
"""The column that such a report gets: the account that the row's section is about."""
_REPORT: Final = "RH"
_BESIDE: Final = ("RH", "FH", "SF", "SC", "RF", "RC", "CF", "FF")
"""Types of rows that tell of the file, of a section's sums and counts, and of no movement."""


@dataclass(frozen=True, slots=True)
class Cells:
    """One row of a file: `values` by the header's names in lower case, without blanks around."""

    source: str
    line: int
    values: Mapping[str, str]

    def text(self, column: str) -> str:
        """A cell, empty where the file has no such column."""
        return self.values.get(column.casefold(), "")

    def needed(self, column: str) -> str:
        """A cell that must say something."""
        return self.text(column) or self.fail(column, "is empty", AGAIN)

    def money(self, column: str) -> Decimal:
        """A signed amount in cents; an empty cell is zero."""
        text = self.text(column)
        found = _number(text) if text else ZERO
        return self.fail(column, f"{_short(text)} is no amount in cents", AGAIN) if found is None else found

    def cents(self, column: str) -> Decimal:
        """An unsigned amount that is written as a whole number of cents; an empty cell is zero."""
        text = self.text(column)
        if text and not (text.isascii() and text.isdigit()):
            self.fail(column, f"{_short(text)} is no whole number of cents", AGAIN)
        return Decimal(int(text or 0)).scaleb(-2)

    def day(self, column: str, form: str = "%Y-%m-%d") -> date:
        """A day written as `form`; a time after it is left out. Fails for anything else, an empty cell too."""
        first = self.needed(column).replace("T", " ").split(" ")[0]
        try:
            return datetime.strptime(first, form).date()  # noqa: DTZ007 a day as the processor writes it has no zone
        except ValueError:
            return self.fail(column, f"{_short(first)} is no day", AGAIN)

    def currency(self, column: str) -> str:
        """A currency as three capital letters."""
        found = self.needed(column).upper()
        if not re.fullmatch(r"[A-Z]{3}", found):
            self.fail(column, f"{_short(found)} is no currency", AGAIN)
        return found

    def agrees(self, moved: Movement, net: Decimal, column: str) -> None:
        """Fails unless the movement's gross less its fee is the net amount that the file states in a column."""
        if moved.net != net:
            reason = f"{moved.gross} less the fee of {moved.fee} is {moved.net}, and the file says {net}"
            self.fail(column, reason, "Download the file again; it may have been changed.")

    def fail(self, column: str, reason: str, fix: str) -> NoReturn:
        """Raises SettlementError with the cell's place."""
        raise SettlementError(self.source, self.line, column, reason, fix)


@dataclass(frozen=True, slots=True)
class Table:
    """A whole file: its columns in lower case, and its rows."""

    source: str
    columns: Collection[str]
    rows: tuple[Cells, ...]


def read_table(content: bytes, source: str) -> Table:
    """The rows of a file called `source`. Raises SettlementError for what is no table, or is cut off."""
    text = _decoded(content, source)
    if not text.strip():
        raise SettlementError(source, 0, "", "the file is empty", AGAIN)
    separator = max(_SEPARATORS, key=text.splitlines()[0].count)
    lines = _lines(text, separator, source)
    (_, first), *rest = lines
    if first[0].strip() == _REPORT:
        return _report(lines, source)
    columns = _names(first)
    return Table(source, frozenset(columns), tuple(_row(cells, columns, source, line) for line, cells in rest))


def _lines(text: str, separator: str, source: str) -> list[tuple[int, list[str]]]:
    """The lines that are not blank, with their numbers."""
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    try:
        return [(reader.line_num, cells) for cells in reader if any(cell.strip() for cell in cells)]
    except csv.Error as error:
        raise SettlementError(source, reader.line_num, "", f"the line is no row of a table ({error})", AGAIN) from error


def _names(cells: list[str]) -> list[str]:
    return [" ".join(cell.split()).casefold() for cell in cells]


def _report(lines: list[tuple[int, list[str]]], source: str) -> Table:
    rows: list[Cells] = []
    columns: list[str] = []
    unknown: list[tuple[int, str]] = []
    account = ""
    for line, cells in lines:
        kind = cells[0].strip()
        if kind == "SH":
            account = cells[3].strip() if len(cells) > 3 else ""
        elif kind == "CH":
            columns = _names(cells)
        elif kind == "SB":
            found = _row(cells, columns, source, line)
            rows.append(Cells(source, line, {**found.values, SECTION: account}))
        elif kind not in _BESIDE:
            unknown.append((line, kind))
    if unknown:
        named = ", ".join(dict.fromkeys(kind if re.fullmatch("[A-Z]{2}", kind) else "none" for _, kind in unknown))
        reason = f"rows of a type that is not known: {len(unknown)} ({named})"
        raise SettlementError(source, unknown[0][0], "", reason, AGAIN)
    return Table(source, frozenset(columns), tuple(rows))


def _row(cells: list[str], columns: list[str], source: str, line: int) -> Cells:
    if len(cells) < len(columns) or any(cell.strip() for cell in cells[len(columns) :]):
        reason = f"the line has {len(cells)} cells, the header {len(columns)}: the file is cut off or was changed"
        raise SettlementError(source, line, "", reason, AGAIN)
    return Cells(source, line, {name: cell.strip() for name, cell in zip(columns, cells, strict=False)})


def _decoded(content: bytes, source: str) -> str:
    if len(content) > LARGEST:
        raise SettlementError(source, 0, "", "the file is larger than 200 MB", "Download shorter periods.")
    encoding = "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
    try:
        text = content.decode(encoding)
    except UnicodeDecodeError:
        # Ids, amounts and dates are ASCII; Windows' own encoding matters for names alone, which are not used.
        text = content.decode("cp1252", errors="replace")
    if "\x00" in text:
        raise SettlementError(source, 0, "", "this is no text file", "Download the report as CSV, not as PDF or Excel.")
    return text


def _number(text: str) -> Decimal | None:
    """`-1,234.56`, `1.234,56-`, `(12.00)` as a decimal; None where that cannot be told, such as `1,234`."""
    plain = re.sub(r"[\s\u00a0\u202f']", "", text).replace("\u2212", "-")
    minus = plain.startswith(("-", "(")) or plain.endswith("-")
    found = _AMOUNT.fullmatch(plain.strip("+-()"))
    if found is None:
        return None
    whole, group, decimal, cents = found["whole"], found["group"], found["decimal"], found["cents"] or ""
    if group and (group == decimal or (not decimal and whole.count(group) == 1)):
        return None
    value = Decimal(f"{re.sub('[.,]', '', whole)}.{cents:0<2}")
    return -value if minus else value


def _short(text: str) -> str:
    return f'"{text[:20]}"'
