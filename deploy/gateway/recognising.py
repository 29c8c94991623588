"""Whose company file is open: recognised by our mark in it or by its name, before anything is written.

QuickBooks answers Host, Company and Preferences queries in a session's first call. Where these do not settle it, the
company is asked for the data extension that the Web Connector stamped into the file (OwnerID, FileID of the .qwc).
"""

from typing import Final

from deploy.gateway.company import facts_of
from deploy.gateway.identity import OWNER_ID
from deploy.gateway.turn import VERSION, Step, Turn
from mappings import qbxml
from mappings.qbxml import Response, Ret, Unreadable
from state import connector, references
from state.references import Known

OLDEST: Final = (13, 0)


def greet(turn: Turn, hcp: str, company_file: str, country: str, major: int, minor: int) -> str:
    """Look at what the first call of a session tells; why it cannot go on, or nothing."""
    if turn.memory.get("recognised"):
        return ""
    if major and (major, minor) < OLDEST:
        return "This QuickBooks is older than 2014 and does not speak qbXML 13.0. Update QuickBooks."
    turn.memory.setdefault("file", company_file)
    turn.memory.setdefault("country", country)
    if hcp:
        try:
            _look(turn, qbxml.read(hcp), asked=False)
        except Unreadable:
            return ""  # the queries will be asked once more
    return str(turn.memory.get("halt", ""))


def ask(turn: Turn) -> bytes | None:
    """The three queries, with the question for our mark."""
    if turn.memory.get("recognised"):
        return None
    queries = {"host": qbxml.host_query(), "company": qbxml.company_query(OWNER_ID)}
    return qbxml.message((queries | {"preferences": qbxml.preferences_query()}).items(), VERSION)


def hear(turn: Turn, response: Response) -> None:
    """Decide: these books' file, or the end of the session."""
    _look(turn, response, asked=True)


def lost(turn: Turn, _hresult: str) -> None:
    """Nothing is written into a file that could not be recognised."""
    turn.memory["halt"] = "QuickBooks did not say which company file is open. The next update asks again."


def _look(turn: Turn, response: Response, *, asked: bool) -> None:
    rets = {ret.entity: ret for reply in response.replies.values() for ret in reply.rets}
    company = rets.get("Company")
    if company is None:
        if asked:
            lost(turn, "")
        return
    known = connector.get(turn.conn)
    name, marks = company.fields.get("CompanyName", ""), _marks(company)
    ours = known.file_id.upper() in marks or (not marks and name == known.company)
    if marks and not ours:
        _refuse(turn, name, known.company)
    elif not ours and not asked:
        return  # a company that was renamed, or the first time: its mark decides
    elif not ours and known.company:
        _refuse(turn, name, known.company)
    elif name:
        _accept(turn, name, rets)


def _marks(company: Ret) -> set[str]:
    """What stands in the file under our OwnerID."""
    return {
        each.get("DataExtValue", "").upper()
        for each in company.each("DataExtRet")
        if each.get("OwnerID", "").upper() == OWNER_ID.upper()
    }


def _refuse(turn: Turn, found: str, wanted: str) -> None:
    books = f"“{wanted}”" if wanted else "another company"
    turn.memory["halt"] = (
        f"QuickBooks has “{found}” open, and these books are kept in {books}. Nothing was written. "
        "Open the right company file, and update again."
    )


def _accept(turn: Turn, name: str, rets: dict[str, Ret]) -> None:
    host = rets.get("Host")
    product = host.fields.get("ProductName", "") if host is not None else ""
    connector.belongs_to(turn.conn, name, turn.memory.get("file", ""), product)
    turn.memory["recognised"] = True
    if "Preferences" in rets:
        facts = facts_of(rets["Company"], rets["Preferences"], turn.memory.get("country", ""))
        references.put_many(turn.conn, "company", [Known("company", "desktop", name, facts)], turn.now)


STEP: Final = Step("recognise", ask, hear, lost)
