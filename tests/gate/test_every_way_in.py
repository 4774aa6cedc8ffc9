"""C11, C12, C13: whichever way a record comes, and whichever way it would go."""

import ast
import inspect
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import get_type_hints

import pytest
from structlog.typing import EventDict

from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.ages import summary
from guestlist.domain.outcome import RunKind
from guestlist.domain.reason import Reason
from guestlist.domain.write import WriteResult
from guestlist.engine import approval
from guestlist.engine.explain import explain
from guestlist.engine.launch import start_records
from guestlist.engine.preview import preview_list, preview_records
from guestlist.engine.sweep import sweep
from guestlist.store import proofs, runs, work
from sandbox.crm import CRM
from sandbox.faults import Kind, When
from schemas.settings import Lane
from tests.engine.conftest import Install
from tests.engine.world import Installation
from tests.gate.conftest import at_write, leaks, look, refilter, writes
from tests.sandbox.hubspot.filter_branches import CUSTOMERS, where

ROOT = Path(__file__).parents[2]
SHIPPED = ("guestlist", "console", "tasks", "worker")
APPLY = "guestlist/engine/apply.py"


def test_C11_an_edit_in_salesforce_of_one_outside_does_not_reach_hubspot(install: Install) -> None:
    here = install()
    (left,) = here.contacts(1)
    here.run()
    never = here.contact("never@example.com", lifecyclestage="lead")
    stranger = here.row("Contact", Email="never@example.com")
    here.change(left, lifecyclestage="lead")
    written = here.writes()
    for twin in (*here.twins(left), stranger):
        here.world.org.update(twin, {"Title": "From Salesforce"}, caller="user")
    look(here, [left, never])
    assert here.writes() == written


def _list_run_smuggled(here: Installation, key: str) -> None:
    """A list run whose enumeration claims that an outsider was on its page."""
    run = here.start()
    now = here.now()
    with here.services.database.begin() as connection:
        added = work.add(connection, run.id, [(key, now)], now=now)
        runs.checkpoint(connection, run.id, cursor=None, added=added, enumerating=True)
    here.move(20)
    here.settle()


def _of_kind(kind: RunKind) -> Callable[[Installation, str], None]:
    def enter(here: Installation, key: str) -> None:
        for lane in Lane:
            start_records(here.services, "contacts", [key], by="t", kind=kind, lane=lane)
        here.settle()

    return enter


def _retried(here: Installation, key: str) -> None:
    """Every call fails for a while, messages are lost, and sweeps bring the record back."""
    until = here.now().timestamp() + 60
    here.fault(CRM.HUBSPOT, Kind.STATUS, until=until)
    start_records(here.services, "contacts", [key], by="t")
    here.post.lose()
    here.move(60)
    sweep(here.services)
    here.settle()


def _planned_and_explained(here: Installation, key: str) -> None:
    preview_list(here.services, "contacts")
    preview_records(here.services, "contacts", [key])
    explain(here.services, "contacts", key)


def _approved(here: Installation, key: str) -> None:
    """Held while it was in by other filters, then those are taken back and all is approved."""
    here.run()
    refilter(here, where("lastname", "ALL_PROPERTY", "IS_KNOWN"))
    here.move(15)
    look(here, [key])
    refilter(here, CUSTOMERS)
    here.move(15)
    seen = approval.held(here.services, "contacts")
    assert approval.approve(here.services, "contacts", seen, by="ann")
    here.settle()


WAYS: dict[str, Callable[[Installation, str], None]] = {
    **{f"a run of {kind}": _of_kind(kind) for kind in RunKind if kind is not RunKind.IMPORT},
    "a list run": lambda here, _key: here.settle() if here.start() else None,
    "a page that lied": _list_run_smuggled,
    "a retry": _retried,
    "a plan or an explanation": _planned_and_explained,
    "an approval": _approved,
}
"""An import brings the address of everybody, so it is not here: see its own tests."""


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("twin", [None, "Contact", "Lead"])
def test_C12_no_way_in_writes_one_outside(install: Install, way: str, twin: str | None) -> None:
    here = install()
    here.contacts(2)
    key = here.contact("outside@example.com", lifecyclestage="lead", jobtitle="Analyst")
    if twin:
        here.row(twin, Email="outside@example.com", HubSpot_Contact_Id__c=key)
    WAYS[way](here, key)
    assert [entry for entry in here.writes() if entry.contact_id == key] == []
    assert leaks(here) == []


