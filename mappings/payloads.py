"""Whether two payloads of one document say the same, whatever blanks and unseen characters their texts have."""

from collections.abc import Iterator

from mappings.jsontext import parse
from mappings.qbo_texts import request
from mappings.qbxml_tree import parsed, tag
from mappings.texts import clean


def alike(old: str, new: str) -> bool:
    """Whether nothing but cleaning makes two payloads differ: both of QuickBooks Online (JSON) or of Desktop (XML)."""
    online = old.startswith("{")
    if online != new.startswith("{"):
        return False
    return request(parse(old)).text == request(parse(new)).text if online else [*_leaves(old)] == [*_leaves(new)]


def _leaves(text: str) -> Iterator[tuple[str, str]]:
    for element in parsed(text).iter():
        if not len(element) and (kept := clean(element.text or "")):
            yield tag(element), kept
