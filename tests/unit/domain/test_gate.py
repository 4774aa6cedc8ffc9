from dataclasses import replace
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from guestlist.domain.brake import Cause, Hold
from guestlist.domain.gate import Proof, admit, confirms, inclusion
from guestlist.domain.reason import Reason
from guestlist.domain.write import Skip
from schemas.records import ListProcessing
from schemas.settings import GuardSettings
from tests.builders import LONG_AGO, NOW, a_branch, a_contact, a_filter, a_list

GUARDS = GuardSettings(proof_age_s=30, settle_s=60)
MEMBER = Proof(member=True, read_at=NOW)
OUTSIDER = Proof(member=False, read_at=NOW)
UNKNOWABLE = a_branch({"filterType": "IN_LIST", "listId": "9"})


def seconds(count):
    return timedelta(seconds=count)


def listed(**changes):
    return inclusion(a_list(**changes), object_type_id="0-1", read_at=NOW)


def asked(record=None, proof=MEMBER, by=None, **changes):
    return admit(
        record or a_contact(),
        proof,
        by or listed(),
        now=NOW,
        guards=GUARDS,
        email_property="email",
        **changes,
    )


def reason_of(answer):
    assert isinstance(answer, Skip)
    return answer.reason


def test_a_member_with_an_address_passes():
    assert asked() is None


def test_without_a_list_everybody_passes():
    answer = admit(
        a_contact(), None, None, now=NOW, guards=GUARDS, email_property="email", linked=False
    )
    assert answer is None


@pytest.mark.parametrize(
    ("definition", "reason"),
    [
        (None, Reason.LIST_UNAVAILABLE),
        (a_list(processing_type=ListProcessing.MANUAL), Reason.LIST_NOT_ACTIVE),
        (a_list(processing_type=ListProcessing.SNAPSHOT), Reason.LIST_NOT_ACTIVE),
        (a_list(object_type_id="0-2"), Reason.LIST_UNAVAILABLE),
    ],
    ids=["gone", "static", "converted", "of companies"],
)
def test_a_list_that_can_not_decide_stops_everybody(definition, reason):
    by = inclusion(definition, object_type_id="0-1", read_at=NOW)
    assert (by.problem, by.read_at) == (reason, NOW)
    assert reason_of(asked(by=by)) is reason


@pytest.mark.parametrize("age", [30, -30])
def test_a_proof_counts_to_the_end_of_its_age(age):
    assert asked(proof=Proof(member=True, read_at=NOW - seconds(age))) is None


@pytest.mark.parametrize("age", [31, 3600, -31])
def test_a_proof_of_another_time_sends_for_a_new_one(age):
    read_at = NOW - seconds(age)
    answer = asked(proof=Proof(member=True, read_at=read_at))
    assert (reason_of(answer), answer.retry_at) == (Reason.LIST_UNAVAILABLE, NOW)
    assert answer.facts["membership_read_at"] == read_at.isoformat()


def test_who_never_was_a_member_is_not_in_the_list():
    assert reason_of(asked(a_contact(jobtitle=None), OUTSIDER)) is Reason.NOT_IN_LIST


def test_who_was_linked_before_has_left_the_list():
    answer = asked(a_contact(jobtitle=None), OUTSIDER, linked=True)
    assert reason_of(answer) is Reason.LEFT_LIST


@pytest.mark.parametrize(("title", "proof"), [(None, MEMBER), ("Analyst", OUTSIDER)])
def test_a_list_that_contradicts_its_own_filter_is_waited_for(title, proof):
    changed_at = NOW - seconds(10)
    answer = asked(a_contact(jobtitle=title, modified_at=changed_at), proof)
    assert reason_of(answer) is Reason.LIST_STALE
    assert answer.retry_at == changed_at + seconds(60)


def test_a_contradiction_that_lasts_is_looked_at_again_later():
    answer = asked(a_contact(jobtitle=None, modified_at=LONG_AGO))
    assert (reason_of(answer), answer.retry_at) == (Reason.LIST_STALE, NOW + seconds(60))


def test_a_contradiction_at_the_moment_the_list_had_to_settle_by_is_no_reason_to_ask_at_once():
    answer = asked(a_contact(jobtitle=None, modified_at=NOW - seconds(60)))
    assert (reason_of(answer), answer.retry_at) == (Reason.LIST_STALE, NOW + seconds(60))


def test_a_fresh_change_passes_at_once_where_list_and_filter_agree():
    assert asked(a_contact(modified_at=NOW - seconds(1))) is None


@pytest.mark.parametrize(("age", "passes"), [(10, False), (59, False), (60, True), (500, True)])
def test_a_filter_that_can_not_be_known_waits_for_the_list_to_settle(age, passes):
    by = listed(filter_branch=UNKNOWABLE)
    changed_at = NOW - seconds(age)
    answer = asked(a_contact(modified_at=changed_at), by=by)
    assert (answer is None) is passes
    if answer is not None:
        assert (answer.reason, answer.retry_at) == (Reason.LIST_STALE, changed_at + seconds(60))


def test_a_filter_that_was_just_edited_is_waited_for_too():
    by = listed(filter_branch=UNKNOWABLE, filters_updated_at=NOW - seconds(5))
    assert reason_of(asked(by=by)) is Reason.LIST_STALE


def test_where_nobody_knows_when_the_filter_was_edited_the_contact_has_to_have_settled():
    by = listed(filter_branch=UNKNOWABLE, filters_updated_at=None)
    assert asked(by=by) is None
    assert reason_of(asked(a_contact(modified_at=NOW), by=by)) is Reason.LIST_STALE


