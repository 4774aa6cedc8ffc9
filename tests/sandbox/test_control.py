import json
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import pytest
import requests

from sandbox import mount
from sandbox.control_routes import _ROUTES
from sandbox.crm import CRM
from sandbox.mount import Addresses
from sandbox.wire import Request
from sandbox.world import World
from tests.sandbox.conftest import NOON, Control, add_contact, lines

Call = Callable[..., requests.Response]
CONTACTS = "/crm/v3/objects/contacts"


# --- the clock


def test_the_clock_moves_freezes_and_thaws(control: Control) -> None:
    assert control.ok("POST", "clock", {"move_seconds": 90})["timestamp"] == NOON.timestamp() + 90
    frozen = control.ok("POST", "clock", {"freeze": "2027-01-01T00:00:00Z"})
    assert frozen["now"] == "2027-01-01T00:00:00+00:00"
    assert frozen["frozen"] is True
    assert control.ok("POST", "clock", {"thaw": True})["frozen"] is False


@pytest.mark.parametrize(
    "instant", [1_800_000_000, "2027-01-15T08:00:00+00:00", "2027-01-15T08:00:00"]
)
def test_an_instant_is_seconds_or_iso_and_utc_unless_it_says_otherwise(
    control: Control, instant: Any
) -> None:
    assert control.ok("POST", "clock", {"freeze": instant})["timestamp"] == 1_800_000_000


@pytest.mark.parametrize(
    "given",
    [
        {"move_seconds": "far"},
        {"move_seconds": 1e300},
        {"move_seconds": True},
        {"freeze": "noon"},
        {"freeze": None},
        {"freeze": False},
        {"freeze": "9999-12-31T23:00:00Z"},
        {"freeze": "0001-01-01"},
        {"freeze": True, "move_seconds": "far"},
        {"move_seconds": 1e12},
        {"move_seconds": -1e11},
        {"freeze": 1e99},
        {"move": 1},
        [],
    ],
)
def test_a_clock_that_cannot_be_is_refused_and_stays(control: Control, given: Any) -> None:
    before = control.ok("GET", "state")["clock"]
    assert control.refused("POST", "clock", given)
    assert control.ok("GET", "state")["clock"] == before


# --- options


def test_options_of_either_crm_are_read_and_set(control: Control, world: World) -> None:
    assert control.ok("PUT", "options/hubspot", {"list_lag": 7})["list_lag"] == 7
    assert control.ok("PUT", "options/salesforce", {"commit_delay": 3})["commit_delay"] == 3
    assert control.ok("GET", "options/hubspot")["list_lag"] == 7
    assert world.org.options.commit_delay == 3


def test_an_unknown_option_is_refused_with_the_known_ones(control: Control) -> None:
    assert "list_lag" in control.refused("PUT", "options/hubspot", {"list_leg": 7})
    assert control("PUT", "options/zoho", {}).status_code == 404


@pytest.mark.parametrize(
    "given",
    [
        {"daily_limit": None},
        {"daily_limit": True},
        {"shrink_pages": 1},
        {"duplicate_rules": {}},
        {"duplicate_rules": [{"object": "Contact"}]},
        {"assignment_rules": []},
        {"assignment_rules": {"Lead": ["nobody"]}},
        {"duplicate_rules": [{"object": "Lead", "name": "Twins", "against": ["Leed"]}]},
        {"duplicate_rules": [{"object": "Lead", "name": "Twins", "match_on": ["Mail"]}]},
        {"duplicate_rules": [{"object": "Lead", "name": "Twins", "match_on": []}]},
        {"duplicate_rules": [{"object": "Lead", "name": "Twins", "action": "Warn"}]},
        {"validation_rules": [{"object": "Lead", "message": "No.", "requires": "Mail"}]},
        {"late_commits": "outside"},
        {"page_size": 0},
        {"page_size": 2.5},
        {"lock_rate": 1.5},
        {"commit_delay": -1},
        {"usage_lag": 1, "daily_limit": -1},
        [],
    ],
)
def test_an_option_keeps_its_kind_and_bounds(control: Control, given: Any) -> None:
    before = control.ok("GET", "options/salesforce")
    assert control.refused("PUT", "options/salesforce", given)
    assert control.ok("GET", "options/salesforce") == before


