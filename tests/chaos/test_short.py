"""A chaos run in its short form: the same as by ``make chaos``, as a process."""

from pathlib import Path

import pytest

from tests.services.proving import proved

KILLS = ("child killed", "main killed", "Redis killed and wiped", "database killed")
SHORT = ("--seconds", "34", "--records", "400", "--within", "180")
"""A busy machine may take its time; the figure is printed."""


@pytest.mark.processes
@pytest.mark.proof
@pytest.mark.timeout(900)
@pytest.mark.parametrize("database", ["sqlite", "postgresql"])
def test_every_promise_holds_whatever_is_killed(database: str, tmp_path: Path) -> None:
    told = proved("tests.chaos", ("--database", database, *SHORT), tmp_path, timeout_s=800)
    assert sum(told["blows"].get(kind, 0) for kind in KILLS) >= 12
    assert told["writes"] > 150
    assert list(tmp_path.glob("guestlist-*")) == []