@pytest.mark.parametrize(("linked", "reason"), [(0, Reason.NOT_IN_LIST), (1, Reason.LEFT_LIST)])
def test_no_membership_is_believed_at_once_where_the_filter_can_not_be_known(linked, reason):
    by = listed(filter_branch=UNKNOWABLE)
    answer = asked(a_contact(modified_at=NOW), OUTSIDER, by=by, linked=bool(linked))
    assert (reason_of(answer), answer.retry_at) == (reason, None)


def test_days_are_counted_from_now_in_the_portals_zone():
    visited_today = a_filter("last_visit", "CALENDAR_DATE", "IN_THIS_TIME_UNIT", timeUnit="DAY")
    definition = a_list(filter_branch=a_branch(visited_today))
    berlin = ZoneInfo("Europe/Berlin")
    by = inclusion(definition, object_type_id="0-1", read_at=NOW, time_zone=berlin)
    visitor = a_contact(last_visit=NOW.isoformat(), modified_at=NOW)
    assert asked(visitor, by=by) is None
    assert reason_of(asked(visitor, by=replace(by, time_zone=None))) is Reason.LIST_STALE


def test_a_list_that_is_being_rebuilt_proves_nothing_by_itself():
    by = listed(filter_branch=UNKNOWABLE, processing_status="PROCESSING")
    assert reason_of(asked(by=by)) is Reason.LIST_STALE


def test_a_list_that_is_being_rebuilt_is_believed_where_its_filter_agrees():
    assert asked(by=listed(processing_status="PROCESSING")) is None


def test_a_deleted_contact_is_told_so_before_its_membership():
    assert asked(a_contact("7", archived=True), OUTSIDER) == Skip("7", Reason.DELETED_HS)


@pytest.mark.parametrize(
    ("email", "reason"),
    [
        (None, Reason.NO_EMAIL),
        ("  ", Reason.NO_EMAIL),
        ("ada", Reason.BAD_EMAIL),
        ("ada@example", Reason.BAD_EMAIL),
        ("ada@example.com.", Reason.BAD_EMAIL),
        ("a b@example.com", Reason.BAD_EMAIL),
    ],
)
def test_a_member_without_a_usable_address_does_not_pass(email, reason):
    assert reason_of(asked(a_contact(email=email))) is reason


def test_who_has_no_usable_address_is_told_which_property_to_mend():
    assert asked(a_contact("7", email=None)) == Skip("7", Reason.NO_EMAIL, {"property": "email"})
    assert asked(a_contact("7", email="ada@")) == Skip(
        "7", Reason.BAD_EMAIL, {"property": "email", "value": "ada@"}
    )


def test_an_address_is_only_asked_of_members():
    answer = asked(a_contact(email=None, jobtitle=None), OUTSIDER)
    assert reason_of(answer) is Reason.NOT_IN_LIST


def facts(member):
    return {
        "modified_at": LONG_AGO.isoformat(),
        "list": "1274",
        "list_name": "Customers",
        "member": member,
        "membership_read_at": NOW.isoformat(),
    }


def test_the_facts_name_the_list_and_how_old_the_membership_is():
    answer = asked(a_contact("7", jobtitle=None), OUTSIDER)
    assert answer == Skip("7", Reason.NOT_IN_LIST, facts("no"))


def test_who_waits_for_the_list_is_told_what_it_said():
    answer = asked(a_contact(jobtitle=None), MEMBER)
    assert (reason_of(answer), answer.facts) == (Reason.LIST_STALE, facts("yes"))


def test_who_is_stopped_by_the_lists_own_trouble_is_told_the_same():
    answer = asked(by=listed(processing_type=ListProcessing.MANUAL))
    assert (reason_of(answer), answer.facts) == (Reason.LIST_NOT_ACTIVE, facts("yes"))


def braked(cause=Cause.FILTER, **changes):
    return replace(listed(**changes), hold=Hold(cause, LONG_AGO))


@pytest.mark.parametrize("cause", Cause)
def test_nobody_new_passes_a_held_list(cause):
    answer = asked(by=braked(cause))
    assert (reason_of(answer), answer.retry_at) == (Reason.LIST_HELD, None)
    held = {"held_for": cause, "held_since": LONG_AGO.isoformat()}
    assert answer.facts == facts("yes") | held


@pytest.mark.parametrize("cause", sorted(set(Cause) - {Cause.EMPTIED}))
def test_a_linked_member_of_a_held_list_goes_on(cause):
    assert asked(by=braked(cause), linked=True) is None


def test_a_link_from_outside_the_list_makes_no_old_member():
    assert reason_of(asked(by=braked(), linked=True, outside=True)) is Reason.LIST_HELD
    assert asked(linked=True, outside=True) is None


def test_of_an_emptied_list_nobody_has_left():
    answer = asked(a_contact(jobtitle=None), OUTSIDER, by=braked(Cause.EMPTIED), linked=True)
    assert reason_of(answer) is Reason.LIST_HELD
    answer = asked(a_contact(jobtitle=None), OUTSIDER, by=braked(Cause.EMPTIED))
    assert reason_of(answer) is Reason.NOT_IN_LIST


def test_who_left_a_held_list_has_left_it():
    answer = asked(a_contact(jobtitle=None), OUTSIDER, by=braked(), linked=True)
    assert (reason_of(answer), answer.facts) == (Reason.LEFT_LIST, facts("no"))


def test_an_old_member_of_a_held_list_still_has_to_be_settled():
    answer = asked(a_contact(jobtitle=None), by=braked(), linked=True)
    assert reason_of(answer) is Reason.LIST_STALE


def test_a_definition_speaks_for_memberships_read_before_it():
    assert confirms(listed(), NOW + seconds(60))
    unknowable = listed(filter_branch=UNKNOWABLE)
    assert confirms(unknowable, NOW)
    assert not confirms(unknowable, NOW + seconds(1))
