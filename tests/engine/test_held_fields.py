"""D7: a field that goes is held alone; what is absent is not empty, and nothing is lost of it."""

from pathlib import Path
from typing import Any

import pytest

from guestlist.domain.hold import Hold
from guestlist.domain.outcome import Outcome, RunState
from guestlist.domain.reason import Reason
from guestlist.domain.write import Agreed
from guestlist.engine.explain import explain
from guestlist.engine.launch import start_records
from guestlist.engine.preview import preview_records
from guestlist.store import links
from sandbox import fields
from sandbox.crm import CRM
from tests.engine.conftest import Install
from tests.engine.judge import accounted, nobody_outside_was_written, nothing_is_there_twice
from tests.engine.world import Installation

MEMBERS, WIDTH = 6, 2
BACK_S = 301
"""After which a held field is looked for again."""


@pytest.fixture(autouse=True)
def two_way(tmp_path: Path) -> None:
    """Let the later edit win in the fields that these tests are about."""
    row = '[[objects.contacts.fields]]\nhubspot = "{}"\nrule = "two_way"\n'
    (tmp_path / "guestlist.toml").write_text("".join(map(row.format, ("fax", "city"))))


def put(here: Installation, crm: CRM, name: str, state: str) -> None:
    """Let an administrator change a field of a contact."""
    type = "contacts" if crm is CRM.HUBSPOT else "Contact"
    fields.set_field(here.world, crm, type, name, {"state": state})


def look(here: Installation, key: str) -> Reason | None:
    run = start_records(here.services, "contacts", [key], by="tester")
    here.settle()
    return here.rows(run)[key].reason


def agreed(here: Installation, key: str) -> Agreed:
    with here.services.database.read() as connection:
        return links.get_many(connection, "contacts", [key])[key].agreed


def held(here: Installation) -> list[tuple[str, Reason]]:
    holds: tuple[Hold, ...] = here.services.schemas.compiled("contacts").held
    return [(each.name, each.reason) for each in holds]


def in_hubspot(here: Installation, key: str, name: str) -> str | None:
    found: str | None = here.world.portal.store_of("contacts").records[key].values.get(name)
    return found


def paired(install: Install, **properties: Any) -> tuple[Installation, str, str]:
    """An installation with one contact that is in step with its twin."""
    here = install()
    key = here.contact("ada@example.com", **properties)
    here.run()
    (twin,) = here.twins(key)
    return here, key, twin


@pytest.mark.parametrize("crm", CRM)
@pytest.mark.parametrize("state", ["gone", "read_only"])
def test_D7_a_field_that_goes_half_way_is_held_alone_and_all_else_arrives(
    install: Install, crm: CRM, state: str
) -> None:
    here = install(lanes__bulk__width=WIDTH)
    keys = [here.contact(f"p{n}@example.com", fax="1", firstname=f"N{n}") for n in range(MEMBERS)]
    run = here.start()
    here.carry_out(here.post.waiting.popleft())
    here.carry_out(here.post.waiting.popleft())
    name = "fax" if crm is CRM.HUBSPOT else "Fax"
    put(here, crm, name, state)
    here.settle()
    done = here.the_run(run)
    assert (done.state, done.created, done.failed) == (RunState.COMPLETE, MEMBERS, 0)
    accounted(here, done)
    nobody_outside_was_written(here)
    nothing_is_there_twice(here)
    twins = [here.values(twin) for key in keys for twin in here.twins(key)]
    assert {each["FirstName"] for each in twins} == {f"N{n}" for n in range(MEMBERS)}
    put(here, crm, name, "there")
    here.move(BACK_S)
    for key in keys:
        look(here, key)
    assert [here.values(twin).get("Fax") for key in keys for twin in here.twins(key)] == ["1"] * 6


@pytest.mark.parametrize("crm", CRM)
@pytest.mark.parametrize("state", ["gone", "read_only"])
def test_D7_a_field_that_goes_while_it_is_written_takes_nothing_with_it(
    install: Install, crm: CRM, state: str
) -> None:
    here, key, twin = paired(install, fax="1", city="Bath")
    name, route = ("fax", "batch/update") if crm is CRM.HUBSPOT else ("Fax", "POST */composite")
    here.at_call(route.rpartition("*")[2], lambda: put(here, crm, name, state))
    if crm is CRM.HUBSPOT:
        here.world.org.update(twin, {"Fax": "2", "MailingCity": "Rome"}, caller="user")
    else:
        here.change(key, fax="2", city="Rome")
    assert look(here, key) is Reason.SYNCED
    assert (in_hubspot(here, key, "city"), here.values(twin)["MailingCity"]) == ("Rome", "Rome")
    assert agreed(here, key)["fax"] == ("1", "1")
    assert here.problem(key) is None


def test_D7_a_property_that_is_absent_is_no_blank(install: Install) -> None:
    """HubSpot leaves it out of its answers without a word, while our schema still has it."""
    here, key, twin = paired(install, fax="1", city="Bath")
    put(here, CRM.HUBSPOT, "fax", "gone")
    here.change(key, city="Rome")
    before = len(here.writes())
    told = preview_records(here.services, "contacts", [key])
    assert [change.field for _, changes in told.samples for change in changes] == ["MailingCity"]
    assert look(here, key) is Reason.SYNCED
    assert [dict(each.fields) for each in here.writes()[before:]] == [{"MailingCity": "Rome"}]
    assert here.values(twin)["Fax"] == "1"
    assert agreed(here, key)["fax"] == ("1", "1")


