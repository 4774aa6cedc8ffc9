import csv
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from console.spreadsheet import inert, write_rows
from tests.console.conftest import Console


@given(st.text())
def test_no_cell_is_ever_a_formula(text: str) -> None:
    cell = inert(text)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r", "\x00"))
    assert cell.removeprefix("'") == text.removeprefix("'") or cell == f"'{text}"


@pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "\r", "\x00", " =", "\n@"])
def test_what_a_spreadsheet_would_calculate_is_quoted(start: str) -> None:
    assert inert(f"{start}1+1") == f"'{start}1+1"


def test_ordinary_cells_stay_as_they_are() -> None:
    assert [inert(cell) for cell in ("Ana", "a=b", 7, None, "")] == ["Ana", "a=b", "7", "", ""]


@given(
    st.lists(st.lists(st.text().filter(lambda text: "\x00" not in text), min_size=2, max_size=2))
)
def test_every_row_comes_back_as_it_was_written(rows: list[list[str]]) -> None:
    to = io.StringIO(newline="")
    assert write_rows(to, ["a", "b"], rows) == len(rows)
    back = list(csv.reader(io.StringIO(to.getvalue(), newline="")))
    assert back == [["a", "b"], *([inert(cell) for cell in row] for row in rows)]


def test_a_run_is_exported_whole_for_people_and_for_programs(
    chosen: Console, installation: Path
) -> None:
    chosen.json("sync", "start", "--wait", code=1)
    rows = list(csv.DictReader(io.StringIO(chosen.ok("runs", "export"))))
    assert len(rows) == 60
    assert {row["outcome"] for row in rows} >= {"created", "failed", "held"}
    chosen.ok("runs", "export", "--format", "json", "--out", "records.json")
    kept = installation / "records.json"
    told = json.loads(kept.read_text())
    assert told["schema"] == "guestlist/records@1"
    assert [each["record"] for each in told["records"]] == [row["record"] for row in rows]
    assert kept.stat().st_mode & 0o077 == 0


def test_an_empty_export_still_parses(chosen: Console) -> None:
    told = {"schema": "guestlist/error-details@1", "object": "contacts", "errors": []}
    assert chosen.json("errors", "export") == told
    assert len(chosen.ok("errors", "export").splitlines()) == 1


@pytest.mark.parametrize("form", ["csv", "json"])
def test_a_program_is_told_which_file_was_written(
    chosen: Console, installation: Path, form: str
) -> None:
    told = chosen.json("errors", "export", "--format", form, "--out", "kept")
    assert told == {"schema": "guestlist/export@1", "file": "kept", "format": form, "rows": 0}
    assert (installation / "kept").exists()


def test_csv_is_no_object(chosen: Console) -> None:
    assert "--out" in chosen.json("errors", "export", "--format", "csv", code=2)["fix"]


def test_a_file_that_can_not_be_written_is_no_bug(chosen: Console) -> None:
    for line in (("errors", "export"), ("plan",)):
        told = chosen.json(*line, "--out", "nowhere/kept", code=2)
        assert told["message"] == "nowhere/kept: No such file or directory"
