"""Whatever happens to a portal, its lists, search and unique values agree with its records."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from sandbox.clock import Clock
from sandbox.hubspot.portal import Portal
from sandbox.hubspot.record import Record
from sandbox.journal import Journal
from tests.sandbox.hubspot.conftest import TOKEN, Caller
from tests.sandbox.hubspot.filter_branches import CUSTOMERS, any_of

CONTACTS = "/crm/v3/objects/contacts"
LISTS = "/crm/lists/2026-09"
LAG = 20.0
properties = st.fixed_dictionaries(
    {"lastname": st.sampled_from("XYZ")},
    optional={
        "email": st.sampled_from(["a@x.com", "b@x.com", "c@x.com"]),
        "lifecyclestage": st.sampled_from(["lead", "customer", ""]),
    },
)


def member(list_id: str) -> dict[str, Any]:
    return {"filterType": "IN_LIST", "operator": "IN_LIST", "listId": list_id}


class PortalLaws(RuleBasedStateMachine):
    """A few contacts, an active list of customers, a manual one, and an active one of both."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = Clock()
        self.clock.freeze(datetime(2026, 10, 5, 14, 30, tzinfo=UTC))
        self.portal = Portal(self.clock, Journal(), random.Random(7))
        self.portal.tokens[TOKEN] = "guestlist"
        self.portal.options.limits_enabled = False
        self.api = Caller(self.portal)
        self.ids: list[str] = []
        self.customers = self.add_list(CUSTOMERS)
        self.manual = self.add_list(None)
        self.both = self.add_list(any_of([member(self.customers)], [member(self.manual)]))

    @initialize(lag=st.sampled_from([0.0, LAG]))
    def lag_behind(self, lag: float) -> None:
        self.portal.options.list_lag = self.portal.options.index_lag = lag

    def add_list(self, definition: dict[str, Any] | None) -> str:
        body: dict[str, Any] = {"name": f"List {len(self.portal.lists.lists)}"}
        body |= {"objectTypeId": "0-1", "processingType": "DYNAMIC" if definition else "MANUAL"}
        if definition:
            body["filterBranch"] = definition
        _, answer = self.api("POST", LISTS, body)
        return str(answer["list"]["listId"])

    @property
    def live(self) -> dict[str, Record]:
        return {record.id: record for record in self.portal.store_of("contacts").all_live()}

    def pick(self, data: st.DataObject) -> str:
        return data.draw(st.sampled_from(self.ids))

    @rule(given=properties)
    def create(self, given: Any) -> None:
        status, body = self.api("POST", CONTACTS, {"properties": given})
        if status == 201:
            self.ids.append(body["id"])

    @precondition(lambda self: self.ids)
    @rule(given=properties, data=st.data())
    def update(self, given: Any, data: st.DataObject) -> None:
        self.api("PATCH", f"{CONTACTS}/{self.pick(data)}", {"properties": given})

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def archive(self, data: st.DataObject) -> None:
        self.api("DELETE", f"{CONTACTS}/{self.pick(data)}")

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def restore(self, data: st.DataObject) -> None:
        store = self.portal.store_of("contacts")
        record = store.records.get(self.pick(data))
        if record and record.archived_at is not None and not store.rival(record):
            self.portal.restore("contacts", record.id)

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        self.api("POST", f"{CONTACTS}/gdpr-delete", {"objectId": self.pick(data)})

    @precondition(lambda self: self.ids)
    @rule(data=st.data())
    def merge(self, data: st.DataObject) -> None:
        body = {"primaryObjectId": self.pick(data), "objectIdToMerge": self.pick(data)}
        status, answer = self.api("POST", f"{CONTACTS}/merge", body)
        if status == 200:
            self.ids.append(answer["id"])

    @precondition(lambda self: self.ids)
    @rule(verb=st.sampled_from(["add", "remove"]), data=st.data())
    def choose(self, verb: str, data: st.DataObject) -> None:
        self.api("PUT", f"{LISTS}/{self.manual}/memberships/{verb}", [self.pick(data)])

    @rule(seconds=st.sampled_from([1, 15, 60]))
    def wait(self, seconds: int) -> None:
        self.clock.move(timedelta(seconds=seconds))

    def members(self, list_id: str) -> set[str]:
        _, page = self.api("GET", f"{LISTS}/{list_id}/memberships", limit="250")
        return {row["recordId"] for row in page["results"]}

    def found(self) -> set[str]:
        _, page = self.api("POST", f"{CONTACTS}/search", {"filterGroups": [], "limit": 100})
        return {row["id"] for row in page["results"]}

    def agrees(self) -> None:
        live = self.live
        stages = {id: record.values.get("lifecyclestage") for id, record in live.items()}
        customers = {id for id, stage in stages.items() if stage == "customer"}
        chosen = self.members(self.manual)
        assert chosen <= live.keys()
        assert self.members(self.customers) == customers
        assert self.members(self.both) == customers | chosen
        assert self.found() == live.keys()

    @invariant()
    def lists_and_search_agree_where_nothing_lags(self) -> None:
        if not self.portal.options.list_lag:
            self.agrees()

    @invariant()
    def an_address_has_one_holder_and_is_found_by_it(self) -> None:
        held: dict[str, str] = {}
        for record in self.live.values():
            more = record.values.get("hs_additional_emails", "").split(";")
            for email in filter(None, [record.values.get("email"), *more]):
                assert held.setdefault(email, record.id) == record.id
        assert self.portal.store_of("contacts").unique["email"] == held

    def teardown(self) -> None:
        """In the end, after every lag, all agree; and a loaded portal is the same again."""
        for _ in range(2):  # one list waits for another
            self.clock.move(timedelta(seconds=2 * LAG))
            self.members(self.both)
        self.agrees()
        loaded = Portal(self.clock, Journal(), random.Random(7))
        loaded.load(self.portal.dump())
        assert loaded.dump() == self.portal.dump()


PortalLaws.TestCase.settings = settings(max_examples=40, stateful_step_count=30, deadline=None)
TestPortalLaws = PortalLaws.TestCase
