"""Laws of the gate: shut unless a fresh proof opens it, and never wider for being older."""

from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.gate import Inclusion, Proof, admit, inclusion
from guestlist.domain.reason import Reason
from guestlist.domain.write import Skip
from schemas.records import HubSpotRecord, ListProcessing
from schemas.settings import GuardSettings
from tests.builders import NOW, a_branch, a_contact, a_filter, a_list, known

GUARDS = GuardSettings()

seconds = st.integers(min_value=-200, max_value=200)
filters = st.sampled_from(
    [
        a_branch(known("jobtitle")),
        a_branch(a_filter("jobtitle", "STRING", "IS_EQUAL_TO", value="Analyst")),
        a_branch({"filterType": "IN_LIST", "listId": "9"}),
        None,
    ]
)
definitions = st.builds(
    lambda branch, processing, status, kind, edited: a_list(
        filter_branch=branch,
        processing_type=processing,
        processing_status=status,
        object_type_id=kind,
        filters_updated_at=NOW - timedelta(seconds=edited),
    ),
    filters,
    st.sampled_from(ListProcessing),
    st.sampled_from(["COMPLETE", "COMPLETE", "PROCESSING"]),
    st.sampled_from(["0-1", "0-1", "0-2"]),
    st.integers(min_value=0, max_value=200),
)
inclusions = st.one_of(st.none(), definitions).map(
    lambda definition: inclusion(definition, object_type_id="0-1", read_at=NOW)
)
records = st.builds(
    lambda title, email, changed, archived: a_contact(
        jobtitle=title,
        email=email,
        modified_at=NOW - timedelta(seconds=changed),
        archived=archived,
    ),
    st.sampled_from([None, "Analyst", "analyst", "Countess"]),
    st.sampled_from(["ada@example.com", "ada@example.com", None, "ada@"]),
    st.integers(min_value=0, max_value=200),
    st.booleans(),
)
proofs = st.builds(
    lambda member, age: Proof(member, NOW - timedelta(seconds=age)), st.booleans(), seconds
)


def admitted(record: HubSpotRecord, proof: Proof | None, by: Inclusion | None) -> bool:
    return asked(record, proof, by) is None


def asked(record: HubSpotRecord, proof: Proof | None, by: Inclusion | None) -> Skip | None:
    return admit(record, proof, by, now=NOW, guards=GUARDS, email_property="email")


@given(records, inclusions)
def test_without_a_proof_nobody_passes(record, by):
    assert not admitted(record, None, by)


@given(records, proofs, inclusions)
def test_who_is_no_member_never_passes(record, proof, by):
    assert not admitted(record, proof._replace(member=False), by)


@given(records, proofs, inclusions, st.integers(min_value=0, max_value=200))
def test_an_older_proof_never_passes_more(record, proof, by, older):
    aged = proof._replace(read_at=proof.read_at - timedelta(seconds=older))
    if admitted(record, aged, by) and proof.read_at <= NOW:
        assert admitted(record, proof, by)


@given(records, proofs, inclusions)
def test_a_proof_of_another_time_is_none(record, proof, by):
    if abs(NOW - proof.read_at) > timedelta(seconds=GUARDS.proof_age_s):
        assert not admitted(record, proof, by)


@given(records, proofs, inclusions)
def test_a_list_with_a_problem_lets_nobody_pass_and_says_which(record, proof, by):
    if by.problem is not None:
        held = asked(record, proof, by)
        assert held is not None
        assert held.reason is by.problem


@given(records, proofs, inclusions)
def test_a_known_filter_that_says_no_lets_nobody_pass(record, proof, by):
    if by.filter and by.filter.evaluate(record.properties, NOW, None) is False:
        assert not admitted(record, proof, by)


@given(records, proofs, st.one_of(st.none(), inclusions))
def test_deleted_records_and_those_without_an_address_never_pass(record, proof, by):
    usable = record.properties["email"] == "ada@example.com" and not record.archived
    assert usable or not admitted(record, proof, by)


@given(records, proofs, inclusions)
def test_who_waits_is_told_until_when_and_it_is_not_past(record, proof, by):
    held = asked(record, proof, by)
    if held and held.reason is Reason.LIST_STALE:
        assert held.retry_at is not None
        assert held.retry_at > NOW


@given(records, proofs, inclusions)
def test_an_unknowable_filter_waits_until_the_list_could_settle(record, proof, by):
    settled_at = record.modified_at + timedelta(seconds=GUARDS.settle_s)
    unknowable = by.filter is None or not by.filter.knowable
    if admitted(record, proof, by) and unknowable:
        assert proof.read_at >= settled_at
