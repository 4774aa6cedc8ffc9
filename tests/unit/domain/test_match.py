import pytest

from guestlist.domain.match import Found, FoundBy, Identity, Linked, NoTwin, match
from guestlist.domain.reason import Reason
from guestlist.domain.write import Skip
from schemas.mapping import DuplicateMode
from tests.builders import (
    CONTACT_ID,
    EXTERNAL_ID,
    LEAD_ID,
    LONG_AGO,
    NOW,
    a_compiled_mapping,
    a_lead,
    a_salesforce_contact,
)

MAPPING = a_compiled_mapping()
OTHER_ID = "003AB00000Xq1ZzYAJ"


def matched(*candidates, mapping=MAPPING, values=("ada@example.com",), **known):
    return match(Identity("501", values=values, **known), candidates, mapping)


def free(id=CONTACT_ID, **changes):
    return a_salesforce_contact(id, **{EXTERNAL_ID: None, **changes})


def test_the_linked_record_wins_over_everything():
    linked = free(OTHER_ID, Email="old@example.com")
    answer = matched(a_salesforce_contact(), linked, link=("Contact", OTHER_ID))
    assert answer == Linked(linked)


def test_a_linked_record_that_carries_another_id_is_in_use():
    taken = a_salesforce_contact(**{EXTERNAL_ID: "777"})
    answer = matched(taken, link=("Contact", CONTACT_ID))
    assert isinstance(answer, Skip)
    assert answer.reason is Reason.EMAIL_IN_USE
    assert answer.facts["belongs_to"] == "777"


def test_our_id_in_a_record_finds_it_whatever_its_address():
    ours = a_salesforce_contact(Email="other@example.com")
    assert matched(free(OTHER_ID), ours) == Found(ours, FoundBy.EXTERNAL_ID)


def test_an_address_finds_a_record_in_any_spelling():
    twin = free(Email=" ADA@Example.com")
    assert matched(twin) == Found(twin, FoundBy.MATCH_VALUE)


def test_a_contact_is_preferred_to_a_lead():
    contact = free()
    assert matched(a_lead(), contact) == Found(contact, FoundBy.MATCH_VALUE)


def test_a_lead_is_found_where_there_is_no_contact():
    lead = a_lead()
    assert matched(lead) == Found(lead, FoundBy.MATCH_VALUE)


def test_several_of_one_type_are_an_answer_and_not_a_guess():
    answer = matched(free(), free(OTHER_ID), a_lead())
    assert isinstance(answer, Skip)
    assert answer.reason is Reason.DUP_MANY_MATCHES
    assert answer.facts["ids"] == f"{CONTACT_ID}, {OTHER_ID}"


def test_one_free_record_is_found_beside_those_that_belong_to_others():
    twin = free()
    others = a_salesforce_contact(OTHER_ID, **{EXTERNAL_ID: "777"})
    assert matched(others, twin) == Found(twin, FoundBy.MATCH_VALUE)


def test_a_record_with_our_address_and_another_id_is_in_use():
    answer = matched(a_salesforce_contact(**{EXTERNAL_ID: "777"}), a_lead())
    assert isinstance(answer, Skip)
    assert answer.reason is Reason.EMAIL_IN_USE


def test_a_record_read_twice_is_one_candidate():
    twin = free()
    assert matched(twin, twin) == Found(twin, FoundBy.MATCH_VALUE)


def test_a_converted_lead_is_nobodys_twin():
    assert matched(a_lead(IsConverted=True)) == NoTwin()


@pytest.mark.parametrize("link", [None, ("Lead", LEAD_ID)])
def test_our_own_lead_that_was_converted_is_not_created_again(link):
    lead = a_lead(IsConverted=True, ConvertedContactId=OTHER_ID, **{EXTERNAL_ID: "501"})
    answer = matched(lead, link=link)
    assert isinstance(answer, Skip)
    assert answer.reason is Reason.MERGED_INTO
    assert answer.facts == {"lead": LEAD_ID, "contact": OTHER_ID}


