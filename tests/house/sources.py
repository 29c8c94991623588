"""The product's own source, for tests that read it: files of the five packages and their syntax trees."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGES = ("flows", "tasks", "mappings", "state", "deploy")


def name_of(path: Path) -> str:
    """A file as people call it, from the repository's root."""
    return path.relative_to(ROOT).as_posix()


def files(*packages: str) -> list[Path]:
    """The Python files of these packages, or of all, by name."""
    return sorted(path for package in packages or PACKAGES for path in (ROOT / package).rglob("*.py"))


@cache
def tree(path: Path) -> ast.Module:
    """A file's syntax tree."""
    return ast.parse(path.read_text(encoding="utf-8"))


def nodes(path: Path) -> Iterator[ast.stmt | ast.expr | ast.excepthandler]:
    """All of a file's syntax that stands on a line."""
    return (node for node in ast.walk(tree(path)) if isinstance(node, ast.stmt | ast.expr | ast.excepthandler))
