import os

import pytest

from guestlist.engine import joining
from tests.console.conftest import Console
from worker.settings import load


def test_nothing_is_followed_before_it_is_turned_on(console: Console) -> None:
    assert "contacts: not followed" in console.ok("follow", "status")
    (told,) = console.json("follow", "status")["objects"]
    assert (told["on"], told["streams"], told["late"]) == (False, [], [])


def test_it_is_turned_on_once_and_off_again(chosen: Console) -> None:
    assert "contacts is followed from now on" in chosen.ok("follow", "on")
    assert "contacts is followed already" in chosen.ok("follow", "on")
    (told,) = chosen.json("follow", "status")["objects"]
    assert told["on"]
    assert {each["stream"] for each in told["streams"]} >= {"hubspot", "salesforce:Lead", "audit"}
    assert "followed since" in chosen.ok("follow", "status")
    assert "is not followed any more" in chosen.ok("follow", "off")
    assert "was not followed" in chosen.ok("follow", "off")


def test_it_says_who_has_not_looked_for_too_long(
    chosen: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_POLLS_HUBSPOT_S", "0.001")
    chosen.ok("follow", "on")
    done = chosen("follow", "status")
    assert done.exit_code == 1
    assert "contacts: nobody looked for too long at hubspot" in done.stderr
    (told,) = chosen.json("follow", "status", code=1)["objects"]
    assert told["late"] == ["hubspot"]


def test_a_mapping_that_does_not_fit_is_not_followed(
    chosen: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_OBJECTS_CONTACTS_EXTERNAL_ID", "Nothing__c")
    assert chosen("follow", "on").exit_code == 78
    assert "not followed" in chosen.ok("follow", "status")


def test_an_audit_is_a_run_like_any_other(chosen: Console) -> None:
    chosen.json("sync", "start", "--wait", code=1)
    told = chosen.json("audit", "--wait")
    assert told["kind"] == "audit"
    assert told["outcomes"]["created"] == told["outcomes"]["updated"] == 0
    assert told["outcomes"]["unchanged"] > 0


def test_the_history_hides_the_runs_of_polls_unless_asked(
    chosen: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_POLLS_JOINS_S", "0.001")
    chosen.ok("follow", "on")
    services = chosen.workers.employ(load(os.environ, directory=chosen.folder))
    joining.poll_joins(services)
    values = {"email": "ada@example.com", "lastname": "Doe", "lifecyclestage": "customer"}
    chosen.addresses.listening.call(lambda: chosen.world.portal.create("contacts", values))
    joining.poll_joins(services)
    services.database.dispose()
    assert chosen.json("runs", "ls")["runs"] == []
    (joins,) = chosen.json("runs", "ls", "--kind", "joins")["runs"]
    assert joins["id"].startswith("j_")
    assert joins in chosen.json("runs", "ls", "--all")["runs"]
    assert chosen("runs", "show").exit_code == 2
    assert chosen.json("runs", "show", joins["id"])["enumerated"] == 1
