from dataclasses import replace

from sqlalchemy import select, update

from guestlist.store import audit, descriptions, inclusion, meta
from guestlist.store.database import Database
from guestlist.store.inclusion import Chosen
from guestlist.store.tables import descriptions as descriptions_table
from schemas.records import Crm, FieldDescription, ObjectDescription, Owner
from tests.store.rows import NOW, SECOND

PICKLIST = FieldDescription(
    "Industry", "Industry", "picklist", 255, frozenset({"Energy", "Média"}), restricted=True
)
CONTACT = ObjectDescription(Crm.SALESFORCE, "Contact", {"Industry": PICKLIST})


def test_the_chosen_list_is_remembered_with_who_chose_it(database: Database) -> None:
    with database.begin() as conn:
        assert inclusion.get(conn, "contacts") is None
        for number, list_id in enumerate(["41", "42"]):
            inclusion.choose(
                conn,
                "contacts",
                list_id=list_id,
                name="Customers",
                version=3,
                who="ann",
                now=NOW + number * SECOND,
            )
        assert inclusion.get(conn, "contacts") == Chosen("42", "Customers", 3, NOW + SECOND, "ann")
        assert inclusion.get(conn, "companies") is None


def test_choosing_and_clearing_are_audited_newest_first(database: Database) -> None:
    with database.begin() as conn:
        inclusion.choose(
            conn, "contacts", list_id="42", name="Customers", version=3, who="ann", now=NOW
        )
        assert inclusion.clear(conn, "contacts", who="bob", now=NOW + SECOND)
        assert not inclusion.clear(conn, "contacts", who="bob", now=NOW + SECOND)
        assert inclusion.get(conn, "contacts") is None
        cleared, chosen = audit.recent(conn)
    assert (chosen.at, chosen.who, chosen.what) == (NOW, "ann", "list.chosen")
    assert chosen.detail == {
        "object": "contacts",
        "list_id": "42",
        "name": "Customers",
        "version": 3,
    }
    assert (cleared.who, cleared.what) == ("bob", "list.cleared")
    assert cleared.detail == {"object": "contacts", "list_id": "42", "name": "Customers"}


def test_the_audit_shows_the_last_entries(database: Database) -> None:
    with database.begin() as conn:
        for number in range(3):
            audit.append(conn, f"run.{number}", who="ann", now=NOW, detail={})
        assert [entry.what for entry in audit.recent(conn, limit=2)] == ["run.2", "run.1"]


def test_a_live_schema_survives_storage(database: Database) -> None:
    with database.begin() as conn:
        assert descriptions.get(conn, Crm.SALESFORCE, "Contact") is None
        descriptions.put(conn, CONTACT, read_at=NOW)
        assert descriptions.get(conn, Crm.SALESFORCE, "Contact") == (CONTACT, NOW)
        assert descriptions.get(conn, Crm.HUBSPOT, "Contact") is None


def test_an_older_reading_does_not_replace_a_newer_one(database: Database) -> None:
    newer = replace(CONTACT, fields={})
    with database.begin() as conn:
        descriptions.put(conn, newer, read_at=NOW + SECOND)
        descriptions.put(conn, CONTACT, read_at=NOW)
        assert descriptions.get(conn, Crm.SALESFORCE, "Contact") == (newer, NOW + SECOND)
        descriptions.put(conn, CONTACT, read_at=NOW + 2 * SECOND)
        assert descriptions.get(conn, Crm.SALESFORCE, "Contact") == (CONTACT, NOW + 2 * SECOND)


def test_a_schema_stored_by_a_newer_release_is_read_by_this_one(database: Database) -> None:
    with database.begin() as conn:
        descriptions.put(conn, CONTACT, read_at=NOW)
        (body,) = conn.execute(select(descriptions_table.c.body)).one()
        body[0]["invented_later"] = True
        conn.execute(update(descriptions_table).values(body=body))
        assert descriptions.get(conn, Crm.SALESFORCE, "Contact") == (CONTACT, NOW)


def test_owners_survive_storage_each_crm_s_on_their_own(database: Database) -> None:
    ines = Owner("005AB000001Ines0AA", "inês@acme.example", "Inês Duarte", True, "user")
    queue = Owner("00GAB000001Queu0AA", None, "Unassigned", True, "queue")
    with database.begin() as conn:
        assert descriptions.get_owners(conn, Crm.SALESFORCE) is None
        descriptions.put_owners(conn, Crm.SALESFORCE, [ines, queue], read_at=NOW + SECOND)
        descriptions.put_owners(conn, Crm.SALESFORCE, [queue], read_at=NOW)
        kept = descriptions.get_owners(conn, Crm.SALESFORCE)
        assert kept == ((ines, queue), NOW + SECOND)
        assert descriptions.get_owners(conn, Crm.HUBSPOT) is None


def test_single_facts_are_replaced(database: Database) -> None:
    with database.begin() as conn:
        assert meta.get(conn, "seen") is None
        meta.put(conn, "seen", {"n": 1})
        meta.put(conn, "seen", {"n": 2})
        assert meta.get(conn, "seen") == {"n": 2}
