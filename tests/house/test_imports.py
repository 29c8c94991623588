"""Who may import whom, and what files in `flows/` may be called.

Prefect puts `flows/` first on `sys.path` for good: a flow file named like another module would take its place.
"""

import ast
import subprocess
import sys
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest

from tests.house.sources import PACKAGES, ROOT, files, name_of, nodes

FLOWS = files("flows")


def imports(path: Path) -> set[str]:
    """All modules that a file names in an import, wherever in the file."""
    found: set[str] = set()
    for node in nodes(path):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module)
            found.update(f"{node.module}.{alias.name}" for alias in node.names)
    return found


@pytest.mark.parametrize("path", FLOWS, ids=name_of)
def test_no_flow_is_named_like_a_module_of_python_or_of_a_dependency(path: Path) -> None:
    others = set(sys.stdlib_module_names) | (set(packages_distributions()) - {"flows"}) | set(PACKAGES)
    assert path.stem == "__init__" or path.stem not in others


@pytest.mark.parametrize("path", FLOWS, ids=name_of)
def test_flow_files_define_no_classes(path: Path) -> None:
    # Prefect runs a flow's file a second time under another name: its classes would then be two.
    assert not [node.name for node in nodes(path) if isinstance(node, ast.ClassDef)]


def test_all_imports_are_absolute() -> None:
    relative = [
        f"{name_of(path)}:{node.lineno}"
        for path in files()
        for node in nodes(path)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert relative == []


def test_the_product_imports_none_of_its_tests() -> None:
    assert [name_of(path) for path in files() if any(name.split(".")[0] == "tests" for name in imports(path))] == []


def test_mappings_have_no_clock_environment_network_or_database() -> None:
    kept_out = {"asyncio", "duckdb", "httpx", "io", "os", "prefect", "random", "socket", "sqlalchemy", "sys", "time"}
    found = [(name_of(path), name) for path in files("mappings") for name in imports(path) if name in kept_out]
    assert found == []


def test_the_contracts_of_who_may_import_whom_are_kept(tmp_path: Path) -> None:
    command = [str(Path(sys.executable).with_name("lint-imports")), "--cache-dir", str(tmp_path)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout
