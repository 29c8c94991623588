"""Pydantic's errors about a rules file as faults in a bookkeeper's words, with the nearest right name."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from mappings.rules_findings import Fault, nearest, short
from mappings.rules_model import LISTS, NOT_IN_FILE, Rules
from mappings.rules_places import Path

_WORDS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "string_type": "must be a text in quotes",
        "string_too_short": "must not be empty",
        "string_pattern_mismatch": "must not be empty",
        "bool_type": "must be true or false",
        "tuple_type": "must be a list in square brackets",
        "model_type": "must be a table of names and values",
    }
)


def faults_of(error: ValidationError) -> list[tuple[Path, Fault]]:
    """Every fault pydantic found, with its path in the file."""
    return [found for details in error.errors(include_url=False) for found in _read(details)]


def _read(details: ErrorDetails) -> list[tuple[Path, Fault]]:
    path, kind, context = details["loc"], details["type"], details.get("ctx", {})
    if kind == "faults":
        return [((*path, *fault.at), fault) for fault in context["faults"]]
    if kind == "extra_forbidden":
        name = str(path[-1])
        return [(path, Fault(f'unknown field "{short(name)}"', nearest(name, _names_at(path[:-1])), quoted=True))]
    if kind == "missing" and path != ("version",):
        return [(path, Fault(f'"{path[-1]}" is missing', quoted=True))]
    return [(path, _fault(path, kind, details["input"], context) or Fault(short(details["msg"])))]


def _fault(path: Path, kind: str, value: object, context: Mapping[str, Any]) -> Fault | None:
    if path == ("version",):
        return Fault("write version = 1, the format of rules files that this MageBooks reads")
    if kind == "literal_error":
        choices = [choice.strip("'") for choice in str(context["expected"]).replace(" or ", ", ").split(", ")]
        return Fault(f'"{short(value)}" is not one of {", ".join(choices)}', nearest(str(value), choices))
    if kind == "string_too_long":
        return Fault(f"is too long; the most is {context['max_length']} characters")
    if kind == "tuple_type" and len(path) == 1 and path[0] in LISTS:
        return Fault(f"is a list of rows; write [[{path[0]}]] with two brackets")
    if kind == "string_pattern_mismatch" and path[-1] == "id":
        return Fault("must be made of letters, digits, blanks, dots, dashes and underscores, and begin with a letter "
                     "or digit")  # fmt: skip
    return Fault(_WORDS[kind]) if kind in _WORDS else None


def _names_at(path: Path) -> tuple[str, ...]:
    """The names that the file may use at `path`, as it writes them (`class`, not `class_name`)."""
    model: type[BaseModel] = Rules
    for step in path:
        if isinstance(step, str):
            model = next(_model(info.annotation) for name, info in model.model_fields.items()
                         if step in (name, info.alias))  # fmt: skip
    own = NOT_IN_FILE if model is Rules else ()
    return tuple(info.alias or name for name, info in model.model_fields.items() if name not in own)


def _model(annotation: Any) -> type[BaseModel]:
    """The model of a field: `BooksSettings`, or the row of `tuple[PaymentRow, ...]`."""
    inner = getattr(annotation, "__args__", (annotation,))[0]
    found: type[BaseModel] = inner
    return found
