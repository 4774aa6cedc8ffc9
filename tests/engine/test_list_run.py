"""A list sync from beginning to end, judged by the sandbox's journal."""

from collections import Counter
from datetime import timedelta

import pytest

from guestlist.domain.errors import Misconfigured
from guestlist.domain.outcome import Outcome, RunState
from guestlist.domain.reason import Reason
from sandbox.crm import CRM
from tests.engine.conftest import Install
from tests.engine.judge import accounted, nobody_outside_was_written, nothing_is_there_twice


def test_members_are_created_and_nobody_else_is(install: Install) -> None:
    here = install()
    members = here.contacts(5)
    here.contact("outside@example.com", lifecyclestage="lead")
    run = here.run()
    assert (run.state, run.enumerated, run.created) == (RunState.COMPLETE, 5, 5)
    assert here.outcomes() == dict.fromkeys(members, Outcome.CREATED)
    assert [entry.operation for entry in here.writes()] == ["create"] * 5
    assert sorted(entry.contact_id or "" for entry in here.writes()) == sorted(members)
    assert all(len(here.twins(member)) == 1 for member in members)


@pytest.mark.parametrize("type", ["Contact", "Lead"])
def test_new_twins_are_leads_or_contacts_as_the_settings_say(install: Install, type: str) -> None:
    here = install(objects__contacts__create_as=type)
    members = here.contacts(2)
    here.run()
    assert [entry.type for entry in here.writes()] == [type, type]
    assert {here.rows()[key].twin for key in members} == {
        (type, here.twins(key)[0]) for key in members
    }


@pytest.mark.parametrize("type", ["Contact", "Lead"])
@pytest.mark.parametrize("create_as", ["Contact", "Lead"])
def test_a_record_that_was_there_is_adopted_whatever_new_ones_become(
    install: Install, type: str, create_as: str
) -> None:
    here = install(objects__contacts__create_as=create_as)
    ada = here.contact("ada@example.com", phone="+1 512 555 0100", company="Acme")
    there = here.row(type, Email="ADA@example.com", LastName="Doe")
    run = here.run()
    assert (run.created, run.updated) == (0, 1)
    assert here.twins(ada) == [there]
    (write,) = here.writes()
    assert (write.operation, write.id) == ("update", there)
    assert dict(write.fields) == {"HubSpot_Contact_Id__c": ada, "Phone": "+1 512 555 0100"}


def test_a_record_that_carries_the_contacts_id_is_adopted_whatever_its_address(
    install: Install,
) -> None:
    here = install()
    ada = here.contact("ada@example.com", ago=timedelta(minutes=10))
    there = here.row("Contact", Email="old@example.com", HubSpot_Contact_Id__c=ada)
    here.run()
    assert here.twins(ada) == [there]
    assert [(entry.crm, entry.operation) for entry in here.writes()] == [("salesforce", "update")]


def test_both_sides_are_written_where_the_rules_say_so(install: Install) -> None:
    here = install()
    ada = here.contact("ada@example.com", firstname="Ada", jobtitle="")
    there = here.row("Contact", Email="ada@example.com", FirstName="Augusta", Title="Countess")
    assert here.run().updated == 1
    assert here.values(there)["FirstName"] == "Augusta"
    (hubspot,) = here.writes(CRM.HUBSPOT)
    assert (hubspot.id, dict(hubspot.fields)) == (
        ada,
        {"firstname": "Augusta", "jobtitle": "Countess"},
    )


def test_who_can_not_be_synced_is_held_or_failed_with_the_reason(install: Install) -> None:
    here = install()
    reasons = {
        here.contact("", firstname="Nameless"): Reason.NO_EMAIL,
        here.contact("no address"): Reason.BAD_EMAIL,
        here.contact("ada@example.com", lastname=""): Reason.REQUIRED_MISSING,
        here.contact("bob@example.com", lastname="B" * 81): Reason.TOO_LONG,
        here.contact("cy@example.com"): Reason.DUP_MANY_MATCHES,
        here.contact("di@example.com"): Reason.EMAIL_IN_USE,
    }
    for _ in range(2):
        here.row("Contact", Email="cy@example.com")
    here.row("Contact", Email="di@example.com", HubSpot_Contact_Id__c="999")
    run = here.run()
    assert {key: row.reason for key, row in here.rows().items()} == reasons
    assert (run.held, run.failed, run.enumerated) == (2, 4, 6)
    assert here.writes() == []


def test_a_second_run_writes_nothing(install: Install) -> None:
    here = install(contacts=400)
    first = here.run()
    written = here.writes()
    second = here.run()
    assert second.state is RunState.COMPLETE
    assert here.writes() == written
    assert (second.created, second.updated, second.enumerated) == (0, 0, first.enumerated)
    assert second.unchanged == first.created + first.updated + first.unchanged
    assert (second.held, second.failed) == (first.held, first.failed)


def test_a_hostile_world_adds_up(install: Install) -> None:
    here = install(contacts=400)
    run = here.run()
    accounted(here, run)
    nobody_outside_was_written(here)
    nothing_is_there_twice(here)
    assert run.state is RunState.COMPLETE
    assert run.waiting == 0
    assert all(entry.changed for entry in here.writes())


def test_the_calls_are_counted_on_the_run(install: Install) -> None:
    here = install(lanes__bulk__width=100)
    here.contacts(250)
    here.run()  # reads what is read once: schemas, account, token
    before = here.calls()
    run = here.run()
    spent = here.calls() - before
    definitions = Counter({name: n for name, n in spent.items() if name == "lists.get"})
    hubspot = sum((here.world.portal.calls & spent).values()) - definitions.total()
    assert run.salesforce_calls == sum((here.world.org.calls & spent).values())
    assert run.hubspot_calls == hubspot


def test_a_run_over_some_of_the_members_stops_at_the_limit(install: Install) -> None:
    here = install(lanes__bulk__width=2)
    here.contacts(9)
    run = here.run(limit=5)
    assert (run.state, run.enumerated, run.created) == (RunState.COMPLETE, 5, 5)
    assert len(here.writes()) == 5


def test_a_run_over_an_empty_list_ends_at_once(install: Install) -> None:
    here = install()
    run = here.run()
    assert (run.state, run.enumerated) == (RunState.COMPLETE, 0)


def test_the_producer_waits_while_enough_records_are_in_flight(install: Install) -> None:
    widest = {f"lanes__{lane}__width": 10 for lane in ("interactive", "changes", "bulk", "upkeep")}
    here = install(flow__in_flight=20, **widest)
    here.contacts(95)
    run = here.start()
    most = 0
    while here.post.waiting:
        here.carry_out(here.post.waiting.popleft())
        seen = here.the_run(run)
        most = max(most, seen.waiting)
        accounted(here, seen)
    assert here.the_run(run).state is RunState.COMPLETE
    assert most == 20


def test_only_one_run_over_a_list_is_under_way(install: Install) -> None:
    here = install()
    here.contacts(1)
    first = here.start()
    with pytest.raises(Misconfigured, match=first.id):
        here.start()
    here.settle()
    assert here.run().unchanged == 1


def test_a_run_notes_what_it_was_started_with(install: Install) -> None:
    here = install(objects__contacts__inclusion_list="1")
    here.choose("2")
    run = here.run()
    assert (run.list_id, run.settings_version) == ("1", here.loaded.version)
