import json
from pathlib import Path

import pytest

from tests.console.conftest import Console
from tests.services.processes import wait_until


@pytest.fixture
def tolerant(chosen: Console) -> Console:
    """A world where Salesforce refuses nothing that a plan can not foresee."""
    options: dict[str, list[str]] = {"validation_rules": [], "duplicate_rules": []}
    chosen.addresses.listening.call(lambda: chosen.world.org.set_options(options))
    return chosen


def test_a_plan_writes_nothing(chosen: Console) -> None:
    told = chosen.json("plan")
    assert told["members"] == 60
    assert told["outcomes"]["created"] > 0
    assert chosen.journal() == []
    assert chosen.json("runs", "ls")["runs"] == []


def test_a_plan_counts_what_the_run_then_counts(tolerant: Console) -> None:
    planned = tolerant.json("plan")
    run = tolerant.json("sync", "start", "--wait", code=1)
    assert run["outcomes"] == planned["outcomes"]
    reasons = {
        (each["outcome"], each["reason"]): each["count"]
        for each in tolerant.json("runs", "show")["reasons"]
    }
    assert reasons == {
        (each["outcome"], each["reason"]): each["count"] for each in planned["reasons"]
    }


def test_a_second_run_writes_nothing(chosen: Console) -> None:
    chosen.json("sync", "start", "--wait", code=1)
    written = len(chosen.journal())
    again = chosen.json("sync", "start", "--wait", code=1)
    assert again["outcomes"]["created"] == again["outcomes"]["updated"] == 0
    assert len(chosen.journal()) == written


def test_a_plan_says_what_it_costs_and_what_is_left(chosen: Console) -> None:
    told = chosen.json("plan")
    assert told["api_calls"]["salesforce"] >= 1
    assert told["allowance"]["salesforce"]["limit"] == 100_000
    assert "left today" in chosen.ok("plan")


def test_a_start_says_what_it_may_cost_and_what_is_left(chosen: Console) -> None:
    told = chosen("--yes", "sync", "start").stderr
    assert "hubspot: at most about 2 API calls of 624," in told
    assert "salesforce: at most about 2 API calls of 99," in told
    assert "goes on the next one" not in told


def test_a_start_says_when_the_day_will_not_do(chosen: Console) -> None:
    day = chosen.world.org.options.daily_limit
    spent = {"spent": int(day * 0.9)}
    chosen.addresses.listening.call(lambda: chosen.world.org.set_options(spent))
    told = chosen("--yes", "sync", "start").stderr
    assert "salesforce: a run stops at 90% of the day and goes on the next one: " in told


def test_pending_changes_give_ten_only_when_asked_for(chosen: Console) -> None:
    assert chosen("plan").exit_code == 0
    assert chosen("plan", "--exit-code").exit_code == 10


def test_a_plan_of_records_concerns_only_these(chosen: Console) -> None:
    first = chosen.json("plan")["samples"][0]["record"]
    told = chosen.json("plan", "--record", first)
    assert told["members"] == 1
    assert [each["record"] for each in told["samples"]] == [first]


def test_a_plan_says_how_to_carry_it_out(chosen: Console) -> None:
    first = chosen.json("plan")["samples"][0]["record"]
    for options in ((), ("--limit", "9"), ("--record", first)):
        told = chosen("plan", *options).stderr
        assert told.endswith(f"next: {' '.join(['guestlist sync start', *options])}\n")
    assert "next" not in chosen("plan", "--record", chosen.outside()).stderr


def test_a_plan_file_is_for_its_owner_alone(chosen: Console, installation: Path) -> None:
    chosen.ok("plan", "--out", "plan.json")
    kept = installation / "plan.json"
    assert kept.stat().st_mode & 0o077 == 0
    assert json.loads(kept.read_text())["schema"] == "guestlist/plan@1"


def test_a_plan_that_holds_is_carried_out(chosen: Console) -> None:
    chosen.ok("plan", "--out", "plan.json", "--limit", "5")
    run = chosen.json("sync", "start", "--plan", "plan.json", "--wait", code=1)
    assert run["enumerated"] == 5


def test_a_plan_is_refused_once_the_counts_moved(chosen: Console) -> None:
    chosen.ok("plan", "--out", "plan.json")
    chosen.json("sync", "start", "--wait", code=1)
    written = len(chosen.journal())
    told = chosen.json("sync", "start", "--plan", "plan.json", code=78)
    assert "created: 46 planned, 3 now" in told["message"]
    assert len(chosen.journal()) == written


def test_a_plan_is_refused_once_another_list_is_chosen(chosen: Console) -> None:
    chosen.ok("plan", "--out", "plan.json")
    chosen.json("list", "use", chosen.world.landmarks["lists"]["history"])
    told = chosen.json("sync", "start", "--plan", "plan.json", code=78)
    assert "list id was" in told["message"]


