"""The SQL of the staging store: `.sql` files beside this module, statements marked `-- name:`."""

import re
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).with_name("staging")
_MARK = re.compile(r"^-- name: (\w+)$", re.MULTILINE)


@cache
def statements(name: str) -> dict[str, str]:
    """The statements of `state/staging/NAME.sql`, by name, in the file's order."""
    _, *parts = _MARK.split((FOLDER / f"{name}.sql").read_text(encoding="utf-8"))
    return {key: text.strip() for key, text in zip(parts[::2], parts[1::2], strict=True)}
