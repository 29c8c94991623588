"""Why rules above the one that won did not decide, for `magebooks explain`."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mappings.decide import Passed
    from mappings.facts import Facts
    from mappings.rules import Row, Rules

Told = dict[str, str | None]


def passed_over(name: str, row_id: str, rules: Rules, facts: Facts) -> list[Told]:
    """The rows in use above the winner: its first condition that failed, and what the document said.

    `facts` are those kept with the entry and the line. A row that asks for others is shown with its conditions, and
    `found` is None.
    """
    from mappings.decide import trace
    from mappings.rules import LISTS
    from mappings.rules_advice import rival

    rows = rules.rows(name) if name in LISTS else ()
    winner = next((row for row in rows if row.id == row_id), None)
    if winner is None:
        return []
    above = rows[: rows.index(winner)]
    rivals = [row for row in above if not row.off and rival(name, row, winner)]
    told = ((_untold(row),) if _unknown(row, facts) else map(_told, trace(facts, (row,), None)) for row in rivals)
    return [one for each in told for one in each]


def _unknown(row: Row, facts: Facts) -> bool:
    from mappings.facts import is_personal

    return not all(each.fact in facts or is_personal(each.fact) for each in row.when)


def _told(passed: Passed) -> Told:
    condition = passed.condition
    return {
        "row": passed.row_id,
        "words": passed.words,
        "fact": condition.fact,
        "operator": condition.operator,
        "wanted": condition.words.removeprefix(f"{condition.fact} "),
        "found": passed.found,
    }


def _untold(row: Row) -> Told:
    from deploy.cli.rules import conditions

    words = f"{row.id} ({conditions(row)})"
    return {"row": row.id, "words": words, "fact": None, "operator": None, "wanted": None, "found": None}
