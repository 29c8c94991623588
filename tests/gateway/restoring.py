"""The gateway of a desk whose ledger or home was restored: the company file and the shop stay as they are."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from deploy.gateway.server import Gateway
from deploy.gateway.session import Connector, open_service
from state.settings import load_settings
from tests.gateway.desk import PASSWORD, USER, Desk


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
