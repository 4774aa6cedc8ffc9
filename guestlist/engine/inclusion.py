"""The inclusion list as it is now: chosen, readable, active, of the right object."""

from collections.abc import Callable
from datetime import datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from guestlist.connectors.hubspot import HubSpot
from guestlist.domain.errors import Missing
from guestlist.domain.gate import Inclusion, inclusion
from guestlist.store import inclusion as chosen
from guestlist.store import meta
from guestlist.store.database import Database
from schemas.mapping import ObjectMapping

_TIME_ZONE = "hubspot.time_zone"


class InclusionWatch:
    """Reads the chosen list's definition, at most once per *max_age* and process.

    An unreadable list raises as any call does, and the batch waits.  A list that is gone or
    no longer active is an answer: the gate closes, and nothing is unlinked.
    """

    def __init__(
        self,
        database: Database,
        hubspot: HubSpot,
        clock: Callable[[], datetime],
        max_age: timedelta,
    ) -> None:
        self._database = database
        self._hubspot = hubspot
        self._clock = clock
        self._max_age = max_age
        self._lock = Lock()
        self._kept: dict[str, Inclusion] = {}

    def current(self, mapping: ObjectMapping) -> Inclusion | None:
        """Return the list that decides now; ``None`` when no list is set: everybody passes."""
        list_id = self.chosen_id(mapping)
        if list_id is None:
            return None
        with self._lock:
            kept = self._kept.get(list_id)
            if kept is None or self._clock() - kept.read_at > self._max_age:
                kept = self.look(mapping, list_id)
                self._kept[list_id] = kept
            return kept

    def chosen_id(self, mapping: ObjectMapping) -> str | None:
        """Return the id of the list set for an object, pinned in the settings or chosen."""
        if mapping.inclusion_list:
            return mapping.inclusion_list
        with self._database.read() as connection:
            choice = chosen.get(connection, mapping.name)
        return choice.list_id if choice else None

    def look(self, mapping: ObjectMapping, list_id: str) -> Inclusion:
        """Read one list's definition from HubSpot and say whether it can decide."""
        read_at = self._clock()
        try:
            definition = self._hubspot.list(list_id)
        except Missing:
            definition = None
        return inclusion(
            definition,
            object_type_id=mapping.hubspot_type_id,
            read_at=read_at,
            time_zone=self._time_zone(),
        )

    def _time_zone(self) -> ZoneInfo | None:
        """Return the portal's time zone, asked for once and kept in the store."""
        with self._database.read() as connection:
            name = meta.get(connection, _TIME_ZONE)
        if name is None:
            name = self._hubspot.account().time_zone
            with self._database.begin() as connection:
                meta.put(connection, _TIME_ZONE, name)
        try:
            return ZoneInfo(name)
        except ZoneInfoNotFoundError:
            return None
