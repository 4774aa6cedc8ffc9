"""The page beside HubSpot's own integration: no row missing or made up, every test is there."""

import os
import re
from collections import Counter
from collections.abc import Iterator
from typing import NamedTuple

import pytest

from tests.parity.named import ROOT, every_test

PAGE = ROOT / "docs" / "parity.md"
SHARED = os.environ.get("GUESTLIST_SHARED", ROOT.parent / "shared")
REFERENCE = ROOT / SHARED / "reference" / "native_integration.md"
ROWS = {
    "TRG": 25,
    "INC": 22,
    "CRE": 6,
    "RUL": 10,
    "MAP": 14,
    "TYP": 14,
    "OWN": 6,
    "DUP": 9,
    "CNV": 1,
    "MRG": 4,
    "DEL": 9,
    "LIF": 4,
    "ERR": 8,
    "RET": 4,
    "API": 9,
    "MAN": 5,
    "IMP": 4,
}
"""Rows of each section that is compared; they are numbered from 1 without a gap."""
KNOWN = [f"{prefix}-{n:02}" for prefix, last in ROWS.items() for n in range(1, last + 1)]
STATES = ("done", "different", "not applicable", "not yet")


class Row(NamedTuple):
    """One line of a table of the page."""

    id: str
    native: str
    here: str
    tests: str

    @property
    def state(self) -> str:
        found = re.match(r"\*\*([a-z ]+)\*\*", self.here)
        return found.group(1) if found else ""


def rows() -> Iterator[Row]:
    for line in PAGE.read_text().splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if re.fullmatch(r"[A-Z]{3}-\d+.*", cells[0]):
            yield Row(*cells)


def test_every_row_is_told_once_and_none_is_made_up() -> None:
    told = Counter(row.id for row in rows())
    assert sorted(told.elements()) == sorted(KNOWN)


@pytest.mark.skipif(not REFERENCE.exists(), reason=f"no reference at {REFERENCE}")
def test_the_rows_are_those_of_the_reference() -> None:
    found = re.findall(r"^\| ([A-Z]{3}-\d\d) \|", REFERENCE.read_text(), re.MULTILINE)
    assert sorted(row for row in found if row[:3] in ROWS) == sorted(KNOWN)


@pytest.mark.parametrize("row", [*rows()], ids=lambda row: row.id)
def test_a_row_says_what_is_so_here_and_shows_it(row: Row) -> None:
    assert row.native
    assert row.state in STATES
    shown = re.findall(r"`([^`]+)`", row.tests)
    if row.state in {"done", "different"}:
        assert shown, "a test shows it"
    if row.state != "done":
        assert ": " in row.here, "it says why"


def test_every_test_that_the_page_names_is_there() -> None:
    named = re.findall(r"`(tests/[^`:]+\.py)(?:::(\w+))?`", PAGE.read_text())
    assert named
    there = set(every_test())
    missing = [
        (path, name)
        for path, name in named
        if ((path, name) not in there if name else not (ROOT / path).exists())
    ]
    assert missing == []
