"""The demo's verdict: a pure function over what the sandbox says, and it must be able to say no."""

import pytest

from console.demo.calls import Calls, of_records, of_setup
from console.demo.proof import Evidence, Proof, broken, prove

LIST = "1"
LINKED = "HubSpot_Contact_Id__c"


def contact(key, **values):
    return {"id": key, "fields": {"email": f"{key}@x.example", "lastname": "Ng", **values}}


def twin(key, **values):
    fields = {LINKED: key, "Email": f"{key}@x.example", "LastName": "Ng", **values}
    return {"id": f"003{key}", "fields": fields}


def entry(seq, key, **changes):
    return {
        "seq": seq,
        "crm": "salesforce",
        "operation": "create",
        "caller": "guestlist",
        "contact_id": key,
        "lists": {LIST: {"by_filter": True, "evaluated": True}},
        **changes,
    }


def evidence(**changes):
    """Two members who synced in a first run, and a second run that wrote nothing."""
    kept = Evidence(
        list_id=LIST,
        members=frozenset({"1", "2"}),
        journal=[entry(1, "1"), entry(2, "2")],
        second_run_after=2,
        hubspot=[contact("1"), contact("2"), contact("3")],
        salesforce=[twin("1"), twin("2")],
    )
    return kept._replace(**changes)


def test_a_clean_sync_is_proved():
    proof = prove(evidence())
    assert proof == Proof(2, 0, 0, 0, 0)
    assert broken(proof, members=2, unchanged=2, refused=0) == []


@pytest.mark.parametrize(
    "changes",
    [
        {"lists": {LIST: {"by_filter": False, "evaluated": True}}},
        {"lists": {"2": {"by_filter": True, "evaluated": True}}},
        {"lists": {}},
        {"contact_id": None},
        {"contact_id": None, "lists": {LIST: {"by_filter": True, "evaluated": True}}},
        {"crm": "hubspot", "operation": "update", "lists": {}},
    ],
)
def test_a_write_about_somebody_who_was_not_a_member_then_breaks_it(changes):
    proof = prove(evidence(journal=[entry(1, "1"), entry(2, "3", **changes)]))
    assert proof.outside_written == 1
    assert broken(proof, members=2, unchanged=2, refused=0) == [
        "1 writes concern contacts outside the list"
    ]


def test_the_evaluated_list_does_not_excuse_a_write_that_the_filter_forbids():
    lagging = {LIST: {"by_filter": False, "evaluated": True}}
    assert prove(evidence(journal=[entry(1, "1", lists=lagging)])).outside_written == 1


@pytest.mark.parametrize("caller", ["user", "sandbox"])
def test_what_others_write_is_not_ours_to_answer_for(caller):
    theirs = entry(3, "3", caller=caller, lists={})
    assert prove(evidence(journal=[*evidence().journal, theirs])) == Proof(2, 0, 0, 0, 0)


def test_two_live_records_with_one_hubspot_id_are_a_duplicate():
    lead = twin("1")
    proof = prove(evidence(salesforce=[*evidence().salesforce, lead]))
    assert proof.duplicates == 1
    assert "1 contacts have two Salesforce records" in broken(
        proof, members=2, unchanged=2, refused=0
    )


def test_records_without_a_hubspot_id_are_no_duplicates():
    strangers = [{"id": "003a", "fields": {}}, {"id": "003b", "fields": {LINKED: None}}]
    assert prove(evidence(salesforce=[*evidence().salesforce, *strangers])).duplicates == 0


def test_creating_twice_is_a_duplicate_even_if_one_was_deleted_since():
    twice = [entry(1, "1"), entry(2, "2"), entry(3, "1")]
    assert prove(evidence(journal=twice, second_run_after=3)).duplicates == 1


def test_any_write_of_the_second_run_breaks_it():
    late = entry(3, "1", operation="update", changed=False)
    proof = prove(evidence(journal=[*evidence().journal, late]))
    assert proof.second_run_writes == 1
    assert "the second run wrote 1 times" in broken(proof, members=2, unchanged=2, refused=0)


@pytest.mark.parametrize(
    "held",
    [
        [twin("1")],
        [twin("1"), twin("2", LastName="Somebody else")],
        [twin("1"), twin("2", Email=None)],
        [twin("1"), {"id": "003", "fields": {"Email": "2@x.example", "LastName": "Ng"}}],
    ],
)
def test_a_member_without_a_record_of_the_same_values_is_not_in_step(held):
    proof = prove(evidence(salesforce=held))
    assert (proof.members_in_step, proof.members_failed) == (1, 1)
    sentences = broken(proof, members=2, unchanged=2, refused=0)
    assert sentences == [
        "1 members are in step, the last run says 2",
        "1 members are not in step, the last run explains 0",
    ]
    assert broken(proof, members=2, unchanged=1, refused=1) == []


def test_case_and_space_make_no_difference():
    spaced = [contact("1", email="1@X.example", firstname=" Ma  Li "), contact("2")]
    held = [twin("1", FirstName="Ma Li"), twin("2")]
    assert prove(evidence(hubspot=spaced, salesforce=held)).members_in_step == 2


def test_nobody_in_the_list_proves_nothing():
    proof = prove(evidence(members=frozenset()))
    assert broken(proof, members=0, unchanged=0, refused=0) == [
        "nobody was in the list: this proves nothing"
    ]


def test_only_calls_known_to_be_constant_are_set_apart():
    counted = {
        "hubspot": {"lists.read": 3, "memberships.page": 4, "objects.batch_read": 10, "new": 1},
        "salesforce": {"POST /services/oauth2/token": 2, "GET describe": 2, "POST composite": 3},
    }
    assert of_records(counted) == Calls(15, 3)
    assert of_setup(counted) == Calls(3, 4)
    assert Calls(1, 2).plus(Calls(3, 4)) == Calls(4, 6)
