"""`magebooks rules facts | show`: what rules may ask, and what they say."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.table import Table
from rich.text import Text

from deploy.cli.opened import rules_of, settings_of
from deploy.cli.session import Answer, Failure, Given

if TYPE_CHECKING:
    from mappings.rules import Row, Rules


_BY_DEFAULT = ("keep", "as_needed")


def facts(
    search: Annotated[str, Parameter(help="Only facts whose name or meaning holds this word.")] = "",
    *,
    session: Given,
) -> Answer:
    """What rules may ask about an order."""
    from mappings.facts import FACTS

    found = [fact for fact in FACTS if search.lower() in f"{fact.name} {fact.label}".lower()]
    table = Table("Fact", "Meaning", "Type", "Example", box=None, header_style="bold", pad_edge=False)
    for fact in found:
        table.add_row(fact.name, fact.label, fact.type, str(fact.example))
    data = [
        {"name": f.name, "label": f.label, "type": f.type, "example": str(f.example), "source": f.source} for f in found
    ]
    none = Text(f'No fact is about "{search}".')
    return Answer({"facts": data}, (table if found else none,))


def show(
    row: Annotated[str, Parameter(help="A row's id; without it all rows are shown.")] = "",
    *,
    session: Given,
) -> Answer:
    """The rules as sentences, all or one row."""
    rules = rules_of(settings_of(session))
    found = [(name, each) for name in _lists() for each in _rows(rules, name) if row.lower() in ("", each.id.lower())]
    if row and not found:
        known = ", ".join(each.id for name in _lists() for each in _rows(rules, name))
        raise Failure("no-row", f'No rule is called "{row}".', f"There are: {known}")
    data = [
        {"list": name, "id": each.id, "off": each.off, "when": conditions(each), "then": _then(each)}
        for name, each in found
    ]
    return Answer({"file": rules.source, "hash": rules.hash, "rows": data}, tuple(_sentences(rules, found)))


def _sentences(rules: Rules, found: list[tuple[str, Row]]) -> Iterator[Text]:
    yield Text(f"{rules.source}. In each list the first row that fits wins.", style="dim")
    last = ""
    for name, row in found:
        text = Text(f"\n{name}\n" if name != last else "", style="bold")
        last = name
        text.append(f"  {row.id}: ", style="not bold cyan")
        text.append(sentence(row), style="not bold dim" if row.off else "not bold default")
        yield text


def sentence(row: Row) -> str:
    """`when payment.method starts with "paypal": clearing PayPal clearing, method PayPal`."""
    then = ", ".join(f"{name} {value}" for name, value in _then(row).items())
    asked = "" if conditions(row) == row.id else f"{conditions(row)}: "
    return f"{'(off) ' if row.off else ''}{asked}{then}" if then else conditions(row)


def conditions(row: Row) -> str:
    """`when paid is yes and store is one of fr, de`, or `anything else`."""
    asked = [condition.words for condition in row.when]
    return f"when {' and '.join(asked)}" if asked else "anything else"


def _then(row: Row) -> Mapping[str, str]:
    said = {_name(name): _text(value) for name, value in row.values.items() if _text(value)}
    of_summaries = () if said.get("make") == "summary" else ("form",)
    return {name: value for name, value in said.items() if (name, value) != _BY_DEFAULT and name not in of_summaries}


def _name(name: str) -> str:
    return {"class_name": "class", "source": "from"}.get(name, name)


def _text(value: Any) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    text = getattr(value, "text", None)
    return text if isinstance(text, str) else str(value)


def _lists() -> tuple[str, ...]:
    from mappings.rules import LISTS

    return LISTS


def _rows(rules: Rules, name: str) -> tuple[Row, ...]:
    return rules.rows(name)
