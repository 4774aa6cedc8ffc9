"""The page on security beside the tests: every row is proved, and every proof is named there."""

import ast
import re
from collections import defaultdict
from functools import cache
from pathlib import Path
from typing import NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "security.md"
ROWS = [f"S{number}" for number in range(1, 25)]
NAMED = re.compile(r"test_S0?(\d{1,2})_")


class Row(NamedTuple):
    """One line of the table."""

    id: str
    risk: str
    control: str
    where: str
    tests: str
    command: str


def rows() -> dict[str, Row]:
    found = {}
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split(" | ")]
        if len(cells) == len(Row._fields) and re.fullmatch(r"S\d+", cells[0]):
            found[cells[0]] = Row(*cells)
    return found


@cache
def proofs() -> dict[str, dict[str, str]]:
    """Every test that begins with the id of a row: name and file, by row."""
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for path in sorted((ROOT / "tests").rglob("test_*.py")):
        for node in ast.parse(path.read_text()).body:
            if isinstance(node, ast.FunctionDef) and (named := NAMED.match(node.name)):
                found[f"S{named[1]}"][node.name] = str(path.relative_to(ROOT))
    return found


@pytest.mark.parametrize("id", ROWS)
def test_every_row_has_a_test_that_bears_its_id(id: str) -> None:
    assert proofs().get(id), f"no test begins with test_{id}_"


def test_no_test_bears_the_id_of_a_row_that_is_not() -> None:
    assert set(proofs()) <= set(ROWS)


def test_the_page_has_every_row_once_and_in_order() -> None:
    assert list(rows()) == ROWS
    text = PAGE.read_text()
    assert len(re.findall(r"^\| S\d+ \|", text, re.MULTILINE)) == len(ROWS)
    assert f"**{len(ROWS)} of {len(ROWS)}**" in text


@pytest.mark.parametrize("id", ROWS)
def test_a_row_names_where_the_control_is_and_the_file_that_proves_it(id: str) -> None:
    row = rows()[id]
    assert row.risk
    assert row.control
    for path in re.findall(r"`([\w./-]+/[\w./-]+)`", row.where):
        assert (ROOT / path).exists(), path
    assert re.findall(r"`[\w./-]+`", row.where)
    files = set(re.findall(r"`(tests/[\w./]+\.py)`", row.tests))
    assert files
    for each in files:
        assert each in proofs()[id].values(), f"{each} has no test of {id}"
    told = re.fullmatch(r"`pytest (tests/[\w./ ]+) -k (S\d\d|S\d_)`", row.command)
    assert told, row.command
    assert set(told[1].split()) == files
    assert told[2].strip("_S").lstrip("0") == id[1:]


@pytest.mark.parametrize("id", ROWS)
def test_the_command_of_a_row_runs_its_tests(id: str) -> None:
    chosen = rows()[id].command.strip("`").rpartition(" ")[2]
    assert [name for name in proofs()[id] if chosen in name], chosen
