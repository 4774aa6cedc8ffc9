"""What no change ever told of is found by comparing everything, and mended record by record."""

from collections import Counter
from datetime import timedelta
from pathlib import Path

import pytest

from guestlist.domain.errors import Misconfigured
from guestlist.domain.outcome import Outcome, RunKind, RunState
from guestlist.engine.auditing import start_audit
from guestlist.store import links
from guestlist.store.runs import Run
from sandbox.crm import CRM
from sandbox.faults import Kind
from sandbox.fields import set_field
from sandbox.salesforce.schema.field import FieldSpec
from tests.engine.conftest import Install
from tests.engine.world import Installation
from tests.producers.conftest import Followed
from tests.producers.watcher import AUDIT, EVERY, FORMULAS, SALESFORCE, Watcher, once

NOW = timedelta()
FORMULA = FieldSpec(
    "Rank__c", "Rank", length=255, calculated=True, createable=False, updateable=False
)
RANK = """
[[objects.contacts.fields]]
hubspot = "jobtitle"
salesforce = "Rank__c"
rule = "always_salesforce"
"""
DAY = 86_400.0


def audit(here: Installation) -> Run:
    run = start_audit(here.services, "contacts", by="tester")
    here.settle()
    return here.the_run(run)


def silently(here: Installation, id: str, **fields: object) -> None:
    """Change a Salesforce record without moving its stamp, as a roll-up or a repair does."""
    record = here.world.org.find(id)
    assert record
    record.table.put(record, {**record.values, **fields})
    record.shown = record.values


def purge(here: Installation, id: str) -> None:
    """Let Salesforce forget a record that is in the bin."""
    record = here.world.org.find(id)
    assert record
    record.table.drop(record)
    record.shown = None


def linked(followed: Followed, number: int) -> tuple[Watcher, list[str]]:
    """Contacts that sync, and quiet since."""
    watcher = followed()
    people = [watcher.here.contact(f"p{n}@example.com", ago=NOW) for n in range(number)]
    watcher.tick(15)
    assert all(watcher.here.twins(each) for each in people)
    return watcher, people


def test_A7_a_value_changed_without_a_stamp_is_mended_by_the_audit(followed: Followed) -> None:
    watcher, (ada, bob) = linked(followed, 2)
    here = watcher.here
    (twin,) = here.twins(ada)
    silently(here, twin, FirstName="Silent")
    queued = watcher.queued()
    watcher.tick(15)
    assert watcher.queued() == queued
    run = audit(here)
    assert here.outcomes(run) == {ada: Outcome.UPDATED, bob: Outcome.UNCHANGED}
    assert [entry.fields["firstname"] for entry in here.writes(CRM.HUBSPOT)] == ["Silent"]
    assert audit(here).unchanged == 2


def test_A7_a_stamp_that_went_back_is_found_by_the_audit(followed: Followed) -> None:
    watcher, (ada,) = linked(followed, 1)
    here = watcher.here
    (twin,) = here.twins(ada)
    silently(here, twin, FirstName="Restored", SystemModstamp="2019-01-01T00:00:00.000+0000")
    watcher.tick(15)
    assert here.writes(CRM.HUBSPOT) == []
    audit(here)
    assert [entry.fields["firstname"] for entry in here.writes(CRM.HUBSPOT)] == ["Restored"]


def test_A7_the_audit_comes_by_itself_once_a_day(followed: Followed) -> None:
    watcher, _ = linked(followed, 1)
    for _ in range(3):
        watcher.poll(AUDIT)
    assert watcher.runs(RunKind.AUDIT) == []
    watcher.here.move(DAY)
    for _ in range(3):
        watcher.poll(AUDIT)
    watcher.here.settle()
    (run,) = watcher.runs(RunKind.AUDIT)
    assert (run.state, run.enumerated, run.requested_by) == (RunState.COMPLETE, 1, "guestlist")


def test_an_audit_looks_at_members_that_are_not_linked_too(install: Install) -> None:
    here = install()
    people = here.contacts(3)
    watcher = Watcher(here)
    watcher.follow()
    assert here.writes() == []
    run = audit(here)
    assert here.outcomes(run) == dict.fromkeys(people, Outcome.CREATED)


def test_an_audit_goes_through_links_and_members_page_by_page(install: Install) -> None:
    here = install(lanes__upkeep__width=10)
    people = here.contacts(35)
    Watcher(here).follow()
    here.run(limit=25)
    assert audit(here).enumerated == 35
    assert {*here.outcomes()} == {*people}


def test_two_audits_of_one_object_do_not_run_side_by_side(install: Install) -> None:
    here = install()
    here.contacts(1)
    Watcher(here).follow()
    first = start_audit(here.services, "contacts", by="tester")
    with pytest.raises(Misconfigured, match=first.id):
        start_audit(here.services, "contacts", by="tester")
    here.settle()
    assert start_audit(here.services, "contacts", by="tester").id != first.id


def test_an_audit_stops_no_list_sync(install: Install) -> None:
    here = install()
    here.contacts(1)
    Watcher(here).follow()
    start_audit(here.services, "contacts", by="tester")
    assert here.run().state is RunState.COMPLETE


