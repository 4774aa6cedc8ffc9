"""A list that changed too much, from the command: what it says, and a person's answer."""

from typing import Any

import pytest

from tests.console.conftest import Console
from tests.sandbox.hubspot.filter_branches import where

EVERYBODY = where("lastname", "ALL_PROPERTY", "IS_KNOWN")


def refilter(console: Console, branch: dict[str, Any]) -> None:
    """Edit the inclusion list's filters as a person in HubSpot would."""
    portal, list_id = console.world.portal, console.inclusion
    console.addresses.listening.call(lambda: portal.update_list_filters(list_id, branch))


@pytest.fixture
def held(chosen: Console) -> Console:
    """An installation whose list was edited so that it holds everybody."""
    refilter(chosen, EVERYBODY)
    return chosen


def test_an_open_list_says_how_far_it_may_move(chosen: Console) -> None:
    told = chosen.json("list", "show")
    assert (told["state"], told["held"]) == ("open", None)
    assert told["brake"] == {"baseline": 60, "lowest": 1, "highest": 160}
    assert "1 to 160 members before it asks a person" in chosen.ok("list", "show")


def test_a_held_list_says_why_since_when_and_what_to_do(held: Console) -> None:
    told = held.json("list", "show")
    assert (told["state"], told["held"]["cause"]) == ("held", "filter")
    assert told["held"]["since"]
    shown = held("list", "show")
    assert "its filters were changed" in shown.stdout
    assert "guestlist list approve" in shown.stderr
    assert "held" in held.json("doctor", "--only", "list")["checks"][0]["said"]


def test_a_held_list_is_not_synced(held: Console) -> None:
    told = held.json("sync", "start", code=78)
    assert "guestlist list approve" in told["message"]
    assert held.journal() == []


def test_approving_shows_the_difference_first_and_opens_the_list(held: Console) -> None:
    held.json("list", "show")
    done = held("list", "approve")
    assert done.exit_code == 2
    assert "records would be new" in done.stderr
    told = held.json("list", "approve")
    assert told["state"] == "open"
    assert told["difference"]["enter"]["count"] > 60
    assert len(told["difference"]["enter"]["sample"]) == 5
    assert held.json("list", "show")["state"] == "open"


def test_rejecting_keeps_it_held_until_it_is_as_it_was(chosen: Console) -> None:
    branch = chosen.world.portal.lists.lists[chosen.inclusion].branch
    assert branch
    refilter(chosen, EVERYBODY)
    chosen.json("list", "show")
    assert chosen.json("list", "reject")["state"] == "held"
    told = chosen.json("list", "show")
    assert told["held"]["rejected_by"]
    assert told["held"]["rejected_at"] >= told["held"]["since"]
    refilter(chosen, branch)
    assert chosen.json("list", "show")["state"] == "open"


def test_there_is_nothing_to_answer_while_nothing_is_held(chosen: Console) -> None:
    for answer in ("approve", "reject"):
        assert "not held" in chosen.json("list", answer, code=78)["message"]


def test_filters_that_can_not_be_checked_here_are_named(chosen: Console) -> None:
    refilter(chosen, where("city", "STRING", "HAS_EVER_BEEN_EQUAL_TO", value="Bern"))
    told = chosen.json("list", "show")
    assert told["not_evaluated"] == ["STRING HAS_EVER_BEEN_EQUAL_TO"]
    assert "changed records wait" in chosen.ok("list", "show")


def test_a_run_says_how_old_its_proofs_were(chosen: Console) -> None:
    chosen.json("sync", "start", "--wait", code=1)
    ages = chosen.json("runs", "show")["proof_age_s"]
    assert ages["writes"] > 0
    assert 0 < ages["p50"] <= ages["p99"] <= ages["max"] <= 30
    assert "membership proofs at" in chosen.ok("runs", "show")
