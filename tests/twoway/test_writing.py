"""What goes wrong between us and a CRM while it is written, fault by fault."""

import pytest

from guestlist.domain.outcome import Outcome
from guestlist.engine.launch import start_records
from guestlist.engine.sync import sync
from sandbox.crm import CRM
from sandbox.faults import Kind, When
from tests.engine.conftest import Install
from tests.twoway.conftest import Followed
from tests.twoway.test_creation import value
from tests.twoway.test_twins import live_twins, paired


def test_B2_a_write_that_arrives_late_does_not_undo_a_newer_one(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher)
    here.change(contact, email="first@example.com")
    delayed: list[int] = []

    def delay(_method: str, _url: str, body: bytes) -> None:
        if b'"PATCH"' in body and not delayed:
            terms = {"seconds": 500, "when": When.BEFORE, "times": 1}
            delayed.append(here.fault(CRM.SALESFORCE, Kind.DELAY, "POST */composite", **terms))

    here.watches.append(delay)
    watcher.tick()
    assert here.values(twin)["Email"] == "first@example.com", "the second try arrived"
    here.change(contact, email="second@example.com")
    watcher.tick(10)
    arrivals = [entry.fields.get("Email") for entry in here.writes(CRM.SALESFORCE)]
    assert arrivals.count("first@example.com") == 2, "the first try arrived, late"
    assert here.values(twin)["Email"] == "second@example.com"
    assert value(here, contact, "email") == "second@example.com"


def test_B3_a_request_that_is_doubled_on_its_way_changes_nothing_more(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    here.fault(CRM.SALESFORCE, Kind.DUPLICATE)
    here.fault(CRM.HUBSPOT, Kind.DUPLICATE)
    contact, twin = paired(watcher)
    here.change(contact, email="new@example.com")
    here.world.org.update(twin, {"Title": "CTO"}, caller="user")
    watcher.tick(3)
    assert live_twins(here) == [twin]
    assert here.values(twin)["Email"] == "new@example.com"
    assert value(here, contact, "jobtitle") == "CTO"
    before = len(here.writes())
    watcher.tick(3)
    assert here.writes()[before:] == []


def test_B4_of_two_runs_over_one_record_one_looks_at_a_time(install: Install) -> None:
    here = install()
    member = here.contact("ada@example.com")
    first = here.start()
    second = start_records(here.services, "contacts", [member], by="tester")
    other = here.worker()
    here.at_call("composite", lambda: sync(other, second.id, [member]), times=3)
    here.settle()
    assert {here.the_run(run).state for run in (first, second)} == {"complete"}
    assert [entry.operation for entry in here.writes()] == ["create"]
    assert {*here.outcomes(first).values(), *here.outcomes(second).values()} == {
        Outcome.CREATED,
        Outcome.UNCHANGED,
    }


def test_B9_a_value_that_a_crm_respells_comes_to_rest(followed: Followed) -> None:
    """Salesforce trims text and lower-cases addresses; HubSpot knows dates by their day."""
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher)
    here.change(contact, email="Ada.L@Example.COM", phone=" +1 (415) 555-0132 ", city="Paris ")
    watcher.tick(3)
    assert here.values(twin)["Phone"].strip() == "+1 (415) 555-0132"
    before = len(here.writes())
    watcher.tick(10)
    assert here.writes()[before:] == []


def test_B10_one_bad_record_of_a_hundred_fails_alone(install: Install) -> None:
    here = install()
    members = here.contacts(99)
    bad = here.contact("bad@example.com", lastname="")
    outcomes = here.outcomes(here.run())
    assert outcomes.pop(bad) is Outcome.FAILED
    assert outcomes == dict.fromkeys(members, Outcome.CREATED)


def test_B11_locked_rows_are_tried_again_and_nobody_is_asked(install: Install) -> None:
    here = install()
    members = here.contacts(50)
    here.run()
    account = here.world.org.insert("Account", {"Name": "Acme"}, caller="user")
    for member in members:
        here.world.org.update(here.twins(member)[0], {"AccountId": account}, caller="user")
        here.change(member, firstname="Augusta", email=f"new{member}@example.com")
    with here.set(CRM.SALESFORCE, lock_rate=0.2):
        run = here.run()
    assert run.failed == 0
    assert all(here.values(here.twins(each)[0])["Email"].startswith("new") for each in members)


@pytest.mark.parametrize("known", [0, 1, 2])
def test_B12_a_duplicate_rule_ends_in_a_stated_way_whoever_is_there(
    install: Install, known: int
) -> None:
    here = install()
    rule = {"object": "Contact", "name": "Same name", "match_on": ["LastName"], "action": "Block"}
    for number in range(known):
        here.row("Contact", Email=f"other{number}@example.com", LastName="Lovelace")
    member = here.contact("ada@example.com", lastname="Lovelace")
    with here.set(CRM.SALESFORCE, duplicate_rules=[rule]):
        run = here.run()
    row = here.rows(run)[member]
    if known:
        assert (row.outcome, row.reason) == (Outcome.FAILED, "DUP_SF_RULE")
        assert here.problem(member)
    else:
        assert row.outcome is Outcome.CREATED
    assert len(here.twins(member)) == (0 if known else 1)


REQUIRES_PHONE = {"object": "Contact", "message": "Phone required", "requires": "Phone"}


def test_B19_what_needs_a_person_is_said_plainly_and_not_tried_again(install: Install) -> None:
    here = install()
    refused = here.contact("ada@example.com")
    nameless = here.contact("bob@example.com", lastname="")
    with here.set(CRM.SALESFORCE, validation_rules=[REQUIRES_PHONE]):
        run = here.run()
        rows = here.rows(run)
    assert (rows[refused].reason, rows[refused].attempts) == ("VALIDATION_RULE", 1)
    assert rows[refused].facts["message"] == "Phone required"
    assert (rows[nameless].reason, rows[nameless].attempts) == ("REQUIRED_MISSING", 1)
    here.change(nameless, lastname="Byron")
    assert here.run().created == 2
    assert here.problem(refused) is None or here.problem(refused).resolved_at  # type: ignore[union-attr]
