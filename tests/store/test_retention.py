import pytest

from guestlist.domain.outcome import RunKind
from guestlist.store import listing, retention, runs
from guestlist.store.database import Database
from tests.store.rows import NOW, SECOND, a_run, ended

CHANGES = RunKind.CHANGES


def test_old_runs_are_forgotten_with_their_rows_and_the_oldest_first(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "RUNS", 2)
    for number in range(3):
        ended(database, f"c_{number}", ["1"], kind=CHANGES, now=NOW + number * SECOND)
    with database.begin() as conn:
        a_run(conn, "r_child", parent="c_0")
        assert retention.drop_runs(conn, [CHANGES], before=NOW) == 0
        assert retention.drop_runs(conn, [RunKind.JOINS], before=NOW + SECOND) == 0
        assert retention.drop_runs(conn, [CHANGES], before=NOW + SECOND) == 2
        left = runs.recent(conn)
        assert [run.id for run in left] == ["c_2", "r_child"]
        assert left[1].parent is None
        assert listing.page(conn, "c_0") == []
        assert len(listing.page(conn, "c_2")) == 1


def test_a_run_goes_with_the_last_of_its_rows(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(retention, "ROWS", 2)
    ended(database, "r_1", ["1", "2", "3"])
    with database.begin() as conn:
        assert retention.drop_runs(conn, [RunKind.LIST], before=NOW + SECOND) is None
        assert len(listing.page(conn, "r_1")) == 1
        assert runs.get(conn, "r_1") is not None
        assert retention.drop_runs(conn, [RunKind.LIST], before=NOW + SECOND) == 1
        assert runs.get(conn, "r_1") is None
