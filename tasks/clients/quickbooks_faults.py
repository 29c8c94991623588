"""Sorts what QuickBooks Online answers when it says no: one fault, or a whole HTTP answer.

A fault is `{"Fault": {"Error": [{"Message", "Detail", "code", "element"}], "type"}, "time"}`; gateways write the
keys in lower case, and an HTTP 200 can carry one, so the body is judged before the status (Intuit, "Handling common
errors" page). Intuit's words may name customers: they are kept apart in `Verdict.words` and are in no error's text.
"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

import httpx

from mappings.json_answer import trimmed
from tasks.clients.errors import CallFailed, NeedsPerson, Refused, TryLater, Unknown
from tasks.clients.http import retry_after
from tasks.clients.quickbooks_codes import (
    CLOSED,
    CODES,
    DUPLICATE_NUMBER,
    EMPTY_REFERENCE,
    NUMBER_TOO_LONG,
    RECONNECT,
    THROTTLED,
    UNKNOWN_CODE,
    UNWELL,
    Action,
    Advice,
)

_GATEWAY = {502, 503, 504}  # answered in front of QuickBooks: the company's own answer never came
_TOO_LARGE = {413, 414, 422}  # nothing was read, hence nothing written (RFC 9110)
_NO_ANSWER = "No readable answer came"
_WRONG_ADDRESS = "The address answers unlike QuickBooks: check QUICKBOOKS_API_URL and QUICKBOOKS_SANDBOX"

# Codes that mean different things by their words. 6210 is "period closed" on Intuit's error page, yet an Intuit
# article of 2017 prints it for a duplicate document number; 6000 hides its real cause in the Detail.
_BY_WORDS: tuple[tuple[frozenset[str], re.Pattern[str], Advice], ...] = (
    (frozenset({"6140", "6210"}), re.compile(r"duplicate|already (been )?used|docnumber", re.I), DUPLICATE_NUMBER),
    (
        frozenset({"6000", "6140"}),
        re.compile(r"account period|books (are|have been|has been) closed|closing date|period (has |is )?closed", re.I),
        CLOSED,
    ),
    (frozenset({"6000"}), re.compile(r"\(-30003\)"), EMPTY_REFERENCE),
    (frozenset({"2050"}), re.compile(r"docnumber", re.I), NUMBER_TOO_LONG),
)
_THROTTLED_WORDS = re.compile(r"throttle ?exceeded|errorcode=0*3001\b", re.I)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What to do about one fault. `code` is Intuit's, `words` are Intuit's too (for the ledger and the user's eyes,
    never for a log), `fix` is our sentence, `problem` the code of our catalogue to show it under; `not_done`: nothing
    was written, whereas every other fault leaves that open."""

    action: Action
    code: str
    words: str = field(repr=False)
    fix: str
    problem: str = "quickbooks-refused"
    not_done: bool = False


class Throttled(TryLater):
    """Too many calls: the whole connection has to pause for `retry_after` seconds."""


class Rejected(Refused):
    """QuickBooks understood a single request and said no; `verdict` says why and holds its words."""

    def __init__(self, verdict: Verdict, *, status: int | None = None, request_id: str = "") -> None:
        super().__init__("QuickBooks", f"Fault {verdict.code}. {verdict.fix}", status=status, request_id=request_id)
        self.verdict = verdict


class Doubted(Unknown):
    """QuickBooks answered a write with a fault that does not say that nothing was done; `verdict` holds its words."""

    def __init__(self, verdict: Verdict, *, status: int | None = None, request_id: str = "") -> None:
        lost = f"Fault {verdict.code}: what became of the request is not known"
        super().__init__("QuickBooks", lost, status=status, request_id=request_id)
        self.verdict = verdict


def sort(fault_error: Mapping[str, Any], http_status: int) -> Verdict:
    """Judge one entry of a fault's `Error` list (or a whole fault, then its first entry decides, and every entry has
    to say that nothing was done).

    >>> sort({"code": "5010", "Message": "Stale Object Error"}, 400).action
    'retry'
    """
    entries = _entries(fault_error) or [fault_error]
    words = " ".join(_words(entry) for entry in entries).strip()
    code = _code(entries[0])
    advice, *others = (_advice(_code(entry), f"{_get(entry, 'element')} {words}", http_status) for entry in entries)
    not_done = _says_not_done(advice, fault_error) and all(_says_not_done(other, fault_error) for other in others)
    return Verdict(advice.action, code, words, advice.fix, advice.problem, not_done)


def fault_of(answer: object) -> Mapping[str, Any] | None:
    """The `Fault` of an answer or of one batch item, whatever the case of its key; None when it holds none."""
    if not isinstance(answer, Mapping):
        return None
    fault = _get(answer, "fault")
    return fault if isinstance(fault, Mapping) else None


