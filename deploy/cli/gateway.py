"""`magebooks gateway`: serves the QuickBooks Web Connector until it is stopped."""

from __future__ import annotations

import logging
import sys
import time
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, validators

from deploy.cli.opened import settings_of
from deploy.cli.qwc import login
from deploy.cli.session import Answer, Exit, Failure, Given, Options, Session

if TYPE_CHECKING:
    from state.settings import Settings


def gateway(
    *,
    host: Annotated[str, Parameter(help="The address to listen on.")] = "127.0.0.1",
    port: Annotated[int, Parameter(help="The port.", validator=validators.Number(gte=1, lte=65535))] = 8770,
    session: Given,
) -> Answer:
    """Serve the QuickBooks Web Connector until stopped with Ctrl-C."""
    settings = settings_of(session)
    login(settings)
    _check(host, settings)
    _log_to_stderr(session.options)
    try:
        _serve(session, settings, host, port)
    except KeyboardInterrupt:
        return Answer({"stopped": True}, ("Stopped.",), Exit.INTERRUPTED)
    return Answer({"stopped": True}, ("Stopped.",))


def _check(host: str, settings: Settings) -> None:
    """Passwords go over the network encrypted or not at all."""
    from deploy.gateway.address import is_loopback

    if not is_loopback(host) and not settings.magebooks_gateway_url.startswith("https://"):
        raise Failure(
            "settings",
            f"{host} can be reached from other machines, and nothing encrypts what goes there.",
            "Put a proxy with TLS before the gateway and set MAGEBOOKS_GATEWAY_URL to its https address. "
            "See: magebooks help gateway",
        )


def _serve(session: Session, settings: Settings, host: str, port: int) -> None:
    from deploy.gateway import server
    from deploy.gateway.session import open_service
    from deploy.gateway.watch import watching

    try:
        listener = server.listen(host, port)
    except OSError as error:
        raise Failure(
            "address", f"{host}:{port} can not be listened on ({error.strerror}).", "Choose another: --port PORT"
        ) from None
    with listener:
        session.say(f"The Web Connector is served at {host}:{port}. Stop with Ctrl-C.")
        service = open_service(settings)
        with watching(settings, service.ledger):
            server.serve(service, settings, listener)


def _log_to_stderr(options: Options) -> None:
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    log = logging.getLogger("magebooks")
    log.addHandler(handler)
    log.setLevel(logging.INFO if options.verbose else logging.ERROR if options.quiet else logging.WARNING)
