import subprocess
import sys

import pytest

from guestlist.domain.outcome import RunState
from guestlist.store import runs, work
from guestlist.store.database import Database
from tests.store.rows import LEASE, NOW, SECOND, a_queue, claim, created, the_run

KEYS = ["1", "2", "3"]

CLAIM_AND_HANG = """
import sys, signal
from guestlist.store import work
from guestlist.store.database import Database
from tests.store.rows import NOW, claim, created

database = Database(sys.argv[1])
with database.begin() as conn:
    claim(conn, ["1", "2", "3"], "killed")
with database.begin() as conn:
    work.finish(conn, "r_1", "killed", [created("1")], now=NOW)
with database.begin() as conn:
    work.finish(conn, "r_1", "killed", [created("2")], now=NOW)
    print("uncommitted", flush=True)
    signal.pause()
"""


@pytest.mark.processes
def test_what_a_killed_worker_held_is_claimed_by_another_after_its_lease(
    database: Database,
) -> None:
    a_queue(database, KEYS)
    command = [sys.executable, "-c", CLAIM_AND_HANG, database_url(database)]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as worker:
        assert worker.stdout is not None
        assert worker.stdout.readline() == b"uncommitted\n"
        worker.kill()
    assert (the_run(database).created, the_run(database).waiting) == (1, 2)
    with database.begin() as conn:
        assert claim(conn, KEYS, "early", now=NOW + LEASE - SECOND) == []
        again = claim(conn, KEYS, "next", now=NOW + LEASE)
        assert sorted((row.key, row.attempts) for row in again) == [("2", 2), ("3", 2)]
        work.finish(conn, "r_1", "next", [created("2"), created("3")], now=NOW + LEASE)
        assert runs.finish_if_done(conn, "r_1", NOW + LEASE)
    assert the_run(database).state is RunState.COMPLETE
    assert the_run(database).created == 3


def database_url(database: Database) -> str:
    return database.engine.url.render_as_string(hide_password=False)
