"""What Magento's REST API answered: a page of documents, or a failure sorted by what has to happen next.

Behaviour recorded from Magento Open Source 2.4.7: permissions are refused with 401 (never 403) and may name the
missing right; messages hold `%1` or `%name` placeholders; errors may be HTML or plain text under any content type.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

import httpx
from pydantic import AliasChoices, BaseModel, Field
from pydantic_core import from_json

from mappings import json_answer
from mappings.json_answer import Answered, NotJson
from tasks.clients.errors import CallFailed, NeedsPerson, Refused, TryLater
from tasks.clients.http import retry_after

T = TypeVar("T")

LONGEST_DETAIL = 300
_PLACEHOLDER = re.compile(r"%(\w+)")
_REPORT = re.compile(r"webapi-[0-9a-f]+")
_EMAIL = re.compile(r"[^\s@\"'<>]+@[^\s@\"'<>]+")
_WAITS = (408, 425, 429)
_HINTS: tuple[tuple[str, type[CallFailed], str], ...] = (
    ("nonce is already", TryLater, "the nonce was used before"),
    ("validating the nonce", NeedsPerson, "the signature's time is refused: check this machine's clock"),
    ("signature is invalid", NeedsPerson, "the signature is refused: check the consumer secret and the access token "
     "secret, and that no proxy changes the shop's scheme, host or port"),
    ("token length", NeedsPerson, "the access token is not complete; copy it again from the integration"),
    ("Signature method", NeedsPerson, "this Magento is too old for HMAC-SHA256 signatures"),
    ("request cannot be processed", NeedsPerson, "there is no such store view; check MAGENTO_BASE_URL"),
)  # fmt: skip


class _Row(BaseModel):
    """Only id and stamp: pydantic checks the whole body as JSON but makes no Python objects of the rest."""

    id: int = Field(validation_alias=AliasChoices("entity_id", "id"))
    updated_at: object = None


class _Found(BaseModel):
    items: list[_Row] | None
    total_count: int


@dataclass(frozen=True, slots=True)
class Found:
    """A search answer: how many documents it holds, the highest id among them (0 when none), how many match, and the
    newest `updated_at` (aware, UTC; None where no document has one)."""

    count: int
    last_id: int
    total_count: int
    latest: datetime | None


def read_search(response: httpx.Response) -> Answered[Found]:
    """Check a search answer without building its documents. A 200 that is not a whole search answer (a proxy's or
    maintenance page, a cut body) raises `TryLater`; any other status the failure it stands for."""
    return _read(response, _found, "a complete search result")


def _found(body: bytes) -> Found:
    found = _Found.model_validate_json(body)
    ids = [row.id for row in found.items or ()]
    stamps = [moment for row in found.items or () if (moment := _moment(row.updated_at))]
    return Found(len(ids), max(ids, default=0), found.total_count, max(stamps, default=None))


def _moment(stamp: object) -> datetime | None:
    """Magento's "2026-11-21 03:04:05", which is UTC; None for anything else, which the documents' readers will name."""
    try:
        return datetime.fromisoformat(f"{stamp}+00:00")
    except ValueError:
        return None


def read_list(response: httpx.Response) -> Answered[list[object]]:
    """Check an answer that has to be a JSON list. Raises as `read_search`."""
    return _read(response, _list, "a complete list")


def _list(body: bytes) -> list[object]:
    value = from_json(body)
    if not isinstance(value, list):
        raise ValueError("not a list")
    return value


def _read(response: httpx.Response, parse: Callable[[bytes], T], wanted: str) -> Answered[T]:
    check(response)
    try:
        return json_answer.read(response.content, parse)
    except NotJson as reason:
        detail = f"the answer is not {wanted}: {reason}"
        raise TryLater("Magento", detail, status=response.status_code) from None


def check(response: httpx.Response) -> None:
    """Raise what a status other than 200 stands for."""
    if response.status_code != httpx.codes.OK:
        raise read_failure(response)


def read_failure(response: httpx.Response) -> CallFailed:
    """The failure behind an answer, with Magento's words where it has some (e-mail addresses taken out)."""
    status, message = response.status_code, _message(response)
    report = _REPORT.search(message)
    if status in _WAITS or status >= httpx.codes.INTERNAL_SERVER_ERROR:
        return TryLater(
            "Magento",
            message or "the shop does not answer properly, perhaps it is in maintenance",
            status=status,
            request_id=report.group() if report else "",
            retry_after=retry_after(response),
        )
    for words, kind, detail in _HINTS:
        if words in message:
            return kind("Magento", detail, status=status)
    if status == httpx.codes.UNAUTHORIZED:
        return _unauthorized(message)
    if status == httpx.codes.FORBIDDEN:
        return NeedsPerson("Magento", message or "a firewall in front of the shop refuses the call", status=status)
    if response.is_redirect:
        detail = "the shop sends us to another address; set MAGENTO_BASE_URL to the final one"
        return NeedsPerson("Magento", detail, status=status)
    if status == httpx.codes.NOT_FOUND and (not message or "does not match any route" in message):
        return NeedsPerson("Magento", "there is no REST API at this address; check MAGENTO_BASE_URL", status=status)
    return Refused("Magento", message or "the request is refused", status=status)


def _unauthorized(message: str) -> CallFailed:
    detail = message or "the credentials are refused"
    if "authorized to access" in message:
        detail += " Grant that right to the integration (System > Extensions > Integrations), or check its token"
    return NeedsPerson("Magento", detail, status=401)


def _message(response: httpx.Response) -> str:
    """Magento's `message` with its placeholders filled from `parameters` (a list or an object); empty for anything
    that is not Magento's JSON error."""
    try:
        body = json_answer.read(response.content, from_json).value
    except NotJson:
        return ""
    if not isinstance(body, dict) or not isinstance(message := body.get("message"), str):
        return ""
    given = body.get("parameters")
    values = dict(enumerate(given, 1)) if isinstance(given, list) else given if isinstance(given, dict) else {}
    named = {str(name): str(value) for name, value in values.items()}
    text = _PLACEHOLDER.sub(lambda place: named.get(place.group(1), place.group()), message)
    return _EMAIL.sub("(e-mail)", " ".join(text.split()))[:LONGEST_DETAIL]
