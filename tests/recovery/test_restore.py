"""Yesterday's database put back (E10): what happened since is found again, and nothing is doubled.

Judged by the model's oracles: every accepted write since the first day, and what both CRMs hold.
"""

import sqlite3
import stat
from collections.abc import Iterator
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from guestlist.domain.errors import Misconfigured
from guestlist.store.backup import back_up
from guestlist.store.database import Database
from guestlist.store.schema import upgrade
from tests.model.judge import judge
from tests.model.people import ADDRESSES
from tests.model.premises import close
from tests.model.stage import Stage
from tests.recovery.copies import copy, restore

DAY = 24 * 3600


@pytest.fixture(autouse=True)
def _silent() -> Iterator[None]:
    with capture_logs():
        yield


@pytest.fixture
def stage(database_url: str, tmp_path: Path) -> Iterator[Stage]:
    """An installation that has followed five members, and two who are none, for a while."""
    upgrade(database_url)
    made = Stage(
        database_url,
        tmp_path,
        objects__contacts__create_in_hubspot=True,
        objects__contacts__create_as="Lead",
    )
    made.story.enters = True
    made.here.forget()
    made.here.choose(made.list_id)
    for number, address in enumerate(ADDRESSES):
        held = {"email": address, "lastname": "x", "firstname": "a"}
        held["lifecyclestage"] = "customer" if number < 5 else "lead"
        made.people.create_contact(held)
    made.follow()
    assert made.quiet()
    yield made
    made.close()
    close(database_url)


def a_day(stage: Stage) -> None:
    """Let both CRMs change in all ways, and Guestlist follow them."""
    people = stage.people
    acts = (
        lambda: people.create_contact(
            {"email": "new@example.com", "lastname": "n", "lifecyclestage": "customer"}
        ),
        lambda: people.create_row("Lead", {"email": "lead@example.com", "lastname": "z"}),
        lambda: people.change_contact(0, "firstname", "b"),
        lambda: people.change_row(1, "firstname", "c"),
        lambda: people.change_row(2, "fax", "d"),
        lambda: people.change_contact(3, "lifecyclestage", "lead"),
        lambda: people.change_contact(5, "lifecyclestage", "customer"),
        lambda: people.convert(1),
        lambda: people.archive(4),
    )
    for act in acts:
        stage.here.move(DAY / len(acts))
        stage.do(act)
        assert stage.quiet()


def put_back(stage: Stage, database_url: str, copied: Path) -> None:
    """End every process, restore, and start others."""
    stage.here.services.database.dispose()
    restore(database_url, copied)
    stage.here.services = stage.here.worker()


def test_E10_yesterdays_database_catches_up_and_doubles_nothing(
    stage: Stage, database_url: str, tmp_path: Path
) -> None:
    copied = tmp_path / "yesterday"
    copy(database_url, copied)
    a_day(stage)
    stage.do(lambda: stage.people.change_contact(2, "firstname", "unsynced"))
    stage.do(lambda: stage.people.change_row(0, "fax", "unsynced"))
    put_back(stage, database_url, copied)
    before = stage.ours()
    assert stage.quiet()
    created = [each for each in stage.story.ours() if each.operation == "create"][before:]
    assert created == []
    assert judge(stage) == []


def test_E10_the_backup_is_whole_private_and_of_one_instant(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    upgrade(url)
    database = Database(url)
    with database.begin() as open_transaction:
        open_transaction.exec_driver_sql("CREATE TABLE half (done INTEGER)")
        back_up(url, tmp_path / "copy.db")
    database.dispose()
    assert stat.S_IMODE((tmp_path / "copy.db").stat().st_mode) == 0o600
    with sqlite3.connect(tmp_path / "copy.db") as copied:
        assert copied.execute("PRAGMA integrity_check").fetchone() == ("ok",)
        tables = {name for (name,) in copied.execute("SELECT name FROM sqlite_master")}
    copied.close()
    assert "work" in tables
    assert "half" not in tables


@pytest.mark.parametrize(
    ("url", "words"),
    [
        ("postgresql://u@h/d", "pg_dump"),
        ("sqlite:///missing/state.db", "not there"),
    ],
)
def test_a_backup_that_can_not_be_made_says_what_to_do(
    url: str, words: str, tmp_path: Path
) -> None:
    with pytest.raises(Misconfigured, match=words):
        back_up(url, tmp_path / "copy.db")


def test_a_backup_overwrites_nothing(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path / 'state.db'}"
    upgrade(url)
    (tmp_path / "copy.db").write_text("yesterday")
    with pytest.raises(Misconfigured, match="there already"):
        back_up(url, tmp_path / "copy.db")
    assert (tmp_path / "copy.db").read_text() == "yesterday"
