"""Whatever happens to an org, its indexes and bins say what its rows say."""

from datetime import timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.record import Record, Values
from tests.sandbox.salesforce.caller import Caller, contact, new_org

KEY = "HubSpot_Contact_Id__c"
BASE = "/services/data/v67.0"
keys = st.sampled_from(["1", "2", "3"])
emails = st.sampled_from(["a@x.example", "b@x.example", "not an address", None])
records = st.fixed_dictionaries(
    {}, optional={KEY: keys, "Email": emails, "LastName": st.sampled_from(["Ok", ""])}
)


class OrgLaws(RuleBasedStateMachine):
    """A few contacts that share keys and addresses, written to in every way there is."""

    def __init__(self) -> None:
        super().__init__()
        self.org = new_org()
        self.org.clock.freeze()
        self.org.options.session_ttl = 10.0**9
        self.caller = Caller(self.org)

    @initialize(delay=st.sampled_from([0.0, 30.0]))
    def commit_late(self, delay: float) -> None:
        self.org.options.commit_delay = delay

    @property
    def rows(self) -> list[Record]:
        return list(self.org.table("Contact").rows.values())

    def pick(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from([record.id for record in self.rows]))

    @rule(rows=st.lists(records, min_size=1, max_size=4), all_or_none=st.booleans())
    def create(self, rows: list[Any], *, all_or_none: bool) -> None:
        sent = [contact(**row) for row in rows]
        self.caller.collection("POST", "", sent, all_or_none=all_or_none)

    @rule(rows=st.lists(records, min_size=1, max_size=4), all_or_none=st.booleans())
    def upsert(self, rows: list[Any], *, all_or_none: bool) -> None:
        sent = [contact(**{KEY: "1"} | row) for row in rows]
        self.caller.collection("PATCH", f"/Contact/{KEY}", sent, all_or_none=all_or_none)

    @precondition(lambda self: self.rows)
    @rule(row=records, all_or_none=st.booleans(), data=st.data())
    def update(self, row: Any, *, all_or_none: bool, data: st.DataObject) -> None:
        sent = [contact(**row, Id=self.pick(data)) for _ in range(2)]
        self.caller.collection("PATCH", "", sent, all_or_none=all_or_none)

    @rule(row=records, email=emails, all_or_none=st.booleans())
    def create_and_update(self, row: Any, email: str | None, *, all_or_none: bool) -> None:
        made = {"method": "POST", "url": f"{BASE}/sobjects/Contact", "referenceId": "made"}
        path = f"{BASE}/sobjects/Contact/@{{made.id}}"
        changed = {"method": "PATCH", "url": path, "referenceId": "changed"}
        self.caller.composite(
            made | {"body": {"LastName": "New", **row}},
            changed | {"body": {"Email": email}},
            all_or_none=all_or_none,
        )

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def delete(self, data: st.DataObject) -> None:
        self.caller.call("DELETE", f"sobjects/Contact/{self.pick(data)}")

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def undelete(self, data: st.DataObject) -> None:
        self.attempt(self.org.undelete, self.pick(data))

    @precondition(lambda self: self.rows)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        self.attempt(self.org.merge, self.pick(data), [self.pick(data), self.pick(data)])

    @rule(seconds=st.sampled_from([1, 20, 60]))
    def wait(self, seconds: int) -> None:
        self.org.clock.move(timedelta(seconds=seconds))

    def attempt(self, work: Any, *given: Any) -> None:
        """A refusal is as good an outcome as any, if it changes nothing."""
        written = len(self.org.journal.entries)
        before = self.org.dump()
        try:
            work(*given)
        except SalesforceError:
            assert self.org.dump() == before
            assert len(self.org.journal.entries) == written

    @invariant()
    def indexes_hold_the_live_rows(self) -> None:
        for name, index in self.org.table("Contact").lookups.items():
            held = {(key, record.id) for key, found in index.items() for record in found}
            live = [record for record in self.rows if not record.deleted]
            values = [(record.values.get(name), record.id) for record in live]
            assert held == {(str(value).lower(), id) for value, id in values if value is not None}

    @invariant()
    def the_bin_holds_the_deleted_rows(self) -> None:
        binned = self.org.table("Contact").bin.keys()
        assert binned == {record.id for record in self.rows if record.deleted}

    @invariant()
    def a_key_has_one_live_holder(self) -> None:
        held = [record.values.get(KEY) for record in self.rows if not record.deleted]
        given = [key for key in held if key is not None]
        assert len(given) == len(set(given))

    @invariant()
    def a_query_by_index_finds_what_is_shown(self) -> None:
        self.org.settle()
        found = self.caller.rows(f"SELECT Id FROM Contact WHERE {KEY} IN ('1', '2')")
        assert {row["Id"] for row in found} == {
            record.id for record in self.rows if record.shown and wanted(record.shown)
        }


def wanted(shown: Values) -> bool:
    return shown.get(KEY) in ("1", "2") and not shown.get("IsDeleted")


OrgLaws.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestOrgLaws = OrgLaws.TestCase
