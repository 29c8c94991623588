"""Backups of a desk's ledger or home, and what a restore leaves: the company file and the shop stay as they are."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from deploy.gateway.server import Gateway
from deploy.gateway.session import Connector, open_service
from state.settings import load_settings
from tests.gateway.desk import PASSWORD, USER, Desk

LEDGER = "ledger.sqlite"


def back_up(home: Path, into: Path) -> Path:
    """A backup of the whole home, its ledger as `sqlite3 .backup` makes it."""
    shutil.copytree(home, into, ignore=shutil.ignore_patterns(f"{LEDGER}*"))
    with closing(sqlite3.connect(home / LEDGER)) as now, closing(sqlite3.connect(into / LEDGER)) as then:
        now.backup(then)
    return into


def restore_ledger(desk: Desk, backup: Path) -> None:
    """Put the old ledger in the place of the present one."""
    desk.engine.dispose()
    for path in desk.home.glob(f"{LEDGER}*"):
        path.unlink()
    shutil.copy2(backup / LEDGER, desk.home / LEDGER)


@contextmanager
def reopened(desk: Desk, home: Path, **extra: str) -> Iterator[Desk]:
    """The gateway of a home with other settings, for the same shop and company file; its last session is over."""
    environment = {"QBWC_USERNAME": USER, "QBWC_PASSWORD": PASSWORD, "MAGENTO_BASE_URL": "http://127.0.0.1:1"} | extra
    settings = load_settings(home, environment)
    opened = open_service(settings)
    service = Connector(settings, opened.ledger, desk.clock)
    desk.clock.later(minutes=6)
    with Gateway(service, settings) as gateway:
        again = Desk(home, settings, service.ledger, desk.shop, desk.file, service, gateway, desk.clock)
        again.landed = desk.landed
        with again.open_connectors:
            yield again
    service.ledger.dispose()
