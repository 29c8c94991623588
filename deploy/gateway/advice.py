"""What the Web Connector's error codes mean to a bookkeeper, and what to do about each.

Codes as Intuit's SDK samples (WCWebService) and the tables of public Web Connector servers give them.
"""

from dataclasses import dataclass
from typing import Final

PARSE_ERROR: Final = "0x80040400"


@dataclass(frozen=True, slots=True)
class Advice:
    """`words` for the Web Connector's window. `later` says that the next update may well succeed by itself, and
    `other_file` that QuickBooks may be asked for whatever file is open instead."""

    words: str
    later: bool = False
    other_file: bool = False


_PERSON: Final = "Open the company file as its administrator, then Edit > Preferences > Integrated Applications"
ADVICE: Final[dict[str, Advice]] = {
    PARSE_ERROR: Advice("QuickBooks could not read a request. MageBooks looks for the one document that causes it."),
    "0x80040401": Advice("QuickBooks could not be reached. The next update tries again.", later=True),
    "0x80040402": Advice(
        "QuickBooks reports an unexpected error; qbsdklog.txt on its computer has the details. The next update tries "
        "again.",
        later=True,
    ),
    "0x80040408": Advice(
        "QuickBooks could not be started. Start it, open the company file, and update again.",
        later=True,
        other_file=True,
    ),
    "0x8004040A": Advice(
        "Another company file is open in QuickBooks. Close it, or open the one that these books are kept in.",
        later=True,
    ),
    "0x8004040D": Advice("QuickBooks ended the session. The next update goes on where this one stopped.", later=True),
    "0x80040410": Advice(
        "The company file is open in another mode (single-user or multi-user). Close it there, or switch the mode.",
        later=True,
    ),
    "0x80040414": Advice(
        "A window is open in QuickBooks and waits for somebody. Close it, and update again.", later=True
    ),
    "0x80040416": Advice(
        "QuickBooks is not running and no company file is named. Open the file in QuickBooks, or set "
        "QBWC_COMPANY_FILE to its full path.",
        later=True,
    ),
    "0x80040418": Advice(f"This company file has never allowed MageBooks in. {_PERSON}, and allow it."),
    "0x8004041A": Advice(f"MageBooks has no permission in this company file. {_PERSON}, and allow it."),
    "0x8004041B": Advice("QuickBooks is locked by another user. The next update tries again.", later=True),
    "0x8004041C": Advice("QuickBooks reports an internal error. The next update tries again.", later=True),
    "0x8004041D": Advice(f"Automatic login is not allowed. {_PERSON}, MageBooks > Properties, and allow it."),
    "0x8004041E": Advice("QuickBooks does not accept the certificate (expired). Renew it, then update again."),
    "0x8004042C": Advice("QuickBooks does not accept the certificate (revoked). Renew it, then update again."),
    "0x80040420": Advice(f"Somebody denied MageBooks access. {_PERSON}, and allow it."),
    "0x80040422": Advice(
        "QuickBooks is in single-user mode with another application. Close that one, or switch to multi-user mode.",
        later=True,
    ),
    "0x80040423": Advice("This QuickBooks is older than 2014 and does not speak qbXML 13.0. Update QuickBooks."),
    "0x80040424": Advice("QuickBooks is still starting. The next update tries again.", later=True),
    "0x80040427": Advice("QuickBooks is not registered on this computer. Register it, then update again."),
    "0x8004042A": Advice("QuickBooks does not allow remote access. Run the Web Connector on its own computer."),
    "0x80010105": Advice("QuickBooks failed inside. Restart it; the next update goes on.", later=True),
    "0x80040154": Advice("The QuickBooks SDK is not installed on this computer. Repair QuickBooks."),
}


def advice(hresult: str, message: str = "") -> Advice:
    """What to tell about an HRESULT; QuickBooks' own words where the code is unknown."""
    known = ADVICE.get(fold(hresult))
    if known is not None:
        return known
    return Advice(f"QuickBooks reports {hresult}: {' '.join(message.split())[:200]}".rstrip(": "), later=True)


def fold(hresult: str) -> str:
    """`0X80040400`, `80040400` and `0x80040400` are one code."""
    digits = hresult.strip().upper().removeprefix("0X")
    return f"0x{digits}"
