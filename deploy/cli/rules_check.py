"""`magebooks rules check`: is the file valid, does each rule decide something, what of the shop's history is left open.

Without any network: the history is what has landed already.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from cyclopts import Parameter

from deploy.cli.opened import settings_of
from deploy.cli.session import Answer, Exit, Failure, Given, Session

if TYPE_CHECKING:
    from mappings.rules import Finding, Rules
    from mappings.rules_advice import Advice
    from state.settings import Settings

Json = dict[str, Any]
_ROW = re.compile(r'(\w+) "([^"]+)"')


def check(
    *,
    file: Annotated[Path | None, Parameter(help="Another file than the home's rules.toml.")] = None,
    history: Annotated[bool, Parameter(help="Try the rules on the documents that have landed.")] = True,
    session: Given,
) -> Answer:
    """Is the rules file valid, and does it cover what the shop sells? Findings name file, line, row and fix."""
    from deploy.cli.rules_told import told, wrong
    from mappings.rules import RulesError, load
    from mappings.rules_advice import advise

    path = file or settings_of(session).rules_path
    if not path.is_file():
        raise Failure("no-rules", f"{path} does not exist.", "Make it from a template: magebooks init")
    try:
        text = path.read_text(encoding="utf-8")
        rules = load(text, str(path))
    except RulesError as error:
        findings = [_fault(finding) for finding in error.findings]
        return Answer({"valid": False, "file": str(path), "findings": findings}, tuple(wrong(error)), Exit.USAGE)
    data = {
        "valid": True,
        "file": str(path),
        "hash": rules.hash,
        "rules": _counts(rules),
        "findings": [_advice(each) for each in advise(rules, text)],
        **_tried(session, rules, history),
    }
    return Answer(data, tuple(told(data, session.home)), _status(data))


def _status(data: Json) -> Exit:
    held = data["history"] is not None and any(gap["held"] for gap in data["history"]["not_covered"])
    changed = data["examples"] is not None and data["examples"]["changed"]
    return Exit.LOOK if data["findings"] or held or changed else Exit.DONE


def _tried(session: Session, rules: Rules, with_history: bool) -> Json:
    """Examples and history of this call's home; a file may be checked without a home."""
    from deploy.cli.landed import landed
    from deploy.cli.rules_examples import run_all
    from deploy.cli.rules_history import history

    nothing: Json = {"examples": None, "history": None, "note": ""}
    settings = _home(session)
    if settings is None:
        return nothing
    with landed(settings) as found:
        if isinstance(found, str):
            return nothing | {"note": f"{found} So the rules were not tried on what the shop has sold."}
        if with_history:
            session.say("Trying the rules on what the shop has sold ...")
        examples = run_all(settings.examples_path, found, rules)
        return nothing | {"examples": examples, "history": history(found, rules) if with_history else None}


def _home(session: Session) -> Settings | None:
    try:
        return settings_of(session)
    except Failure:
        return None


def _counts(rules: Rules) -> dict[str, int]:
    from mappings.rules import LISTS

    return {name: len(rules.rows(name)) for name in LISTS}


def _fault(finding: Finding) -> Json:
    row = _ROW.match(finding.field)
    return {
        "code": "invalid",
        "source": finding.source,
        "line": finding.line,
        "field": finding.field,
        "list": row[1] if row else "",
        "row": row[2] if row else "",
        "message": finding.message,
        "nearest": finding.nearest,
        "fix": f'Write "{finding.nearest}".' if finding.nearest else "",
    }


def _advice(advice: Advice) -> Json:
    names = ("code", "source", "line", "list", "row", "message", "fix")
    place = {"field": f'{advice.list} "{advice.row}"', "nearest": ""}
    return {name: getattr(advice, name) for name in names} | place