@pytest.mark.parametrize(
    "given",
    [
        {"list_lag": -1},
        {"list_lag": 5, "daily": -1},
        {"burst_per_10s": 2.5},
        {"time_zone": "Moon/Tycho"},
        {"converted_processing_type": "STATIC"},
        {"short_pages": 1},
    ],
)
def test_an_option_of_hubspot_does_so_too(control: Control, given: Any) -> None:
    before = control.ok("GET", "options/hubspot")
    assert control.refused("PUT", "options/hubspot", given)
    assert control.ok("GET", "options/hubspot") == before


# --- faults


def test_a_fault_strikes_until_it_is_removed(control: Control, hubspot: Call) -> None:
    rule = {"crm": "hubspot", "kind": "status", "route": "GET /crm/*", "status": 503}
    (number,) = control.ok("POST", "faults", rule)["ids"]
    assert hubspot("GET", CONTACTS).status_code == 503
    (shown,) = control.ok("GET", "faults")
    assert (shown["id"], shown["hits"], shown["kind"]) == (number, 1, "status")
    assert control.ok("DELETE", f"faults/{number}") == []
    assert hubspot("GET", CONTACTS).status_code == 200
    assert control("DELETE", f"faults/{number}").status_code == 404


def test_several_faults_come_in_one_call_and_are_cleared_in_one(control: Control) -> None:
    rules = [{"crm": "hubspot", "kind": "delay"}, {"crm": "salesforce", "kind": "duplicate"}]
    assert len(control.ok("POST", "faults", rules)["ids"]) == 2
    assert control.ok("DELETE", "faults") == []
    assert control.ok("GET", "faults") == []


def test_control_itself_never_suffers(control: Control) -> None:
    control.ok("POST", "faults", {"crm": "salesforce", "kind": "status", "route": "*"})
    assert control.ok("GET", "state")["seed"] == "tests"


def test_a_fault_that_makes_no_sense_is_refused(control: Control) -> None:
    assert "gremlin" in control.refused("POST", "faults", {"crm": "hubspot", "kind": "gremlin"})
    assert control.refused("POST", "faults", ["status"])
    assert control.refused("POST", "faults", [1])


def test_a_lost_response_is_in_the_journal_all_the_same(control: Control, hubspot: Call) -> None:
    control.ok("POST", "faults", {"crm": "hubspot", "kind": "lost_response"})
    with pytest.raises(requests.ConnectionError):
        hubspot("POST", CONTACTS, json={"properties": {"email": "lost@example.com"}})
    (entry,) = lines(control("GET", "journal"))
    assert (entry["operation"], entry["caller"]) == ("create", "guestlist")


# --- journal, state


def test_the_journal_is_read_page_by_page_and_filtered(control: Control, hubspot: Call) -> None:
    for n in range(3):
        add_contact(control, f"{n}@example.com")
    hubspot("POST", CONTACTS, json={"properties": {"email": "x@example.com"}})
    assert [entry["seq"] for entry in lines(control("GET", "journal?since=1&limit=2"))] == [2, 3]
    assert len(lines(control("GET", "journal?caller=guestlist&crm=hubspot"))) == 1
    assert lines(control("GET", "journal?since=4")) == []
    assert control.refused("GET", "journal?since=x")
    assert control.refused("GET", "journal?form=1")


