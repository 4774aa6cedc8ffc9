from datetime import timedelta

from guestlist.domain.straggler import Late
from guestlist.domain.write import Sides, Straggler
from guestlist.store import stragglers
from guestlist.store.database import Database
from schemas.records import Crm
from tests.store.rows import NOW

CITY = Straggler("1", Crm.SALESFORCE, "city", "Oslo\x00")
BLANK = Straggler("1", Crm.HUBSPOT, "city", None)
LATER = NOW + stragglers.HORIZON + timedelta(seconds=1)


def test_what_was_sent_without_an_answer_is_remembered_for_a_while(database: Database) -> None:
    with database.begin() as conn:
        stragglers.put_many(conn, "contacts", [CITY, BLANK], now=NOW)
    with database.read() as conn:
        late = stragglers.late(conn, "contacts", ["1", "2"], now=NOW)
        assert late == {"1": {"city": Late(frozenset({None}), frozenset({"Oslo\x00"}))}}
        assert stragglers.late(conn, "companies", ["1"], now=NOW) == {}
        assert stragglers.late(conn, "contacts", ["1"], now=LATER) == {}


def test_what_has_arrived_or_can_not_any_more_is_forgotten(database: Database) -> None:
    with database.begin() as conn:
        stragglers.put_many(conn, "contacts", [CITY, BLANK], now=NOW)
        stragglers.arrived(conn, "contacts", [CITY])
        late = stragglers.late(conn, "contacts", ["1"], now=NOW)
        assert late == {"1": {"city": Late(hubspot=frozenset({None}))}}
        assert stragglers.prune(conn, now=LATER) == 1


def test_a_straggler_is_not_taken_for_an_edit_once_something_newer_was_agreed_on() -> None:
    late = Late(salesforce=frozenset({"old"}))
    agreed = Sides("new", "new")
    assert late.believed(Sides("new", "old"), agreed) == agreed
    assert late.believed(Sides("newer", "old"), agreed) == Sides("newer", "new")
    assert late.believed(Sides("new", "edited"), agreed) == Sides("new", "edited")
    assert late.believed(Sides("new", "old"), None) == Sides("new", "old")
