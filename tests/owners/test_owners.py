"""Who owns a record, from one CRM to the other, judged by the sandbox's journal and state."""

from collections.abc import Mapping
from typing import Any

import pytest

from guestlist.engine.schema import MAX_AGE
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.conftest import Install
from tests.engine.world import Installation

ADDRESS = "ada@example.com"
INES, TOMASZ, FORMER = "Ines Duarte", "Tomasz Wrona", "Former Employee"
QUEUE = "Unassigned Leads"


def salesforce_id(here: Installation, name: str) -> str:
    """The id of a user or a queue of the stock org."""
    rows = [
        *here.world.org.table("User").rows.values(),
        *here.world.org.table("Group").rows.values(),
    ]
    return next(row.id for row in rows if row.values["Name"] == name)


def seat(here: Installation, name: str, **more: Any) -> str:
    """Give somebody of the org an owner in HubSpot; their id there."""
    first, last = name.split()
    return here.world.portal.add_owner(
        f"{first}.{last}@acme-sandbox.example".lower(), first, last, **more
    )


def owner_in_hubspot(here: Installation, contact_id: str) -> str | None:
    record = here.world.portal.stores["0-1"].records[contact_id]
    return record.values.get("hubspot_owner_id") or None


def owner_in_salesforce(here: Installation, contact_id: str) -> str:
    (twin,) = here.twins(contact_id)
    found = here.world.org.find(here.values(twin)["OwnerId"])
    assert found
    return str(found.values["Name"])


def owners_written(here: Installation) -> list[tuple[str, Mapping[str, Any]]]:
    """Our writes of an owner: the CRM and the fields, oldest first."""
    names = {"hubspot_owner_id", "OwnerId"}
    return [(e.crm, dict(e.fields)) for e in here.writes() if names & e.fields.keys()]


def linked(
    install: Install, owner: str, *, type: str = "Contact", **contact: Any
) -> tuple[Installation, str]:
    """A contact whose twin *owner* owns, after their first sync."""
    here = install()
    seat(here, INES)
    seat(here, TOMASZ)
    member = here.contact(ADDRESS, **contact)
    here.row(type, Email=ADDRESS, OwnerId=salesforce_id(here, owner))
    here.run()
    return here, member


def settled(here: Installation) -> bool:
    """Tell whether two more looks write nothing at all."""
    before = here.writes()
    here.run()
    here.run()
    return here.writes() == before


def test_own_02_whoever_owns_the_record_in_salesforce_owns_it_in_hubspot(install: Install) -> None:
    here, member = linked(install, INES)
    assert owner_in_hubspot(here, member) == seat_of(here, INES)
    assert owner_in_salesforce(here, member) == INES
    assert settled(here)


def seat_of(here: Installation, name: str) -> str:
    return next(
        owner.id
        for owner in here.world.portal.owners.values()
        if f"{owner.first_name} {owner.last_name}" == name
    )


def test_own_01_a_queue_s_record_leaves_hubspot_s_owner_alone(install: Install) -> None:
    here, member = linked(install, QUEUE, type="Lead")
    assert owner_in_hubspot(here, member) is None
    assert owner_in_salesforce(here, member) == QUEUE
    assert owners_written(here) == []
    assert settled(here)


def test_own_01_a_lead_is_taken_from_its_queue_in_hubspot(install: Install) -> None:
    here, member = linked(install, QUEUE, type="Lead")
    here.change(member, hubspot_owner_id=seat_of(here, INES))
    here.run()
    assert owner_in_salesforce(here, member) == INES
    assert settled(here)


def test_own_01_a_former_user_s_record_leaves_hubspot_s_owner_alone(install: Install) -> None:
    here = install()
    seat(here, INES)
    member = here.contact(ADDRESS)
    left = {"LastName": "Doe", "Email": ADDRESS, "OwnerId": salesforce_id(here, FORMER)}
    here.world.org.insert("Contact", left, bypass_rules=True)
    here.run()
    assert owner_in_hubspot(here, member) is None
    assert settled(here)


