"""A plan of certain records: what changed since a time, or those named; kept, and carried out."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.console.conftest import Console


def _keys(told: dict[str, Any]) -> set[str]:
    return {each["record"] for each in told["records"]}


@pytest.fixture
def edited(chosen: Console) -> tuple[str, str]:
    """A member that Salesforce does not have yet and an outsider, both just edited."""
    member, outside = chosen.json("plan")["samples"][0]["record"], chosen.outside()
    for each in (member, outside):
        chosen.edit(each, jobtitle="Gardener")
    return member, outside


def test_what_changed_since_is_planned_as_it_then_syncs(
    chosen: Console, edited: tuple[str, str]
) -> None:
    written = len(chosen.journal())
    told = chosen.json("plan", "--since", "1h", "--out", "plan.json")
    assert set(told["records"]) == {*edited}
    assert told["members"] == 2
    assert (told["outcomes"]["created"], told["outcomes"]["held"]) == (1, 1)
    assert len(chosen.journal()) == written
    run = chosen.json("sync", "start", "--plan", "plan.json", "--wait")
    assert run["outcomes"] == told["outcomes"]
    assert _keys(chosen.json("runs", "records", run["id"])) == {*edited}
    assert chosen.json("plan", "--since", "1h")["outcomes"]["unchanged"] == 1


@pytest.mark.parametrize("since", ["2099-01-01", "2099-01-01T09:00Z", "yesterday", "09:00", "0h"])
def test_a_time_that_is_none_or_still_to_come_is_a_usage_error(chosen: Console, since: str) -> None:
    assert chosen.json("plan", "--since", since, code=2)["error"] == "usage"


def test_a_time_without_its_zone_is_asked_for_one(chosen: Console) -> None:
    told = chosen.json("plan", "--since", "2026-08-01T09:00", code=2)
    assert "time with its zone (2026-08-01T09:00Z)" in told["message"]


@pytest.mark.usefixtures("edited")
def test_a_plan_of_what_changed_says_how_to_keep_it_and_then_to_carry_it_out(
    chosen: Console,
) -> None:
    told = chosen("plan", "--since", "2h")
    assert "2 records looked at, changed in HubSpot since 20" in told.stdout
    assert "next: guestlist plan --since 20" in told.stderr
    assert told.stderr.endswith("Z --out plan.json\n")
    told = chosen("plan", "--since", "2h", "--out", "kept.json")
    assert told.stderr.endswith("next: guestlist sync start --plan kept.json\n")


def test_a_plan_of_nothing_has_no_table(chosen: Console) -> None:
    told = chosen.ok("plan", "--since", "1s")
    assert told.startswith("0 records looked at, changed in HubSpot since 20")
    assert "outcome" not in told


def test_a_kept_plan_of_records_syncs_these_and_not_the_list(
    chosen: Console, edited: tuple[str, str]
) -> None:
    member, _ = edited
    chosen.ok("plan", "--record", member, "--out", "plan.json")
    run = chosen.json("sync", "start", "--plan", "plan.json", "--wait")
    assert (run["kind"], run["enumerated"]) == ("records", 1)
    told = chosen.json("sync", "start", "--plan", "plan.json", code=78)
    assert "created: 1 planned, 0 now" in told["message"]


def test_a_kept_plan_of_records_is_of_all_of_them(chosen: Console, edited: tuple[str, str]) -> None:
    chosen.ok("plan", "--record", edited[0], "--out", "plan.json")
    told = chosen.json("sync", "start", "--plan", "plan.json", "--limit", "1", code=2)
    assert "--limit does not go with it" in told["message"]
    assert chosen.json("runs", "ls")["runs"] == []


def test_a_plan_kept_by_an_earlier_version_is_one_of_the_list(
    chosen: Console, installation: Path
) -> None:
    chosen.ok("plan", "--limit", "3", "--out", "plan.json")
    kept = json.loads((installation / "plan.json").read_text())
    del kept["records"], kept["since"]
    (installation / "plan.json").write_text(json.dumps(kept))
    assert chosen.json("sync", "start", "--plan", "plan.json", "--wait", code=1)["enumerated"] == 3


@pytest.mark.parametrize("key", ["../1", "1' OR Id != '", "", 7])
def test_a_plan_of_what_are_no_records_is_refused(
    chosen: Console, installation: Path, key: object
) -> None:
    chosen.ok("plan", "--limit", "3", "--out", "plan.json")
    kept = json.loads((installation / "plan.json").read_text()) | {"records": [key]}
    (installation / "plan.json").write_text(json.dumps(kept))
    assert "is no plan" in chosen.json("sync", "start", "--plan", "plan.json", code=2)["message"]


def test_the_list_may_be_named_as_what_is_meant(chosen: Console) -> None:
    assert chosen.json("plan", "--list")["members"] == 60
    assert (
        chosen.json("sync", "start", "--list", "--limit", "2", "--wait", code=1)["enumerated"] == 2
    )


@pytest.mark.parametrize(
    "line",
    [
        ("plan", "--list", "--record", "1"),
        ("plan", "--list", "--since", "2h"),
        ("plan", "--record", "1", "--since", "2h"),
        ("plan", "--record", "1", "--limit", "2"),
        ("plan", "--since", "2h", "--limit", "2"),
        ("sync", "start", "--list", "--record", "1"),
        ("sync", "start", "--list", "--plan", "plan.json"),
        ("sync", "start", "--record", "1", "--plan", "plan.json"),
        ("sync", "start", "--record", "1", "--limit", "2"),
    ],
)
def test_only_one_thing_can_be_meant(chosen: Console, line: tuple[str, ...]) -> None:
    assert "do not go together" in chosen.json(*line, code=2)["message"]
