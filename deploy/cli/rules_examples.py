"""`magebooks rules keep | accept`, and what `rules check` says about the examples in a home: `examples/NAME.toml`."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter
from rich.text import Text

from deploy.cli import words
from deploy.cli.opened import rules_of, settings_of
from deploy.cli.session import Answer, Failure, Given

if TYPE_CHECKING:
    from deploy.cli.landed import Landed
    from mappings.compare_entries import EntryChange
    from mappings.examples import Example
    from mappings.model import Problem
    from mappings.rules import Rules
    from state.settings import Settings

Json = dict[str, Any]
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9 _.-]{0,63}")


def keep(
    order: Annotated[str, Parameter(help="An order's number.")],
    *,
    name: Annotated[str, Parameter(help="What to call the example; by default the order's number.")] = "",
    session: Given,
) -> Answer:
    """Keep what the rules make of an order as an example that every `rules check` runs."""
    from mappings.examples import write_example

    settings = settings_of(session)
    number = order.removeprefix("order/").lstrip("#")
    path = _path(settings, name or number)
    if path.exists():
        raise Failure(
            "example-exists",
            f'There is an example called "{path.stem}" already.',
            f'Another name: --name. What it should say now: magebooks rules accept "{path.stem}"',
        )
    example = _made(settings, {path.stem: number})[path.stem]
    path.parent.mkdir(exist_ok=True)
    path.write_text(write_example(example), encoding="utf-8")
    data = {"kept": path.stem, "file": str(path), "order": number, "entries": [each.key for each in example.entries]}
    entries = words.count(len(example.entries), "entry", "entries")
    told = Text(f"{path} holds order {number} with {entries}.", style="green")
    return Answer(data, (told, words.hints([("magebooks rules check", "runs all examples")], session.home)))


def accept(
    *name: Annotated[str, Parameter(help="Examples whose entries may change as the rules say now.")],
    session: Given,
) -> Answer:
    """Accept that examples changed: they hold from now on what the rules make of them today."""
    from deploy.cli.rules_told import changed
    from mappings.examples import changes, write_example

    settings = settings_of(session)
    kept = read_all(settings.examples_path)
    if not name or (unknown := sorted(set(name) - set(kept))):
        asked = f'No example is called "{unknown[0]}".' if name else "Say which examples."
        raise Failure("no-example", asked, f"There are: {', '.join(kept) or 'none yet (magebooks rules keep ORDER)'}")
    made = _made(settings, {each: kept[each].order for each in name})
    accepted = {each: _changes(changes(kept[each], example)) for each, example in made.items()}
    for each, example in made.items():
        _path(settings, each).write_text(write_example(example), encoding="utf-8")
    told = [part for each, found in accepted.items() for part in (Text(f"{each} is accepted."), *changed(found))]
    return Answer({"accepted": accepted}, tuple(told))


def run_all(folder: Path, found: Landed, rules: Rules) -> Json:
    """Run every example in the folder, as `rules check --json` says it: how many are as kept, and what changed."""
    kept = read_all(folder)
    made = _run(found, rules, {name: example.order for name, example in kept.items()})
    told = [_told(name, example, made.get(name)) for name, example in kept.items()]
    changed = [one for one in told if one is not None]
    return {"kept": len(kept), "same": len(kept) - len(changed), "changed": changed}


def read_all(folder: Path) -> dict[str, Example]:
    """The examples in a folder by name. Raises Failure for a file that cannot be used."""
    from mappings.examples import ExampleError, read_example

    examples = {}
    for path in sorted(folder.glob("*.toml")):
        try:
            examples[path.stem] = read_example(path.read_text(encoding="utf-8"))
        except (ExampleError, UnicodeDecodeError) as error:
            fix = "Correct the file, or delete it and keep the order again: magebooks rules keep ORDER"
            raise Failure("example", f"{path} cannot be used: {error}", fix) from error
    return examples


def _told(name: str, kept: Example, made: Example | Problem | None) -> Json | None:
    """None where the example is as kept."""
    from mappings.examples import Example, changes

    found = changes(kept, made) if isinstance(made, Example) else ()
    if isinstance(made, Example) and not found:
        return None
    if made is None:
        reason = "The order has not landed here, so it could not be tried."
    elif not isinstance(made, Example):
        reason = f"It would be held: {made.reason}"
    elif made.changed_at != kept.changed_at:
        reason = "It is booked otherwise now. The order has changed in the shop, too, since it was kept."
    else:
        reason = "The rules book it otherwise now."
    return {"name": name, "order": kept.order, "reason": reason, "changes": _changes(found)}


def _changes(found: tuple[EntryChange, ...]) -> list[Json]:
    return [
        {
            "key": change.key,
            "words": list(change.words),
            "accounts": {account: f"{amount:.2f}" for account, amount in change.accounts},
        }
        for change in found
    ]


def _run(found: Landed, rules: Rules, orders: dict[str, str]) -> dict[str, Example | Problem]:
    """What `rules` make of these orders (by example), as far as they have landed."""
    from mappings.examples import make_example

    if not orders:
        return {}
    sales = found.sales(list(orders.values()))
    made = {
        order.number: make_example(order, invoices, context, rules, memos) for order, invoices, memos, context in sales
    }
    return {name: made[number] for name, number in orders.items() if number in made}


def _made(settings: Settings, orders: dict[str, str]) -> dict[str, Example]:
    """The examples of these orders under the home's rules. Raises Failure where one cannot be made."""
    from deploy.cli.landed import landed
    from mappings.examples import Example

    rules = rules_of(settings)
    with landed(settings) as found:
        if isinstance(found, str):
            raise Failure("nothing-read", found, "Read the shop first: magebooks sync")
        made = _run(found, rules, orders)
    examples = {}
    for name, number in orders.items():
        one = made.get(name)
        if one is None:
            raise Failure("unknown-order", f"Order {number} has not been read.", "Was it read yet? magebooks sync")
        if not isinstance(one, Example):
            raise Failure("would-be-held", f"Order {number} would be held: {one.reason}", one.fix)
        examples[name] = one
    return examples


def _path(settings: Settings, name: str) -> Path:
    if not _NAME.fullmatch(name):
        raise Failure("usage", f'"{name}" is no name for an example.', "Use letters, digits, blanks and . _ - only.")
    return settings.examples_path / f"{name}.toml"
