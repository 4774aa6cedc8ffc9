"""The tests of this tree by name: what pages and tables may point to."""

import ast
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[2]


@cache
def every_test() -> tuple[tuple[str, str], ...]:
    """Return the path and the name of each test function, read once."""
    files = sorted((ROOT / "tests").rglob("test_*.py"))
    return tuple(
        (path.relative_to(ROOT).as_posix(), node.name)
        for path in files
        for node in ast.walk(ast.parse(path.read_text()))
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_")
    )
