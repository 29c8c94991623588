"""Conditions of a rules row: the table under `when`, checked once and compiled to small tests.

A scalar means *is*, a list *is one of*, a table one operator: not, above, below, from + to, starts, contains, empty.
Texts are compared without regard to case and outer blanks, numbers as exact decimals, dates as days. All conditions
of a row must hold. A missing fact is empty: it is nothing in particular, so only `not` and `empty` can hold for it.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from mappings.facts import Fact, FactValue, known_fact, nearest_fact
from mappings.rules_findings import Fault, nearest, short

MOST: Final = 20
OPERATORS: Final = ("not", "above", "below", "from", "to", "starts", "contains", "empty")

Test = Callable[[FactValue], bool]
Operand = str | Decimal | bool
Read = tuple[str, tuple[Operand, ...], Test]


@dataclass(frozen=True, slots=True)
class Condition:
    """One compiled condition. `operator` is `is` or one of `OPERATORS` (`from` for from + to), `wanted` what it
    compares with, folded; `test` takes the fact's value."""

    fact: str
    operator: str
    wanted: tuple[Operand, ...]
    test: Test = field(repr=False, compare=False)

    @property
    def words(self) -> str:
        """The condition as a sentence: `payment.method is one of paypal, stripe`."""
        return f"{self.fact} {_sentence(self.operator, self.wanted)}"


class ConditionError(ValueError):
    """A `when` that cannot be used; `faults` says everything that is wrong with it."""

    def __init__(self, faults: tuple[Fault, ...]) -> None:
        super().__init__("; ".join(fault.message for fault in faults))
        self.faults = faults


def compile_when(when: object) -> tuple[Condition, ...]:
    """Compile a `when` table as TOML gives it. Raises ConditionError with every fault, not only the first."""
    if not isinstance(when, Mapping):
        raise ConditionError((Fault('must be a table, such as { "payment.method" = "checkmo" }'),))
    faults: list[Fault] = []
    if not when:
        faults.append(Fault("is empty; leave `when` out to catch anything else"))
    if len(when) > MOST:
        faults.append(Fault(f"has {len(when)} conditions; the most is {MOST}"))
    conditions = [_compile(str(name), wanted, faults) for name, wanted in when.items()]
    if faults:
        raise ConditionError(tuple(faults))
    return tuple(condition for condition in conditions if condition is not None)


def _compile(name: str, wanted: object, faults: list[Fault]) -> Condition | None:
    fact = known_fact(name)
    if fact is None:
        faults.append(_unknown(name, wanted))
        return None
    try:
        operator, operands, test = _read(fact, wanted)
    except _Wrong as wrong:
        faults.append(Fault(wrong.fault.message, wrong.fault.nearest, (name,)))
        return None
    return Condition(name, operator, operands, test)


def _unknown(name: str, wanted: object) -> Fault:
    if isinstance(wanted, Mapping):
        whole = [f"{name}.{below}" for below in wanted if known_fact(f"{name}.{below}") is not None]
        if whole:
            return Fault(f'a name with a dot is written in quotes: "{whole[0]}" = ...', at=(name,))
    return Fault(f'unknown fact "{short(name)}"', nearest_fact(name), (name,), quoted=True)


class _Wrong(Exception):
    def __init__(self, message: str, near: str = "") -> None:
        super().__init__(message)
        self.fault = Fault(message, near)


def _read(fact: Fact, wanted: object) -> Read:
    if not isinstance(wanted, Mapping):
        operands = _operands(fact, wanted)
        return "is", operands, _is(operands)
    names = tuple(wanted)
    if set(names) == {"from", "to"}:
        return _between(fact, wanted["from"], wanted["to"])
    for name in names:
        if name not in OPERATORS:
            raise _Wrong(
                f'unknown operator "{short(name)}"; known are {", ".join(OPERATORS)}', nearest(name, OPERATORS)
            )
    if len(names) != 1:
        raise _Wrong(f"takes one operator (or from and to together), not {len(names)}")
    return _operate(fact, names[0], wanted[names[0]])


def _operate(fact: Fact, operator: str, wanted: object) -> Read:
    if operator == "empty":
        if not isinstance(wanted, bool):
            raise _Wrong("operator empty takes true or false")
        return operator, (wanted,), _empty(wanted)
    if operator == "not":
        operands = _operands(fact, wanted)
        return operator, operands, _is_not(operands)
    if operator in ("from", "to"):
        raise _Wrong("from and to stand together; for one limit use above or below")
    if operator in ("above", "below"):
        _ordered(fact, operator)
        limit = _operand(fact, wanted)
        return operator, (limit,), _above(limit) if operator == "above" else _below(limit)
    if fact.type not in ("text", "choice"):
        raise _Wrong(f"operator {operator} is for texts; {fact.name} is {_a(fact)}")
    texts = _texts(operator, wanted)
    return operator, texts, _searches(operator, texts)