def test_a_plan_is_refused_once_the_mapping_changed(
    chosen: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    chosen.ok("plan", "--out", "plan.json")
    monkeypatch.setenv("GUESTLIST_OBJECTS_CONTACTS_CREATE_AS", "Lead")
    told = chosen.json("sync", "start", "--plan", "plan.json", code=78)
    assert "settings version was" in told["message"]


def test_what_is_no_plan_is_refused(chosen: Console, installation: Path) -> None:
    (installation / "plan.json").write_text("[]")
    assert chosen.json("sync", "start", "--plan", "plan.json", code=2)["error"] == "usage"
    assert chosen.json("sync", "start", "--plan", "gone.json", code=2)["error"] == "usage"


def test_many_creates_are_asked_about_first(
    chosen: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_GUARDS_ASK_ABOVE_CREATES", "10")
    done = chosen("sync", "start", "--wait")
    assert done.exit_code == 2
    assert "creates 46 records" in done.stderr
    assert chosen.journal() == []
    assert chosen("sync", "start", "--limit", "10", "--wait").exit_code in {0, 1}


def test_records_are_named_by_any_reference(chosen: Console) -> None:
    sample = chosen.json("plan")["samples"][0]
    email = next(c["after"] for c in sample["changes"] if c["field"] == "Email")
    run = chosen.json("sync", "start", "--record", email, "--record", sample["record"], "--wait")
    assert run["enumerated"] == 1
    assert run["outcomes"]["created"] == 1
    twin = chosen.json("runs", "records")["records"][0]["twin"]["id"]
    again = chosen.json("sync", "start", "--record", twin, "--wait")
    assert again["outcomes"]["unchanged"] == 1


def test_an_id_that_hubspot_never_had_is_not_looked_for(chosen: Console) -> None:
    for line in (("plan",), ("sync", "start")):
        told = chosen.json(*line, "--record", "99999999", code=2)
        assert told["message"] == "HubSpot has no record 99999999"
    for role in ("archived", "merged into the next one"):
        told = chosen.json("plan", "--record", chosen.person(role))
        assert told["members"] == 1


def test_a_record_outside_the_list_is_held(chosen: Console) -> None:
    outside = chosen.outside()
    run = chosen.json("sync", "start", "--record", outside, "--wait")
    assert run["created_at"] == run["started_at"] <= run["finished_at"]
    assert run["outcomes"]["held"] == 1
    assert chosen.journal() == []
    assert chosen.json("explain", outside)["reason"] == "NOT_IN_LIST"


def test_a_paused_run_goes_on_where_it_stopped(chosen: Console) -> None:
    chosen.json("list", "show")
    chosen.workers.working = False
    run = chosen.json("sync", "start")["id"]
    assert chosen.json("sync", "pause", run)["runs"][0]["state"] == "paused"
    chosen.workers.working = True
    assert chosen.json("runs", "show", run)["finished_at"] is None
    assert chosen.json("sync", "resume", run)["runs"][0]["id"] == run
    wait_until(
        lambda: chosen.json("runs", "show", run)["finished_at"] is not None, what="the run's end"
    )
    ended = chosen.json("runs", "show", run)
    assert ended["state"] == "complete"
    assert ended["enumerated"] == 60


def test_everything_is_paused_and_goes_on_where_it_stopped(chosen: Console) -> None:
    told = chosen.json("sync", "pause")
    assert (told["schema"], told["paused"]) == ("guestlist/engine@1", True)
    started = chosen("sync", "start", "--yes")
    assert f"everything is paused, by {told['by']} since" in started.stderr
    assert "everything is paused" in chosen("doctor", "--only", "workers").output
    for line in (("explain", chosen.outside()), ("follow", "status")):
        assert "everything is paused" in chosen(*line).stderr
    assert "was paused already" in chosen.ok("sync", "pause")
    chosen.workers.rest()
    (run,) = chosen.json("runs", "ls")["runs"]
    assert (run["enumerated"], chosen.journal()) == (0, [])
    chosen.workers.working = True
    assert "everything goes on" in chosen.ok("sync", "resume")
    assert chosen.json("sync", "watch", run["id"], code=1)["enumerated"] == 60
    assert "was not paused" in chosen.ok("sync", "resume")
    assert chosen("sync", "watch").stderr.count("paused") == 0


def test_a_run_paused_by_itself_is_named_when_everything_goes_on(chosen: Console) -> None:
    chosen.workers.rest()
    run = chosen.json("sync", "start")["id"]
    chosen.json("sync", "pause", run)
    chosen.json("sync", "pause")
    assert f"{run} stays paused by itself" in chosen("sync", "resume").output
    assert chosen.json("runs", "show", run)["state"] == "paused"


def test_a_cancelled_run_accounts_for_every_record(chosen: Console) -> None:
    chosen.workers.working = False
    run = chosen.json("sync", "start", "--limit", "20")["id"]
    cancelled = chosen.json("sync", "cancel", run)["runs"][0]
    assert cancelled["state"] == "cancelled"
    assert cancelled["enumerated"] == sum(cancelled["outcomes"].values())
    assert chosen.json("sync", "watch", run, code=1)["state"] == "cancelled"


def test_a_second_run_over_the_same_list_is_refused_while_one_is_under_way(
    chosen: Console,
) -> None:
    chosen.workers.working = False
    run = chosen.json("sync", "start")["id"]
    told = chosen.json("sync", "start", code=78)
    assert run in told["message"]
    chosen.json("sync", "cancel", run)


def test_nothing_starts_and_nothing_is_planned_without_a_list(console: Console) -> None:
    for line in (("sync", "start"), ("plan",)):
        assert "guestlist list use" in console.json(*line, code=78)["message"]


def test_an_unknown_run_is_a_usage_error(console: Console) -> None:
    for line in (("sync", "watch"), ("sync", "cancel"), ("runs", "show"), ("runs", "export")):
        assert console.json(*line, "r_none", code=2)["error"] == "usage"