def test_no_other_lead_takes_the_place_of_one_that_was_converted_and_keeps_our_id():
    """Found by the model: each look wrote the id anew, and Salesforce refused it as a duplicate."""
    lead = a_lead(IsConverted=True, ConvertedContactId=OTHER_ID, **{EXTERNAL_ID: "501"})
    other = a_lead("00Q000000000009AAA")
    answer = matched(lead, other)
    assert isinstance(answer, Skip)
    assert answer.reason is Reason.MERGED_INTO


def test_a_lead_may_be_found_beside_a_converted_one_that_carries_nothing():
    converted, other = a_lead(IsConverted=True), a_lead("00Q000000000009AAA")
    assert matched(converted, other) == Found(other, FoundBy.MATCH_VALUE)


def test_a_converted_lead_gives_way_to_the_contact_it_became():
    lead = a_lead(IsConverted=True, **{EXTERNAL_ID: "501"})
    contact = free()
    assert matched(lead, contact, link=("Lead", LEAD_ID)) == Found(contact, FoundBy.MATCH_VALUE)


def test_a_twin_that_was_deleted_is_not_created_again():
    answer = matched(link=("Contact", CONTACT_ID))
    assert isinstance(answer, Skip)
    assert answer.reason is Reason.DELETED_SF


def test_a_deleted_twin_gives_way_to_the_record_it_was_merged_into():
    winner = free(OTHER_ID)
    assert matched(winner, link=("Contact", CONTACT_ID)) == Found(winner, FoundBy.MATCH_VALUE)


def test_no_candidates_mean_no_twin():
    assert matched() == NoTwin()


def test_a_record_without_an_address_matches_nobody_without_one():
    assert matched(free(Email=None), values=()) == NoTwin()


def test_a_converted_lead_leads_to_the_contact_it_became_whatever_its_address():
    lead = a_lead(IsConverted=True, ConvertedContactId=OTHER_ID, **{EXTERNAL_ID: "501"})
    contact = free(OTHER_ID, Email="new@example.com")
    found = Found(contact, FoundBy.SUCCESSOR)
    assert matched(lead, contact, link=("Lead", LEAD_ID)) == found
    assert matched(lead, contact) == found


def test_a_merged_twin_leads_to_the_record_it_was_merged_into():
    winner = free(OTHER_ID, Email="new@example.com")
    answer = matched(winner, link=("Contact", CONTACT_ID), merged_into=OTHER_ID)
    assert answer == Found(winner, FoundBy.SUCCESSOR)


def test_a_record_our_twin_was_merged_into_may_be_somebody_elses():
    winner = a_salesforce_contact(OTHER_ID, **{EXTERNAL_ID: "777"}, Email="new@example.com")
    answer = matched(winner, link=("Contact", CONTACT_ID), merged_into=OTHER_ID)
    assert isinstance(answer, Skip)
    assert answer.reason is Reason.EMAIL_IN_USE


def test_a_record_that_carries_the_id_of_a_merged_contact_is_ours():
    twin = a_salesforce_contact(**{EXTERNAL_ID: "444"}, Email="old@example.com")
    assert matched(twin, aliases=frozenset({"444"})) == Found(twin, FoundBy.EXTERNAL_ID)
    linked = matched(twin, aliases=frozenset({"444"}), link=("Contact", CONTACT_ID))
    assert linked == Linked(twin)


def test_an_additional_address_finds_a_twin_that_the_first_does_not():
    second = free(OTHER_ID, Email="second@example.com")
    both_addresses = ("ada@example.com", "second@example.com")
    assert matched(second, values=both_addresses) == Found(second, FoundBy.MATCH_VALUE)
    first = free()
    assert matched(second, first, values=both_addresses) == Found(first, FoundBy.MATCH_VALUE)


def test_the_native_mode_follows_the_record_that_changed_last():
    native = a_compiled_mapping(duplicates=DuplicateMode.NATIVE)
    linked = a_salesforce_contact(modified_at=LONG_AGO)
    younger = free(OTHER_ID, modified_at=NOW)
    answer = matched(linked, younger, mapping=native, link=("Contact", CONTACT_ID))
    assert answer == Found(younger, FoundBy.MATCH_VALUE)
    assert matched(linked, younger, link=("Contact", CONTACT_ID)) == Linked(linked)
