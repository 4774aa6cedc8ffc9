from datetime import datetime

from sqlalchemy.engine import Connection

from guestlist.store import sightings
from guestlist.store.database import Database
from schemas.records import Changed, Crm
from tests.store.rows import NOW, SECOND


def unseen(
    conn: Connection, *states: tuple[str, datetime], crm: Crm = Crm.HUBSPOT, of: str = "contacts"
) -> list[str]:
    found = sightings.unseen(conn, of, crm, [Changed(id, at) for id, at in states])
    return [each.id for each in found]


def test_a_state_is_new_once(database: Database) -> None:
    with database.begin() as conn:
        assert unseen(conn) == []
        assert unseen(conn, ("2", NOW), ("1", NOW)) == ["2", "1"]
        assert unseen(conn, ("1", NOW), ("2", NOW), ("3", NOW)) == ["3"]


def test_any_other_stamp_is_another_state_older_ones_too(database: Database) -> None:
    with database.begin() as conn:
        unseen(conn, ("1", NOW))
        assert unseen(conn, ("1", NOW + SECOND)) == ["1"]
        assert unseen(conn, ("1", NOW - SECOND)) == ["1"]
        assert unseen(conn, ("1", NOW - SECOND)) == []


def test_a_record_met_twice_in_a_page_counts_once_in_its_later_state(database: Database) -> None:
    with database.begin() as conn:
        assert unseen(conn, ("1", NOW), ("1", NOW + SECOND)) == ["1"]
        assert unseen(conn, ("1", NOW + SECOND)) == []


def test_each_crm_and_each_object_has_its_own(database: Database) -> None:
    with database.begin() as conn:
        unseen(conn, ("1", NOW))
        assert unseen(conn, ("1", NOW), crm=Crm.SALESFORCE) == ["1"]
        assert unseen(conn, ("1", NOW), of="companies") == ["1"]


def test_what_is_rolled_back_was_not_seen(database: Database) -> None:
    with database.engine.connect() as conn:
        assert unseen(conn, ("1", NOW)) == ["1"]
        conn.rollback()
    with database.begin() as conn:
        assert unseen(conn, ("1", NOW)) == ["1"]


def test_old_states_are_forgotten(database: Database) -> None:
    with database.begin() as conn:
        unseen(conn, ("1", NOW - SECOND), ("2", NOW))
        unseen(conn, ("1", NOW - SECOND), crm=Crm.SALESFORCE)
        assert sightings.prune(conn, "contacts", Crm.HUBSPOT, before=NOW) == 1
        assert unseen(conn, ("1", NOW - SECOND), ("2", NOW)) == ["1"]
        assert unseen(conn, ("1", NOW - SECOND), crm=Crm.SALESFORCE) == []


def test_a_page_of_thousands_is_one_statement(database: Database) -> None:
    states = [(str(n), NOW) for n in range(5000)]
    with database.begin() as conn:
        assert len(unseen(conn, *states)) == 5000
        assert unseen(conn, *states) == []