def test_own_02_an_owner_set_in_hubspot_goes_to_the_matching_user(install: Install) -> None:
    here, member = linked(install, INES)
    here.change(member, hubspot_owner_id=seat_of(here, TOMASZ))
    here.run()
    assert owner_in_salesforce(here, member) == TOMASZ
    assert settled(here)


@pytest.mark.parametrize(
    "stranger",
    [("Marta Lindqvist", {}), (FORMER, {}), (TOMASZ, {"email": "tomasz@elsewhere.example"})],
    ids=["no user", "an inactive user", "another address"],
)
def test_own_02_an_owner_without_an_active_user_goes_back(
    install: Install, stranger: tuple[str, dict[str, str]]
) -> None:
    here, member = linked(install, INES)
    name, more = stranger
    first, last = name.split()
    address = more.get("email", f"{first}.{last}@acme-sandbox.example".lower())
    unmatched = here.world.portal.add_owner(address, first, last)
    here.move(MAX_AGE.total_seconds())
    here.change(member, hubspot_owner_id=unmatched)
    here.run()
    assert owner_in_hubspot(here, member) == seat_of(here, INES)
    assert owner_in_salesforce(here, member) == INES
    assert all(crm == "hubspot" for crm, _ in owners_written(here))
    assert settled(here)


def test_own_02_somebody_added_since_the_owners_were_read_is_not_taken_back(
    install: Install,
) -> None:
    here, member = linked(install, INES)
    new = seat(here, "Grace Okafor")
    here.change(member, hubspot_owner_id=new)
    here.run()
    assert (owner_in_hubspot(here, member), owner_in_salesforce(here, member)) == (new, INES)
    assert settled(here)
    here.move(MAX_AGE.total_seconds())
    here.run()
    assert owner_in_salesforce(here, member) == "Grace Okafor"
    assert settled(here)


def as_leads(install: Install) -> Installation:
    here = install(objects__contacts__create_as="Lead")
    seat(here, INES)
    return here


def test_own_03_assignment_rules_choose_the_owner_of_a_new_lead(install: Install) -> None:
    here = as_leads(install)
    unowned = here.contact(ADDRESS, company="Acme")
    stranger = here.world.portal.add_owner("marta@acme-sandbox.example", "Marta", "Lindqvist")
    unmatched = here.contact("bob@example.com", company="Acme", hubspot_owner_id=stranger)
    run = here.run()
    assert run.created == 2
    assert owner_in_salesforce(here, unowned) == QUEUE
    assert owner_in_salesforce(here, unmatched) == QUEUE
    assert owners_written(here) == []
    assert settled(here)


def test_own_03_who_the_rules_chose_comes_to_hubspot(install: Install) -> None:
    here = as_leads(install)
    rules = {"Lead": [salesforce_id(here, INES)]}
    unowned = here.contact(ADDRESS, company="Acme")
    with here.set(CRM.SALESFORCE, assignment_rules=rules):
        here.run()
        here.run()
    assert owner_in_hubspot(here, unowned) == seat_of(here, INES)
    assert settled(here)


def test_own_03_a_new_lead_with_a_matched_owner_is_not_assigned(install: Install) -> None:
    here = as_leads(install)
    owned = here.contact(ADDRESS, company="Acme", hubspot_owner_id=seat_of(here, INES))
    unowned = here.contact("bob@example.com", company="Acme")
    here.run()
    assert owner_in_salesforce(here, owned) == INES
    assert owner_in_salesforce(here, unowned) == QUEUE
    assert settled(here)


