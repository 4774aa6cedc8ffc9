"""What a person is told of a decision, question by question, says nothing that is not so."""

from datetime import UTC, datetime

from guestlist.domain.facts import Facts
from guestlist.domain.gate import Inclusion, Proof
from guestlist.domain.path import Verdict, path
from guestlist.domain.reason import Reason
from guestlist.domain.write import Skip
from schemas.records import HubSpotRecord, SalesforceRecord

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
UNREAD = Facts("7", None, None, None, None, ())


def answers(reason: Reason, facts: Facts) -> dict[str, Verdict]:
    inclusion = Inclusion(None, None, NOW)
    steps = path(Skip(facts.key, reason), facts, inclusion, NOW)
    return {step.question: step.verdict for step in steps}


def test_a_doubted_membership_is_not_told_as_one():
    """Of a record that the list was still to take in it said: is a member, pass: no."""
    record = HubSpotRecord("7", {"email": "ada@example.com"}, NOW)
    facts = UNREAD._replace(record=record, proof=Proof(member=False, read_at=NOW))
    told = answers(Reason.LIST_STALE, facts)
    assert told["its membership has settled"] is Verdict.STOP
    assert told["it is a member"] is Verdict.NOT_REACHED


def test_whom_hubspot_forgot_is_stopped_before_any_setting():
    row = SalesforceRecord("Contact", "0035g00000AbCdEAAV", {}, NOW)
    told = answers(Reason.ERASED, UNREAD._replace(key=row.id, origin=row))
    stopped = [question for question, verdict in told.items() if verdict is Verdict.STOP]
    assert stopped == ["Salesforce has the record, and no contact is known for it"]
