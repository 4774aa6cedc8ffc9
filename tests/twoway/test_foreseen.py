"""What a write overwrites is logged before it is sent: a worker may die right after."""

from datetime import timedelta
from pathlib import Path

import pytest

from guestlist.engine.halting import halt, lift
from guestlist.engine.launch import start_records
from guestlist.store import conflicts
from sandbox.crm import CRM
from sandbox.faults import Kind
from tests.engine.crash import Killed, Tripwire, doomed
from tests.engine.world import Installation
from tests.producers.conftest import Followed, followed, install, logged
from tests.producers.watcher import HUBSPOT, SALESFORCE, Watcher
from tests.twoway.test_creation import value
from tests.twoway.test_twins import paired

__all__ = ["followed", "install", "logged"]
FIRST_NAME_BOTH_WAYS = """
[[objects.contacts.fields]]
hubspot = "firstname"
rule = "two_way"
"""


@pytest.fixture
def contradicted(followed: Followed, tmp_path: Path) -> tuple[Watcher, str, str]:
    """A pair of which both sides were edited, Salesforce first."""
    (tmp_path / "guestlist.toml").write_text(FIRST_NAME_BOTH_WAYS)
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher, firstname="Ada")
    here.move(10)
    here.world.org.update(twin, {"FirstName": "Augusta"}, caller="user")
    here.move(10)
    here.change(contact, firstname="Adele")
    here.move(10)
    return watcher, contact, twin


def edited_on(here: Installation, contact: str, twin: str) -> None:
    """Let people edit both sides once more, so that each is to be written."""
    here.world.org.update(twin, {"Title": "Countess"}, caller="user")
    here.move(10)
    here.change(contact, firstname="Adelheid")
    here.move(10)


def lost(watcher: Watcher) -> list[str | None]:
    with watcher.here.services.database.read() as connection:
        return [each.lost for each in conflicts.page(connection)]


def test_I2_what_a_killed_worker_wrote_over_is_in_the_conflict_log(
    contradicted: tuple[Watcher, str, str],
) -> None:
    """Found by a chaos run: thirteen edits in ten minutes were overwritten without a word."""
    watcher, _, twin = contradicted
    here = watcher.here
    watcher.poll(HUBSPOT, SALESFORCE)
    before = len(here.writes())
    wire = Tripwire(10**6)

    def die(*_: object) -> None:
        if len(here.writes()) > before:
            wire.at = wire.steps + 1

    process = doomed(here, wire)
    here.watches.append(die)
    here.world.journal.sink = die
    with pytest.raises(Killed):
        here.work(process, unexpected=ZeroDivisionError)
    here.world.journal.sink = None
    assert here.values(twin)["FirstName"] == "Adele"
    watcher.tick(5)
    assert lost(watcher) == ["Augusta"]


def test_I2_a_conflict_whose_write_got_no_answer_is_logged_once(
    contradicted: tuple[Watcher, str, str],
) -> None:
    watcher, _, twin = contradicted
    here = watcher.here
    for after in range(6):
        here.fault(CRM.SALESFORCE, Kind.LOST_RESPONSE, "POST *composite", after=after, times=1)
    watcher.tick(5)
    assert here.values(twin)["FirstName"] == "Adele"
    assert lost(watcher) == ["Augusta"]


@pytest.mark.parametrize("kind", [Kind.QUOTA_SPENT, Kind.STATUS])
def test_I2_what_salesforce_took_stays_logged_though_hubspot_took_its_part_not(
    contradicted: tuple[Watcher, str, str], kind: Kind
) -> None:
    watcher, contact, twin = contradicted
    here = watcher.here
    edited_on(here, contact, twin)
    here.fault(CRM.HUBSPOT, kind, "POST */batch/update", status=400, times=1)
    watcher.tick(5)
    assert here.values(twin)["FirstName"] == "Adelheid"
    assert lost(watcher) == ["Augusta"]


