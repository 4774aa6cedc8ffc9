"""RabbitMQ as the broker, by nothing but its URL; Redis only keeps the shared limits."""

from pathlib import Path

import pytest

from guestlist.domain.outcome import RunState
from guestlist.store import runs
from guestlist.store.database import Database
from tests.kill.stage import CHILDREN, NARROW, QUICK, THREADS, stage
from tests.services.processes import wait_until
from tests.services.rabbitmq_server import running_rabbit

pytestmark = pytest.mark.processes


def test_a_list_sync_over_rabbitmq_survives_the_death_of_a_worker(tmp_path: Path) -> None:
    database_url = f"sqlite:///{tmp_path / 'state.db'}"
    broker = tmp_path / "rabbit"
    broker.mkdir()
    with running_rabbit(broker) as rabbit, stage(tmp_path, database_url, **QUICK, **NARROW) as it:
        it.start_redis()
        it.environ["GUESTLIST_LIMITS_URL"] = it.environ["GUESTLIST_BROKER_URL"]
        it.environ["GUESTLIST_BROKER_URL"] = rabbit.url
        it.start_sandbox("--contacts", "600", "--seed", "rabbit", "--no-limits")
        it.slow_down("salesforce", 0.2)
        it.guestlist("database", "upgrade")
        it.guestlist("list", "use", it.sandbox["lists"]["inclusion"], "--yes")
        it.worker("threads", *THREADS)
        it.worker("children", *CHILDREN)
        it.celery("beat", "beat")
        id = it.guestlist("sync", "start", "--yes")["id"]
        database = Database(database_url)

        def run() -> runs.Run:
            with database.read() as connection:
                found = runs.get(connection, id)
            assert found
            return found

        wait_until(lambda: run().enumerated - run().waiting >= 20, what="20 outcomes", patience=90)
        it.kill("threads")
        assert run().waiting, "the run was over before the kill"
        it.hurry()
        wait_until(lambda: run().state is RunState.COMPLETE, what="the run's end", patience=90)
        ended = run()
        database.dispose()
        assert ended.enumerated == sum(ended.outcomes.values()) > 100
        journal = it.journal()
        created = [e["contact_id"] for e in journal if e["operation"] == "create"]
        assert len(created) == len(set(created)) > 20
        inclusion = it.sandbox["lists"]["inclusion"]
        assert all(inclusion in entry["lists"] for entry in journal)
        it.guestlist("sync", "start", "--wait", "--yes", code=1)
        assert it.journal() == journal
