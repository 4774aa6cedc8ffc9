from dataclasses import replace
from datetime import timedelta

import pytest

from guestlist.domain.check import Severity, check_mapping, stopping
from guestlist.domain.mapping import compile_mapping
from guestlist.domain.plan import plan
from guestlist.domain.reason import Reason
from guestlist.domain.redescribed import Difference, continued, differences
from guestlist.domain.seen import SETTLES, believed
from guestlist.domain.settle import planned_outcome
from guestlist.domain.write import Sides, Skip
from schemas.mapping import SyncRule
from schemas.records import FieldDescription
from tests.builders import (
    EXTERNAL_ID,
    NOW,
    a_contact,
    a_mapping,
    a_salesforce_contact,
    descriptions,
    hubspot_description,
    salesforce_field,
)

HOUR = timedelta(hours=1)


def described(*, without: str = "", **changed: FieldDescription):
    """Both live schemas; Salesforce's Contact lacks a field, or has it otherwise."""
    hubspot, salesforce = descriptions()
    contact = salesforce["Contact"]
    fields = {name: each for name, each in contact.fields.items() if name != without}
    return hubspot, {**salesforce, "Contact": replace(contact, fields=fields | changed)}


def held(hubspot, salesforce):
    holds = compile_mapping(a_mapping(), hubspot, salesforce).held
    return [(each.name, each.reason) for each in holds]


@pytest.mark.parametrize(
    ("world", "reason"),
    [
        (described(without="Fax"), Reason.FIELD_GONE),
        (described(Fax=salesforce_field("Fax", "location")), Reason.TYPE_CHANGED),
        (
            described(Fax=salesforce_field("Fax", createable=False, updateable=False)),
            Reason.NO_FIELD_ACCESS,
        ),
    ],
)
def test_a_field_that_can_not_sync_is_held_for_its_type_alone(world, reason):
    assert held(*world) == [("fax -> Contact.Fax", reason)]
    assert stopping(check_mapping(a_mapping(), *world)) == []


def test_a_property_that_is_gone_is_held_for_every_type():
    world = hubspot_description(without="fax"), descriptions()[1]
    assert {name for name, _ in held(*world)} == {"fax -> Contact.Fax", "fax -> Lead.Fax"}


@pytest.mark.parametrize("name", ["Email", EXTERNAL_ID])
def test_a_field_that_tells_who_is_who_stops_the_object(name):
    stops = stopping(check_mapping(a_mapping(), *described(without=name)))
    assert any(each.field.endswith(name) for each in stops)


def test_a_new_required_field_stops_creations_alone():
    world = described(Grade__c=salesforce_field("Grade__c", required=True))
    (found,) = [each for each in check_mapping(a_mapping(), *world) if each.severity == "error"]
    assert (found.field, found.holds) == ("Contact.Grade__c", Reason.REQUIRED_MISSING)
    mapping = compile_mapping(a_mapping(), *world)
    created = plan(a_contact(), None, None, mapping)
    assert isinstance(created, Skip)
    assert (created.reason, created.repair) == (Reason.REQUIRED_MISSING, True)
    assert planned_outcome(created)[0] == "held"
    assert not isinstance(plan(a_contact(), a_salesforce_contact(), None, mapping), Skip)


def test_what_is_held_is_an_error_that_says_so():
    found = check_mapping(a_mapping(), *described(without="Fax"))
    assert [each.holds for each in found if each.severity is Severity.ERROR] == [Reason.FIELD_GONE]


def _back(agreed_at, *, fax, hubspot_fax="1", since=NOW):
    hubspot, salesforce = described(Fax=salesforce_field("Fax", since=since))
    rows = tuple(
        replace(row, rule=SyncRule.TWO_WAY) if row.hubspot == "fax" else row
        for row in a_mapping().fields
    )
    mapping = compile_mapping(a_mapping(fields=rows), hubspot, salesforce)
    agreed = {"fax": Sides("1", "1"), "city": Sides("Bath", "Bath")}
    record, twin = a_contact(fax=hubspot_fax), a_salesforce_contact(Fax=fax)
    return believed(agreed, agreed_at, record, twin, mapping)


def test_a_blank_of_a_field_that_came_back_was_cleared_by_nobody():
    assert _back(NOW - HOUR, fax=None) == {"city": Sides("Bath", "Bath")}


@pytest.mark.parametrize(
    "case",
    [
        {"fax": "2"},
        {"fax": None, "since": None},
        {"fax": "1", "hubspot_fax": None},
    ],
)
def test_what_else_was_agreed_stays_believed(case):
    assert "fax" in _back(NOW - HOUR, **case)


def test_a_blank_is_believed_again_once_the_field_has_settled():
    assert "fax" not in _back(NOW + SETTLES - timedelta(seconds=1), fax=None)
    assert "fax" in _back(NOW + SETTLES, fax=None)


def test_a_field_is_what_it_is_since_it_came_or_changed_its_type():
    before, later = described()[1]["Contact"], described(without="Fax")[1]["Contact"]
    gone = continued(before, later, at=NOW)
    back = continued(gone, before, at=NOW + HOUR)
    assert back.fields["Fax"].since == NOW + HOUR
    assert back.fields["Email"].since is None
    retyped = described(Fax=salesforce_field("Fax", "double"))[1]["Contact"]
    assert continued(before, retyped, at=NOW).fields["Fax"].since == NOW
    assert continued(back, before, at=NOW + 2 * HOUR).fields["Fax"].since == NOW + HOUR
    assert continued(None, before, at=NOW) == before


def test_differences_name_what_came_went_and_changed():
    before = described(
        Old__c=salesforce_field("Old__c"),
        Tier__c=salesforce_field("Tier__c", "picklist", length=40, options=frozenset({"A", "B"})),
    )[1]["Contact"]
    shut = {"createable": False, "updateable": False, "required": True}
    now = described(
        New__c=salesforce_field("New__c", "double"),
        Tier__c=salesforce_field(
            "Tier__c", "string", length=80, options=frozenset({"B", "C"}), **shut
        ),
    )[1]["Contact"]
    assert [tuple(each) for each in differences(before, now)] == [
        ("New__c", Difference.ADDED, "", "double"),
        ("Old__c", Difference.GONE, "string", ""),
        ("Tier__c", Difference.TYPE, "picklist", "string"),
        ("Tier__c", Difference.LENGTH, "40", "80"),
        ("Tier__c", Difference.OPTIONS, "A", "C"),
        ("Tier__c", Difference.ACCESS, "create, update", "read only"),
        ("Tier__c", Difference.REQUIRED, "optional", "required"),
    ]
    assert differences(now, now) == ()
