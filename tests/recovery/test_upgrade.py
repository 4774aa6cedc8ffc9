"""Old and new code side by side (E11): while workers are exchanged one by one, both are at work.

Held by three checks: every migration leaves the code before it all that it uses; messages keep
their names and arguments; and where git's history is at hand, workers of the code before the last
migration and of this one carry out one list sync together, while the database is upgraded.
"""

import inspect
import subprocess
import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import text

from guestlist.store.database import Database
from guestlist.store.schema import upgrade
from tests.kill.stage import NARROW, QUICK, ROOT, THREADS, Stage, stage
from tests.kill.test_kill import State, _adds_up, _is_right
from tests.recovery.schemas import Column, Schema, at, broken, revisions
from tests.services.processes import wait_until
from worker.celery import app
from worker.queues import QUEUES

MESSAGES: dict[str, list[object]] = {
    "tasks.sync.sync_records": ["r_1", ["101", "003000000000001"]],
    "tasks.producers.enumerate_list": ["r_1"],
    "tasks.producers.poll_hubspot": [],
    "tasks.producers.poll_salesforce": [],
    "tasks.producers.poll_joins": [],
    "tasks.producers.poll_leaves": [],
    "tasks.producers.poll_formulas": [],
    "tasks.producers.poll_audit": [],
    "tasks.upkeep.sweep": [],
    "tasks.upkeep.prune": [],
}
"""What workers of an earlier release may have sent.  A task whose arguments change gets another
name; the old name stays for a release."""
LANES = {"interactive", "changes", "bulk", "upkeep"}


def test_E11_every_migration_leaves_the_code_before_it_all_that_it_uses(
    database_url: str,
) -> None:
    steps = revisions(database_url)
    old = at(database_url, steps[0])
    for revision in steps[1:]:
        new = at(database_url, revision)
        assert list(broken(old, new)) == [], f"revision {revision}: expand now, contract later"
        old = new
    assert len(steps) > 5


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("ALTER TABLE links RENAME COLUMN agreed TO agreed_values", "links.agreed is gone"),
        ("ALTER TABLE work DROP COLUMN facts", "work.facts is gone"),
        ("DROP TABLE stragglers", "stragglers is gone"),
        ("ALTER TABLE runs ADD COLUMN more TEXT NOT NULL DEFAULT ''", None),
        ("ALTER TABLE runs ADD COLUMN more TEXT", None),
        ("CREATE UNIQUE INDEX u ON work (key)", "work: key have to be unique now"),
    ],
)
def test_E11_a_migration_that_would_break_the_code_before_it_is_found(
    statement: str, words: str | None, tmp_path: Path
) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    upgrade(url)
    old = at(url, "head")
    database = Database(url)
    with database.begin() as conn:
        conn.execute(text(statement))
    database.dispose()
    found = list(broken(old, at(url, "head")))
    assert words in found if words else not found


def test_E11_a_new_column_that_old_statements_leave_out_needs_a_default() -> None:
    was = Column("TEXT", nullable=True, filled=False)
    must = Column("TEXT", nullable=False, filled=False)
    old = Schema({"links": {"key": was}}, frozenset())
    new = Schema({"links": {"key": must, "more": must}}, frozenset())
    assert sorted(broken(old, new)) == [
        "links.key has to have a value now",
        "links.more is new and has neither NULL nor a default",
    ]


@pytest.mark.parametrize(("name", "arguments"), MESSAGES.items())
def test_E11_messages_of_earlier_workers_are_understood(name: str, arguments: list[object]) -> None:
    app.loader.import_default_modules()
    assert inspect.signature(app.tasks[name].run).bind(*arguments)


def test_E11_what_is_sent_is_what_earlier_workers_take(monkeypatch: pytest.MonkeyPatch) -> None:
    from schemas.settings import Lane
    from worker.publisher import CeleryPublisher

    sent: list[tuple[str, object]] = []
    monkeypatch.setattr(app, "send_task", lambda task, given, **_: sent.append((task, given)))
    publisher = CeleryPublisher(app)
    publisher.sync("r_1", ["101", "003000000000001"], lane=Lane.BULK)
    publisher.enumerate("r_1")
    assert sent == [(name, tuple(given)) for name, given in list(MESSAGES.items())[:2]]
    assert {queue.name for queue in QUEUES} >= LANES


@pytest.mark.processes
def test_E11_workers_of_the_code_before_the_last_migration_work_beside_these(
    postgres_url: str, tmp_path: Path
) -> None:
    old = _code_before_the_last_migration(tmp_path / "old")
    with stage(tmp_path, postgres_url, **QUICK, **NARROW) as it:
        it.environ["PYTHONPATH"] = str(old)
        it.start_redis()
        it.start_sandbox("--contacts", "2500", "--seed", "upgrade", "--no-limits")
        it.slow_down("salesforce", 1.0)
        it.guestlist("database", "upgrade")
        it.guestlist("list", "use", it.sandbox["lists"]["inclusion"], "--yes")
        it.worker("older", *THREADS)
        it.celery("beat", "beat")
        run = it.guestlist("sync", "start", "--yes")
        database = Database(postgres_url)
        state = State(database, run["id"])
        state.goes_on()
        _exchange(it, state)
        wait_until(
            lambda: not state.run.waiting and bool(state.run.finished_at),
            what="the end",
            patience=240,
        )
        _adds_up(state)
        _is_right(it)
        database.dispose()


def _exchange(it: Stage, state: State) -> None:
    """Upgrade the database, and let workers of both kinds go on until the older ones end."""
    it.environ["PYTHONPATH"] = str(ROOT)
    upgraded = it.guestlist("database", "upgrade")
    assert upgraded["changed"]
    it.worker("newer", *THREADS)
    wait_until(lambda: "batch_done" in it.log("newer"), what="a newer batch", patience=120)
    done = it.log("older").count("batch_done")
    wait_until(
        lambda: it.log("older").count("batch_done") > done, what="one of the older beside it"
    )
    assert state.run.waiting, "the run was over before both had worked"
    it.kill("older")
    assert "batch_fault" not in it.log("older") + it.log("newer")


def _code_before_the_last_migration(folder: Path) -> Path:
    """Unpack it from git's history, or skip: a checkout may have none."""
    newest = max((ROOT / "migrations" / "versions").glob("0*.py"))
    where = newest.relative_to(ROOT)
    found = _git("log", "-1", "--format=%H", "--", str(where)).decode().strip()
    archive = _git("archive", "--format=tar", f"{found}^") if found else b""
    if not archive:
        pytest.skip("no history of git here; the other tests of E11 stand for it")
    with tarfile.open(fileobj=BytesIO(archive)) as tar:
        tar.extractall(folder, filter="data")
    return folder


def _git(*line: str) -> bytes:
    try:
        done = subprocess.run(["git", *line], cwd=ROOT, capture_output=True, check=False)
    except FileNotFoundError:
        return b""
    return done.stdout if done.returncode == 0 else b""
