"""The JSON in an answer is found behind what a shop writes around it, and nothing else is taken for JSON."""

import json

import pytest
from pydantic_core import from_json

from mappings import json_answer
from mappings.json_answer import NotJson

DOCUMENT = b'{"items": [{"entity_id": 7, "note": "on line 3 {"}], "total_count": 1}'
PLAIN = b"\nDeprecated: Creation of dynamic property A::$b[c] is deprecated in /var/www/a.php on line 12\n"
HTML = b"<br />\n<b>Notice</b>:  Undefined index: {x} in <b>/var/www/b.php</b> on line <b>9</b><br />\n"
XDEBUG = (
    b"<br />\n<font size='1'><table class='xdebug-error xe-notice' dir='ltr'><tr><th align='left' colspan=\"5\">"
    b"<span style='color: #cc0000;'>( ! )</span> Warning: Undefined variable $x in /var/www/c.php on line <i>4</i></th>"
    b"</tr><tr><th colspan='5'>Call Stack [main]</th></tr></table></font>\n"
)


def read(content: bytes) -> "json_answer.Answered[object]":
    return json_answer.read(content, json.loads)


@pytest.mark.parametrize(
    "blank",
    [b"", b"\n", b"\r\n \t\n", b"\xef\xbb\xbf", b"\n\xef\xbb\xbf\n", "\u00a0\u2003\u3000".encode(), b"\x0c\x0b"],
)
def test_white_space_and_marks_around_the_json_are_dropped(blank: bytes) -> None:
    for document in (DOCUMENT, b"[1]", b'"text"'):
        found = read(blank + document + blank)
        assert (found.value, found.body, found.notice) == (json.loads(document), document, "")


@pytest.mark.parametrize(
    ("notice", "words"),
    [
        (PLAIN, "Deprecated: Creation of dynamic property A::$b[c] is deprecated in /var/www/a.php on line 12"),
        (HTML, "Notice: Undefined index: {x} in /var/www/b.php on line 9"),
        (XDEBUG, "( ! ) Warning: Undefined variable $x in /var/www/c.php on line 4 Call Stack [main]"),
        (b"PHP Warning:  foo() in Unknown on line 0\n", "PHP Warning: foo() in Unknown on line 0"),
    ],
)
def test_a_message_of_php_before_the_json_is_handed_on_with_its_text(notice: bytes, words: str) -> None:
    found = read(notice + DOCUMENT)
    assert (found.body, found.notice) == (DOCUMENT, words)


def test_several_messages_before_and_behind_the_json_are_all_handed_on() -> None:
    found = read(HTML + b"\xef\xbb\xbf" + PLAIN + b"\n" + DOCUMENT + b"\n" + HTML)
    assert found.body == DOCUMENT
    assert found.notice.startswith("Notice: Undefined index: {x} in /var/www/b.php on line 9 Deprecated: Creation")
    assert len(found.notice) == json_answer.LONGEST_NOTICE


def test_a_message_behind_the_json_alone_is_handed_on() -> None:
    assert read(DOCUMENT + PLAIN).notice.startswith("Deprecated: Creation")


def test_a_notice_names_no_e_mail_address() -> None:
    notice = read(b"\nNotice: No such entity jo@home.example in /var/www/d.php on line 1\n" + DOCUMENT).notice
    assert notice == "Notice: No such entity (e-mail) in /var/www/d.php on line 1"


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "it is empty"),
        (b" \n", "it is empty"),
        (DOCUMENT[:-5], "it is JSON that is cut"),
        (DOCUMENT + b"<script>", "followed by other text"),
        (DOCUMENT + DOCUMENT, "followed by other text"),
        (DOCUMENT + b"\nNotice: half a message", "followed by other text"),
        (DOCUMENT + PLAIN + b"more", "followed by other text"),
        (b"<!doctype html><p>Jo Doe</p>", "it is a web page"),
        (b"Vary: cookie " + DOCUMENT, 'it begins with "Vary: cookie"'),
        (b"debug jo@home.example\n" + DOCUMENT, 'it begins with "debug (e-mail)"'),
        (b"Fatal error: Out of memory in /var/www/e.php on line 2\n", "a message of PHP: Fatal error: Out of memory"),
        (PLAIN + DOCUMENT[:-5], "a message of PHP: Deprecated: Creation"),
        (PLAIN + b"Jo Doe " + DOCUMENT, "a message of PHP: Deprecated: Creation"),
        (b"[" * 100_000, "it is JSON that is cut"),
        (PLAIN + b"[" * 100_000, "a message of PHP"),
        (b"\xff\xfe\x00", "it begins with"),
    ],
)
def test_anything_else_is_named_and_no_document_is_shown(content: bytes, words: str) -> None:
    with pytest.raises(NotJson) as caught:
        read(content)
    assert words in str(caught.value)
    assert [name for name in ("Jo Doe", "entity_id", "home.example") if name in str(caught.value)] == []


def test_json_of_another_form_is_not_what_was_asked_for() -> None:
    def a_list(body: bytes) -> list[object]:
        value = json.loads(body)
        if not isinstance(value, list):
            raise ValueError
        return value

    with pytest.raises(NotJson, match="of another form"):
        json_answer.read(DOCUMENT, a_list)
    assert json_answer.read(PLAIN + b"[1]", a_list).value == [1]


def test_half_of_a_surrogate_pair_costs_one_character_and_not_the_page() -> None:
    found = json_answer.read(
        rb'{"cut": "a\ud83d", "low": "\uDE00b", "pair": "\ud83d\ude00", "text": "\\ud83d"}', from_json
    )
    assert found.value == {"cut": "a\ufffd", "low": "\ufffdb", "pair": "\U0001f600", "text": "\\ud83d"}
    assert json.loads(found.body) == found.value
    assert found.notice == ""
