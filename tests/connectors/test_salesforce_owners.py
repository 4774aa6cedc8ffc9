"""Who owns what in Salesforce, and what is taken away from there."""

import pytest

from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.reason import Reason
from guestlist.domain.write import Accepted, Postponed, Refused, SalesforceWrite, Unknown
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.connectors.test_salesforce_changes import KEY, people
from tests.connectors.worlds import Served

COLLECTIONS = "DELETE *composite/sobjects"


def lead(number: int, *, assign: bool) -> SalesforceWrite:
    fields = {"LastName": f"Name {number}", "Company": "Acme"}
    return SalesforceWrite("Lead", None, KEY, str(number), fields, assign=assign)


def test_only_the_leads_that_ask_for_it_are_assigned_by_rule(
    world: Served, salesforce: Salesforce
) -> None:
    queues = world.world.org.options.assignment_rules["Lead"]
    salesforce.organization()
    view = salesforce.on("bulk")

    results = view.write([lead(number, assign=number % 2 == 0) for number in range(10)])

    assert view.calls == 1
    for number, result in enumerate(results):
        assert isinstance(result, Accepted)
        owner = world.row(result.id)["OwnerId"]
        assert (owner in queues) == (number % 2 == 0)


def test_owners_are_users_of_any_state_and_queues(world: Served, salesforce: Salesforce) -> None:
    guest = {"LastName": "Visitor", "UserType": "Guest", "Email": "Guest@Example.com"}
    world.call(lambda: world.world.org.insert("User", guest, bypass_rules=True))
    view = salesforce.on("changes")

    owners = {each.name: each for each in view.owners()}

    assert view.calls == 1
    ines, former = owners["Ines Duarte"], owners["Former Employee"]
    assert (ines.kind, ines.active) == ("user", True)
    assert ines.email == "ines.duarte@acme-sandbox.example"
    assert (former.kind, former.active) == ("user", False)
    queue = owners["Unassigned Leads"]
    assert (queue.kind, queue.active, queue.id[:3]) == ("queue", True, "00G")
    assert [each.email for each in owners.values() if each.kind == "guest"] == ["guest@example.com"]


def test_rows_are_deleted_two_hundred_a_call_and_answered_in_order(
    world: Served, salesforce: Salesforce
) -> None:
    contacts, leads = people(world, 250), people(world, 3, "Lead")
    rows = [("Contact", each) for each in contacts]
    rows[100:100] = [("Lead", each) for each in leads]
    view = salesforce.on("bulk")

    results = view.delete(rows)

    assert view.calls == 3
    assert results == [Accepted(id, created=False) for _, id in rows]
    assert all(world.row(id)["IsDeleted"] for _, id in rows)


def test_what_can_not_be_deleted_is_refused_alone(world: Served, salesforce: Salesforce) -> None:
    first, second, third = people(world, 3)
    world.call(lambda: world.world.org.delete(second))

    results = salesforce.delete([("Contact", each) for each in (first, second, third)])

    assert [type(each) for each in results] == [Accepted, Refused, Accepted]
    assert isinstance(results[1], Refused)
    assert results[1].code == "ENTITY_IS_DELETED"


def test_nothing_to_delete_is_no_call(salesforce: Salesforce) -> None:
    assert salesforce.delete([]) == []
    assert salesforce.calls == 0


@pytest.mark.parametrize("kind", [Kind.LOST_RESPONSE, Kind.TRUNCATE, Kind.HTML_200])
def test_a_lost_answer_leaves_deletions_open_and_the_next_unsent(
    world: Served, salesforce: Salesforce, kind: Kind
) -> None:
    rows = [("Contact", each) for each in people(world, 450)]
    salesforce.organization()
    world.fault(CRM.SALESFORCE, kind, COLLECTIONS, after=1, times=1)

    results = salesforce.delete(rows)

    kinds = [type(each) for each in results]
    assert kinds == [Accepted] * 200 + [Unknown] * 200 + [Postponed] * 50


def test_a_spent_day_puts_off_what_is_left_to_delete(world: Served, salesforce: Salesforce) -> None:
    rows = [("Contact", each) for each in people(world, 250)]
    salesforce.organization()
    world.fault(CRM.SALESFORCE, Kind.QUOTA_SPENT, COLLECTIONS, after=1)

    results = salesforce.delete(rows)

    assert all(isinstance(each, Accepted) for each in results[:200])
    assert set(results[200:]) == {Postponed(45.0, Reason.BUDGET_HELD)}


def test_a_deletion_refused_as_a_whole_is_halved(world: Served) -> None:
    rows = [("Contact", each) for each in people(world, 250)]

    results = world.salesforce(batch=250).delete(rows)  # more than Salesforce takes in a call

    assert all(isinstance(each, Accepted) for each in results)
