"""`magebooks retry` and `magebooks release`: documents that a person sends on."""

from __future__ import annotations

import getpass
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter
from rich.text import Text

from deploy.cli import words
from deploy.cli.opened import engine_of, settings_of
from deploy.cli.session import Answer, Failure, Given, Session

if TYPE_CHECKING:
    from state.ledger import Connection


def retry(
    *keys: Annotated[str, Parameter(help="Documents, such as order/000000042, or an order's or a summary's number.")],
    all_: Annotated[
        bool, Parameter("--all", negative="", help="Everything that QuickBooks rejected, or may have.")
    ] = False,
    session: Given,
) -> Answer:
    """Try documents again that QuickBooks rejected, or may have: those are looked up first."""
    if bool(keys) == all_:
        raise Failure("usage", "Say which documents, or --all.", "Which there are: magebooks held")
    from state import audit, ledger, outbox

    settings, now = settings_of(session), datetime.now(UTC)
    with engine_of(settings) as engine, ledger.begin(engine) as conn:
        chosen = None if all_ else [key for given in keys for key in _keys(conn, given)]
        retried = outbox.retry(conn, chosen, now)
        audit.write(conn, [audit.Line(who(), "", "retry", key, "ready") for key in retried], now)
    if not retried and keys:
        raise Failure("nothing-refused", f"QuickBooks rejected none of {', '.join(keys)}.", "Look: magebooks held")
    told = Text(f"{words.count(len(retried), 'document')} will be sent again.")
    return Answer({"retried": retried}, (told, _next(session)) if retried else (Text("QuickBooks rejected nothing."),))


def release(
    key: Annotated[str, Parameter(help="The held document, such as order/000000042, or an order's number.")],
    *,
    session: Given,
) -> Answer:
    """Let a document through that a review rule holds, or the revision (order/000000042/2) of a posted one, which other
    rules would book otherwise."""
    from state import audit, ledger, problems

    settings, now = settings_of(session), datetime.now(UTC)
    document = key if "/" in key else f"order/{key}"
    with engine_of(settings) as engine, ledger.begin(engine) as conn:
        codes = [one.problem.code for one in problems.open_problems(conn, document=document, hold=True)]
        if not any(code in RELEASABLE for code in codes):
            held, codes = codes, _shown(conn, document)
            if not codes:
                raise _not_releasable(document, held)
        problems.approve(conn, document, who(), now)
        audit.write(conn, [audit.Line(who(), "", "release", document, "approved", code=code) for code in codes], now)
    told = Text(f"{document} is released.")
    return Answer({"released": document, "was_held_for": codes}, (told, _next(session)))


def _next(session: Session) -> Text:
    return words.hints([("magebooks sync", "sends what is released or retried")], session.home)


RELEASABLE = ("review", "edited-order", "customer-alike")
"""Problems that are a question to a person; every other one is a fact that has to be mended."""
CHANGED = "changed-after-posting"
_REVISION = re.compile(r"([a-z]+/[^/]+)/\d+")


def _shown(conn: Connection, document: str) -> list[str]:
    """The code for which a posted document is shown, when `document` is its revision."""
    from state import problems

    base = _REVISION.fullmatch(document)
    found = problems.open_problems(conn, document=base[1], hold=False) if base else []
    return [one.problem.code for one in found if one.problem.code == CHANGED]


def _not_releasable(document: str, codes: list[str]) -> Failure:
    if not codes:
        return Failure("not-held", f"{document} is not held.", "What is: magebooks held")
    from mappings.catalogue import CATALOGUE

    why = "; ".join(CATALOGUE[code].title if code in CATALOGUE else code for code in codes)
    reason = f"{document} is on hold: {why}. release only approves documents held by a review rule."
    return Failure("not-releasable", reason, "What to do about it: magebooks held")


def _keys(conn: Connection, given: str) -> list[str]:
    """A key stands for itself, a summary's number for it, an order's number for all its documents."""
    from state import outbox, summaries

    if "/" in given:
        return [given]
    if (summed := summaries.find(conn, given)) is not None:
        return [summed.key]
    return [row.key for row in outbox.rows(conn, ("rejected", "unknown"), order_key=f"order/{given}")]


def who() -> str:
    """The person at the keyboard, for the audit trail."""
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        return "unknown"
