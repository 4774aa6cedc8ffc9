"""What changed in a window, and rows that are seen later than they were stamped."""

from datetime import UTC, datetime, timedelta

import pytest

from sandbox.salesforce.dates import stamp
from sandbox.salesforce.org import Org
from tests.sandbox.salesforce.caller import Answer, Caller, contact, new_org

NOON = datetime(2026, 10, 5, 12, 0, 30, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def org() -> Org:
    org = new_org()
    org.clock.freeze(NOON)
    return org


def window(caller: Caller, word: str, start: datetime, end: datetime) -> Answer:
    asked = {"start": start.isoformat(), "end": end.isoformat()}
    return caller.call("GET", f"sobjects/Contact/{word}", query=asked)


def covered(caller: Caller) -> str:
    answer = window(caller, "updated", NOON - 5 * MINUTE, NOON + 60 * MINUTE)
    return str(answer.body["latestDateCovered"])


def test_saved_records_are_told_once_and_deleted_ones_apart(caller: Caller, org: Org) -> None:
    kept, gone = (org.insert("Contact", {"LastName": name}) for name in ("Kept", "Gone"))
    org.update(kept, {"Title": "T"})
    org.delete(gone)
    start, end = NOON - MINUTE, NOON + MINUTE
    assert window(caller, "updated", start, end).body == {
        "ids": [kept],
        "latestDateCovered": "2026-10-05T12:00:00.000+0000",
    }
    body = window(caller, "deleted", start, end).body
    assert body["deletedRecords"] == [{"id": gone, "deletedDate": stamp(NOON)}]
    assert body["latestDateCovered"] == "2026-10-05T12:00:00.000+0000"
    assert body["earliestDateAvailable"] == stamp(NOON - timedelta(days=15))


def test_the_seconds_of_a_window_are_cut_off(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "M"})
    inside = window(caller, "updated", NOON + timedelta(seconds=20), NOON + MINUTE)
    outside = window(caller, "updated", NOON - MINUTE, NOON + timedelta(seconds=20))
    assert (inside.body["ids"], outside.body["ids"]) == ([made], [])


def test_an_undeleted_record_is_updated_again(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "M"})
    org.delete(made)
    org.clock.move(2 * MINUTE)
    org.undelete(made)
    assert window(caller, "updated", NOON + MINUTE, NOON + 5 * MINUTE).body["ids"] == [made]
    assert window(caller, "deleted", NOON - MINUTE, NOON + 5 * MINUTE).body["deletedRecords"] == []


@pytest.mark.parametrize(
    ("word", "start", "end"),
    [
        ("updated", NOON, NOON),
        ("updated", NOON - timedelta(days=31), NOON),
        ("deleted", NOON - timedelta(days=16), NOON),
    ],
)
def test_a_window_too_short_or_too_old_is_refused(
    caller: Caller, word: str, start: datetime, end: datetime
) -> None:
    answer = window(caller, word, start, end)
    assert (answer.status, answer.body[0]["errorCode"]) == (400, "INVALID_REPLICATION_DATE")


def test_a_window_without_dates_or_of_another_object_is_refused(caller: Caller) -> None:
    missing = caller.call("GET", "sobjects/Contact/updated")
    assert missing.body[0]["errorCode"] == "INVALID_REPLICATION_DATE"
    asked = {"start": (NOON - MINUTE).isoformat(), "end": NOON.isoformat()}
    other = caller.call("GET", "sobjects/Organization/updated", query=asked)
    assert other.body[0]["errorCode"] == "INVALID_TYPE_FOR_OPERATION"


def test_a_purged_delete_log_refuses_older_windows(caller: Caller, org: Org) -> None:
    org.options.delete_log_purged_at = (NOON - 10 * MINUTE).timestamp()
    old = window(caller, "deleted", NOON - 20 * MINUTE, NOON)
    assert old.body[0]["errorCode"] == "INVALID_REPLICATION_DATE"
    young = window(caller, "deleted", NOON - 5 * MINUTE, NOON)
    assert young.body["earliestDateAvailable"] == stamp(NOON - 10 * MINUTE)


def test_a_late_commit_is_stamped_before_it_is_seen(caller: Caller, org: Org) -> None:
    org.options.commit_delay = 120.0
    made = caller.call("POST", "sobjects/Contact", {"LastName": "Late"}).body["id"]
    soql = "SELECT Id, SystemModstamp FROM Contact"
    assert caller.rows(soql) == []
    assert caller.call("GET", f"sobjects/Contact/{made}").status == 404
    org.clock.move(2 * MINUTE)
    assert caller.rows(soql) == [{"Id": made, "SystemModstamp": stamp(NOON)}]


