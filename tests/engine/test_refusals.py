"""A record that a CRM refuses becomes a problem with all that a person needs to solve it."""

from datetime import timedelta

import pytest
from structlog.typing import EventDict

from guestlist.domain.outcome import Outcome, RunState
from guestlist.domain.reason import Reason
from guestlist.engine.launch import start_records
from guestlist.store.problems import Status
from sandbox.crm import CRM
from sandbox.faults import Kind
from sandbox.salesforce.options import DuplicateRule, ValidationRule
from schemas.records import Crm
from tests.engine.conftest import Install
from tests.engine.judge import accounted

READS, COMPOSITE = "POST */batch/read", "POST */composite"
A_WRITE = 1
"""Composite calls to let by: the look-up comes first."""


def test_what_fails_every_time_becomes_a_problem_in_the_crms_words(install: Install) -> None:
    here = install(retries__attempts=3)
    ada = here.contact("ada@example.com")
    here.fault(CRM.HUBSPOT, Kind.STATUS, READS)
    run = here.run()
    assert (run.state, run.failed) == (RunState.COMPLETE, 1)
    problem = here.problem(ada)
    assert problem
    assert "503" in problem.message
    assert problem.correlation_id
    assert here.rows()[ada].attempts == 3
    accounted(here, run)


@pytest.mark.parametrize("at", [0, A_WRITE])
def test_salesforce_failing_every_time_names_the_request(install: Install, at: int) -> None:
    here = install(retries__attempts=1)
    ada = here.contact("ada@example.com")
    here.start()
    here.carry_out(here.post.waiting.popleft())
    here.fault(CRM.SALESFORCE, Kind.STATUS, COMPOSITE, after=at)
    here.settle()
    problem = here.problem(ada)
    assert problem
    assert "503" in problem.message
    assert problem.correlation_id


def test_a_record_that_salesforce_refuses_is_a_problem_with_all_a_person_needs(
    install: Install,
) -> None:
    here = install()
    rule = ValidationRule("Contact", "A professor needs a title.", {"Salutation": "Prof."}, "Title")
    here.world.org.set_options({"validation_rules": [rule]})
    ada, bob = here.contact("ada@example.com", salutation="Prof."), here.contact("bob@example.com")
    run = here.run()
    assert here.outcomes(run) == {ada: Outcome.FAILED, bob: Outcome.CREATED}
    problem = here.problem(ada)
    assert problem
    assert problem.reason is Reason.VALIDATION_RULE
    assert problem.crm is Crm.SALESFORCE
    assert problem.code == "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    assert problem.message == "A professor needs a title."
    assert problem.correlation_id, "Salesforce's support asks for the request's id"
    here.change(ada, jobtitle="Professor of Botany")
    here.move(300)
    assert here.run().created == 1
    solved = here.problem(ada)
    assert solved
    assert solved.status is Status.RESOLVED


def test_a_duplicate_rule_is_not_asked_eight_times(install: Install) -> None:
    here = install()
    rule = DuplicateRule("Contact", "Same name", match_on=("LastName",), action="Block")
    here.world.org.set_options({"duplicate_rules": [rule]})
    here.row("Contact", LastName="Lovelace")
    ada = here.contact("ada@example.com", lastname="Lovelace")
    here.run()
    problem = here.problem(ada)
    assert problem
    assert problem.reason is Reason.DUP_SF_RULE
    assert here.rows()[ada].attempts <= 2


def test_a_record_that_hubspot_refuses_is_a_problem_with_all_a_person_needs(
    install: Install,
) -> None:
    here = install()
    ada = here.contact("ada@example.com")
    here.contact("taken@example.com", lifecyclestage="lead")
    here.row("Contact", Email="taken@example.com", HubSpot_Contact_Id__c=ada, ago=timedelta())
    here.run()
    problem = here.problem(ada)
    assert problem
    assert (problem.reason, problem.crm) == (Reason.EMAIL_IN_USE, Crm.HUBSPOT)
    assert problem.correlation_id


def test_who_adopts_what_is_linked_to_another_is_named_in_the_log(
    install: Install, logged: list[EventDict]
) -> None:
    here = install()
    ada = here.contact("ada@example.com")
    here.run()
    (twin,) = here.twins(ada)
    here.world.org.update(twin, {"HubSpot_Contact_Id__c": None}, caller="user")
    here.change(ada, email="countess@example.com")
    bob = here.contact("ada@example.com")
    start_records(here.services, "contacts", [bob], by="tester")
    here.settle()
    (told,) = (each for each in logged if each["event"] == "twin_taken")
    assert (told["key"], told["twin_id"], told["taken_by"]) == (bob, twin, ada)
