import pytest

from tests.console.conftest import Console


@pytest.fixture
def synced(chosen: Console) -> Console:
    """A world whose list was synced once; some records failed."""
    chosen.json("sync", "start", "--wait", code=1)
    return chosen


def test_errors_are_grouped_by_cause_with_who_fixes_them(synced: Console) -> None:
    told = synced.json("errors", "ls")
    assert told["open"] == sum(group["count"] for group in told["groups"]) == 10
    rule = next(group for group in told["groups"] if group["reason"] == "VALIDATION_RULE")
    assert rule["who_fixes_it"] == "a Salesforce administrator"
    assert rule["category"] == "Org automation"
    missing = next(group for group in told["groups"] if group["reason"] == "REQUIRED_MISSING")
    assert missing["fields"] == ["LastName"]
    assert f"LastName: {missing['example']}" in synced.ok("errors", "ls")


def test_the_list_of_errors_is_narrowed_by_category_reason_and_cause(synced: Console) -> None:
    every = synced.json("errors", "ls")["groups"]
    rules = [group for group in every if group["reason"] == "VALIDATION_RULE"]
    assert 0 < len(rules) < len(every)
    for line, wanted in (
        (("--category", "automation"), rules),
        (("--reason", "VALIDATION_RULE"), rules),
        (("--fingerprint", rules[0]["fingerprint"]), rules[:1]),
    ):
        told = synced.json("errors", "ls", *line)
        assert told["groups"] == wanted
        assert told["open"] == sum(group["count"] for group in wanted)
    assert synced.json("errors", "ls", "--fingerprint", "0" * 12)["groups"] == []


def test_an_error_is_shown_by_record_and_by_fingerprint(synced: Console) -> None:
    group = synced.json("errors", "ls")["groups"][0]
    by_cause = synced.json("errors", "show", group["fingerprint"])["errors"]
    by_record = synced.json("errors", "show", group["example_record"])["errors"]
    assert by_record == by_cause
    assert group["example_record"] in synced.ok("errors", "show", group["fingerprint"])


def test_a_mended_record_leaves_the_errors_after_a_retry(synced: Console) -> None:
    fixable = synced.world.landmarks["fixable"]
    title = fixable["properties"]
    synced.addresses.listening.call(
        lambda: synced.world.portal.update("contacts", fixable["id"], title)
    )
    run = synced.json("errors", "retry", "--category", "automation", "--wait", code=1)
    assert run["kind"] == "errors"
    assert run["outcomes"] | {"created": 1, "failed": 1} == run["outcomes"]
    open_now = {group["example_record"] for group in synced.json("errors", "ls")["groups"]}
    assert fixable["id"] not in open_now


def test_a_retry_has_to_say_which(synced: Console) -> None:
    assert synced.json("errors", "retry", code=2)["error"] == "usage"
    assert synced.json("errors", "retry", "--fingerprint", "0" * 12)["records"] == 0


def test_a_whole_run_is_retried_in_a_run_that_names_it(synced: Console) -> None:
    first = synced.json("runs", "show")["id"]
    again = synced.json("runs", "retry", "--wait", code=1)
    assert again["parent"] == first
    assert again["enumerated"] == 10


def test_ignored_errors_leave_the_list_and_not_the_export(synced: Console) -> None:
    record = synced.json("errors", "ls")["groups"][0]["example_record"]
    assert synced.json("errors", "ignore", record)["ignored"] == 1
    assert synced.json("errors", "ls")["open"] == 9
    kept = synced.json("errors", "export", "--status", "ignored")["errors"]
    assert [each["record"] for each in kept] == [record]


def test_records_of_a_run_are_filtered_by_outcome_and_reason(synced: Console) -> None:
    held = synced.json("runs", "records", "--outcome", "held")["records"]
    assert {each["reason"] for each in held} == {"BAD_EMAIL"}
    long = synced.json("runs", "records", "--reason", "too_long")["records"]
    assert len(long) == 5
    first = synced.json("runs", "records", "--limit", "1")["records"][0]["record"]
    after = synced.json("runs", "records", "--after", first)["records"]
    assert first not in {each["record"] for each in after}
    assert len(after) == 59
