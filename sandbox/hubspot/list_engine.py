"""Who is in which list: filters evaluated at each change, memberships ``list_lag`` later."""

import heapq
from collections.abc import Collection, Iterable, Iterator, Mapping
from itertools import count
from typing import TYPE_CHECKING, Any, NamedTuple
from zoneinfo import ZoneInfo

from sandbox.hubspot.crm_list import CrmList, conversion_time
from sandbox.hubspot.filters import Filter, Scope, compile_branch
from sandbox.hubspot.object_types import CONTACT
from sandbox.hubspot.record import Record
from sandbox.hubspot.store import ObjectStore
from sandbox.journal import Membership

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

SWEEP_MS = 60_000
"""Lists whose filters look at the clock are evaluated anew at most this often."""

_MEMBERSHIPS = {
    (by_filter, evaluated): Membership(by_filter=by_filter, evaluated=evaluated)
    for by_filter in (False, True)
    for evaluated in (False, True)
}


class _Due(NamedTuple):
    at: int
    order: int
    list_id: str
    number: int | None
    """None: all members change at once, to *everyone*."""
    inside: bool
    everyone: frozenset[int] | None
    version: int


class ListEngine:
    """All lists of a portal."""

    def __init__(self, portal: "Portal") -> None:
        self._portal = portal
        self.lists: dict[str, CrmList] = {}
        self._active: dict[str, list[CrmList]] = {}
        """Active lists by object type, in order of creation."""
        self._timed: list[CrmList] = []
        self._converting: list[CrmList] = []
        self._due: list[_Due] = []
        self._latest: dict[tuple[str, int], int] = {}
        """(list, member) -> order of what was applied last, while anything else is due."""
        self._order = count()
        self._next = 1
        self._shown: dict[tuple[tuple[str, bool, bool], ...], Mapping[str, Membership]] = {}

    def next_id(self) -> str:
        self._next += 1
        return str(self._next - 1)

    def add(self, item: CrmList) -> None:
        """Take a new list in and evaluate its filter."""
        self.lists[item.id] = item
        self.rebuild()
        if item.filter:
            self.evaluate(item)

    def rebuild(self) -> None:
        """Note again which lists are active."""
        self._active = {}
        for item in self.lists.values():
            if item.is_active:
                self._active.setdefault(item.type_id, []).append(item)
        active = [item for items in self._active.values() for item in items]
        self._timed = [item for item in active if item.filter and item.filter.timed]
        self._converting = [item for item in active if item.conversion]
        self._shown = {}

    def active(self, type_id: str) -> Iterable[CrmList]:
        return self._active.get(type_id, ())

    def compile(self, branch: Any, store: ObjectStore) -> Filter:
        """Check a definition and return its filter."""
        schema = self._portal.schemas[store.type.id]
        scope = Scope(
            store=store,
            knows=lambda name: name in store.derived or name in schema.properties,
            zone=ZoneInfo(self._portal.options.time_zone),
            is_member=self._is_member,
            list_exists=lambda id: self._may_ask(id, store),
        )
        return compile_branch(branch, scope)

    def _may_ask(self, list_id: str, store: ObjectStore) -> bool:
        """Say whether a filter about these objects may ask for that list."""
        item = self.lists.get(list_id)
        return item is not None and item.deleted is None and item.type_id == store.type.id

    def _is_member(self, list_id: str, number: int) -> bool:
        item = self.lists[list_id]
        return number in item.truth if item.is_active else number in item.members

    def reaches(self, start: Iterable[str], target: str) -> bool:
        """Say whether the filters of *start* lead to the list *target*."""
        return any(
            id == target
            or (
                ((found := self.lists.get(id)) and found.filter is not None)
                and self.reaches(found.filter.lists, target)
            )
            for id in start
        )

    def evaluate(self, item: CrmList) -> None:
        """Evaluate everyone; the members follow after the lag, PROCESSING until then."""
        now = self._portal.now_ms()
        store = self._portal.stores[item.type_id]
        passes = item.definition.passes
        item.truth = {record.number for record in store.all_live() if passes(record, now)}
        item.swept = now
        item.processing_until = now + int(self._portal.options.list_lag * 1000)
        everyone = frozenset(item.truth)
        self._later(item, _Due(item.processing_until, 0, item.id, None, True, everyone, 0))
        if item.processing_type == "SNAPSHOT":
            item.filter = None

    def touched(self, store: ObjectStore, record: Record, *, names: Iterable[str] | None) -> None:
        """Evaluate a changed record; *names* are the changed properties, None for all."""
        for item in self.active(store.type.id):
            definition = item.definition
            if names is None or definition.timed or not definition.names.isdisjoint(names):
                self._judge(item, record)
        if names is None and record.archived_at is not None:
            for item in self.lists.values():
                if item.type_id == store.type.id and item.processing_type != "DYNAMIC":
                    item.members.remove(record.number)

    def _judge(self, item: CrmList, record: Record) -> None:
        now = self._portal.now_ms()
        inside = record.archived_at is None and item.definition.passes(record, now)
        if inside == (record.number in item.truth):
            return
        (item.truth.add if inside else item.truth.discard)(record.number)
        at = now + int(self._portal.options.list_lag * 1000)
        self._later(item, _Due(at, 0, item.id, record.number, inside, None, 0))
        for other in self._dependents(item):
            self._judge(other, record)

    def _dependents(self, item: CrmList) -> Iterator[CrmList]:
        return (
            other
            for other in self.active(item.type_id)
            if other.filter and item.id in other.filter.lists
        )

    def _later(self, item: CrmList, due: _Due) -> None:
        due = due._replace(order=next(self._order), version=item.version)
        if due.at <= self._portal.now_ms() and not self._due:
            self._apply(due)
        else:
            heapq.heappush(self._due, due)

    def settle(self) -> None:
        """Let in and out whoever is due, convert lists, and look at the clock's lists again."""
        now = self._portal.now_ms()
        while self._due and self._due[0].at <= now:
            self._apply(heapq.heappop(self._due))
        if not self._due:
            self._latest.clear()
        for item in self._timed:
            if now - item.swept >= SWEEP_MS:
                self._sweep(item, now)
        for item in self._converting:
            if conversion_time(item) <= now:
                self.convert(item)

    def _sweep(self, item: CrmList, now: int) -> None:
        item.swept = now
        for record in self._portal.stores[item.type_id].all_live():
            self._judge(item, record)

    def _apply(self, due: _Due) -> None:
        item = self.lists.get(due.list_id)
        if item is None or due.version != item.version:
            return
        if due.everyone is not None:
            item.members.become(self._all_in(item, due.everyone, due.order), due.at)
        elif due.number is not None and self._is_latest(due):
            if due.inside:
                item.members.add(due.number, due.at)
            else:
                item.members.remove(due.number)

    def _is_latest(self, due: _Due) -> bool:
        """Say whether nothing younger was applied, as is when the lag was shortened meanwhile."""
        key = (due.list_id, due.number or 0)
        if self._latest.get(key, -1) > due.order:
            return False
        if self._due:
            self._latest[key] = due.order
        return True

    def _all_in(self, item: CrmList, everyone: frozenset[int], order: int) -> set[int]:
        """Return *everyone*, but those as they are now of whom something younger was applied."""
        younger = {
            number
            for (list_id, number), applied in self._latest.items()
            if list_id == item.id and applied > order
        }
        return {*(everyone - younger)} | {number for number in younger if number in item.members}

    def static_of(self, type_id: str, numbers: Collection[int]) -> list[CrmList]:
        """Return the MANUAL and SNAPSHOT lists that any of these records is in."""
        return [
            item
            for item in self.lists.values()
            if item.type_id == type_id
            and item.processing_type != "DYNAMIC"
            and any(number in item.members for number in numbers)
        ]

    def set_manually(self, item: CrmList, *, add: Iterable[int], remove: Iterable[int]) -> None:
        """Write a MANUAL or SNAPSHOT list's members, at once."""
        now = self._portal.now_ms()
        moved = [number for number in add if item.members.add(number, now)]
        moved += [number for number in remove if item.members.remove(number)]
        store = self._portal.stores[item.type_id]
        for other in self._dependents(item):
            for number in moved:
                record = store.records.get(str(number))
                if record:
                    self._judge(other, record)

    def membership(self, number: int) -> Mapping[str, Membership]:
        """Return, per active contact list, whether the contact passes and whether it is in."""
        self.settle()
        judged = [
            (item.id, self._passes(item, number), number in item.members.joined)
            for item in self.active(CONTACT.id)
        ]
        shown = tuple(judged)
        found = self._shown.get(shown)
        if found is None:
            found = {id: _MEMBERSHIPS[by_filter, inside] for id, by_filter, inside in shown}
            self._shown[shown] = found
        return found

    def _passes(self, item: CrmList, number: int) -> bool:
        if item.filter is None or not item.filter.timed:
            return number in item.truth
        record = self._portal.stores[item.type_id].live(str(number))
        return record is not None and item.filter.passes(record, self._portal.now_ms())

    def convert(self, item: CrmList) -> None:
        """Make an active list static: its members stay as they are."""
        item.processing_type = self._portal.options.converted_processing_type
        item.converted = self._portal.now_ms()
        item.conversion = None
        item.version += 1
        item.filter = None
        self.rebuild()

    def to_json(self) -> dict[str, Any]:
        """Return all lists; what is pending is found again on restore."""
        return {"next": self._next, "lists": [item.to_json() for item in self.lists.values()]}

    def restore(self, body: Mapping[str, Any]) -> None:
        """Take over dumped lists; the stores must be filled already."""
        self._next = body["next"]
        self._due.clear()
        self._latest.clear()
        self.lists = {}
        for fields in body["lists"]:
            item = CrmList(**{name: value for name, value in fields.items() if name != "members"})
            item.members.restore(fields["members"])
            self.lists[item.id] = item
        for item in self.lists.values():
            if item.processing_type == "DYNAMIC" and item.branch is not None:
                self._revive(item)
        self.rebuild()

    def _revive(self, item: CrmList) -> None:
        """Compile a restored list; whoever differs from the filter follows after the lag."""
        store = self._portal.stores[item.type_id]
        item.filter = self.compile(item.branch, store)
        item.truth = set(item.members.joined)
        self.rebuild()
        if item.is_active:
            for record in store.all_live():
                self._judge(item, record)
