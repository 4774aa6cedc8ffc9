"""Edits on both sides at once: the later one wins by the CRMs' own clocks, nothing is lost."""

import pytest

from guestlist.engine.launch import start_records
from guestlist.store import conflicts
from guestlist.store.conflicts import Logged
from schemas.records import Crm
from tests.engine.world import Installation
from tests.producers.watcher import Watcher
from tests.twoway.conftest import Followed
from tests.twoway.test_creation import value
from tests.twoway.test_twins import paired


def logged_conflicts(here: Installation) -> list[Logged]:
    with here.services.database.read() as connection:
        return conflicts.page(connection)


def clash(watcher: Watcher, *, hubspot_last: bool) -> tuple[str, str]:
    """A pair whose e-mail address both sides changed, in this order."""
    here = watcher.here
    contact, twin = paired(watcher)

    def in_hubspot() -> None:
        here.change(contact, email="hubspot@example.com")

    def in_salesforce() -> None:
        here.world.org.update(twin, {"Email": "salesforce@example.com"}, caller="user")

    first, second = (in_salesforce, in_hubspot) if hubspot_last else (in_hubspot, in_salesforce)
    first()
    here.move(10)
    second()
    return contact, twin


@pytest.mark.parametrize("hubspot_last", [True, False])
def test_B5_the_later_edit_of_one_field_wins_and_the_other_is_kept(
    followed: Followed, *, hubspot_last: bool
) -> None:
    watcher = followed()
    here = watcher.here
    contact, twin = clash(watcher, hubspot_last=hubspot_last)
    watcher.tick(3)
    won, lost = ("hubspot", "salesforce") if hubspot_last else ("salesforce", "hubspot")
    assert value(here, contact, "email") == f"{won}@example.com"
    assert here.values(twin)["Email"] == f"{won}@example.com"
    (logged,) = logged_conflicts(here)
    assert logged.lost == f"{lost}@example.com"
    assert logged.conflict.winner is Crm(won)


def test_B5_the_property_counts_and_not_the_record(followed: Followed) -> None:
    """HubSpot's record is younger, its e-mail address is not."""
    watcher = followed()
    here = watcher.here
    contact, twin = clash(watcher, hubspot_last=False)
    here.move(10)
    here.change(contact, jobtitle="Countess")
    watcher.tick(3)
    assert here.values(twin)["Email"] == "salesforce@example.com"
    assert value(here, contact, "email") == "salesforce@example.com"


def test_B5_the_lost_value_comes_back_on_both_sides(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    contact, twin = clash(watcher, hubspot_last=True)
    watcher.tick(3)
    (logged,) = logged_conflicts(here)
    with here.services.database.begin() as connection:
        assert conflicts.ask_restore(connection, logged.id, by="tester", now=here.now())
    start_records(here.services, "contacts", [contact], by="tester")
    here.settle()
    assert value(here, contact, "email") == "salesforce@example.com"
    assert here.values(twin)["Email"] == "salesforce@example.com"
    (logged,) = logged_conflicts(here)
    assert logged.restored_at
    watcher.tick(3)
    assert here.values(twin)["Email"] == "salesforce@example.com"


def test_B6_edits_of_different_fields_both_arrive(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher)
    here.world.org.update(twin, {"FirstName": "Augusta"}, caller="user")
    here.change(contact, email="new@example.com")
    watcher.tick(3)
    assert value(here, contact, "firstname") == "Augusta"
    assert here.values(twin)["Email"] == "new@example.com"
    assert logged_conflicts(here) == []


def test_B7_an_edit_between_our_read_and_our_write_is_not_lost(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher)
    here.change(contact, email="new@example.com")
    here.at_call(
        "records/memberships/batch/read",
        lambda: here.world.org.update(twin, {"FirstName": "Augusta"}, caller="user"),
    )
    watcher.tick(3)
    assert here.values(twin)["Email"] == "new@example.com"
    assert here.values(twin)["FirstName"] == "Augusta"
    assert value(here, contact, "firstname") == "Augusta"


@pytest.mark.parametrize("second", ["hubspot", "salesforce"])
def test_B7_an_edit_of_the_same_field_between_read_and_write_is_not_written_over(
    followed: Followed, second: str
) -> None:
    """Found by the load proof: such an edit was lost, and no conflict told of it."""
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher)

    def edit(side: str, email: str) -> None:
        if side == "hubspot":
            here.change(contact, email=email)
        else:
            here.world.org.update(twin, {"Email": email}, caller="user")

    edit("salesforce" if second == "hubspot" else "hubspot", "first@example.com")
    here.at_call("records/memberships/batch/read", lambda: edit(second, "second@example.com"))
    watcher.tick(3)

    assert here.values(twin)["Email"] == "second@example.com"
    assert value(here, contact, "email") == "second@example.com"
    (logged,) = logged_conflicts(here)
    assert logged.lost == "first@example.com"


