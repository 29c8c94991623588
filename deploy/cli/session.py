"""What every command is given, and what it hands back.

A command returns an `Answer`: data for `--json` and renderables for a person; `deploy.cli` prints exactly one of the
two. A command that cannot go on raises `Failure`. Nothing else prints to stdout.
"""

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from enum import IntEnum
from pathlib import Path
from typing import Annotated, TypeAlias

from cyclopts import Parameter
from rich.console import Console, RenderableType


class Exit(IntEnum):
    """The exit statuses (also in `magebooks help exit-codes`)."""

    DONE = 0
    LOOK = 1
    USAGE = 2
    CONNECTION = 3
    LATER = 4
    INTERRUPTED = 130


class Failure(Exception):
    """The command cannot go on. `code` is for programs, `message` and `fix` are sentences, `status` the exit status."""

    def __init__(self, code: str, message: str, fix: str, status: Exit = Exit.USAGE) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.fix = fix
        self.status = status


@dataclass(frozen=True, slots=True)
class Answer:
    """A command's result: `data` is the JSON object (amounts as strings), `text` what a person reads."""

    data: Mapping[str, object]
    text: tuple[RenderableType, ...]
    status: Exit = Exit.DONE


@dataclass(frozen=True, slots=True)
class Options:
    """The switches that every command has."""

    home: Path | None = None
    json: bool = False
    no_input: bool = False
    quiet: bool = False
    verbose: bool = False
    debug: bool = False


@dataclass(frozen=True, slots=True)
class Session:
    """The options of this call and the two consoles. `out` is stdout (the result), `err` stderr (all else)."""

    options: Options
    out: Console
    err: Console

    @property
    def home(self) -> Path | None:
        """The home directory named on the command line; None leaves it to the environment."""
        return self.options.home

    @property
    def interactive(self) -> bool:
        """True when a person can be asked: a terminal on both ends, and neither `--no-input` nor `--json`."""
        asked_not_to = self.options.no_input or self.options.json
        return not asked_not_to and sys.stdin.isatty() and sys.stderr.isatty()

    def say(self, text: RenderableType) -> None:
        """Tell what is going on, on stderr; `-q` silences it."""
        if not self.options.quiet:
            self.err.print(text)

    def detail(self, text: RenderableType) -> None:
        """Tell more, on stderr, with `-v` only."""
        if self.options.verbose:
            self.err.print(text, style="dim")

    def confirm(self, question: str) -> bool:
        """Ask y/N on stderr. The caller checks `interactive` first; an empty line means no."""
        self.err.print(f"{question} [y/N] ", end="")
        return sys.stdin.readline().strip().lower() in {"y", "yes"}


Given: TypeAlias = Annotated[Session, Parameter(parse=False)]


def open_session(options: Options) -> Session:
    """Consoles that colour on terminals only and obey NO_COLOR, TERM=dumb and FORCE_COLOR (rich does)."""
    width = None if sys.stdout.isatty() else int(os.environ.get("COLUMNS", "120"))
    out = Console(highlight=False, soft_wrap=not sys.stdout.isatty(), width=width, markup=False, emoji=False)
    err = Console(stderr=True, highlight=False, markup=False, emoji=False, soft_wrap=not sys.stderr.isatty())
    return Session(options, out, err)
