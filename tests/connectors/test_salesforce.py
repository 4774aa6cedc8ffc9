"""The Salesforce client against the sandbox's org, over sockets."""

from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from guestlist.connectors.salesforce import Lookup, Salesforce
from guestlist.domain.errors import Misconfigured, Missing, RetryLater, Unauthorized, Waiting
from guestlist.domain.reason import Reason
from guestlist.domain.write import (
    Accepted,
    Postponed,
    Refused,
    SalesforceWrite,
    Unknown,
    WriteResult,
)
from sandbox.crm import CRM
from sandbox.faults import Kind
from sandbox.salesforce.options import DuplicateRule
from tests.connectors.worlds import Served

KEY = "HubSpot_Contact_Id__c"
COMPOSITE = "POST *composite"


def creation(number: int, type: str = "Contact", **fields: object) -> SalesforceWrite:
    company = {"Company": "Acme"} if type == "Lead" else {}
    named = {"LastName": f"Name {number}", "Email": f"person{number}@example.com"}
    return SalesforceWrite(type, None, KEY, str(number), {**named, **company, **fields})


def change(number: int, id: str, type: str = "Contact", **fields: object) -> SalesforceWrite:
    return SalesforceWrite(type, id, KEY, str(number), fields)


def ids(results: Sequence[WriteResult]) -> list[str]:
    assert all(isinstance(each, Accepted) for each in results), results
    return [each.id for each in results if isinstance(each, Accepted)]


def test_a_thousand_creations_are_one_call_and_answered_in_order(
    world: Served, salesforce: Salesforce
) -> None:
    view = salesforce.on("bulk")

    results = view.write([creation(number) for number in range(1000)])

    assert view.calls == 1
    for number, id in enumerate(ids(results)):
        assert world.row(id)["LastName"] == f"Name {number}"
    assert all(each.created for each in results if isinstance(each, Accepted))


def test_a_creation_that_is_sent_again_updates_what_it_created(salesforce: Salesforce) -> None:
    first = salesforce.write([creation(1)])
    again = salesforce.write([creation(1, Title="Head of Sales")])

    assert ids(first) == ids(again)
    assert again == [Accepted(ids(first)[0], created=False)]


def test_updates_and_creations_of_several_types_keep_their_order(
    world: Served, salesforce: Salesforce
) -> None:
    lead, contact = ids(salesforce.write([creation(1, "Lead"), creation(2)]))

    results = salesforce.write(
        [
            change(1, lead, "Lead", Title="A"),
            creation(3),
            change(2, contact, Title="B"),
            creation(4, "Lead"),
        ]
    )

    updated, new_contact, updated_contact, new_lead = ids(results)
    assert (updated, updated_contact) == (lead, contact)
    assert [new_contact[:3], new_lead[:3]] == ["003", "00Q"]
    assert (world.row(lead)["Title"], world.row(contact)["Title"]) == ("A", "B")


def replacing(number: int, id: str, **fields: object) -> SalesforceWrite:
    return SalesforceWrite("Contact", id, KEY, str(number), fields, replacing=tuple(fields))


def replaced(results: Sequence[WriteResult], field: str) -> list[object]:
    rows = [each.replaced for each in results if isinstance(each, Accepted)]
    return [row and row[field] for row in rows]


def test_a_write_brings_along_what_it_replaced_in_its_own_call(salesforce: Salesforce) -> None:
    known = ids(salesforce.write([creation(number, Title="Old") for number in range(3)]))
    view = salesforce.on("bulk")
    writes = [replacing(number, id, Title=f"New {number}") for number, id in enumerate(known)]

    results = view.write([*writes[:2], change(2, known[2], Title="New"), creation(3)])

    assert view.calls == 1
    assert replaced(results, "Title") == ["Old", "Old", None, None]
    assert replaced(view.write(writes), "Title") == ["New 0", "New 1", "New"]