def _texts(operator: str, wanted: object) -> tuple[str, ...]:
    """The operands of starts and contains: texts as written, not whole values of the fact."""
    values = wanted if isinstance(wanted, list) else [wanted]
    texts = tuple(_folded(value) for value in values if isinstance(value, str))
    if len(texts) != len(values) or not all(texts) or not texts:
        raise _Wrong(f'operator {operator} takes a text in quotes, not "{short(wanted)}"')
    return texts


def _between(fact: Fact, low: object, high: object) -> Read:
    _ordered(fact, "from")
    least, most = _operand(fact, low), _operand(fact, high)
    if _above(most)(least):
        raise _Wrong(f"from {_words((least,))} to {_words((most,))} is the wrong way round")
    above, below = _below(least), _above(most)
    return "from", (least, most), lambda value: _there(value) and not above(value) and not below(value)


def _ordered(fact: Fact, operator: str) -> None:
    if fact.type not in ("number", "date"):
        raise _Wrong(f"operator {operator} is for numbers and dates; {fact.name} is {_a(fact)}")


def _operands(fact: Fact, wanted: object) -> tuple[Operand, ...]:
    if isinstance(wanted, list):
        if not wanted:
            raise _Wrong("an empty list matches nothing")
        return tuple(dict.fromkeys(_operand(fact, value) for value in wanted))
    return (_operand(fact, wanted),)


def _operand(fact: Fact, wanted: object) -> Operand:
    """`wanted` as the fact's values are compared: folded text, exact decimal, truth, or a day as 2026-11-21."""
    if fact.type == "yes/no" and isinstance(wanted, bool):
        return wanted
    if fact.type == "number" and isinstance(wanted, int | Decimal) and not isinstance(wanted, bool):
        number = Decimal(wanted)
        if number.is_finite():
            return number
    if fact.type == "date" and (day := _day(wanted)):
        return day
    if fact.type == "text" and isinstance(wanted, str):
        if _folded(wanted):
            return _folded(wanted)
        raise _Wrong("an empty text matches nothing; write { empty = true }")
    if fact.type == "choice" and isinstance(wanted, str):
        if _folded(wanted) in fact.choices:
            return _folded(wanted)
        choices = ", ".join(fact.choices)
        raise _Wrong(f'{fact.name} is never "{short(wanted)}"; it is one of {choices}', nearest(wanted, fact.choices))
    raise _Wrong(f'{fact.name} is {_a(fact)}, so it cannot be compared with "{short(_plain(wanted))}"')


def _day(wanted: object) -> str:
    if isinstance(wanted, date) and not isinstance(wanted, datetime):
        return wanted.isoformat()
    try:
        return date.fromisoformat(wanted.strip()).isoformat() if isinstance(wanted, str) else ""
    except ValueError:
        return ""


def _a(fact: Fact) -> str:
    return {
        "yes/no": "yes or no (write true or false)",
        "number": "a number (write it without quotes)",
        "date": "a date (write 2026-11-21)",
        "text": "a text (write it in quotes)",
        "choice": "a choice (write it in quotes)",
    }[fact.type]


def _plain(value: object) -> str:
    return {True: "true", False: "false"}[value] if isinstance(value, bool) else str(value)


def _sentence(operator: str, wanted: tuple[Operand, ...]) -> str:
    if operator == "from":
        return f"is from {_words(wanted[:1])} to {_words(wanted[1:])}"
    if operator == "empty":
        return "is empty" if wanted[0] else "is not empty"
    one = len(wanted) == 1
    verb = {
        "is": "is" if one else "is one of",
        "not": "is not" if one else "is none of",
        "above": "is above",
        "below": "is below",
        "starts": "starts with",
        "contains": "contains",
    }[operator]
    return f"{verb} {_words(wanted)}"


def _words(operands: tuple[Operand, ...]) -> str:
    return ", ".join(("yes" if each else "no") if isinstance(each, bool) else str(each) for each in operands)


def _folded(text: str) -> str:
    return text.strip().casefold()


def _there(value: FactValue) -> bool:
    return value is not None and value != ""


def _is(operands: tuple[Operand, ...]) -> Test:
    wanted = frozenset(operands)
    return lambda value: (value.strip().casefold() if isinstance(value, str) else value) in wanted


def _is_not(operands: tuple[Operand, ...]) -> Test:
    wanted = frozenset(operands)
    return lambda value: (value.strip().casefold() if isinstance(value, str) else value) not in wanted


def _empty(wanted: bool) -> Test:
    return lambda value: (value is None or (isinstance(value, str) and not value.strip())) is wanted


def _above(limit: Operand) -> Test:
    if isinstance(limit, str):
        return lambda value: isinstance(value, str) and value > limit
    return lambda value: isinstance(value, Decimal | int) and value > limit


def _below(limit: Operand) -> Test:
    if isinstance(limit, str):
        return lambda value: isinstance(value, str) and value != "" and value < limit
    return lambda value: isinstance(value, Decimal | int) and value < limit


def _searches(operator: str, texts: tuple[str, ...]) -> Test:
    if operator == "starts":
        return lambda value: isinstance(value, str) and value.strip().casefold().startswith(texts)
    return lambda value: isinstance(value, str) and any(text in value.casefold() for text in texts)