def test_A10_a_deletion_is_seen_while_its_record_is_in_the_bin(followed: Followed) -> None:
    watcher, (ada, _) = linked(followed, 2)
    here = watcher.here
    before = watcher.queued()
    (twin,) = here.twins(ada)
    here.world.org.delete(twin, caller="user")
    watcher.poll(SALESFORCE)
    assert watcher.queued() - before == once([ada])


def test_A10_a_merged_record_is_seen_by_its_loser(followed: Followed) -> None:
    watcher, (ada, bob) = linked(followed, 2)
    here = watcher.here
    before = watcher.queued()
    (winner,), (loser,) = here.twins(ada), here.twins(bob)
    here.world.org.merge(winner, [loser], caller="user")
    watcher.poll(SALESFORCE)
    assert (watcher.queued() - before)[bob] == 1


def test_A10_what_was_deleted_and_purged_between_two_looks_is_found_by_the_audit(
    followed: Followed,
) -> None:
    watcher, (ada, bob) = linked(followed, 2)
    here = watcher.here
    before = watcher.queued()
    (twin,) = here.twins(ada)
    here.world.org.delete(twin, caller="user")
    purge(here, twin)
    watcher.tick(3)
    assert watcher.queued() == before
    run = audit(here)
    assert here.outcomes(run)[bob] is Outcome.UNCHANGED
    assert here.outcomes(run)[ada] is not Outcome.UNCHANGED


def test_A10_an_archived_contact_that_no_search_shows_is_found_by_the_audit(
    followed: Followed,
) -> None:
    watcher, (ada, bob) = linked(followed, 2)
    here = watcher.here
    before = watcher.queued()
    here.world.portal.archive("contacts", ada, caller="user")
    watcher.poll(*EVERY[:3])
    assert watcher.queued() == before
    run = audit(here)
    assert here.outcomes(run)[bob] is Outcome.UNCHANGED
    assert str(here.rows(run)[ada].reason).startswith("DELETED")


def test_A10_no_deletion_is_inferred_from_a_part_that_can_not_be_read(install: Install) -> None:
    here = install(lanes__upkeep__width=10, retries__attempts=2)
    people = here.contacts(70)
    watcher = Watcher(here)
    watcher.follow()
    here.run()
    here.fault(CRM.HUBSPOT, Kind.STATUS, "POST /crm/*/contacts/batch/read", after=6, times=2)
    here.fault(CRM.SALESFORCE, Kind.HTML_200, "POST *composite*", after=3, times=2)
    run = audit(here)
    assert run.enumerated == 70
    assert {*here.outcomes(run).values()} <= {Outcome.UNCHANGED, Outcome.FAILED}
    with here.services.database.read() as connection:
        assert len(links.get_many(connection, "contacts", people)) == 70


def test_TRG_21_a_formulas_new_value_is_found_on_schedule(install: Install, tmp_path: Path) -> None:
    (tmp_path / "guestlist.toml").write_text(RANK)
    here = install()
    for sobject in ("Contact", "Lead"):
        here.world.org.add_field(sobject, FORMULA)
    watcher = Watcher(here)
    watcher.follow()
    ada, bob = (here.contact(f"{name}@example.com", ago=NOW) for name in ("ada", "bob"))
    watcher.tick(15)
    before = watcher.queued()
    (twin,) = here.twins(ada)
    silently(here, twin, Rank__c="Gold")
    watcher.tick(30)
    assert watcher.queued() == before
    watcher.tick(20)
    assert watcher.queued() - before == Counter({ada: 2}), "the formula, and the echo of our write"
    assert [entry.fields["jobtitle"] for entry in here.writes(CRM.HUBSPOT)] == ["Gold"]
    calls = Counter[str]()
    for _ in range(3):
        calls += watcher.calls_of(FORMULAS)
    assert calls == Counter()
    assert bob in watcher.members()


def test_where_no_formula_is_mapped_none_is_read(followed: Followed) -> None:
    watcher = followed(polls__formulas_s=600)
    for _ in range(3):
        watcher.here.move(600)
        assert watcher.calls_of(FORMULAS) == Counter()


def test_D7_edits_of_a_field_that_was_away_are_found_once_it_is_back(install: Install) -> None:
    """One audit: what was edited in that field alone got its look, and had nothing to show."""
    here = install()
    key = here.contact("ada@example.com", fax="1")
    here.run()
    (twin,) = here.twins(key)
    watch = Watcher(here)
    watch.follow()
    here.move(61)
    set_field(here.world, CRM.HUBSPOT, "contacts", "fax", {"state": "gone"})
    here.world.org.update(twin, {"Fax": "2"}, caller="user")
    watch.tick(3)
    audits = len(watch.runs(RunKind.AUDIT))
    set_field(here.world, CRM.HUBSPOT, "contacts", "fax", {"state": "there"})
    watch.tick(8)
    assert here.world.portal.store_of("contacts").records[key].values["fax"] == "2"
    assert len(watch.runs(RunKind.AUDIT)) == audits + 1
