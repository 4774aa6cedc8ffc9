"""The load proof as a process, in its short form."""

from pathlib import Path

import pytest

from tests.services.proving import proved

SHORT = ("--contacts", "1000", "--seconds", "20", "--poll", "1", "--quiet-at", "200", "400")


@pytest.mark.processes
@pytest.mark.timeout(600)
def test_the_promises_hold_under_edits_of_both_sides(tmp_path: Path) -> None:
    told = proved("benchmarks.proof", SHORT, tmp_path, timeout_s=500)
    assert told["edits"] > 400
    assert told["writes"] > 300
    assert list(tmp_path.iterdir()) == []