def test_a_late_commit_is_not_read_by_its_key_either(caller: Caller, org: Org) -> None:
    org.set_options({"commit_delay": 5.0})
    path = "sobjects/Contact/HubSpot_Contact_Id__c/7"
    assert caller.call("PATCH", path, {"LastName": "Late"}).status == 201
    assert caller.call("GET", path).status == 404
    org.clock.move(timedelta(seconds=5))
    assert caller.call("GET", path).body["LastName"] == "Late"


def test_a_late_update_shows_the_old_values_until_its_commit(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "Old"})
    org.options.commit_delay = 120.0
    caller.collection("PATCH", "", [contact(Id=made, LastName="New")])
    assert caller.rows("SELECT LastName FROM Contact") == [{"LastName": "Old"}]
    assert caller.rows("SELECT LastName FROM Contact WHERE LastName = 'New'") == []
    org.clock.move(2 * MINUTE)
    assert caller.rows("SELECT LastName FROM Contact") == [{"LastName": "New"}]


def test_a_late_delete_shows_the_row_until_its_commit(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "M", "Email": "m@x.example"})
    org.options.commit_delay = 120.0
    caller.call("DELETE", f"sobjects/Contact/{made}")
    soql = "SELECT Id FROM Contact WHERE Email = 'm@x.example'"
    assert caller.rows(soql) == [{"Id": made}]
    org.clock.move(2 * MINUTE)
    assert caller.rows(soql) == []


def test_a_running_transaction_holds_back_what_is_covered(caller: Caller, org: Org) -> None:
    org.options.commit_delay = 600.0
    org.insert("Contact", {"LastName": "Slow"})
    org.options.commit_delay = 0.0
    org.clock.move(5 * MINUTE)
    quick = org.insert("Contact", {"LastName": "Quick"})
    start, end = NOON - MINUTE, NOON + 60 * MINUTE
    body = window(caller, "updated", start, end).body
    assert (body["ids"], body["latestDateCovered"]) == ([quick], stamp(NOON.replace(second=0)))
    org.clock.move(6 * MINUTE)
    body = window(caller, "updated", start, end).body
    assert len(body["ids"]) == 2
    assert body["latestDateCovered"] == stamp((NOON + 11 * MINUTE).replace(second=0))


def test_only_the_writes_of_others_can_be_late(caller: Caller, org: Org) -> None:
    org.set_options({"commit_delay": 120.0, "late_commits": "inside"})
    org.insert("Contact", {"LastName": "Theirs"})
    caller.call("POST", "sobjects/Contact", {"LastName": "Ours"})
    assert caller.rows("SELECT LastName FROM Contact") == [{"LastName": "Ours"}]


def test_several_late_writes_of_one_record_appear_in_turn(caller: Caller, org: Org) -> None:
    org.options.commit_delay = 60.0
    made = org.insert("Contact", {"LastName": "First"})
    org.clock.move(timedelta(seconds=30))
    org.update(made, {"LastName": "Second"})
    org.clock.move(timedelta(seconds=30))
    assert caller.rows("SELECT LastName FROM Contact") == [{"LastName": "First"}]
    org.clock.move(timedelta(seconds=30))
    assert caller.rows("SELECT LastName FROM Contact") == [{"LastName": "Second"}]


def test_what_is_covered_never_runs_ahead_of_the_clock(caller: Caller) -> None:
    assert covered(caller) == stamp(NOON.replace(second=0))


def test_a_late_write_does_not_come_to_light_over_a_younger_one(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "First"})
    org.set_options({"commit_delay": 60.0, "late_commits": "inside"})
    org.update(made, {"LastName": "Second"})
    caller.call("PATCH", f"sobjects/Contact/{made}", {"Title": "Ours"})
    org.clock.move(MINUTE)
    seen = caller.rows("SELECT LastName, Title FROM Contact")
    assert seen == [{"LastName": "Second", "Title": "Ours"}]


def test_a_late_write_whose_delay_was_longer_stays_behind(caller: Caller, org: Org) -> None:
    made = org.insert("Contact", {"LastName": "First"})
    for delay in (60.0, 30.0):
        org.options.commit_delay = delay
        org.update(made, {"LastName": f"After {delay:.0f} s"})
    org.clock.move(2 * MINUTE)
    assert caller.rows("SELECT LastName FROM Contact") == [{"LastName": "After 30 s"}]
