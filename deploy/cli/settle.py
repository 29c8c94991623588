"""`magebooks settle`: payouts of payment processors into the books."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

from cyclopts import Parameter
from rich.console import RenderableType
from rich.text import Text

from deploy.cli import running, summary, words
from deploy.cli.opened import engine_of, rules_of, settings_of
from deploy.cli.session import Answer, Failure, Given

if TYPE_CHECKING:
    from mappings.settlement import Settlement
    from state.ledger import Connection
    from state.settings import Settings

Target = Literal["online", "desktop"]


def settle(
    *files: Annotated[Path, Parameter(help="Files of PayPal, Stripe, Adyen or Braintree, as they offer them.")],
    target: Annotated[Target | None, Parameter(help="Which QuickBooks. Default: what the rules name.")] = None,
    session: Given,
) -> Answer:
    """Book each payout in processors' files: clearing account to bank, less fees and chargebacks."""
    settings = settings_of(session)
    rules_of(settings, target)
    names = [str(_there(file)) for file in files]
    if not names:
        raise Failure("usage", "Say which files.", "See: magebooks settle --help")
    from tasks.settlements import read_files

    found = read_files(names)
    running.prepare(session, settings.home)
    from flows.settlements import settlements

    work: Any = settlements(files=names, home=str(settings.home), target=target)
    run_id = str(running.carry_out(session, work))
    return _answer(settings, run_id, found, session.home, [f"{file}" for file in files])


def _there(file: Path) -> Path:
    if not file.is_file():
        raise Failure("missing-file", f"{file} does not exist.", "Name files that the processor offers as CSV.")
    return file.resolve()


def _answer(
    settings: Settings, run_id: str, found: Sequence[Settlement], home: Path | None, files: Sequence[str]
) -> Answer:
    from deploy.cli.sync import run_counts
    from mappings.catalogue import CATALOGUE
    from state import ledger

    counts = run_counts(settings, run_id)
    with engine_of(settings) as engine, ledger.reading(engine) as conn:
        payouts = [_payout(conn, one) for one in {one.key: one for one in found}.values()]
    titles = {code: cause.title for code, cause in CATALOGUE.items()}
    again = f"magebooks settle {shlex.join(files)}"
    told: tuple[RenderableType, ...] = (*map(_told, payouts), *summary.text(counts, titles, home, again))
    return Answer(summary.data(counts) | {"payouts": payouts}, told, summary.status(counts))


def _payout(conn: Connection, one: Settlement) -> dict[str, Any]:
    """A payout and where it stands; amounts as text."""
    from state import outbox, problems

    row = outbox.get(conn, one.key)
    open_problems = problems.open_problems(conn, document=one.key)
    held = any(each.problem.hold for each in open_problems)
    return {
        "key": one.key,
        "processor": one.processor,
        "payout": one.payout_id,
        "date": one.day.isoformat() if one.day else None,
        "currency": one.currency,
        "amount": f"{one.payout:.2f}",
        "fees": f"{one.fees:.2f}",
        "rows": len(one.rows),
        "status": row.status if row else "held" if held else "skipped",
        "problems": [{"code": each.problem.code, "reason": each.problem.reason} for each in open_problems],
    }


def _told(payout: dict[str, Any]) -> Text:
    return Text("\n".join(_lines(payout)), style="yellow" if payout["problems"] else "default")


def _lines(payout: dict[str, Any]) -> Iterator[str]:
    if payout["date"] is None:
        yield f"{payout['processor']}: {words.count(payout['rows'], 'row')} in {payout['currency']} not paid out yet"
        return
    money = f"{words.money(payout['amount'], payout['currency'])}, fees {words.money(payout['fees'])}"
    state = words.state(payout["status"])
    yield f"{payout['processor']} payout {payout['payout']} of {payout['date']}: {money}. {state}"
    for each in payout["problems"]:
        yield f"  {each['reason']}"
