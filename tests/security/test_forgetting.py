"""S21 and S22: who is deleted for good leaves ids and a salted mark; values stay for a time."""

import hashlib
from collections.abc import Callable
from datetime import timedelta

from sqlalchemy import select

from guestlist.engine.upkeep import prune
from guestlist.store import conflicts, forgotten, meta
from guestlist.store.access_tables import forgotten as marks
from guestlist.store.metadata import metadata
from guestlist.store.tables import work
from sandbox.salesforce.options import ValidationRule
from tests.engine.world import Installation
from tests.producers.conftest import followed
from tests.producers.watcher import Watcher
from tests.twoway.test_creation import contact_of
from tests.twoway.test_twins import paired

__all__ = ["followed"]

Followed = Callable[..., Watcher]
CANARY = "Kanarienvogel"
EMAIL = "ada@example.com"
DAY = 86_400.0


def every_value(here: Installation) -> str:
    """Everything in every table, as text."""
    with here.services.database.read() as conn:
        return "\n".join(
            str(tuple(row))
            for table in metadata.sorted_tables
            for row in conn.execute(select(table))
        )


def reasons(here: Installation, key: str) -> set[str]:
    """How the looks at one record ended."""
    with here.services.database.read() as conn:
        query = select(work.c.reason).where(work.c.key == key)
        return {str(each) for each in conn.execute(query).scalars()}


def mourned(watcher: Watcher) -> tuple[str, str]:
    """A pair with a canary in every place that keeps values, whose contact is deleted for good."""
    here = watcher.here
    contact, twin = paired(watcher, firstname=CANARY, jobtitle=CANARY)
    here.world.portal.update("contacts", contact, {"jobtitle": f"{CANARY} 1"}, caller="user")
    here.world.org.update(twin, {"Title": f"{CANARY} 2"}, caller="user")
    watcher.tick(3)
    rule = ValidationRule("Contact", f"{CANARY} is refused", {"Department": CANARY}, "Title")
    here.world.org.set_options({"validation_rules": [rule]})
    here.world.portal.update("contacts", contact, {"salutation": "Prof."}, caller="user")
    watcher.tick(3)
    assert CANARY in every_value(here)
    assert EMAIL in every_value(here)
    here.world.portal.gdpr_delete("contacts", contact)
    here.world.org.update(twin, {"Title": "CTO"}, caller="user")
    watcher.tick(3)
    return contact, twin


def test_S21_nothing_is_left_of_a_person_but_ids_and_a_salted_mark(followed: Followed) -> None:
    watcher = followed(objects__contacts__create_in_hubspot="true")
    here = watcher.here
    contact, _ = mourned(watcher)
    left = every_value(here)
    assert CANARY not in left
    assert EMAIL not in left
    assert contact in left
    with here.services.database.read() as conn:
        [mark] = conn.execute(select(marks.c.digest)).scalars()
        salt = meta.get(conn, forgotten.SALT)
        assert forgotten.known(conn, "contacts", [EMAIL.upper(), "b@example.com"]) == {
            EMAIL.upper()
        }
        assert forgotten.known(conn, "leads", [EMAIL]) == set()
    assert len(bytes.fromhex(salt)) == 32
    assert mark != hashlib.sha256(EMAIL.encode()).hexdigest()


def test_S21_no_edit_and_no_new_lead_brings_them_back(followed: Followed) -> None:
    watcher = followed(objects__contacts__create_in_hubspot="true")
    here = watcher.here
    here.world.portal.options.blocklist_refuses_create = False
    _, twin = mourned(watcher)
    here.world.org.update(twin, {"Title": "CEO", "HubSpot_Contact_Id__c": None}, caller="user")
    lead = here.row("Lead", ago=timedelta(), Email=EMAIL, LastName=CANARY)
    other = here.row("Lead", ago=timedelta(), Email="bob@example.com")
    watcher.tick(4)
    assert contact_of(here, EMAIL) is None
    assert contact_of(here, "bob@example.com") is not None
    assert reasons(here, lead) == {"ERASED"}
    assert "ERASED" not in reasons(here, other)
    assert CANARY not in every_value(here)


def test_S21_a_person_whom_hubspot_has_again_is_no_longer_held(followed: Followed) -> None:
    watcher = followed(objects__contacts__create_in_hubspot="true")
    here = watcher.here
    here.world.portal.options.blocklist_refuses_create = False
    mourned(watcher)
    here.world.org.set_options({"validation_rules": []})
    again = here.contact(EMAIL, ago=timedelta(), lastname="Lovelace")
    watcher.tick(4)
    assert reasons(here, again) == {"EMAIL_IN_USE"}, "whose their twin is, a person says"


def test_S22_values_are_gone_after_their_time_and_outcomes_stay(followed: Followed) -> None:
    watcher = followed(keep_values_days=30, polls__keep_days=365)
    here = watcher.here
    contact, twin = paired(watcher)
    here.change(contact, email=f"hubspot@{CANARY}.example")
    here.move(10)
    here.world.org.update(twin, {"Email": f"salesforce@{CANARY}.example"}, caller="user")
    watcher.tick(3)
    left_out = here.contact(f"no address {CANARY}", ago=timedelta())
    run = here.run()
    here.move(29 * DAY)
    prune(here.services)
    loser = f"hubspot@{CANARY}.example".lower()
    assert loser in every_value(here).lower()
    assert here.rows(run)[left_out].facts
    assert conflicts_of(here)
    before = {key: (row.outcome, row.reason) for key, row in here.rows(run).items()}
    here.move(2 * DAY)
    prune(here.services)
    assert conflicts_of(here) == []
    assert {key: (row.outcome, row.reason) for key, row in here.rows(run).items()} == before
    assert loser not in every_value(here).lower()
    assert {str(row.facts) for row in here.rows(run).values()} == {"{}"}


def test_S22_what_waits_for_a_person_stays(followed: Followed) -> None:
    watcher = followed(keep_values_days=1, polls__keep_days=365)
    here = watcher.here
    contact = here.contact("late@example.com", ago=timedelta(), lastname="x" * 200)
    watcher.tick(3)
    assert here.problem(contact)
    here.move(3 * DAY)
    prune(here.services)
    prune(here.services)
    assert here.problem(contact)
    here.change(contact, lastname="Short")
    watcher.tick(3)
    here.move(3 * DAY)
    prune(here.services)
    assert here.problem(contact) is None


def test_S22_pruning_twice_strips_nothing_twice(followed: Followed) -> None:
    watcher = followed(keep_values_days=1, polls__keep_days=365)
    here = watcher.here
    here.contact("ada@example.com", ago=timedelta())
    for _ in range(3):
        here.run()
        here.move(2 * DAY)
    prune(here.services)
    calls = []

    def count(*_: object) -> None:
        calls.append(_)

    from sqlalchemy import event

    event.listen(here.services.database.engine, "before_cursor_execute", count)
    prune(here.services)
    assert not [call for call in calls if "UPDATE work" in str(call)]


def conflicts_of(here: Installation) -> list[object]:
    with here.services.database.read() as conn:
        return [*conflicts.page(conn)]
