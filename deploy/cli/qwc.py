"""`magebooks qwc`: the file that introduces this company to the QuickBooks Web Connector, and how to install it."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from cyclopts import Parameter, validators
from rich.text import Text

from deploy.cli.opened import engine_of, settings_of
from deploy.cli.session import Answer, Failure, Given

if TYPE_CHECKING:
    from state.settings import Settings

_STEPS = (
    "Keep `{gateway}` running on this machine{proxy}.",
    "Copy {file} to the Windows machine that has QuickBooks and the QuickBooks Web Connector.",
    "Open the company file in QuickBooks as its administrator, in single-user mode.",
    "Double-click the copied file. The Web Connector shows {url}; confirm.",
    'QuickBooks asks who may come in: choose "Yes, always; allow access even if QuickBooks is not running" and a user, '
    'or "whenever this company file is open" if somebody always has it open.',
    "In the Web Connector type the password (QBWC_PASSWORD) and let it be kept.",
    "Tick the row and choose Update Selected. `{status}` shows that it came.",
    "Tick Auto-Run: it comes every {minutes} minutes, as long as the Web Connector runs.",
    "To work while QuickBooks is closed, write the file's full path, as Windows has it, into QBWC_COMPANY_FILE.",
)


def qwc(
    *,
    output: Annotated[Path, Parameter(help="Where the file goes.")] = Path("magebooks.qwc"),
    minutes: Annotated[
        int, Parameter(help="How often it shall come.", validator=validators.Number(gte=1, lte=1440))
    ] = 15,
    session: Given,
) -> Answer:
    """Write the file that introduces this company to the QuickBooks Web Connector, and say how to install it."""
    from deploy.gateway.address import service_of
    from deploy.gateway.identity import OWNER_ID
    from deploy.gateway.qwc import Introduction, document

    settings = settings_of(session)
    url = _address(settings)
    login(settings)
    about = Introduction(url, settings.qbwc_username, _file_id(settings, minutes), minutes)
    output.write_bytes(document(about))
    service = service_of(url)
    data = {"file": str(output), "url": service, "owner_id": OWNER_ID, "file_id": about.file_id, "minutes": minutes}
    home = f" --home {session.home}" if session.home else ""
    words = {
        "gateway": f"magebooks gateway{home}",
        "status": f"magebooks status{home}",
        "proxy": ", behind the proxy that has its certificate" if url.startswith("https") else "",
        "file": str(output),
        "url": service,
        "minutes": minutes,
    }
    steps = [f"{number:>2}. {step.format(**words)}" for number, step in enumerate(_STEPS, 1)]
    return Answer(data, (Text(f"{output} introduces this company to the Web Connector at {service}."), "", *steps))


def login(settings: Settings) -> None:
    """Raises Failure while the Web Connector's login is not set: without it nobody gets in."""
    halves = {"QBWC_USERNAME": settings.qbwc_username, "QBWC_PASSWORD": settings.qbwc_password.get_secret_value()}
    if lacking := [name for name, value in halves.items() if not value]:
        raise Failure(
            "settings",
            f"{' and '.join(lacking)} must be set first.",
            f"Write into {settings.home / '.env'} a name, and a long password that is used nowhere else.",
        )


def _address(settings: Settings) -> str:
    """The gateway's public address, this very machine's without one. Raises Failure for what the connector refuses."""
    from deploy.gateway.address import PORT
    from deploy.gateway.qwc import objection

    url = settings.magebooks_gateway_url or f"http://localhost:{PORT}"
    if why := objection(url):
        fix = (
            "Set MAGEBOOKS_GATEWAY_URL to https:// and a name, or to http://localhost:PORT. See: magebooks help gateway"
        )
        raise Failure("settings", f"MAGEBOOKS_GATEWAY_URL is {url}, but {why}.", fix)
    return url


def _file_id(settings: Settings, minutes: int) -> str:
    from state import connector, ledger
    from tasks.belonging import keep_books

    with engine_of(settings) as engine, ledger.begin(engine) as conn:
        keep_books(conn, settings, None, datetime.now(UTC))
        connector.asked_for(conn, minutes)
        return connector.file_id(conn)
