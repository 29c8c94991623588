"""The size that a file or function may have, and that each says what it is for."""

import ast
from collections.abc import Iterator
from pathlib import Path

from tests.house.sources import files, name_of, nodes, tree

LONGEST_FILE = 350
LONGEST_FUNCTION = 60
Function = ast.FunctionDef | ast.AsyncFunctionDef


def ours() -> list[Path]:
    """All files but revisions of the schema, whose shape is Alembic's."""
    return [path for path in files() if "versions" not in path.parts]


def functions(path: Path) -> Iterator[Function]:
    """All functions of a file, methods and inner ones too."""
    return (node for node in nodes(path) if isinstance(node, Function))


def lines_of(function: Function) -> int:
    """How long a function is without its docstring."""
    whole = (function.end_lineno or function.lineno) - function.lineno + 1
    first = function.body[0]
    documented = ast.get_docstring(function) is not None
    return whole - ((first.end_lineno or first.lineno) - first.lineno + 1 if documented else 0)


def test_no_file_is_longer_than_a_person_reads_at_a_sitting() -> None:
    long = {name_of(path): len(path.read_text().splitlines()) for path in ours()}
    assert {name: length for name, length in long.items() if length > LONGEST_FILE} == {}


def test_no_function_is_longer_than_a_screen() -> None:
    long = [
        (name_of(path), each.name) for path in ours() for each in functions(path) if lines_of(each) > LONGEST_FUNCTION
    ]
    assert long == []


def test_every_module_says_what_it_is_for() -> None:
    assert [name_of(path) for path in files() if not ast.get_docstring(tree(path))] == []


def test_every_public_function_and_class_says_what_it_does() -> None:
    silent = [
        f"{name_of(path)}:{node.lineno} {node.name}"
        for path in ours()
        for node in tree(path).body
        if isinstance(node, Function | ast.ClassDef) and not node.name.startswith("_") and not ast.get_docstring(node)
    ]
    assert silent == []


def test_no_failure_is_swallowed_whole() -> None:
    """A handler for everything has to do something; `suppress(Exception)` is the same thing in other words."""
    found = [f"{name_of(path)}:{node.lineno}" for path in ours() for node in nodes(path) if _swallows(node)]
    assert found == []


def _swallows(node: ast.AST) -> bool:
    if isinstance(node, ast.ExceptHandler):
        return _catches_all(node.type) and all(isinstance(each, ast.Pass | ast.Continue) for each in node.body)
    return (
        isinstance(node, ast.Call) and ast.unparse(node.func).endswith("suppress") and any(map(_catches_all, node.args))
    )


def _catches_all(kind: ast.expr | None) -> bool:
    return kind is None or ast.unparse(kind) in ("Exception", "BaseException")


def test_nothing_is_left_to_be_done() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X", "NotImplemented" + "Error")
    left = [(name_of(path), mark) for path in files() for mark in marks if mark in path.read_text()]
    assert left == []
