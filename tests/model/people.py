"""What people do in both CRMs; they name records by number: the n-th, counted in a circle."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sandbox.asked import Refused
from sandbox.crm import CRM
from sandbox.hubspot import lists
from sandbox.hubspot.answers import Call
from sandbox.person import PERSON, edit
from sandbox.wire import Request
from sandbox.world import World
from tests.model.fields import EXTERNAL_ID, NAMES
from tests.sandbox.hubspot.filter_branches import any_of, property_filter

ADDRESSES = tuple(
    f"{name}@example.com" for name in ("ann", "bob", "cid", "dot", "eve", "fay", "gus")
)
STAGES = ("customer", "lead", "opportunity", "")


def _stages(*stages: str) -> dict[str, Any]:
    return property_filter("lifecyclestage", "ENUMERATION", "IS_ANY_OF", values=list(stages))


_IN_TOWN = property_filter("city", "MULTISTRING", "IS_EQUAL_TO", values=["a"])


def _in_list(list_id: str) -> dict[str, Any]:
    return {"filterType": "IN_LIST", "operator": "IN_LIST", "listId": list_id}


FILTERS = (
    any_of([_stages("customer")]),
    any_of([_stages("customer", "opportunity")]),
    any_of([_stages("customer")], [_IN_TOWN]),
    any_of([_stages("opportunity")]),
)


class People:
    """Everybody who works in the two CRMs of one world; what a CRM refuses them does not happen."""

    def __init__(self, world: World, list_id: str, handpicked: str) -> None:
        self.world = world
        self.list_id = list_id
        self.handpicked = handpicked
        self.filters = (*FILTERS, any_of([_stages("customer"), _in_list(handpicked)]))

    # --- HubSpot ------------------------------------------------------------------------------

    def create_contact(self, properties: Mapping[str, str | None]) -> None:
        held = {name: value for name, value in properties.items() if value}
        self._do(CRM.HUBSPOT, "contacts", "create", {"properties": held})

    def change_contact(self, which: int, name: str, value: str | None) -> None:
        """Set a property; a lifecycle stage goes back only by way of none, as HubSpot wants it."""
        if id := _at(self.contacts(), which):
            steps = ["", value] if name == "lifecyclestage" and value else [value or ""]
            for each in steps:
                given = {"id": id, "properties": {name: each}}
                self._do(CRM.HUBSPOT, "contacts", "update", given)

    def archive(self, which: int) -> None:
        if id := _at(self.contacts(), which):
            self._do(CRM.HUBSPOT, "contacts", "archive", {"id": id})

    def restore(self, which: int) -> None:
        store = self.world.portal.store_of("contacts")
        bin = sorted(record.id for record in store.records.values() if record.archived_at)
        if id := _at(bin, which):
            self._do(CRM.HUBSPOT, "contacts", "restore", {"id": id})

    def merge_contacts(self, primary: int, other: int) -> None:
        kept, merged = _at(self.contacts(), primary), _at(self.contacts(), other)
        if kept and merged and kept != merged:
            self._do(CRM.HUBSPOT, "contacts", "merge", {"primary": kept, "merged": merged})

    def erase(self, which: int) -> None:
        """Erase somebody in HubSpot, who goes on to live in Salesforce."""
        id = _at(self.contacts(), which)
        if id is None:
            return
        self._do(CRM.HUBSPOT, "contacts", "gdpr", {"id": id})
        self.world.clock.move(timedelta(seconds=1))
        for row in self.rows():
            found = self.world.org.find(row)
            if found and found.values.get(EXTERNAL_ID) == id:
                given = {"id": row, "fields": {"Title": "c"}}
                self._do(CRM.SALESFORCE, self._type(row), "update", given)

    # --- Salesforce ---------------------------------------------------------------------------

    def create_row(self, type: str, values: Mapping[str, str | None]) -> None:
        fields: dict[str, Any] = {NAMES[type][name]: value for name, value in values.items()}
        fields |= {"Company": "Acme"} if type == "Lead" else {}
        self._do(CRM.SALESFORCE, type, "insert", {"fields": fields})

    def change_row(self, which: int, name: str, value: str | None) -> None:
        if id := _at(self.rows(), which):
            type = self._type(id)
            given = {"id": id, "fields": {NAMES[type][name]: value}}
            self._do(CRM.SALESFORCE, type, "update", given)

    def delete(self, which: int) -> None:
        if id := _at(self.rows(), which):
            self._do(CRM.SALESFORCE, self._type(id), "delete", {"id": id})

    def undelete(self, which: int) -> None:
        if id := _at(self.rows(deleted=True), which):
            self._do(CRM.SALESFORCE, self._type(id), "undelete", {"id": id})

    def merge_rows(self, master: int, loser: int) -> None:
        kept = _at(self.rows(), master)
        alike = [id for id in self.rows() if kept and self._type(id) == self._type(kept)]
        merged = _at(alike, loser)
        if kept and merged and kept != merged:
            given = {"master": kept, "losers": [merged]}
            self._do(CRM.SALESFORCE, self._type(kept), "merge", given)

    def convert(self, which: int) -> None:
        leads = [id for id in self.rows() if self._type(id) == "Lead"]
        if id := _at(leads, which):
            self._do(CRM.SALESFORCE, "Lead", "convert", {"id": id})

    # --- the list -----------------------------------------------------------------------------

    def filter_by(self, which: int) -> None:
        if self.list_is_there:
            filters = self.filters[which % len(self.filters)]
            self.world.portal.update_list_filters(self.list_id, filters)

    def pick(self, who: int, *, in_or_out: bool) -> None:
        """Put somebody into the handpicked list, or out of it: no record changes by that.

        HubSpot is quick here: nobody could know of a membership that it does not tell.
        """
        self.world.set_options(CRM.HUBSPOT, {"list_lag": 0.0})
        portal = self.world.portal
        picked = {str(number) for number in portal.lists.lists[self.handpicked].members.joined}
        if id := _at(self.contacts(), who):
            portal.set_members(self.handpicked, picked | {id} if in_or_out else picked - {id})

    def pick_nobody(self) -> None:
        self.world.set_options(CRM.HUBSPOT, {"list_lag": 0.0})
        self.world.portal.set_members(self.handpicked, [])

    def pick_all(self) -> None:
        self.world.portal.set_members(self.handpicked, self.contacts())

    def delete_list(self) -> None:
        if self.list_is_there:
            self.world.portal.delete_list(self.list_id)

    def restore_list(self) -> None:
        if not self.list_is_there:
            request = Request("PUT", f"/crm/v3/lists/{self.list_id}/restore")
            lists.restore(self.world.portal, Call(request, {"id": self.list_id}, PERSON))

    @property
    def list_is_there(self) -> bool:
        return self.world.portal.lists.lists[self.list_id].deleted is None

    # --- who is there -------------------------------------------------------------------------

    def contacts(self) -> list[str]:
        return sorted(each.id for each in self.world.portal.store_of("contacts").all_live())

    def rows(self, *, deleted: bool = False) -> list[str]:
        """Return the ids of the rows that can be changed, or those in the bin."""
        return sorted(
            row.id
            for type in NAMES
            for row in self.world.org.table(type).rows.values()
            if row.deleted is deleted and (deleted or not row.values.get("IsConverted"))
        )

    def _type(self, id: str) -> str:
        table = self.world.org.table_of(id)
        assert table
        return table.name

    def _do(self, crm: CRM, type: str, verb: str, given: Any) -> None:
        with suppress(Refused):
            edit(self.world, crm, type, verb, given)
            self._lock()

    def _lock(self) -> None:
        """Hold what is written but not committed, as Salesforce does."""
        org, now = self.world.org, self.world.clock.timestamp()
        for record in org.unsettled():
            if record.id[:15] not in org.locks or org.locks[record.id[:15]][1] < now:
                org.lock(record.id, seconds=org.options.commit_delay)


def _at(ids: Sequence[str], which: int) -> str | None:
    return ids[which % len(ids)] if ids else None