def test_the_journal_tells_membership_by_filter_and_as_evaluated(
    control: Control, world: World
) -> None:
    branch = {
        "filterBranchType": "AND",
        "filterBranchOperator": "AND",
        "filterBranches": [],
        "filters": [
            {
                "filterType": "PROPERTY",
                "property": "city",
                "operation": {"operationType": "ALL_PROPERTY", "operator": "IS_KNOWN"},
            }
        ],
    }
    outer = {"filterBranchType": "OR", "filterBranchOperator": "OR", "filters": []}
    list_id = world.portal.create_list("Known city", {**outer, "filterBranches": [branch]})
    control.ok("PUT", "options/hubspot", {"list_lag": 60})
    contact = add_contact(control, "a@example.com")
    for moved in (0, 61):
        control.ok("POST", "clock", {"move_seconds": moved})
        edit = {"id": contact, "properties": {"city": "Graz"}}
        control.ok("POST", "hubspot/contacts/update", edit)
    seen = [entry["lists"][list_id] for entry in lines(control("GET", "journal"))]
    assert seen == [
        {"by_filter": False, "evaluated": False},
        {"by_filter": True, "evaluated": False},
        {"by_filter": True, "evaluated": True},
    ]


def test_a_salesforce_write_names_its_hubspot_contact(control: Control) -> None:
    contact = add_contact(control, "a@example.com")
    fields = {"LastName": "Doe", "HubSpot_Contact_Id__c": contact}
    control.ok("POST", "salesforce/Contact/insert", {"fields": fields})
    by_email = {"fields": {"LastName": "Doe", "Email": "A@example.com"}}
    control.ok("POST", "salesforce/Contact/insert", by_email)
    stranger = {"fields": {"LastName": "Doe", "Email": "b@example.com"}}
    control.ok("POST", "salesforce/Contact/insert", stranger)
    entries = lines(control("GET", "journal?crm=salesforce"))
    assert [entry["contact_id"] for entry in entries] == [contact, contact, None]


def test_the_journal_streams_to_a_file_from_its_beginning(control: Control, tmp_path: Path) -> None:
    add_contact(control, "a@example.com")
    file = tmp_path / "journal.jsonl"
    assert control.ok("POST", "journal/stream", {"file": str(file)})["entries"] == 1
    add_contact(control, "b@example.com")
    assert [json.loads(line)["seq"] for line in file.read_text().splitlines()] == [1, 2]
    assert file.read_text() == control("GET", "journal").text


def test_a_file_that_cannot_be_written_is_refused(control: Control, tmp_path: Path) -> None:
    missing = {"file": str(tmp_path / "no" / "such" / "folder")}
    assert control.refused("POST", "journal/stream", missing)
    assert control.refused("POST", "snapshot", missing)
    assert control.refused("POST", "load", missing)
    assert control.refused("POST", "snapshot", {})


def test_state_counts_calls_and_records(control: Control, hubspot: Call) -> None:
    add_contact(control, "a@example.com")
    hubspot("GET", CONTACTS)
    state = control.ok("GET", "state")
    assert sum(state["calls"]["hubspot"].values()) == 1
    assert state["records"]["hubspot"]["contacts"] == 1
    assert state["journal"] == 1
    assert state["clock"]["timestamp"] == NOON.timestamp()
    control.ok("POST", "calls/reset")
    assert sum(control.ok("GET", "state")["calls"]["hubspot"].values()) == 0


def test_the_records_of_a_crm_are_read_past_every_limit(control: Control) -> None:
    contact = add_contact(control, "a@example.com", city="Graz")
    control.ok("POST", "salesforce/Contact/insert", {"fields": {"LastName": "Doe"}})
    (found,) = lines(control("GET", "hubspot/contacts/records"))
    assert (found["id"], found["fields"]["city"]) == (contact, "Graz")
    (other,) = lines(control("GET", "salesforce/Contact/records"))
    assert other["fields"]["LastName"] == "Doe"
    assert control("GET", "salesforce/Gadget/records").status_code == 400


# --- snapshot, reset


def test_a_snapshot_brings_everything_back(control: Control, hubspot: Call, tmp_path: Path) -> None:
    contact = add_contact(control, "a@example.com")
    file = {"file": str(tmp_path / "world.json")}
    control.ok("POST", "snapshot", file)
    add_contact(control, "b@example.com")
    control.ok("POST", "clock", {"move_seconds": 5})
    control.ok("POST", "load", file)
    assert len(lines(control("GET", "journal"))) == 1
    assert hubspot("GET", f"{CONTACTS}/{contact}").status_code == 200
    assert control.ok("GET", "state")["clock"]["timestamp"] == NOON.timestamp()
    assert len(lines(control("GET", "hubspot/contacts/records"))) == 1


