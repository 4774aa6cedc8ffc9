from datetime import timedelta

from guestlist.domain.intent import Noted
from guestlist.domain.write import Intent, Sides
from guestlist.store import erasure, intents
from guestlist.store.database import Database
from tests.store.rows import NOW

ADA = Intent(
    {"firstname": Sides("Ada", "Ada"), "fax": Sides(None, "1")},
    frozenset({"fax"}),
    frozenset({"firstname"}),
    {"fax": Sides("0", "0")},
)
BOB = Intent({"firstname": Sides("Bob", "Bob")}, frozenset())


def test_intents_are_kept_by_record_the_latest_alone(database: Database) -> None:
    with database.begin() as conn:
        intents.put_many(conn, "contacts", {"1": BOB, "2": BOB}, now=NOW)
        intents.put_many(conn, "contacts", {"1": ADA}, now=NOW + timedelta(seconds=1))
        found = intents.get_many(conn, "contacts", ["1", "2", "3"])
        assert found == {
            "1": Noted("1", ADA, NOW + timedelta(seconds=1)),
            "2": Noted("2", BOB, NOW),
        }
        assert intents.get_many(conn, "companies", ["1"]) == {}


def test_intents_go_when_they_are_carried_out_or_old(database: Database) -> None:
    with database.begin() as conn:
        intents.put_many(conn, "contacts", {"1": ADA, "2": BOB}, now=NOW)
        intents.remove(conn, "contacts", ["1"])
        assert [*intents.get_many(conn, "contacts", ["1", "2"])] == ["2"]
        assert intents.prune(conn, before=NOW) == 0
        assert intents.prune(conn, before=NOW + timedelta(seconds=1)) == 1


def test_S21_intents_are_erased_with_the_person(database: Database) -> None:
    with database.begin() as conn:
        intents.put_many(conn, "contacts", {"1": ADA, "2": BOB}, now=NOW)
        erasure.erase(conn, "contacts", ["1"])
        assert [*intents.get_many(conn, "contacts", ["1", "2"])] == ["2"]
