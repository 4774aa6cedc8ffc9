from guestlist.domain.outcome import Outcome
from guestlist.domain.reason import Reason
from guestlist.domain.way import Way
from guestlist.store import overview, ways, work
from guestlist.store.database import Database
from guestlist.store.work import Finished
from tests.store.rows import NOW, a_queue, claim


def ended(key: str, outcome: Outcome, way: Way) -> Finished:
    return Finished(key, outcome, Reason.SYNCED, way=way)


def finish(database: Database, run_id: str, *results: Finished) -> None:
    with database.begin() as conn:
        claim(conn, [each.key for each in results], "mine", run_id=run_id)
        work.finish(conn, run_id, "mine", results, now=NOW)


def test_records_are_counted_by_the_way_they_went_over_all_runs(database: Database) -> None:
    a_queue(database, ["1", "2", "3", "4", "5"], "r_1")
    a_queue(database, ["1", "6"], "r_2")
    finish(
        database,
        "r_1",
        ended("1", Outcome.UPDATED, Way.TO_SALESFORCE),
        ended("2", Outcome.UPDATED, Way.TO_SALESFORCE),
        ended("3", Outcome.UPDATED, Way.BOTH),
        ended("4", Outcome.UNCHANGED, Way.NONE),
    )
    finish(database, "r_1", ended("5", Outcome.UPDATED, Way.TO_HUBSPOT))
    finish(
        database,
        "r_2",
        ended("1", Outcome.UPDATED, Way.TO_SALESFORCE),
        ended("6", Outcome.FAILED, Way.TO_HUBSPOT),
    )
    with database.read() as conn:
        counted = {at: count for at, count in ways.totals(conn).items() if count}
    assert counted == {
        ("contacts", Outcome.UPDATED, Way.TO_SALESFORCE): 3,
        ("contacts", Outcome.UPDATED, Way.TO_HUBSPOT): 1,
        ("contacts", Outcome.UPDATED, Way.BOTH): 1,
        ("contacts", Outcome.UNCHANGED, Way.NONE): 1,
        ("contacts", Outcome.FAILED, Way.TO_HUBSPOT): 1,
    }


def test_the_ways_add_up_to_what_the_runs_count_whoever_counted_them(database: Database) -> None:
    """Records that ended before ways were counted, or were cancelled, went none."""
    a_queue(database, ["1", "2"])
    finish(database, "r_1", ended("1", Outcome.CREATED, Way.TO_SALESFORCE))
    with database.begin() as conn:
        claim(conn, ["2"], "mine")
        work.finish(conn, "r_1", "mine", [Finished("2", Outcome.CREATED, Reason.SYNCED)], now=NOW)
    with database.read() as conn:
        counted, whole = ways.totals(conn), overview.totals(conn)
    for (name, outcome), count in whole.items():
        assert sum(n for at, n in counted.items() if at[:2] == (name, outcome)) == count
    assert counted["contacts", Outcome.CREATED, Way.NONE] == 1


def test_a_result_whose_lease_was_lost_counts_no_way(database: Database) -> None:
    a_queue(database, ["1"])
    with database.begin() as conn:
        claim(conn, ["1"], "mine")
        lost = [ended("1", Outcome.CREATED, Way.TO_SALESFORCE)]
        assert work.finish(conn, "r_1", "another", lost, now=NOW) == frozenset()
    with database.read() as conn:
        assert not any(ways.totals(conn).values())