def test_I2_what_salesforce_took_stays_logged_though_all_was_paused_before_hubspots_turn(
    contradicted: tuple[Watcher, str, str],
) -> None:
    watcher, contact, twin = contradicted
    here = watcher.here
    edited_on(here, contact, twin)

    def watch(_method: str, _url: str, body: bytes) -> None:
        if b'"allOrNone"' in body:
            halt(here.services, by="tester")

    watcher.poll(HUBSPOT, SALESFORCE)
    here.watches.append(watch)
    here.work()
    here.watches.remove(watch)
    assert here.values(twin)["FirstName"] == "Adelheid"
    assert value(here, contact, "jobtitle") is None
    lift(here.services, by="tester")
    watcher.tick(5)
    assert value(here, contact, "jobtitle") == "Countess"
    assert lost(watcher) == ["Augusta"]


def test_a_conflict_whose_write_was_refused_is_not_logged(
    contradicted: tuple[Watcher, str, str],
) -> None:
    watcher, _, twin = contradicted
    here = watcher.here
    rule = {"object": "Contact", "message": "No.", "requires": "Fax"}
    with here.set(CRM.SALESFORCE, validation_rules=[rule]):
        watcher.tick(2)
        assert here.values(twin)["FirstName"] == "Augusta"
        assert lost(watcher) == []


def test_I2_two_looks_at_one_pair_by_both_its_ids_leave_its_lost_edit_in_the_log(
    followed: Followed, tmp_path: Path
) -> None:
    """Found by a chaos run: the one that wrote nothing took back what both had foreseen."""
    (tmp_path / "guestlist.toml").write_text(FIRST_NAME_BOTH_WAYS)
    watcher = followed()
    here = watcher.here
    contact = here.contact("ada@example.com", firstname="Ada", city="Oslo")
    row = here.row("Contact", ago=timedelta(), Email="ada@example.com", FirstName="Augusta")
    ours = start_records(here.services, "contacts", [contact], by="tester")
    others = start_records(here.services, "contacts", [row], by="tester")
    mine, theirs = here.post.waiting
    here.post.waiting.clear()
    other = here.worker()
    refusing = {"object": "Contact", "message": "No.", "requires": "Fax"}

    def overtake(_method: str, _url: str, body: bytes) -> None:
        if b"PATCH" in body:
            here.watches.remove(overtake)
            here.carry_out(theirs, other)
            here.world.set_options(CRM.SALESFORCE, {"validation_rules": [refusing]})

    here.watches.append(overtake)
    here.carry_out(mine)
    assert overtake not in here.watches
    ended = [*here.outcomes(ours).values(), *here.outcomes(others).values()]
    assert ended == ["failed", "updated"]
    assert lost(watcher) == ["Ada"]


def test_I2_two_looks_in_one_run_leave_its_lost_edit_in_the_log(
    followed: Followed, tmp_path: Path
) -> None:
    """Found by a chaos run: a lease was over, and who held it next took back what both foresaw."""
    (tmp_path / "guestlist.toml").write_text(FIRST_NAME_BOTH_WAYS)
    watcher = followed()
    here = watcher.here
    contact = here.contact("ada@example.com", firstname="Ada")
    here.row("Contact", ago=timedelta(), Email="ada@example.com", FirstName="Augusta")
    run = start_records(here.services, "contacts", [contact], by="tester")
    (message,) = here.post.waiting
    here.post.waiting.clear()

    def stop(_method: str, url: str, _body: bytes) -> None:
        if "batch/read" in url:
            halt(here.services, by="tester")

    def overtake(_method: str, url: str, _body: bytes) -> None:
        if "batch/update" in url:
            here.watches.remove(overtake)
            here.move(301)
            here.watches.append(stop)
            here.carry_out(message, here.worker())
            here.watches.remove(stop)
            lift(here.services, by="tester")

    here.watches.append(overtake)
    here.carry_out(message)
    assert overtake not in here.watches
    assert [*here.outcomes(run).values()] == [None], "the other look holds it, and wrote nothing"
    assert value(here, contact, "firstname") == "Augusta"
    assert lost(watcher) == ["Ada"]
