"""E4, E5, E7: the broker, a doubled message, the database: lost half-way, and nothing with them."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import redis

from tests.kill.postgres import mortal_postgres
from tests.kill.theatre import Theatre, theatre
from tests.services.postgres_server import fresh_database
from worker.queues import SYNC_RECORDS

SLOW = {"crm": "salesforce", "kind": "delay", "route": "POST */composite", "seconds": 3, "times": 2}
"""Twice as long as a lease lasts: a worker that lives has to renew it."""
DOUBLED = 5

pytestmark = pytest.mark.processes


@pytest.fixture(scope="module")
def here(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Theatre]:
    folder = tmp_path_factory.mktemp("outages")
    with theatre(folder, f"sqlite:///{folder / 'state.db'}") as made:
        yield made


def test_E4_a_broker_that_is_killed_and_comes_back_empty_takes_no_work_with_it(
    here: Theatre,
) -> None:
    since = len(here.it.journal())
    for _ in range(3):
        here.stir()
        here.it.kill_redis()
        here.it.start_redis()
    assert here.ends_well(since) == []


def test_E4_a_broker_that_is_full_takes_no_message_and_loses_no_work(here: Theatre) -> None:
    since = len(here.it.journal())
    with redis.Redis.from_url(here.it.environ["GUESTLIST_BROKER_URL"]) as broker:
        broker.config_set("maxmemory", "1mb")
        with pytest.raises(redis.ResponseError, match=r"OOM|maxmemory"):
            broker.set("more", "x" * 2_000_000)
        here.stir()
        broker.config_set("maxmemory", "0")
    assert here.ends_well(since) == []


def test_E5_a_message_delivered_again_and_again_while_its_task_runs_has_one_effect(
    here: Theatre,
) -> None:
    """Redis delivers again what was not acknowledged in time, however well the worker is."""
    since = len(here.it.journal())
    here.fault(SLOW)
    here.stir()
    here.look_until(lambda: here.under_way() is not None, what="a record under way")
    found = here.under_way()
    assert found
    received = here.it.log("worker").count(f"Task {SYNC_RECORDS}")
    for _ in range(DOUBLED):
        here.send(SYNC_RECORDS, *found, queue="changes")
    assert here.ends_well(since) == []
    assert here.it.log("worker").count(f"Task {SYNC_RECORDS}") >= received + DOUBLED


def test_E7_a_database_killed_again_and_again_keeps_what_it_acknowledged(tmp_path: Path) -> None:
    with (
        mortal_postgres() as server,
        fresh_database(server.directory) as url,
        theatre(tmp_path, url) as made,
    ):
        since = len(made.it.journal())
        for _ in range(4):
            made.stir()
            server.die_and_come_back()
        assert made.ends_well(since) == []
