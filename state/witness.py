"""Witnesses outside the ledger: two small files that repeat how often the ledger has handed documents out.

A ledger that is restored from a backup has forgotten what it handed out since, and would hand it out again. Its
witnesses have not: one lies beside it in the home, the other in the user's state directory, which stays as it is when
the whole home is restored. They are written after the ledger's commit and before anything is sent:

    the ledger is ahead          -> fine: a process died before it sent anything, or another machine works as well
    a witness is ahead, or is of another ledger that has sent something      -> the ledger was restored
    there is none, or only one that was copied here, and the ledger has sent -> moved or upgraded, or nobody knows

Then every document that waits, and those of earlier days that are queued later, are looked up in QuickBooks first. The
files are not flushed to disk one by one: one that is lost or cut short is none, and costs look-ups at most.
"""

import json
import logging
import os
import time
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from state import identity
from state.identity import Standing
from state.ledger import Ledger, begin
from state.outbox_doubts import look_up_first

FILE: Final = "ledger.witness"
RESTORED, UNSEEN = "restored", "unseen"
WORDS: Final = {
    RESTORED: "This ledger was restored from a backup",
    UNSEEN: "This ledger has sent documents that this machine did not see",
}
A_MOMENT: Final = 5.0
"""Seconds between writing a witness and giving it its name; a copy bears its name since it was copied."""
_log = logging.getLogger("magebooks.ledger")


@dataclass(frozen=True, slots=True)
class Seen:
    """What one witness says. `copied`: this file is not the one that was written, but a copy of it."""

    standing: Standing
    copied: bool


def examine(ledger: Ledger, home: Path, now: datetime) -> None:
    """Before a run or a session hands documents out: notice a restored ledger, and have documents looked up."""
    with begin(ledger) as conn:
        standing = identity.standing(conn, now)
        beside, apart = (_read(path) for path in _places(home, standing.ledger))
        identity.clamp(conn, now)
        if reason := _doubt(standing, beside, apart):
            above = max(seen.standing.count for seen in (beside, apart, Seen(standing, False)) if seen)
            identity.noticed(conn, reason, above, now)
            look_up_first(conn)
            _log.warning("%s: what waits is looked up in QuickBooks before it is sent.", WORDS[reason])
    attest(ledger, home, now)


def attest(ledger: Ledger, home: Path, now: datetime) -> None:
    """Let the witnesses know what the ledger has handed out: after its commit, and before it is sent."""
    with begin(ledger) as conn:  # no other process writes them meanwhile, so that none is set back
        standing = identity.standing(conn, now)
        for path in _places(home, standing.ledger):
            seen = _read(path)
            if path and (seen is None or seen.copied or _behind(seen.standing, standing)):
                with suppress(OSError):
                    _write(path, standing)


def _behind(witness: Standing, standing: Standing) -> bool:
    return witness.ledger != standing.ledger or witness.count < standing.count


def _doubt(standing: Standing, beside: Seen | None, apart: Seen | None) -> str:
    """Why documents of this ledger may be in QuickBooks without its knowledge; empty when they cannot be."""
    if beside and beside.standing.ledger != standing.ledger:
        if beside.standing.count:
            return RESTORED
        beside = None
    if any(seen.standing.count > standing.count for seen in (beside, apart) if seen):
        return RESTORED
    unseen = apart is None and (beside is None or beside.copied)
    return UNSEEN if unseen and standing.count else ""


def _places(home: Path, ledger_id: str) -> tuple[Path, Path | None]:
    """Beside the ledger, and apart from it; None for a user without a home directory."""
    # XDG Base Directory Specification: a relative XDG_STATE_HOME is to be ignored.
    state = Path(os.environ.get("XDG_STATE_HOME", ""))
    if not state.is_absolute():
        try:
            state = Path.home() / ".local" / "state"
        except RuntimeError:
            return home / FILE, None
    return home / FILE, state / "magebooks" / f"{ledger_id}.json"


def _read(path: Path | None) -> Seen | None:
    """What a witness says; None where there is none, or none that can be read."""
    if path is None:
        return None
    try:
        about = path.stat()
        found = json.loads(path.read_text(encoding="utf-8"))
        same = found["file"] == about.st_ino and abs(about.st_ctime - found["written"]) <= A_MOMENT
        return Seen(Standing(str(found["ledger"]), int(found["count"])), not same)
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _write(path: Path, standing: Standing) -> None:
    """Replace a witness as a whole, readable by its owner alone. Raises OSError."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    with suppress(FileNotFoundError):
        draft.unlink()
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w", encoding="utf-8") as file:
        about = {"file": os.fstat(file.fileno()).st_ino, "written": time.time()}
        file.write(json.dumps({"ledger": standing.ledger, "count": standing.count, **about}))
    draft.replace(path)