def test_own_03_a_lead_whose_answer_was_lost_is_not_assigned_twice(install: Install) -> None:
    here = as_leads(install)
    rules = {"Lead": [salesforce_id(here, INES), salesforce_id(here, TOMASZ)]}
    unowned = here.contact(ADDRESS, company="Acme")
    with here.set(CRM.SALESFORCE, assignment_rules=rules):
        here.services.schemas.compiled("contacts")
        # The first call looks the twin up, the second one creates it.
        here.fault(CRM.SALESFORCE, Kind.LOST_RESPONSE, "POST *composite*", times=1, after=1)
        run = here.run()
        assert here.rows(run)[unowned].attempts > 1
        assigned = owner_in_salesforce(here, unowned)
        assert settled(here)
    assert owner_in_salesforce(here, unowned) == assigned
    assert sum(here.world.org.assigned.values()) == 1


def test_own_04_salesforce_s_owner_wins_the_first_time(install: Install) -> None:
    here = install()
    ines, tomasz = seat(here, INES), seat(here, TOMASZ)
    member = here.contact(ADDRESS, hubspot_owner_id=tomasz)
    lead = here.row("Lead", Email=ADDRESS, OwnerId=salesforce_id(here, INES))
    here.run()
    assert owner_in_hubspot(here, member) == ines
    assert here.values(lead)["OwnerId"] == salesforce_id(here, INES)
    assert settled(here)


def test_own_04_no_update_runs_assignment_rules(install: Install) -> None:
    here, member = linked(install, INES, type="Lead", phone="+1 512 555 0100")
    assert [e.operation for e in here.writes(CRM.SALESFORCE)] == ["update"]
    assert owner_in_salesforce(here, member) == INES


@pytest.mark.parametrize("last", ["hubspot", "salesforce"])
def test_own_04_later_the_most_recent_owner_wins(install: Install, last: str) -> None:
    here, member = linked(install, INES)
    grace = seat(here, "Grace Okafor")
    here.move(MAX_AGE.total_seconds())
    (twin,) = here.twins(member)

    def in_hubspot() -> None:
        here.change(member, hubspot_owner_id=grace)

    def in_salesforce() -> None:
        here.world.org.update(twin, {"OwnerId": salesforce_id(here, TOMASZ)}, caller="user")

    edits = [in_salesforce, in_hubspot] if last == "hubspot" else [in_hubspot, in_salesforce]
    for edit in edits:
        edit()
        here.move(60)
    here.run()
    winner = "Grace Okafor" if last == "hubspot" else TOMASZ
    assert owner_in_salesforce(here, member) == winner
    assert owner_in_hubspot(here, member) == seat_of(here, winner)
    assert settled(here)


def test_own_05_a_new_contact_without_a_matched_owner_is_the_integration_user_s(
    install: Install,
) -> None:
    here = install()
    seat(here, INES)
    unowned = here.contact(ADDRESS)
    owned = here.contact("bob@example.com", hubspot_owner_id=seat_of(here, INES))
    here.run()
    assert owner_in_salesforce(here, unowned) == "Integration User"
    assert owner_in_salesforce(here, owned) == INES
    assert settled(here)


def test_own_06_an_owner_cleared_in_hubspot_comes_back(install: Install) -> None:
    here, member = linked(install, INES)
    here.change(member, hubspot_owner_id="")
    here.run()
    assert owner_in_hubspot(here, member) == seat_of(here, INES)
    assert owner_in_salesforce(here, member) == INES
    assert settled(here)


def test_owners_are_read_once_an_hour_and_not_by_every_process(install: Install) -> None:
    here = install()
    seat(here, INES)
    here.contacts(30)
    here.run()
    here.settle(here.worker())
    here.run()
    assert here.world.portal.calls["owners.page"] == 2
    here.move(MAX_AGE.total_seconds())
    here.run()
    assert here.world.portal.calls["owners.page"] == 4


def test_a_mapping_without_owners_reads_none(install: Install, tmp_path: Any) -> None:
    (tmp_path / "guestlist.toml").write_text(
        '[[objects.contacts.fields]]\nhubspot = "hubspot_owner_id"\nrule = "dont_sync"\n'
    )
    here = install()
    here.contact(ADDRESS)
    assert here.run().created == 1
    assert here.world.portal.calls["owners.page"] == 0
