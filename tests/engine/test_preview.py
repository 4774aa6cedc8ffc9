"""Planning and explaining read what a run would read, decide as it would, and write nothing."""

from collections import Counter

import pytest

from guestlist.domain.outcome import Outcome
from guestlist.domain.reason import Reason
from guestlist.engine.explain import explain
from guestlist.engine.preview import preview_list, preview_records
from sandbox.crm import CRM
from sandbox.fault_bodies import Limit
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.world import Installation

ASKED_OF_SALESFORCE = {Reason.VALIDATION_RULE, Reason.DUP_SF_RULE}
"""Refusals by rules of the org that no schema shows: only a write meets them."""


def _ended(here: Installation) -> Counter[tuple[Outcome | None, Reason | None]]:
    return Counter((row.outcome, row.reason) for row in here.rows().values())


def test_a_plan_counts_as_the_run_that_follows_it(install: Install) -> None:
    here = install(contacts=1000)
    before = len(here.world.journal.entries)
    planned = preview_list(here.services, "contacts").outcomes
    assert len(here.world.journal.entries) == before
    here.run()
    ended = _ended(here)
    surprises = {key: row for key, row in here.rows().items() if row.reason in ASKED_OF_SALESFORCE}
    for row in surprises.values():
        ended[row.outcome, row.reason] -= 1
        ended[Outcome.CREATED if row.reason else None, Reason.SYNCED] += 1
    assert +planned == +ended
    assert len(surprises) <= 10


def test_a_plan_after_the_run_has_nothing_left_to_write(install: Install) -> None:
    here = install(contacts=400)
    run = here.run()
    preview = preview_list(here.services, "contacts")
    assert preview.members == run.enumerated
    assert preview.outcomes[Outcome.UPDATED, Reason.SYNCED] == 0
    assert preview.outcomes[Outcome.UNCHANGED, Reason.UNCHANGED] == (
        run.created + run.updated + run.unchanged
    )
    refused = sum(row.reason in ASKED_OF_SALESFORCE for row in here.rows().values())
    assert preview.salesforce_writes == preview.outcomes[Outcome.CREATED, Reason.SYNCED] == refused


def test_a_plan_costs_what_it_says(install: Install) -> None:
    here = install()
    here.contacts(300)
    cost = preview_list(here.services, "contacts").cost
    run = here.run()
    assert abs(cost.hubspot - run.hubspot_calls) <= 1
    assert abs(cost.salesforce - run.salesforce_calls) <= 1


@pytest.mark.parametrize("route", ["*batch/read", "*/memberships"])
def test_a_plan_waits_where_others_use_up_hubspots_ten_seconds(
    install: Install, route: str
) -> None:
    here = install()
    members = here.contacts(300)
    here.fault(CRM.HUBSPOT, Kind.STATUS, route, status=429, limit=Limit.BURST, times=2)
    assert preview_list(here.services, "contacts").members == len(members)


def test_a_plan_of_some_of_the_members_is_of_those_the_run_takes(install: Install) -> None:
    here = install()
    here.contacts(9)
    seen: list[tuple[int, int | None]] = []
    plan = preview_list(here.services, "contacts", limit=4, progress=lambda *far: seen.append(far))
    assert plan.members == 4
    assert seen == [(4, 4)]
    assert here.run(limit=4).enumerated == 4


def test_records_can_be_planned_by_name(install: Install) -> None:
    here = install()
    ada, out = here.contact("ada@example.com"), here.contact("o@x.org", lifecyclestage="lead")
    outcomes = preview_records(here.services, "contacts", [ada, out, "404"]).outcomes
    assert outcomes == {
        (Outcome.CREATED, Reason.SYNCED): 1,
        (Outcome.HELD, Reason.NOT_IN_LIST): 1,
        (Outcome.HELD, Reason.DELETED_HS): 1,
    }
    assert here.writes() == []


@pytest.mark.parametrize("by", ["id", "email", "upper-case email", "twin"])
def test_a_record_is_explained_however_it_is_named(install: Install, by: str) -> None:
    here = install()
    ada = here.contact("ada@example.com", jobtitle="Countess")
    here.run()
    (twin,) = here.twins(ada)
    written, names = len(here.world.journal.entries), {"id": ada, "email": "ada@example.com"}
    named = {**names, "upper-case email": "ADA@EXAMPLE.COM", "twin": twin}[by]
    told = explain(here.services, "contacts", named)
    assert (told.key, told.reason, told.twin) == (ada, Reason.UNCHANGED, ("Contact", twin))
    assert [row.outcome for row in told.history] == [Outcome.CREATED]
    assert len(here.world.journal.entries) == written


def test_who_is_outside_is_told_what_a_sync_would_write(install: Install) -> None:
    here = install()
    out = here.contact("out@example.com", lifecyclestage="lead", firstname="Ada")
    told = explain(here.services, "contacts", out)
    assert told.reason is Reason.NOT_IN_LIST
    assert ("FirstName", "Ada") in {(change.field, change.after) for change in told.would_change}
    assert told.facts["member"] == "no"
    assert here.writes() == []


def test_explaining_everybody_agrees_with_what_became_of_them(install: Install) -> None:
    here = install(contacts=120)
    here.run()
    written = len(here.world.journal.entries)
    for key, row in here.rows().items():
        told = explain(here.services, "contacts", key)
        if row.outcome in {Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED}:
            assert told.reason is Reason.UNCHANGED, key
        elif row.reason not in ASKED_OF_SALESFORCE:
            assert told.reason is row.reason, key
    assert len(here.world.journal.entries) == written
