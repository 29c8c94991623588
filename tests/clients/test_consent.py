"""A person allows access once; the code becomes tokens, and nothing leaks on the way."""

import logging
import os
import threading
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from tasks.clients.consent import AUTHORIZE_URL, Granted, consent, exchange, is_loopback, read_callback
from tasks.clients.consent_listener import Listener
from tasks.clients.errors import NeedsPerson, TryLater
from tasks.clients.quickbooks_auth import Tokens
from tests.clients.intuit import NOW, REALM, SECRET, Intuit, company
from tests.clients.loopback import Reply, closed_port

REDIRECT = "http://localhost:8484/callback"
HTML = {"Content-Type": "text/html"}


def back(state: str, **query: str) -> str:
    """The address that Intuit sends the browser to."""
    return str(httpx.URL(REDIRECT, params={"state": state} | query))


def test_the_consent_page_is_asked_for_accounting_only_with_a_fresh_state() -> None:
    one, other = (consent("app-id", REDIRECT) for _ in range(2))
    query = parse_qs(urlsplit(one.url).query)
    assert one.url.startswith(f"{AUTHORIZE_URL}?")
    assert query == {
        "response_type": ["code"],
        "client_id": ["app-id"],
        "redirect_uri": [REDIRECT],
        "scope": ["com.intuit.quickbooks.accounting"],
        "state": [one.state],
    }
    assert one.state != other.state
    assert len(one.state) > 40
    assert one.state not in repr(one)


def test_a_sandbox_on_this_machine_may_be_asked_over_plain_http_and_nobody_else() -> None:
    assert consent("app-id", REDIRECT, authorize_url="http://127.0.0.1:9/connect").url.startswith("http://127.0.0.1:9")
    with pytest.raises(Exception, match="https"):
        consent("app-id", REDIRECT, authorize_url="http://appcenter.example/connect")
    assert "OAUTHLIB_INSECURE_TRANSPORT" not in os.environ


@pytest.mark.parametrize(
    ("url", "here"),
    [
        ("http://localhost:8484/", True), ("http://127.0.0.1/x", True), ("http://[::1]:80/", True),
        ("http://shop.example/", False), ("http://127.0.0.1.example/", False), ("http://10.0.0.1/", False), ("", False),
    ],
)  # fmt: skip
def test_this_machine_is_told_from_others(url: str, here: bool) -> None:
    assert is_loopback(url) is here


def test_the_callback_brings_code_and_company() -> None:
    granted = read_callback(back("st-1", code="AB12", realmId=REALM), "st-1")
    assert (granted.code, granted.realm_id) == ("AB12", REALM)
    assert read_callback(f"?code=AB12&state=st-1&realmId={REALM}", "st-1") == granted
    assert REALM not in repr(granted)


@pytest.mark.parametrize(
    ("address", "words"),
    [
        (back("other", code="AB12", realmId=REALM), "does not belong"),
        ("http://localhost/callback", "does not belong"),
        (back("st-1", code="AB12", realmId=REALM) + "&state=st-1", "does not belong"),
        (back("st-1", error="access_denied"), "not granted"),
        (back("st-1", code="AB12"), "no company"),
        (back("st-1", realmId=REALM), "no code"),
    ],
)
def test_a_callback_that_is_not_ours_or_not_whole_is_refused(address: str, words: str) -> None:
    with pytest.raises(NeedsPerson, match=words) as refused:
        read_callback(address, "st-1")
    assert "AB12" not in str(refused.value)


def swap(intuit: Intuit, token_url: str = "") -> Tokens:
    return exchange(
        Granted("AB12", REALM),
        token_url=token_url or f"{intuit.loopback.url}/token",
        client_id="app-id",
        client_secret=SECRET,
        redirect_uri=REDIRECT,
        now=NOW,
    )


GRANTED = Reply(
    body={
        "access_token": "access-1",
        "refresh_token": "refresh-1",
        "expires_in": 3600,
        "x_refresh_token_expires_in": 8726400,
        "x_refresh_token_hard_expires_in": 157680000,
        "token_type": "bearer",
    }
)


@pytest.fixture
def intuit(tmp_path: Path) -> object:
    with company(tmp_path) as world:
        yield world


def test_the_code_becomes_tokens(intuit: Intuit) -> None:
    intuit.loopback._answering = lambda _: GRANTED
    kept = swap(intuit)
    [asked] = intuit.loopback.seen
    assert asked.form == {"grant_type": "authorization_code", "code": "AB12", "redirect_uri": REDIRECT}
    assert asked.headers["authorization"].startswith("Basic ")
    assert asked.headers["x-include-refresh-token-hard-expires-in"] == "true"
    assert (kept.realm_id, kept.refresh_token, kept.access_token) == (REALM, "refresh-1", "access-1")
    assert kept.previous_refresh_token == ""
    assert kept.fresh(NOW)
    assert kept.hard_expires_at is not None


