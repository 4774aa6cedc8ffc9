"""Writes a story down while a world lives: looks on, and touches nothing."""

from collections.abc import Mapping
from typing import Any

from sandbox.journal import Entry
from sandbox.world import World
from tests.engine.world import CALLER
from tests.model.fields import EXTERNAL_ID, NAMES, RULES, Values, in_hubspot, in_salesforce
from tests.model.story import Moment, Presence, Story

_BLANK: Values = dict.fromkeys(RULES)
_ENDS = frozenset({"delete", "gdpr-delete"})


class Diary:
    """Follows one world's journal and one list of it."""

    def __init__(self, world: World, list_id: str) -> None:
        self.story = Story()
        self._world = world
        self._list_id = list_id
        self._now: dict[str, Values] = {}
        self._contacts = world.portal.store_of("contacts")
        self.story.aliases = self._contacts.aliases
        world.journal.sink = self._note
        for entry in world.journal.entries:
            self._note(entry)
        self.look()

    def look(self) -> None:
        """Note who is in the list, if that changed."""
        presence = self._presence()
        known = self.story.presences
        if not known or known[-1][1:] != presence[1:]:
            known.append(presence)

    def _presence(self) -> Presence:
        now = self._world.clock.timestamp()
        item = self._world.portal.lists.lists[self._list_id]
        self._world.portal.lists.settle()
        if not item.is_active:
            return Presence(now, usable=False, by_filter=frozenset(), evaluated=frozenset())
        return Presence(
            now,
            usable=True,
            by_filter=frozenset(map(str, item.truth)),
            evaluated=frozenset(map(str, item.members.joined)),
        )

    def _note(self, entry: Entry) -> None:
        if entry.type not in {"contact", *NAMES}:
            return
        self.look()
        after, carried = self._after(entry)
        self.story.moments.append(
            Moment(
                at=entry.at,
                ours=entry.caller == CALLER,
                crm=entry.crm,
                operation=entry.operation,
                type=entry.type,
                id=entry.id,
                contact=entry.contact_id,
                before=self._now.get(entry.id, _BLANK),
                after=after,
                sent=frozenset(entry.fields),
                carried=carried,
            )
        )
        self._now[entry.id] = after

    def _after(self, entry: Entry) -> tuple[Values, str | None]:
        held = self._held(entry)
        if entry.operation in _ENDS or held is None:
            return self._now.get(entry.id, _BLANK), None
        if entry.crm == "hubspot":
            return in_hubspot(held), None
        carried = held.get(EXTERNAL_ID)
        return in_salesforce(entry.type, held), str(carried) if carried else None

    def _held(self, entry: Entry) -> Mapping[str, Any] | None:
        if entry.crm == "hubspot":
            record = self._contacts.records.get(entry.id)
            return record.values if record else None
        row = self._world.org.find(entry.id)
        return row.values if row else None