def test_B7_an_edit_in_hubspot_that_our_write_replaces_is_in_the_conflict_log(
    followed: Followed,
) -> None:
    """Nothing can stop such a write any more, but HubSpot's history tells what it replaced."""
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher)
    here.world.org.update(twin, {"Email": "salesforce@example.com"}, caller="user")
    here.at_call("contacts/batch/update", lambda: here.change(contact, email="hubspot@example.com"))

    watcher.tick(3)

    assert value(here, contact, "email") == "salesforce@example.com"
    assert here.values(twin)["Email"] == "salesforce@example.com"
    (logged,) = logged_conflicts(here)
    assert logged.lost == "hubspot@example.com"


@pytest.mark.parametrize("lane", ["changes", "bulk"])
def test_B7_an_edit_in_salesforce_that_our_write_replaces_is_in_the_conflict_log(
    followed: Followed, lane: str
) -> None:
    """Salesforce keeps no history: the call that writes reads what it replaces."""
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher)
    here.change(contact, email="hubspot@example.com")

    def edit() -> None:
        here.world.org.update(twin, {"Email": "salesforce@example.com"}, caller="user")

    def at_the_write(_method: str, url: str, body: bytes) -> None:
        if url.endswith("/composite") and b"hubspot@example.com" in body and b"PATCH" in body:
            here.watches.remove(at_the_write)
            edit()

    here.watches.append(at_the_write)
    before = here.calls()["POST composite"]
    if lane == "bulk":
        here.run()
        assert here.calls()["POST composite"] - before == 2
    else:
        watcher.tick(3)
    assert here.values(twin)["Email"] == "hubspot@example.com"
    assert value(here, contact, "email") == "hubspot@example.com"
    (logged,) = logged_conflicts(here)
    assert (logged.lost, logged.conflict.winner) == ("salesforce@example.com", Crm.HUBSPOT)


def test_an_edit_in_hubspot_after_our_write_is_no_conflict(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher)
    here.world.org.update(twin, {"Email": "salesforce@example.com"}, caller="user")

    def edit() -> None:
        here.change(contact, email="hubspot@example.com")

    here.at_call("contacts/batch/update", lambda: here.at_call("contacts/batch/read", edit))
    watcher.tick(3)
    assert here.values(twin)["Email"] == "hubspot@example.com"
    assert logged_conflicts(here) == []


def test_B8_I5_twenty_quiet_rounds_write_nothing(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher)
    here.change(contact, email="new@example.com")
    here.world.org.update(twin, {"FirstName": "Augusta"}, caller="user")
    watcher.tick(3)
    before = len(here.writes())
    watcher.tick(20)
    assert here.writes()[before:] == []


def test_an_address_cleared_in_salesforce_is_cleared_in_hubspot(followed: Followed) -> None:
    watcher = followed()
    here = watcher.here
    contact, twin = paired(watcher, firstname="Ada")
    here.world.org.update(twin, {"FirstName": None}, caller="user")
    watcher.tick(3)
    assert not value(here, contact, "firstname")


def test_C3_who_is_out_of_the_list_is_written_by_neither_side_and_goes_on_after(
    followed: Followed,
) -> None:
    watcher = followed()
    here = watcher.here
    paired(watcher, "other@example.com")
    contact, twin = paired(watcher, firstname="Ada")
    here.change(contact, lifecyclestage="")
    watcher.tick(3)
    before = len(here.writes())
    for number in range(10):
        here.change(contact, email=f"new{number}@example.com")
        here.world.org.update(twin, {"Title": f"Title {number}"}, caller="user")
        watcher.tick()
    assert here.writes()[before:] == []
    here.change(contact, lifecyclestage="customer")
    watcher.tick(5)
    assert here.values(twin)["Email"] == "new9@example.com"
    assert value(here, contact, "jobtitle") == "Title 9"