def test_a_reset_grows_another_world_with_other_keys(
    control: Control, hubspot: Call, world: World
) -> None:
    landmarks = control.ok("POST", "reset", {"seed": "other", "contacts": 20})
    assert landmarks["hubspot_token"] == world.credentials.hubspot_token
    assert control.ok("GET", "state")["records"]["hubspot"]["contacts"] > 10
    assert hubspot("GET", CONTACTS).status_code == 401
    assert lines(control("GET", "journal")) == []
    assert control.refused("POST", "reset", {"contacts": -1})


# --- who may ask


def test_control_answers_on_both_ports(served: Addresses) -> None:
    states = [Control(at).ok("GET", "state") for at in (served.hubspot, served.salesforce)]
    assert states[0] == states[1]


@pytest.mark.parametrize("header", [{"Origin": "https://evil.example"}, {"Host": "evil.example"}])
def test_control_answers_no_web_page(served: Addresses, header: dict[str, str]) -> None:
    url = f"{served.hubspot}/sandbox/state"
    assert requests.get(url, headers=header, timeout=10).status_code == 403


def test_unknown_routes_and_methods_name_the_known_ones(control: Control) -> None:
    assert "GET journal" in control("GET", "jornal").json()["error"]
    assert control("GET", "jornal").status_code == 404
    assert control("DELETE", "state").status_code == 405


def test_a_body_that_is_not_json_is_refused(served: Addresses) -> None:
    answer = requests.post(f"{served.hubspot}/sandbox/clock", data=b"{", timeout=10)
    assert answer.status_code == 400


def test_the_clock_is_both_crms_clock(control: Control, hubspot: Call) -> None:
    control.ok("POST", "clock", {"freeze": "2031-01-01T00:00:00Z"})
    contact = add_contact(control, "a@example.com")
    found = hubspot("GET", f"{CONTACTS}/{contact}")
    assert found.json()["createdAt"].startswith("2031-01-01")
    assert datetime.strptime(found.headers["date"], "%a, %d %b %Y %H:%M:%S GMT").replace(
        tzinfo=UTC
    ) == datetime(2031, 1, 1, tzinfo=UTC)


HOSTILE: list[Any] = [
    None,
    1,
    1.5,
    "x",
    True,
    [],
    [None],
    [[]],
    {},
    {"": 1},
    {"file": ""},
    {"file": "\0"},
]
HOSTILE += [{"id": None}, {"id": "🦊"}, {"contacts": -1}, {"seed": [], "contacts": 1.5}]
HOSTILE += [{"properties": {"email": 5}}, {"properties": {"email": {}}}, {"properties": {"": "x"}}]
HOSTILE += [{"fields": {"LastName": []}}, {"fields": {"LastName": {}}}, {"fields": {"x": "y"}}]
HOSTILE += [{"primary": "7", "merged": "7"}, {"master": "x", "losers": ["y"]}, {"list_lag": "soon"}]
HOSTILE += [{"validation_rules": [1]}, {"daily_limit": None}, {"crm": [], "kind": {}}]


@pytest.mark.parametrize("route", [f"{method} {route}" for method, route in _ROUTES])
def test_no_body_brings_control_down(world: World, route: str) -> None:
    app = mount.app(world, CRM.HUBSPOT)
    method, _, path = route.partition(" ")
    for name in ("hubspot", "Contact/create", "Contact", "Contact/insert", "salesforce", "7", "é"):
        filled = re.sub(r"{[^}]+}", name, path)
        for body in (b"{", b"\xff", *map(orjson.dumps, HOSTILE)):
            answer = app(Request(method, f"/sandbox/{filled}", body=body))
            assert answer.status in {200, 400, 404}
            orjson.loads(answer.body.split(b"\n")[0] or b"0")
