"""TYP: which type goes with which, from HubSpot to Salesforce and back."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from guestlist.domain.reason import Reason
from sandbox.salesforce.schema.field import FieldSpec
from tests.engine.conftest import Install
from tests.engine.world import Installation
from tests.gate.conftest import look
from tests.twoway.test_creation import value

ROW = """
[[objects.contacts.fields]]
hubspot = "ours"
salesforce = { Contact = "Theirs__c" }
rule = "two_way"
"""
TICKED = {"nillable": False, "defaulted": True, "default": False}
OPTIONS = ("north", "south", "west")


class Case(NamedTuple):
    """A HubSpot property and a Salesforce field, and one value as each of them holds it."""

    row: str
    hubspot: Mapping[str, str]
    salesforce: FieldSpec
    ours: str
    theirs: Any


def ours(type: str, field: str) -> dict[str, str]:
    return {"name": "ours", "label": "Ours", "type": type, "fieldType": field}


def theirs(type: str, **more: Any) -> FieldSpec:
    return FieldSpec("Theirs__c", "Theirs", type, **more)


LISTED: dict[str, Any] = {"length": 255, "values": OPTIONS, "restricted": True}
CASES = [
    Case("TYP_01", ours("enumeration", "select"), theirs("picklist", **LISTED), "west", "west"),
    Case("TYP_01", ours("enumeration", "radio"), theirs("picklist", **LISTED), "north", "north"),
    Case(
        "TYP_02",
        ours("enumeration", "checkbox"),
        theirs("multipicklist", **LISTED),
        "north;west",
        "north;west",
    ),
    Case(
        "TYP_03",
        ours("bool", "booleancheckbox"),
        theirs("boolean", **TICKED),
        "true",
        True,
    ),
    Case("TYP_04", ours("number", "number"), theirs("double", precision=18, scale=2), "2.5", 2.5),
    Case("TYP_04", ours("number", "number"), theirs("int", digits=8), "7", 7),
    Case("TYP_05", ours("string", "text"), theirs("string", length=80), "a line", "a line"),
    Case("TYP_05", ours("string", "text"), theirs("textarea", length=255), "a line", "a line"),
    Case("TYP_06", ours("string", "textarea"), theirs("textarea", length=255), "a\nb", "a\nb"),
    Case("TYP_07", ours("date", "date"), theirs("date"), "2026-02-28", "2026-02-28"),
    Case(
        "TYP_07",
        ours("date", "date"),
        theirs("datetime"),
        "2026-02-28",
        "2026-02-28T00:00:00.000+0000",
    ),
]


def installed(install: Install, folder: Path, case: Case) -> Installation:
    (folder / "guestlist.toml").write_text(ROW)
    here = install()
    body: dict[str, Any] = dict(case.hubspot)
    if case.hubspot["type"] == "enumeration":
        body["options"] = [{"label": each.title(), "value": each} for each in OPTIONS]
    here.world.portal.add_property("contacts", body)
    here.world.org.add_field("Contact", case.salesforce)
    return here


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.row} {case.salesforce.type}")
def test_TYP_01_to_07_a_value_goes_over_and_comes_back(
    install: Install, tmp_path: Path, case: Case
) -> None:
    here = installed(install, tmp_path, case)
    there = here.contact("there@example.com", ours=case.ours)
    here.row("Contact", Email="back@example.com", Theirs__c=case.theirs)
    back = here.contact("back@example.com")
    here.run()
    (twin,) = here.twins(there)
    assert here.values(twin)["Theirs__c"] == case.theirs
    assert value(here, back, "ours") == case.ours
    before = len(here.writes())
    here.run()
    assert here.writes()[before:] == []


@pytest.mark.parametrize("side", ["hubspot", "salesforce"])
def test_TYP_13_TYP_14_D8_a_value_the_other_side_lacks_fails_that_record_alone(
    install: Install, tmp_path: Path, side: str
) -> None:
    case = Case("", ours("string", "text"), theirs("picklist", **LISTED), "", "")
    if side == "salesforce":
        case = Case("", ours("enumeration", "select"), theirs("string", length=80), "", "")
    here = installed(install, tmp_path, case)
    odd = here.contact("odd@example.com", ours="up" if side == "hubspot" else "")
    other = here.contact("other@example.com", ours="west")
    if side == "salesforce":
        here.row("Contact", Email="odd@example.com", Theirs__c="up")
    run = look(here, [odd, other])
    reasons = {key: row.reason for key, row in here.rows(run).items()}
    assert reasons == {odd: Reason.PICKLIST_VALUE, other: Reason.SYNCED}
    assert "up" in str(here.rows(run)[odd].facts)
    assert {entry.contact_id for entry in here.writes()} == {other}
