"""The HTML report of one run: a single file, nothing loaded from elsewhere, no personal data beyond order numbers."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined


@dataclass(frozen=True, slots=True)
class Cause:
    """Documents held or refused for one reason. `amounts` are ready to print (`1,204.50 USD`); `waits` are sentences
    about what waits behind them, each with the numbers that it is about."""

    title: str
    reason: str
    fix: str
    documents: int
    amounts: str
    numbers: tuple[str, ...]
    waits: tuple[tuple[str, tuple[str, ...]], ...] = ()


@dataclass(frozen=True, slots=True)
class Balance:
    """Store against books in one currency, in that currency's units."""

    currency: str
    store: Decimal
    books: Decimal

    @property
    def difference(self) -> Decimal:
        return self.store - self.books


@dataclass(frozen=True, slots=True)
class Report:
    """All that the page shows. `scope` says which documents (`1 Nov 2026 to 8 Nov 2026`); `kinds` are kinds of
    document with their number; `behind` is how many documents wait behind refused or held ones; `facts` are
    label and value pairs for the last table."""

    title: str
    scope: str
    run: str
    finished: datetime
    landed: int
    posted: int
    on_its_way: int
    needs_you: int
    left_out: int
    balances: tuple[Balance, ...] = ()
    kinds: Sequence[tuple[str, int]] = ()
    causes: Sequence[Cause] = ()
    facts: Sequence[tuple[str, str]] = field(default_factory=tuple)
    behind: int = 0

    @property
    def agrees(self) -> bool:
        """Store and books are equal in every currency."""
        return all(not balance.difference for balance in self.balances)


def render(report: Report) -> str:
    """The whole page as text. Every value is escaped: shops name things as they like."""
    environment = Environment(
        loader=PackageLoader("deploy", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["money"] = lambda amount: f"{amount:,.2f}"
    return environment.get_template("report.html.jinja").render(report=report)


def write(directory: Path, report: Report) -> Path:
    """Write `run-<id>.html` into `directory` and return its path."""
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    path = directory / f"run-{re.sub(r'[^A-Za-z0-9_-]', '-', report.run)}.html"
    path.write_text(render(report), encoding="utf-8")
    return path