def classify_http(response: httpx.Response, *, write: bool = False) -> CallFailed | None:
    """Why this answer is no success, or None. `write`: the request may have changed the books, so an answer that
    does not say what became of it (5xx, a page, half a JSON text) is `Unknown`, never `TryLater`."""
    tid = trace_id(response)
    body = parse(response.content)
    fault = fault_of(body)
    if fault is not None:
        return _from_fault(sort(fault, response.status_code), response, write=write)
    if response.is_success and body is not None:
        return None
    return _from_status(response.status_code, body, retry_after(response), tid, write=write)


def failure_of(verdict: Verdict, *, status: int | None = None, request_id: str = "") -> CallFailed:
    """The error that a fault amounts to when no other part of the answer counts."""
    detail = f"Fault {verdict.code}. {verdict.fix}"
    if verdict.action == "wait":
        return Throttled("QuickBooks", detail, status=status, request_id=request_id)
    if verdict.action == "retry":
        return TryLater("QuickBooks", detail, status=status, request_id=request_id)
    if verdict.action in {"reconnect", "stop"}:
        return NeedsPerson("QuickBooks", detail, status=status, request_id=request_id)
    return Rejected(verdict, status=status, request_id=request_id)


def parse(content: bytes) -> dict[str, Any] | None:
    """The JSON object in an answer's body, numbers as `Decimal` and `int`, also between white space and
    byte-order marks; None for anything else."""
    try:
        body = json.loads(trimmed(content), parse_float=Decimal, parse_constant=_refuse_constant)
    except (ValueError, RecursionError):
        return None
    return body if isinstance(body, dict) else None


def trace_id(response: httpx.Response) -> str:
    """`intuit_tid`: what Intuit's support asks for."""
    return str(response.headers.get("intuit_tid", ""))


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _from_fault(verdict: Verdict, response: httpx.Response, *, write: bool) -> CallFailed:
    status, tid = response.status_code, trace_id(response)
    if write and verdict.action != "wait" and (status >= 500 or not verdict.not_done):
        if status in _GATEWAY:
            return Unknown("QuickBooks", _NO_ANSWER, status=status, request_id=tid)
        return Doubted(verdict, status=status, request_id=tid)
    failure = failure_of(verdict, status=status, request_id=tid)
    if isinstance(failure, TryLater):
        failure.retry_after = retry_after(response)
    return failure


def _from_status(status: int, body: object, wait: float | None, tid: str, *, write: bool) -> CallFailed:
    if status in {401, 403}:
        return NeedsPerson("QuickBooks", RECONNECT.fix, status=status, request_id=tid)
    if status == 429:
        return Throttled("QuickBooks", THROTTLED.fix, status=status, request_id=tid, retry_after=wait)
    if status in {404, 405, 410} or 300 <= status < 400:
        return NeedsPerson("QuickBooks", _WRONG_ADDRESS, status=status, request_id=tid)
    if status == 408 or status >= 500 or status < 300:
        if write:
            return Unknown("QuickBooks", _NO_ANSWER, status=status, request_id=tid)
        return TryLater("QuickBooks", _NO_ANSWER, status=status, request_id=tid, retry_after=wait)
    if status in _TOO_LARGE:
        words = f"QuickBooks cannot take a request of this size or form (HTTP {status})."
        return Rejected(Verdict("hold", "", words, UNKNOWN_CODE.fix, not_done=True), status=status, request_id=tid)
    if body is None:
        return TryLater("QuickBooks", "A page that is not QuickBooks' answered", status=status, request_id=tid)
    return Rejected(Verdict("hold", "", "", UNKNOWN_CODE.fix, not_done=True), status=status, request_id=tid)


def _advice(code: str, words: str, http_status: int) -> Advice:
    if http_status == 429 or _THROTTLED_WORDS.search(words):
        return THROTTLED
    for codes, pattern, advice in _BY_WORDS:
        if code in codes and pattern.search(words):
            return advice
    if code in CODES:
        return CODES[code]
    if http_status in {401, 403}:
        return RECONNECT
    return UNWELL if http_status >= 500 else UNKNOWN_CODE


def _says_not_done(advice: Advice, fault: Mapping[str, Any]) -> bool:
    """A fault of QuickBooks' own system may come in the middle of the work, whatever its code says."""
    if advice.action in ("wait", "reconnect", "stop"):
        return True
    return advice.not_done and str(_get(fault, "type")).lower() != "systemfault"


def _entries(fault: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    errors = _get(fault, "error")
    if isinstance(errors, Mapping):
        return [errors]
    return [entry for entry in errors if isinstance(entry, Mapping)] if isinstance(errors, list) else []


def _code(entry: Mapping[str, Any]) -> str:
    """Intuit's code without leading zeros (gateways print 003001)."""
    code = str(_get(entry, "code")).strip()
    return code.lstrip("0") or code


def _words(entry: Mapping[str, Any]) -> str:
    message, detail = str(_get(entry, "message")).strip(), str(_get(entry, "detail")).strip()
    return message if not detail or detail == message else f"{message}: {detail}".lstrip(": ")


def _get(mapping: Mapping[str, Any], name: str) -> Any:
    """A value by its key in any case; an empty text when absent or null."""
    for key, value in mapping.items():
        if isinstance(key, str) and key.lower() == name:
            return "" if value is None else value
    return ""
