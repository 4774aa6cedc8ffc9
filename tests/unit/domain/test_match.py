import pytest

from guestlist.domain.match import Found, FoundBy, Linked, NoTwin, match
from guestlist.domain.reason import Reason
from guestlist.domain.write import Skip
from tests.builders import (
    CONTACT_ID,
    EXTERNAL_ID,
    LEAD_ID,
    a_compiled_mapping,
    a_lead,
    a_salesforce_contact,
)

MAPPING = a_compiled_mapping()
OTHER_ID = "003AB00000Xq1ZzYAJ"


def matched(*candidates, link=None, value="ada@example.com"):
    return match("501", link=link, candidates=candidates, mapping=MAPPING, match_value=value)


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
    assert matched(free(Email=None), value=None) == NoTwin()
