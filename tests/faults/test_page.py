"""The page of faults says what the catalogue and the tests say, and figures of the last run."""

from tests.faults import page
from tests.faults.catalogue import CATALOGUE
from tests.faults.page import PAGE, Row, figures_of, replaced, rows_of

RENEW = "run: scripts/reliability, or python -m tests.faults.page to keep the figures"


def test_the_page_is_in_step_with_the_catalogue_and_the_tests() -> None:
    text = PAGE.read_text()
    figures = {id: row.figure for id, row in rows_of(text).items()}
    assert replaced(text, figures) == text, RENEW


def test_the_page_has_a_row_for_every_fault_and_none_failed() -> None:
    shown = rows_of(PAGE.read_text())
    assert list(shown) == list(CATALOGUE)
    assert [row for row in shown.values() if "FAILED" in row.figure] == []


def test_a_figure_is_what_the_tests_told_or_how_many_passed() -> None:
    results = [
        _result("a.py::test_D1_a[sqlite]", figures=["3 calls"]),
        _result("a.py::test_D1_a[postgres]", figures=["3 calls"]),
        _result("a.py::test_d10_b"),
        _result("a.py::test_E1_E2_c", outcome="failed"),
        _result("a.py::test_D1_a[elsewhere]", outcome="skipped"),
    ]
    figures = figures_of(results)
    assert figures["D1"] == "2 passed; 3 calls"
    assert figures["D10"] == "1 passed"
    assert figures["E1"] == figures["E2"] == "**FAILED**: a.py::test_E1_E2_c"
    assert "D2" not in figures


def test_rows_are_read_as_they_are_drawn() -> None:
    figures = dict.fromkeys(CATALOGUE, "1 passed")
    drawn = rows_of(page.drawn(figures))
    assert list(drawn) == list(CATALOGUE)
    assert isinstance(drawn["A1"], Row)
    assert drawn["A1"].what == CATALOGUE["A1"].what


def _result(
    test: str, outcome: str = "passed", figures: list[str] | None = None
) -> dict[str, object]:
    return {"test": test, "outcome": outcome, "figures": figures or []}