def test_a_write_asks_for_nothing_where_its_call_has_no_room(salesforce: Salesforce) -> None:
    known = ids(salesforce.write([creation(number) for number in range(1000)]))
    view = salesforce.on("bulk")
    writes = [replacing(number, id, Title="New") for number, id in enumerate(known)]

    assert replaced(view.write(writes), "Title") == [None] * 1000
    assert view.calls == 1
    assert replaced(view.write(writes[:800]), "Title") == ["New"] * 800
    assert view.calls == 2


def test_a_question_that_salesforce_refuses_takes_nothing_from_the_write(
    world: Served, salesforce: Salesforce
) -> None:
    (id,) = ids(salesforce.write([creation(1)]))
    write = change(1, id, Title="New")._replace(replacing=("Nonsense__c",))

    assert replaced(salesforce.write([write]), "Title") == [None]
    assert world.row(id)["Title"] == "New"


def test_every_record_is_refused_or_taken_on_its_own(salesforce: Salesforce) -> None:
    good, bad, other = salesforce.write(
        [
            creation(1),
            creation(2, LastName=None),
            creation(3, Title="x" * 200),
        ]
    )

    assert isinstance(good, Accepted)
    assert isinstance(bad, Refused)
    assert (bad.code, bad.fields) == ("REQUIRED_FIELD_MISSING", ("LastName",))
    assert isinstance(other, Refused)
    assert other.code == "STRING_TOO_LONG"


@pytest.mark.parametrize("named", [False, True])
def test_a_duplicate_rule_names_the_record_in_the_way(
    world: Served, salesforce: Salesforce, *, named: bool
) -> None:
    existing = ids(salesforce.write([creation(1)]))[0]
    world.org_options(duplicate_result_in_collections=named)
    world.org_options(duplicate_rules=[DuplicateRule("Contact", "Same address", action="Block")])

    refused = salesforce.write([creation(2, Email="person1@example.com")])[0]

    assert isinstance(refused, Refused)
    assert refused.code == "DUPLICATES_DETECTED"
    assert refused.existing_ids == ((existing,) if named else ())


def test_an_update_keeps_its_owner_where_a_creation_gets_one_by_rule(
    world: Served, salesforce: Salesforce
) -> None:
    lead = ids(salesforce.write([creation(1, "Lead")._replace(assign=True)]))[0]
    by_rule = world.row(lead)["OwnerId"]
    assert by_rule in world.world.org.options.assignment_rules["Lead"]
    owner = world.world.org.admin_id
    world.call(lambda: world.world.org.update(lead, {"OwnerId": owner}))

    salesforce.write([change(1, lead, "Lead", Title="A")])
    salesforce.write([creation(2), change(1, lead, "Lead", Title="B")])

    assert world.row(lead)["OwnerId"] == owner


def test_a_replay_after_an_expired_session_keeps_the_owner_too(
    world: Served, salesforce: Salesforce
) -> None:
    lead = ids(salesforce.write([creation(1, "Lead")]))[0]
    owner = world.world.org.admin_id
    world.call(lambda: world.world.org.update(lead, {"OwnerId": owner}))
    world.call(world.world.org.sessions.clear)

    salesforce.write([change(1, lead, "Lead", Title="A")])

    assert world.row(lead)["OwnerId"] == owner
    assert salesforce.calls_by_kind()["token"] == 2


@pytest.mark.parametrize("whole", [False, True])
def test_a_field_nobody_knows_is_blamed_on_those_that_carry_it(
    world: Served, salesforce: Salesforce, *, whole: bool
) -> None:
    world.org_options(unreadable_record_fails_all=whole)
    writes = [creation(number) for number in range(100)]
    writes[17] = creation(17, Nonsense__c="x")
    view = salesforce.on("bulk")

    results = view.write(writes)

    refused = results.pop(17)
    assert isinstance(refused, Refused)
    assert refused.code == "INVALID_FIELD"
    assert len(ids(results)) == 99
    assert view.calls <= 2


