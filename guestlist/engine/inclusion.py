"""The inclusion list as it is now: chosen, readable, active, of the right object."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from threading import Lock
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from guestlist.connectors.hubspot import HubSpot
from guestlist.domain.brake import Hold
from guestlist.domain.errors import Missing
from guestlist.domain.facts import Facts
from guestlist.domain.gate import Inclusion, confirms, inclusion
from guestlist.engine import brake
from guestlist.store import inclusion as chosen
from guestlist.store import meta
from guestlist.store.database import Database
from guestlist.store.inclusion import Chosen
from schemas.mapping import ObjectMapping
from schemas.settings import GuardSettings

_TIME_ZONE = "hubspot.time_zone"


class InclusionWatch:
    """Reads the chosen list's definition, at most once per ``list_cache_s`` and process.

    An unreadable list raises as any call does, and the batch waits.  A list that is gone or
    no longer active is an answer: the gate closes, and nothing is unlinked.  Each reading is held
    against the baseline; the brake it may set is in the store, for all workers at once.
    """

    def __init__(
        self,
        database: Database,
        hubspot: HubSpot,
        clock: Callable[[], datetime],
        guards: GuardSettings,
    ) -> None:
        self._database = database
        self._hubspot = hubspot
        self._clock = clock
        self._guards = guards
        self._lock = Lock()
        self._kept: dict[str, Inclusion] = {}

    def under(self, guards: GuardSettings) -> "InclusionWatch":
        """Return the same under other guards."""
        if guards == self._guards:
            return self
        return InclusionWatch(self._database, self._hubspot, self._clock, guards)

    def current(self, mapping: ObjectMapping, *, since: datetime | None = None) -> Inclusion | None:
        """Return the list that decides now; ``None`` when no list is set: everybody passes.

        *since*: a definition read before that does not serve.
        """
        with self._lock:
            choice = self._choice(mapping)
            list_id = mapping.inclusion_list or (choice and choice.list_id)
            if list_id is None:
                return None
            kept = self._kept.get(list_id)
            if kept is None or self._outdated(kept, since):
                kept = self.look(mapping, list_id)
                self._kept[list_id] = kept
                return kept
            hold = choice.hold if choice and choice.list_id == list_id else None
            return replace(kept, hold=hold)

    def confirmed(
        self, mapping: ObjectMapping, used: Inclusion | None, facts: Sequence[Facts]
    ) -> Inclusion | None:
        """Return the list that decides about *facts*, read anew where *used* may be outdated.

        Whom filters that can not be evaluated here let in since *used* was read has to wait for
        what changed them: this costs a call where such a list has newcomers, and only there.
        """
        proved = [each.proof for each in facts if each.proof and each.twin is None]
        newest = max((proof.read_at for proof in proved if proof.member), default=None)
        if used is None or newest is None or confirms(used, newest):
            return used
        return self.current(mapping, since=newest)

    def chosen_id(self, mapping: ObjectMapping) -> str | None:
        """Return the id of the list set for an object, pinned in the settings or chosen."""
        if mapping.inclusion_list:
            return mapping.inclusion_list
        choice = self._choice(mapping)
        return choice.list_id if choice else None

    def look(self, mapping: ObjectMapping, list_id: str) -> Inclusion:
        """Read one list's definition from HubSpot and say whether it can decide."""
        read_at = self._clock()
        try:
            definition = self._hubspot.list(list_id)
        except Missing:
            definition = None
        found = inclusion(
            definition,
            object_type_id=mapping.hubspot_type_id,
            read_at=read_at,
            time_zone=self._time_zone(),
        )
        return replace(found, hold=self._hold(mapping, list_id, found))

    def _hold(self, mapping: ObjectMapping, list_id: str, found: Inclusion) -> Hold | None:
        with self._database.begin() as connection:
            choice = brake.adopt(connection, mapping, list_id, found)
            if choice is None:
                return None
            return brake.judge(connection, mapping, choice, found, guards=self._guards)

    def _choice(self, mapping: ObjectMapping) -> Chosen | None:
        with self._database.read() as connection:
            return chosen.get(connection, mapping.name)

    def _outdated(self, kept: Inclusion, since: datetime | None) -> bool:
        if since and kept.read_at < since:
            return True
        return self._clock() - kept.read_at > timedelta(seconds=self._guards.list_cache_s)

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
