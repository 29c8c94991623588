"""QuickBooks Desktop for a home: a company file, the gateway on loopback, and the Web Connector that joins them."""

from collections.abc import Iterator
from contextlib import contextmanager

from deploy.gateway.identity import OWNER_ID
from deploy.gateway.server import Gateway
from deploy.gateway.session import open_service
from deploy.sandbox.connector import WebConnector
from deploy.sandbox.desktop import CompanyFile
from state import connector, ledger
from state.settings import Settings


@contextmanager
def desktop_books(settings: Settings, template: str = "us_desktop", *, empty: bool = False) -> Iterator[WebConnector]:
    """A Web Connector of an open company file that bears this home's mark; `run()` is one update.

    `empty` makes a file without the names that the rules use.
    """
    service = open_service(settings)
    with ledger.begin(service.ledger) as conn:
        mark = connector.file_id(conn)
    file = CompanyFile(template, empty=empty, owner_id=OWNER_ID, file_id=mark)
    try:
        with Gateway(service, settings) as gateway:
            password = settings.qbwc_password.get_secret_value()
            with WebConnector(gateway.url, settings.qbwc_username, password, file) as client:
                yield client
    finally:
        service.ledger.dispose()
