from pathlib import Path

import pytest

from tests.console.conftest import Console


def test_a_static_list_is_refused_in_one_clear_sentence(console: Console) -> None:
    static = console.world.landmarks["lists"]["static"]
    done = console("list", "use", static, "--yes")
    assert done.exit_code == 78
    assert "Trade fair 2025" in done.stderr
    assert "static list" in done.stderr
    assert console.json("list", "show")["list"] is None


def test_quiet_says_nothing_of_a_list_that_is_held(
    console: Console, monkeypatch: pytest.MonkeyPatch
) -> None:
    static = str(console.world.landmarks["lists"]["static"])
    monkeypatch.setenv("GUESTLIST_OBJECTS_CONTACTS_INCLUSION_LIST", static)
    done = console("list", "show", "--quiet")
    assert "LIST_NOT_ACTIVE" in done.stdout
    assert done.stderr == ""


def test_a_list_of_companies_is_refused(console: Console) -> None:
    companies = console.world.landmarks["lists"]["companies"]
    told = console.json("list", "use", companies, code=78)
    assert "list of 0-2" in told["message"]


def test_a_list_that_is_not_there_is_a_usage_error(console: Console) -> None:
    assert console.json("list", "use", "99999", code=2)["error"] == "usage"


def test_using_a_list_says_who_enters_and_syncs_nobody(console: Console) -> None:
    done = console("list", "use", "Salesforce inclusion", "--yes")
    assert done.exit_code == 0
    assert "60 records enter, 0 leave" in done.stderr
    assert "This syncs nobody" in done.stdout
    assert console.journal() == []
    assert console.json("runs", "ls")["runs"] == []


def test_another_list_says_who_leaves(chosen: Console) -> None:
    history = chosen.world.landmarks["lists"]["history"]
    told = chosen.json("list", "use", history)
    assert told["list"]["id"] == history
    assert told["leave"] > 0
    assert told["synced"] == 0


def test_without_a_person_a_question_needs_yes(console: Console) -> None:
    done = console("list", "use", console.inclusion)
    assert done.exit_code == 2
    assert "--yes" in done.stderr
    assert console.json("list", "show")["list"] is None


def test_static_lists_are_only_listed_when_asked_for(console: Console) -> None:
    names = {each["name"] for each in console.json("list", "ls")["lists"]}
    assert names == {"Salesforce inclusion", "Ever a customer"}
    every = console.json("list", "ls", "--all")["lists"]
    assert {each["name"] for each in every} == {*names, "Trade fair 2025"}
    assert [each["active"] for each in every].count(False) == 1


def test_a_list_is_created_from_filters_and_waited_for(console: Console) -> None:
    told = console.json(
        *("list", "create", "Customers", "--no-use"),
        *("--filter", "lifecyclestage", "IS_ANY_OF", "customer"),
        *("--filter", "email", "IS_KNOWN", ""),
    )
    assert told["list"]["processing_status"] == "COMPLETE"
    assert told["list"]["active"] is True
    assert told["list"]["size"] > 0
    assert console.json("list", "show")["list"] is None


def test_a_created_list_can_be_used_at_once(console: Console) -> None:
    told = console.json("list", "create", "Everyone", "--filter", "email", "IS_KNOWN", "", "--use")
    assert told["schema"] == "guestlist/list-use@1"
    assert console.json("list", "show")["list"]["name"] == "Everyone"


def test_a_filter_on_an_unknown_property_names_the_near_one(console: Console) -> None:
    told = console.json(
        "list", "create", "X", "--filter", "lifecyclestge", "IS_ANY_OF", "customer", code=78
    )
    assert "did you mean lifecyclestage" in told["message"]


def test_a_list_that_hubspot_refuses_is_not_tried_again(console: Console) -> None:
    told = console.json(
        "list", "create", "Trade fair 2025", "--filter", "email", "IS_KNOWN", "", code=78
    )
    assert told["message"].startswith("HubSpot refused the list: ")
    assert "already exists" in told["message"]


def test_clearing_the_list_says_that_everybody_may_sync(chosen: Console) -> None:
    assert "everybody may sync" in chosen.ok("list", "clear", "--yes")
    assert chosen.json("list", "show")["list"] is None


def test_a_list_pinned_in_the_settings_is_changed_there(
    console: Console, installation: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GUESTLIST_OBJECTS_CONTACTS_INCLUSION_LIST", console.inclusion)
    told = console.json("list", "clear", code=78)
    assert "pin" in told["message"]
