"""``guestlist list diff``: who would enter and who would leave, and nothing is chosen by it."""

from tests.console.conftest import Console


def other(console: Console) -> str:
    """Make a list of everybody who is a lead."""
    told = console.json(
        *("list", "create", "Leads", "--no-use", "--filter", "lifecyclestage", "IS_ANY_OF", "lead")
    )
    return str(told["list"]["id"])


def ids(side: dict[str, list[dict[str, str]]]) -> list[str]:
    return [each["record"] for each in side["records"]]


def test_who_would_enter_and_leave_is_told_and_nothing_is_chosen(chosen: Console) -> None:
    wanted = other(chosen)
    told = chosen.json("list", "diff", wanted, "--limit", "1000")
    assert told["enter"]["count"] == len(ids(told["enter"])) > 0
    assert told["leave"]["count"] == len(ids(told["leave"])) > 0
    assert not set(ids(told["enter"])) & set(ids(told["leave"]))
    assert any("@" in (each["email"] or "") for each in told["enter"]["records"])
    assert chosen.json("list", "show")["list"]["id"] == chosen.inclusion
    used = chosen.json("list", "use", wanted)
    assert (used["enter"], used["leave"]) == (told["enter"]["count"], told["leave"]["count"])
    back = chosen.json("list", "diff", chosen.inclusion, "--limit", "1000")
    assert ids(back["enter"]) == ids(told["leave"])
    same = chosen.json("list", "diff", wanted)
    assert (same["enter"]["count"], same["leave"]["count"]) == (0, 0)


def test_pages_go_on_after_an_id_within_one_side(chosen: Console) -> None:
    wanted = other(chosen)
    whole = ids(chosen.json("list", "diff", wanted, "--limit", "1000")["enter"])
    seen: list[str] = []
    after: list[str] = []
    while True:
        line = ("list", "diff", wanted, "--side", "enter", "--limit", "4", *after)
        told = chosen.json(*line)
        assert "leave" not in told
        seen += ids(told["enter"])
        if told["enter"]["next"] is None:
            break
        after = ["--after", told["enter"]["next"]]
    assert seen == whole
    assert "would enter" in chosen.ok("list", "diff", wanted, "--limit", "2")
    assert "--side enter --after" in chosen("list", "diff", wanted, "--limit", "2").output


def test_what_can_not_be_chosen_is_not_compared_and_a_page_needs_its_side(chosen: Console) -> None:
    assert chosen("list", "diff", "no such list").exit_code == 2
    assert chosen("list", "diff", chosen.inclusion, "--after", "5").exit_code == 2


def test_without_a_list_those_leave_who_are_linked_and_no_members(console: Console) -> None:
    told = console.json("list", "diff", console.inclusion)
    assert told["leave"]["count"] == 0
    assert told["enter"]["count"] > 0
    outside = console.outside()
    console.json("sync", "start", "--record", outside, "--wait")
    told = console.json("list", "diff", console.inclusion)
    assert [each["record"] for each in told["leave"]["records"]] == [outside]
    assert "records enter, 1 leaves" in console("list", "use", console.inclusion, "--yes").stderr
