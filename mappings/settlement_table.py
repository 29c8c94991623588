"""A settlement file as a table: rows by column name, cells as amounts and days, every fault with its place.

Files come as spreadsheets save them: with or without a byte order mark, separated by commas, semicolons or tabs,
amounts with either decimal sign. Error texts quote amounts, days and column names, never other cells: those hold
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
        return self.text(column) or self._fail(column, "is empty", AGAIN)

    def money(self, column: str) -> Decimal:
        """A signed amount in cents; an empty cell is zero."""
        text = self.text(column)
        found = _number(text) if text else ZERO
        return self._fail(column, f"{_short(text)} is no amount in cents", AGAIN) if found is None else found

    def day(self, column: str, form: str = "%Y-%m-%d") -> date:
        """A day written as `form`; a time after it is left out. Fails for anything else, an empty cell too."""
        first = self.needed(column).replace("T", " ").split(" ")[0]
        try:
            return datetime.strptime(first, form).date()  # noqa: DTZ007 a day as the processor writes it has no zone
        except ValueError:
            return self._fail(column, f"{_short(first)} is no day", AGAIN)

    def currency(self, column: str) -> str:
        """A currency as three capital letters."""
        found = self.needed(column).upper()
        if not re.fullmatch(r"[A-Z]{3}", found):
            self._fail(column, f"{_short(found)} is no currency", AGAIN)
        return found

    def agrees(self, moved: Movement, net: Decimal, column: str) -> None:
        """Fails unless the movement's gross less its fee is the net amount that the file states in a column."""
        if moved.net != net:
            reason = f"{moved.gross} less the fee of {moved.fee} is {moved.net}, and the file says {net}"
            self._fail(column, reason, "Download the file again; it may have been changed.")

    def _fail(self, column: str, reason: str, fix: str) -> NoReturn:
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
    reader = csv.reader(text.splitlines(keepends=True), delimiter=separator, strict=True)
    rows: list[Cells] = []
    columns: list[str] = []
    try:
        for cells in reader:
            if not columns:
                columns = [cell.strip().casefold() for cell in cells]
            elif any(cell.strip() for cell in cells):
                rows.append(_row(cells, columns, source, reader.line_num))
    except csv.Error as error:
        raise SettlementError(source, reader.line_num, "", f"the line is no row of a table ({error})", AGAIN) from error
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