@pytest.mark.parametrize("crm", CRM)
def test_D7_a_field_that_comes_back_goes_on_from_what_was_agreed(
    install: Install, crm: CRM
) -> None:
    here, key, twin = paired(install, fax="1")
    name = "fax" if crm is CRM.HUBSPOT else "Fax"
    here.move(61)
    put(here, crm, name, "gone")
    here.world.org.update(twin, {"FirstName": "Ada"}, caller="user")
    look(here, key)
    assert held(here) == [
        ("fax -> Contact.Fax", Reason.FIELD_GONE),
        *([("fax -> Lead.Fax", Reason.FIELD_GONE)] if crm is CRM.HUBSPOT else []),
    ]
    put(here, crm, name, "there")
    here.move(BACK_S)
    here.change(key, fax="2")
    look(here, key)
    assert here.values(twin)["Fax"] == "2"
    assert held(here) == []


@pytest.mark.parametrize("crm", CRM)
def test_D7_a_field_that_was_made_anew_blanks_nothing(install: Install, crm: CRM) -> None:
    here, key, twin = paired(install, fax="1")
    put(here, crm, "fax" if crm is CRM.HUBSPOT else "Fax", "gone")
    here.move(3601)
    look(here, key)
    put(here, crm, "fax" if crm is CRM.HUBSPOT else "Fax", "empty")
    here.move(BACK_S)
    here.world.org.update(twin, {"FirstName": "Ada"}, caller="user")
    assert look(here, key) is Reason.SYNCED
    values = (in_hubspot(here, key, "fax"), here.values(twin).get("Fax"))
    assert values == ("1", "1")


def test_D7_a_field_that_was_made_anew_blanks_nothing_by_a_worker_that_saw_it_go_late(
    install: Install,
) -> None:
    """Another worker's older view of the schema is given up once anybody has read a newer one."""
    here, key, twin = paired(install, fax="1")
    late = here.worker()
    late.schemas.compiled("contacts")
    put(here, CRM.HUBSPOT, "fax", "gone")
    here.services.schemas.refresh("contacts")
    here.move(60)
    put(here, CRM.HUBSPOT, "fax", "empty")
    here.services.schemas.refresh("contacts")
    here.change(key, city="Rome")
    start_records(here.services, "contacts", [key], by="tester")
    here.settle(late)
    assert here.values(twin)["MailingCity"] == "Rome"
    assert here.values(twin)["Fax"] == "1"


def test_D7_a_cleared_value_is_cleared_again_once_the_field_has_settled(install: Install) -> None:
    here, key, twin = paired(install, fax="1")
    put(here, CRM.HUBSPOT, "fax", "gone")
    here.move(3601)
    look(here, key)
    put(here, CRM.HUBSPOT, "fax", "there")
    here.move(3601)
    look(here, key)
    here.move(3601)
    look(here, key)
    here.change(key, fax="")
    look(here, key)
    assert here.values(twin).get("Fax") is None


def test_D7_without_a_required_field_only_creations_wait(install: Install) -> None:
    here, key, twin = paired(install, city="Bath")
    put(here, CRM.HUBSPOT, "lastname", "gone")
    new = here.contact("new@example.com")
    here.change(key, city="Rome")
    run = start_records(here.services, "contacts", [key, new], by="tester")
    here.work()
    row = here.rows(run)[new]
    assert (row.outcome, row.reason) == (None, Reason.FIELD_GONE)
    assert here.values(twin)["MailingCity"] == "Rome"
    assert here.values(twin)["LastName"] == "Doe"
    assert preview_records(here.services, "contacts", [new]).outcomes == {
        (Outcome.HELD, Reason.FIELD_GONE): 1
    }
    put(here, CRM.HUBSPOT, "lastname", "there")
    here.settle()
    assert here.outcomes(run)[new] is Outcome.CREATED
    assert [here.values(each)["LastName"] for each in here.twins(new)] == ["Doe"]


@pytest.mark.parametrize("name", ["HubSpot_Contact_Id__c", "Email"])
def test_D7_without_a_field_that_tells_who_is_who_everything_waits(
    install: Install, name: str
) -> None:
    here, key, twin = paired(install, city="Bath")
    put(here, CRM.SALESFORCE, name, "gone")
    here.change(key, city="Rome")
    run = start_records(here.services, "contacts", [key], by="tester")
    here.work()
    row = here.rows(run)[key]
    assert (row.outcome, row.reason) == (None, Reason.FIELD_GONE)
    before = len(here.writes())
    here.move(BACK_S)
    here.sweep()
    here.work()
    assert len(here.writes()) == before, "something was written with a mapping that does not fit"
    put(here, CRM.SALESFORCE, name, "there")
    here.settle()
    assert here.outcomes(run)[key] is Outcome.UPDATED
    assert here.values(twin)["MailingCity"] == "Rome"


def test_D7_explain_tells_which_fields_are_held(install: Install) -> None:
    here, key, _ = paired(install, fax="1")
    put(here, CRM.SALESFORCE, "Fax", "gone")
    told = explain(here.services, "contacts", key)
    assert [(each.name, each.reason) for each in told.held] == [
        ("fax -> Contact.Fax", Reason.FIELD_GONE)
    ]
    assert told.reason is Reason.UNCHANGED