def test_a_lost_answer_leaves_every_record_of_the_call_open_and_the_next_unsent(
    world: Served, salesforce: Salesforce
) -> None:
    salesforce.organization()
    world.fault(CRM.SALESFORCE, Kind.LOST_RESPONSE, COMPOSITE, times=1)

    results = salesforce.write([creation(number) for number in range(1200)])

    assert all(isinstance(each, Unknown) for each in results[:1000])
    assert all(isinstance(each, Postponed) for each in results[1000:])
    found = salesforce.lookup([Lookup("Contact", [KEY], {KEY: [str(n) for n in range(1200)]})])
    assert len(found["Contact"]) == 1000  # the writes did happen: only a read can tell


@pytest.mark.parametrize("kind", [Kind.TRUNCATE, Kind.HTML_200])
def test_an_unreadable_answer_leaves_the_records_open(
    world: Served, salesforce: Salesforce, kind: Kind
) -> None:
    salesforce.organization()
    world.fault(CRM.SALESFORCE, kind, COMPOSITE, times=1)

    assert isinstance(salesforce.write([creation(1)])[0], Unknown)


def test_a_later_call_that_meets_the_end_of_the_day_is_put_off(
    world: Served, salesforce: Salesforce
) -> None:
    salesforce.organization()
    world.fault(CRM.SALESFORCE, Kind.QUOTA_SPENT, COMPOSITE, after=1)

    results = salesforce.write([creation(number) for number in range(1200)])

    assert len(ids(results[:1000])) == 1000
    assert set(results[1000:]) == {Postponed(45.0, Reason.BUDGET_HELD)}


def test_the_end_of_the_day_holds_everybody_until_it_is_looked_at_again(
    world: Served, salesforce: Salesforce
) -> None:
    salesforce.organization()
    world.fault(CRM.SALESFORCE, Kind.QUOTA_SPENT, "*", times=1)

    for _ in range(2):
        with pytest.raises(Waiting) as caught:
            salesforce.on("interactive").write([creation(1)])
        assert caught.value.reason == Reason.BUDGET_HELD
    assert salesforce.on("interactive").calls == 0


def test_lookups_find_by_any_key_each_row_once(salesforce: Salesforce) -> None:
    contact, lead = ids(salesforce.write([creation(1), creation(2, "Lead")]))
    view = salesforce.on("bulk")

    found = view.lookup(
        [
            Lookup(
                type,
                ["Email", KEY],
                {KEY: ["1", "2"], "Email": ["PERSON1@example.com", "person2@example.com"]},
            )
            for type in ("Contact", "Lead")
        ]
    )

    assert view.calls == 1
    assert [each.id for each in found["Contact"]] == [contact]
    assert [each.id for each in found["Lead"]] == [lead]
    row = found["Contact"][0]
    assert row.type == "Contact"
    assert row.fields[KEY] == "1"
    assert "attributes" not in row.fields
    assert row.modified_at.tzinfo


def test_a_lookup_of_a_thousand_records_in_two_types_is_one_call(salesforce: Salesforce) -> None:
    salesforce.write([creation(number) for number in range(1000)])
    view = salesforce.on("bulk")
    where = {
        KEY: [str(number) for number in range(1000)],
        "Email": [f"person{number}@example.com" for number in range(1000)],
    }

    found = view.lookup([Lookup(type, ["Email", KEY], where) for type in ("Contact", "Lead")])

    assert view.calls == 1
    assert [len(found["Contact"]), len(found["Lead"])] == [1000, 0]


def test_short_pages_are_followed_to_the_end(world: Served, salesforce: Salesforce) -> None:
    created = ids(salesforce.write([creation(number) for number in range(500)]))
    world.org_options(page_size=200, shrink_pages=True)

    found = salesforce.lookup([Lookup("Contact", [], {KEY: [str(n) for n in range(500)]})])
    one_by_one = list(salesforce.query("SELECT Id, SystemModstamp FROM Contact"))

    assert {each.id for each in found["Contact"]} == set(created)
    assert {each.id for each in one_by_one} == set(created)