def test_white_space_and_a_byte_order_mark_around_the_tokens_do_not_matter(intuit: Intuit) -> None:
    intuit.loopback._answering = lambda _: Reply(body=b"\n\xef\xbb\xbf\n" + GRANTED.content + b"\n")
    assert swap(intuit).refresh_token == "refresh-1"


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (Reply(400, {"error": "invalid_grant"}), "refuses the code"),
        (Reply(401, {"error": "invalid_client"}), "QUICKBOOKS_CLIENT_SECRET"),
        (Reply(200, {"time": "T"}), "refuses the code"),
    ],
)
def test_a_refused_code_or_app_needs_a_person(intuit: Intuit, answer: Reply, words: str) -> None:
    intuit.loopback._answering = lambda _: answer
    with pytest.raises(NeedsPerson, match=words):
        swap(intuit)


@pytest.mark.parametrize(
    "answer",
    [
        Reply(503, {"error": "temporarily"}),
        Reply(429, {}),
        Reply(200, b"<html>Sign in</html>", headers=HTML),
        Reply(200, b"{broken"),
        Reply(200, {"access_token": "a", "token_type": "bearer", "expires_in": 3600}),
        Reply(hang_up=True),
    ],
)
def test_an_unwell_token_endpoint_is_tried_later(intuit: Intuit, answer: Reply) -> None:
    intuit.loopback._answering = lambda _: answer
    with pytest.raises(TryLater):
        swap(intuit)


def test_an_absent_token_endpoint_is_tried_later(intuit: Intuit) -> None:
    with pytest.raises(TryLater):
        swap(intuit, closed_port())


def test_the_libraries_write_no_token_even_at_debug(intuit: Intuit, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    before = logging.getLogger("requests_oauthlib").level
    intuit.loopback._answering = lambda _: GRANTED
    swap(intuit)
    assert caplog.records
    for private in ("access-1", "refresh-1", SECRET, "AB12", REALM):
        assert private not in caplog.text
    assert logging.getLogger("requests_oauthlib").level == before


class Browser:
    """Visits addresses one after the other, as the person's browser would."""

    def __init__(self, listener: Listener, *targets: str, follow: bool = True) -> None:
        self.answers: list[httpx.Response] = []
        self._base = f"http://127.0.0.1:{listener.port}"
        self._targets = targets
        self._follow = follow
        self._thread = threading.Thread(target=self._visit)

    def __enter__(self) -> "Browser":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._thread.join()

    def _visit(self) -> None:
        with httpx.Client(base_url=self._base, timeout=10) as web:
            for target in self._targets:
                answer = web.get(target)
                self.answers.append(answer)
                if self._follow and answer.is_redirect:
                    self.answers.append(web.get(answer.headers["location"]))


def test_the_listener_takes_the_code_and_shows_a_page_without_it() -> None:
    with Listener("http://127.0.0.1:0/callback", "st-1") as listener:
        ours = f"/callback?code=AB12&state=st-1&realmId={REALM}"
        with Browser(listener, "/favicon.ico", "/callback?code=EVIL&state=guess&realmId=1", ours) as browser:
            granted = listener.wait(10)
    assert (granted.code, granted.realm_id) == ("AB12", REALM)
    nothing, stranger, failed, redirect, done = browser.answers
    assert [answer.status_code for answer in browser.answers] == [404, 302, 200, 302, 200]
    assert stranger.headers["location"] == "/failed"
    assert redirect.headers["location"] == "/done"
    assert redirect.content == b""
    assert "not connected" in failed.text
    assert done.text.startswith("QuickBooks is connected")
    for answer in browser.answers:
        assert answer.headers["cache-control"] == "no-cache, no-store"
        assert answer.headers["referrer-policy"] == "no-referrer"
        assert "html" not in answer.headers["content-type"]
    assert nothing.content == b""


def test_a_person_who_declines_ends_the_wait() -> None:
    with (
        Listener("http://127.0.0.1:0/callback", "st-1") as listener,
        Browser(listener, "/callback?error=access_denied&state=st-1") as browser,
        pytest.raises(NeedsPerson, match="not granted"),
    ):
        listener.wait(10)
    assert "not connected" in browser.answers[-1].text


def test_the_listener_does_not_wait_for_ever() -> None:
    with (
        Listener("http://127.0.0.1:0/callback", "st-1") as listener,
        pytest.raises(NeedsPerson, match="in time"),
    ):
        listener.wait(0.05)


@pytest.mark.parametrize("address", ["https://localhost:8484/", "http://shop.example/callback", "http://0.0.0.0:1/"])
def test_only_this_machine_is_listened_at(address: str) -> None:
    with pytest.raises(ValueError, match="this machine"):
        Listener(address, "st-1")