def test_C12_every_write_call_comes_from_the_one_function(install: Install) -> None:
    here = install()
    seen: list[bool] = []

    def watch(method: str, url: str, body: bytes) -> None:
        if writes(method, url, body):
            seen.append(any(frame.filename.endswith(APPLY) for frame in inspect.stack()))

    here.watches.append(watch)
    keys = here.contacts(3)
    here.run()
    here.change(keys[0], firstname="Changed")
    here.world.org.update(here.twins(keys[1])[0], {"Title": "Changed"}, caller="user")
    look(here, keys)
    assert {CRM(entry.crm) for entry in here.writes()} == set(CRM)
    assert len(seen) >= 2
    assert all(seen)


def _write_methods() -> set[str]:
    """The methods of both clients that answer with the results of writes."""
    return {
        name
        for client in (HubSpot, Salesforce)
        for name, method in inspect.getmembers(client, inspect.isfunction)
        if get_type_hints(method, vars(sys.modules[client.__module__])).get("return")
        == list[WriteResult]
    }


def _calls(source: str, methods: set[str]) -> Iterator[str]:
    """Calls of such a method on something named after a CRM."""
    for node in ast.walk(ast.parse(source)):
        match node:
            case ast.Call(func=ast.Attribute(value=receiver, attr=name)) if name in methods:
                text = ast.unparse(receiver).lower()
                if "hubspot" in text or "salesforce" in text:
                    yield f"{text}.{name}"


def test_C12_no_other_module_reaches_a_write_method() -> None:
    methods = _write_methods()
    assert {"write"} <= methods
    found = {
        str(path.relative_to(ROOT))
        for folder in SHIPPED
        for path in (ROOT / folder).rglob("*.py")
        if "connectors" not in path.parts
        for _ in _calls(path.read_text(), methods)
    }
    assert found == {APPLY}


def test_C12_the_search_for_write_calls_finds_them() -> None:
    methods = _write_methods()
    assert [*_calls("services.hubspot.on(lane).write('contacts', [])", methods)]
    assert not [*_calls("file.write('x')", methods)]


def test_C13_who_leaves_while_they_are_written_is_reported(
    install: Install, logged: list[EventDict]
) -> None:
    here = install()
    leaver, stayer = here.contacts(2)
    at_write(here, lambda: here.change(leaver, lifecyclestage="lead"))
    run = look(here, [leaver, stayer])
    (event,) = [each for each in logged if each["event"] == "late_exit"]
    assert (event["key"], event["list"]) == (leaver, here.inclusion)
    assert "late_exit" in here.rows(run)[leaver].facts
    assert "late_exit" not in here.rows(run)[stayer].facts
    assert [e.contact_id for e in leaks(here)] == [leaver]


def test_C13_who_left_before_a_lost_write_arrived_is_reported(install: Install) -> None:
    """Nobody can tell when a request that was never answered is carried out."""
    here = install()
    leaver, stayer = here.contacts(2)
    look(here, [leaver, stayer])
    for each in (leaver, stayer):
        here.change(each, jobtitle="CTO")
    terms = {"seconds": 300, "when": When.BEFORE, "times": 1}
    at_write(here, lambda: here.fault(CRM.SALESFORCE, Kind.DELAY, "POST */composite", **terms))
    run = start_records(here.services, "contacts", [leaver, stayer], by="tester")
    here.work()
    here.change(leaver, lifecyclestage="lead")
    here.settle()
    rows = here.rows(run)
    assert "late_exit" in rows[leaver].facts
    assert "late_exit" not in rows[stayer].facts
    assert leaks(here) == []
    here.move(300)
    look(here, [stayer])
    assert [each.contact_id for each in leaks(here)] == [leaver], "the lost write arrived"


def test_C13_a_check_that_fails_does_not_undo_the_record(install: Install) -> None:
    here = install()
    keys = here.contacts(2)

    def cut_off() -> None:
        until = here.now().timestamp() + 5
        here.fault(CRM.HUBSPOT, Kind.STATUS, "*memberships*", until=until)

    at_write(here, cut_off)
    assert look(here, keys).created == 2


def test_the_age_of_every_proof_is_counted_on_the_run(install: Install) -> None:
    here = install()
    here.contacts(30)
    run = here.run()
    with here.services.database.read() as connection:
        ages = summary(proofs.get(connection, run.id))
    assert ages
    assert ages.writes == run.created == 30
    assert 0 < ages.max <= 30
    at_write(here, lambda: here.move(4))
    again = look(here, [here.contact("slow@example.com")])
    with here.services.database.read() as connection:
        late = summary(proofs.get(connection, again.id))
    assert late
    assert 4 <= late.max < 5


def test_an_unchanged_record_has_no_proof_to_count(install: Install) -> None:
    here = install()
    here.contacts(3)
    here.run()
    again = here.run()
    with here.services.database.read() as connection:
        assert proofs.get(connection, again.id) == {}
    assert Reason.UNCHANGED in {row.reason for row in here.rows(again).values()}