def test_more_queries_than_fit_into_a_call_are_answered_in_order(salesforce: Salesforce) -> None:
    created = ids(salesforce.write([creation(number) for number in range(7)]))
    view = salesforce.on("bulk")

    found = view.find(
        [f"SELECT Id, SystemModstamp FROM Contact WHERE {KEY} = '{number}'" for number in range(7)]
    )

    assert [each[0].id for each in found] == created
    assert view.calls == 2


HOSTILE = st.text(st.characters(blacklist_categories=["Cs", "Cc"]), min_size=1, max_size=40)


@given(HOSTILE)
@settings(max_examples=60, deadline=None)
def test_no_value_of_a_lookup_changes_what_is_asked(shared: Salesforce, value: str) -> None:
    found = shared.lookup([Lookup("Contact", ["LastName"], {"LastName": [value]})])

    assert all(each.fields["LastName"].lower() == value.lower() for each in found["Contact"])


def test_a_query_of_an_unknown_field_stops_with_the_words_of_salesforce(
    salesforce: Salesforce,
) -> None:
    with pytest.raises(Misconfigured, match="Nonsense__c"):
        salesforce.lookup([Lookup("Contact", ["Nonsense__c"], {KEY: ["1"]})])


def test_a_failing_read_is_to_be_tried_again(world: Served, salesforce: Salesforce) -> None:
    world.fault(CRM.SALESFORCE, Kind.STATUS, COMPOSITE, status=503)

    with pytest.raises(RetryLater):
        salesforce.lookup([Lookup("Contact", [], {KEY: ["1"]})])


def test_a_schema_says_what_a_field_takes(salesforce: Salesforce) -> None:
    contact, lead = salesforce.describe("Contact"), salesforce.describe("Lead")

    last_name, key, status = (
        contact.fields["LastName"],
        contact.fields[KEY],
        lead.fields["Status"],
    )
    assert (last_name.required, last_name.length) == (True, 80)
    assert (key.external_id, key.unique, key.required) == (True, True, False)
    assert "Open - Not Contacted" in status.options
    assert not contact.fields["Id"].createable
    assert lead.fields["Company"].required


def test_an_unknown_object_is_for_whoever_keeps_the_mapping(salesforce: Salesforce) -> None:
    with pytest.raises(Misconfigured, match="Salesforce has no object Gizmo__c"):
        salesforce.describe("Gizmo__c")


def test_the_org_says_who_it_is_and_how_much_of_its_day_is_used(
    world: Served, salesforce: Salesforce
) -> None:
    organization = salesforce.organization()
    allowance = salesforce.allowance()

    assert organization.id == world.world.org.organization_id
    assert (organization.is_sandbox, organization.user_id) == (
        True,
        world.world.org.integration_user_id,
    )
    assert allowance.limit == world.world.org.options.daily_limit
    assert salesforce.allowance_seen


def test_a_version_that_is_retired_is_a_wrong_setting(world: Served) -> None:
    with pytest.raises((Misconfigured, Missing)):
        world.salesforce(api_version="29.0").organization()


def test_a_session_of_no_use_is_a_persons_to_mend(world: Served, salesforce: Salesforce) -> None:
    salesforce.organization()
    world.org_options(session_variant=True)
    world.call(world.world.org.sessions.clear)

    with pytest.raises(Unauthorized):
        salesforce.organization()


def test_our_writes_bear_our_request_ids(world: Served) -> None:
    numbers = iter(range(1000))
    client = world.salesforce(new_id=lambda: f"call-{next(numbers)}")

    client.write([creation(1)])

    assert world.world.journal.entries[-1].request_id == "call-1"
