"""Each record counts once, in the direction that its values went."""

from pathlib import Path

import pytest

from guestlist.domain.outcome import Outcome
from guestlist.domain.way import Way
from guestlist.engine.launch import start_records
from guestlist.store import ways
from tests.engine.conftest import Install
from tests.engine.world import Installation


@pytest.fixture(autouse=True)
def two_way(tmp_path: Path) -> None:
    row = '[[objects.contacts.fields]]\nhubspot = "{}"\nrule = "two_way"\n'
    (tmp_path / "guestlist.toml").write_text("".join(map(row.format, ("fax", "city"))))


def counted(here: Installation) -> dict[tuple[Outcome, Way], int]:
    with here.services.database.read() as connection:
        found = ways.totals(connection)
    return {(outcome, way): n for (_, outcome, way), n in found.items() if n}


def look(here: Installation, key: str) -> None:
    start_records(here.services, "contacts", [key], by="tester")
    here.settle()


def test_created_updated_unchanged_and_failed_go_their_ways(install: Install) -> None:
    here = install()
    key = here.contact("ada@example.com", fax="1", city="Bath")
    here.run()
    expected = {(Outcome.CREATED, Way.TO_SALESFORCE): 1}
    assert counted(here) == expected
    look(here, key)
    assert counted(here) == (expected := {**expected, (Outcome.UNCHANGED, Way.NONE): 1})
    (twin,) = here.twins(key)
    here.world.org.update(twin, {"Fax": "2"}, caller="user")
    look(here, key)
    assert counted(here) == (expected := {**expected, (Outcome.UPDATED, Way.TO_HUBSPOT): 1})
    here.change(key, fax="3")
    look(here, key)
    assert counted(here) == (expected := {**expected, (Outcome.UPDATED, Way.TO_SALESFORCE): 1})
    here.change(key, fax="4")
    here.world.org.update(twin, {"MailingCity": "Rome"}, caller="user")
    look(here, key)
    assert counted(here) == (expected := {**expected, (Outcome.UPDATED, Way.BOTH): 1})
    here.change(key, fax="5" * 300)
    look(here, key)
    assert counted(here) == {**expected, (Outcome.FAILED, Way.TO_SALESFORCE): 1}
