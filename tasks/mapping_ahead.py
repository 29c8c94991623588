"""Pages of orders, read and begun to be mapped before their turn: of many orders by a process of its own.

Python works on one processor only. The process is started by hand, for `multiprocessing` would import the main module
in it once more, and with it all of Prefect.
"""

import gc
import logging
import subprocess
import sys
from collections.abc import Generator, Iterator
from contextlib import closing, contextmanager, suppress
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Final, NamedTuple

from mappings import rules as rules_file
from mappings.keys import Symbol
from state import ledger, staging
from state.ledger import Ledger
from state.settings import Settings
from tasks.mapped import Begun, Terms, map_orders
from tasks.pages import SIZE, CommonContext, Page, Wanted, orders_of, pages
from tasks.paging import ahead, uncollected

MANY: Final = 2_000
"""From so many orders on a second process is worth its start."""
FIRST: Final = 1_000
"""So many the first process maps alone, while the second one starts."""
SHARE: Final = 0.5
"""How much of each page it maps, and reads all of them; the first process maps the rest, and writes."""
MEMORY: Final = "32MB"  # a quarter of the usual, for there are two processes

log = logging.getLogger(__name__)
Prepared = tuple[Page, Begun | None]


class _Job(NamedTuple):
    """What the second process needs to know, so that it can be sent: rules as their text, name and target."""

    staging: Path
    ledger: str
    wanted: Wanted
    common: CommonContext
    run: str
    rules: tuple[str, str, rules_file.Target]
    known: frozenset[Symbol]


@contextmanager
def prepared(
    settings: Settings, engine: Ledger, wanted: Wanted, common: CommonContext, terms: Terms
) -> Iterator[Iterator[Prepared]]:
    """The pages of the orders that are wanted, one at a time, with what has been mapped of them already."""
    if len(wanted.order_ids) < MANY:
        with closing(_read(settings.staging_path, engine, wanted)) as coming:
            yield coming
        return
    rules = (terms.rules.text, terms.rules.source, terms.rules.books.target)
    job = _Job(settings.staging_path, settings.ledger_url, wanted, common, terms.run, rules, terms.known)
    with _second_process() as pipe, closing(_received(pipe, job, engine)) as coming:
        yield coming


@contextmanager
def _second_process() -> Iterator[Connection]:
    """A process that waits for a job at the other end of a pipe, and ends when this end is closed."""
    ours, theirs = Pipe()
    with theirs:
        command = [sys.executable, "-P", "-m", __name__, str(theirs.fileno())]
        # Ctrl-C is for the process that writes; what goes wrong there it meets again itself, and tells it in its way.
        process = subprocess.Popen(  # noqa: S603 # ourselves
            command, pass_fds=[theirs.fileno()], start_new_session=True, stderr=subprocess.DEVNULL
        )
    with process, ours:
        yield ours


def _read(path: Path, engine: Ledger, wanted: Wanted) -> Generator[Prepared]:
    with staging.open(path) as store:
        for page in pages(store, engine, wanted):
            yield page, None


def _received(pipe: Connection, job: _Job, engine: Ledger) -> Generator[Prepared]:
    """What the other process prepares, after the first orders; when it is gone, for want of memory perhaps, the rest is
    read here."""
    wanted = job.wanted
    yield from _read(job.staging, engine, wanted._replace(order_ids=wanted.order_ids[:FIRST]))
    rest = wanted.order_ids[FIRST:]
    try:
        pipe.send(job._replace(wanted=wanted._replace(order_ids=rest)))
        while (page := pipe.recv()) is not None:
            yield page
            rest = rest[SIZE:]
    except (EOFError, OSError):
        log.warning("The process that reads ahead has ended: mapping goes on without it, and takes longer.")
        yield from _read(job.staging, engine, wanted._replace(order_ids=rest))


def _serve(pipe: Connection) -> None:
    """Do a job that comes through a pipe."""
    job: _Job = pipe.recv()
    terms, engine = Terms(job.run, rules_file.load(*job.rules), job.known), ledger.connect(job.ledger)
    gc.freeze()  # what is loaded stays
    with staging.open(job.staging, memory=MEMORY) as store:
        begun = ((page, _begin(page, engine, job.common, terms)) for page in pages(store, engine, job.wanted))
        with closing(ahead(begun)) as coming:
            for page in coming:
                pipe.send(page)
    pipe.send(None)


@uncollected()
def _begin(page: Page, engine: Ledger, common: CommonContext, terms: Terms) -> Begun:
    """Map the first orders of a page by what the ledger says before its turn."""
    with ledger.reading(engine) as conn:
        orders, _ = orders_of(conn, page, common, terms.rules.hash)
    first = orders._replace(families=orders.families[: int(len(orders.families) * SHARE)])
    return Begun(first, map_orders(first, terms))


if __name__ == "__main__":
    with suppress(EOFError, OSError), Connection(int(sys.argv[1])) as end:
        _serve(end)
