"""Each row of the fault catalogue has a test, and the page about them names it."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "faults.md"
_ROW = re.compile(r"^\| (F\d{3}) \|(.*)$", re.MULTILINE)
_NAMED = re.compile(r"(?<![a-z0-9])f(\d{3})(?!\d)")
_TEST = re.compile(r"`(test_\w+)`")
ROWS = [f"F{number:03}" for number in range(1, 93)]


def _tests() -> Iterator[str]:
    """The names of all test functions, read without running anything."""
    for path in (ROOT / "tests").rglob("test_*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield node.name


def _tests_by_row() -> dict[str, list[str]]:
    found: dict[str, list[str]] = {}
    for name in _tests():
        for number in _NAMED.findall(name.replace("_", " ")):
            found.setdefault(f"F{number}", []).append(name)
    return found


def test_every_row_has_a_test() -> None:
    """A row without one is a promise that nobody checks."""
    found = _tests_by_row()

    assert [row for row in ROWS if row not in found] == []


def test_the_page_lists_every_row_and_names_tests_that_exist() -> None:
    """Each row stands once, in order, with one of its tests; no name is out of date."""
    listed = _ROW.findall(PAGE.read_text())
    found = _tests_by_row()

    assert [row for row, _ in listed] == ROWS
    wrong = {
        row: named
        for row, cells in listed
        if not (named := _TEST.findall(cells)) or not set(named) <= set(found.get(row, ()))
    }
    assert wrong == {}
