"""The live schemas and owners of both CRMs: read once, kept in the store, compiled per process."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.check import MappingProblem, Severity, check_mapping, stopping
from guestlist.domain.errors import Misconfigured
from guestlist.domain.mapping import CompiledMapping, compile_mapping, needs_owners
from guestlist.domain.owners import NO_OWNERS, Owners, directory
from guestlist.domain.redescribed import continued
from guestlist.store import descriptions
from guestlist.store.database import Database
from guestlist.store.descriptions import Listed
from schemas.mapping import ObjectMapping
from schemas.records import Crm, ObjectDescription

MAX_AGE = timedelta(hours=1)
MISFIT_AGE = timedelta(minutes=5)
"""The same of a schema that a mapping does not fit: somebody may be mending it."""


class Live(NamedTuple):
    """What a mapping is checked against and compiled with."""

    hubspot: ObjectDescription
    salesforce: Mapping[str, ObjectDescription]
    """By object type."""
    owners: Owners
    """Nobody, where the mapping does not ask for owners."""
    read_at: datetime
    """When the oldest of it was read."""


class _Kept(NamedTuple):
    """A mapping compiled in this process."""

    mapping: CompiledMapping
    until: datetime
    """When its schemas are to be read again."""
    newest: datetime | None
    """When the youngest of them was read."""


class SchemaWatch:
    """Answers what the CRMs' objects look like now, from the store while that is fresh."""

    def __init__(
        self,
        objects: Mapping[str, ObjectMapping],
        database: Database,
        hubspot: HubSpot,
        salesforce: Salesforce,
        clock: Callable[[], datetime],
    ) -> None:
        self._objects = objects
        self._database = database
        self._hubspot = hubspot
        self._salesforce = salesforce
        self._clock = clock
        self._lock = Lock()
        self._compiled: dict[str, _Kept] = {}
        self._doubted: dict[str, timedelta] = {}

    def object(self, name: str) -> ObjectMapping:
        """Return the mapping of one object; raises ``Misconfigured`` for an unknown name."""
        try:
            return self._objects[name]
        except KeyError:
            known = ", ".join(sorted(self._objects))
            message = f"no object named {name!r} in the settings; there is: {known}"
            raise Misconfigured(message) from None

    def compiled(self, name: str) -> CompiledMapping:
        """Return the mapping on the live schemas, without the fields that are held.

        Raises ``Misconfigured`` when nothing of the object can sync.
        """
        with self._lock:
            mapping = self.object(name)
            newest = self._newest(mapping)
            kept, doubted = self._compiled.get(name), self._doubted.pop(name, MAX_AGE)
            now = self._clock()
            if kept and kept.newest == newest and now < kept.until and doubted is MAX_AGE:
                return kept.mapping
            live, found = self._fitted(mapping, doubted)
            if stopping(found):
                lines = "\n".join(f"  {each.field}: {each.message}" for each in stopping(found))
                message = f"the mapping of {name} does not fit the CRMs:\n{lines}"
                raise Misconfigured(message)
            compiled = compile_mapping(mapping, live.hubspot, live.salesforce, live.owners)
            until = live.read_at + (MISFIT_AGE if compiled.held else MAX_AGE)
            self._compiled[name] = _Kept(compiled, until, self._newest(mapping))
            return compiled

    def doubt(self, name: str, *, unless_younger: timedelta = timedelta(0)) -> None:
        """Have the schemas read anew before their next use: a field is not what they say."""
        self._doubted[name] = unless_younger

    def problems(self, name: str, *, refresh: bool = False) -> list[MappingProblem]:
        """Return every misfit between the mapping and the live schemas."""
        mapping = self.object(name)
        if refresh:
            self.refresh(name)
        return self.check(mapping)

    def check(self, mapping: ObjectMapping) -> list[MappingProblem]:
        """Return every misfit of a mapping that is not in force (yet)."""
        return self._fitted(mapping, MAX_AGE)[1]

    def under(self, objects: Mapping[str, ObjectMapping]) -> "SchemaWatch":
        """Return the same for other mappings."""
        return SchemaWatch(objects, self._database, self._hubspot, self._salesforce, self._clock)

    def described(self, name: str) -> tuple[ObjectDescription, Mapping[str, ObjectDescription]]:
        """Return the live schemas of one object: HubSpot's, and Salesforce's by type."""
        live = self._live(self.object(name), MAX_AGE)
        return live.hubspot, live.salesforce

    def refresh(self, name: str) -> None:
        """Read the live schemas, and the owners if they sync, again, whatever their age."""
        mapping = self.object(name)
        self._compiled.pop(name, None)
        hubspot, _ = self._read(Crm.HUBSPOT, mapping.hubspot_type)
        salesforce = {
            each: self._read(Crm.SALESFORCE, each)[0] for each in mapping.salesforce_types
        }
        if needs_owners(mapping, hubspot, salesforce):
            for crm in Crm:
                self._read_owners(crm)

    def _fitted(
        self, mapping: ObjectMapping, max_age: timedelta
    ) -> tuple[Live, list[MappingProblem]]:
        """Return the schemas, and what of the mapping does not fit those of this moment."""
        live = self._live(mapping, max_age)
        found = check_mapping(mapping, live.hubspot, live.salesforce, live.owners)
        misfit = any(each.severity is Severity.ERROR for each in found)
        if misfit and self._clock() - live.read_at >= MISFIT_AGE:
            live = self._live(mapping, MISFIT_AGE)
            found = check_mapping(mapping, live.hubspot, live.salesforce, live.owners)
        return live, found

    def _newest(self, mapping: ObjectMapping) -> datetime | None:
        of = [(Crm.SALESFORCE, each) for each in mapping.salesforce_types]
        with self._database.read() as connection:
            return descriptions.newest(connection, [(Crm.HUBSPOT, mapping.hubspot_type), *of])

    def _live(self, mapping: ObjectMapping, max_age: timedelta) -> Live:
        hubspot, read_at = self._kept_or_read(Crm.HUBSPOT, mapping.hubspot_type, max_age)
        salesforce = {}
        for each in mapping.salesforce_types:
            salesforce[each], at = self._kept_or_read(Crm.SALESFORCE, each, max_age)
            read_at = min(read_at, at)
        if not needs_owners(mapping, hubspot, salesforce):
            return Live(hubspot, salesforce, NO_OWNERS, read_at)
        ours, theirs = self._owners(Crm.HUBSPOT), self._owners(Crm.SALESFORCE)
        owners = directory(ours.owners, theirs.owners)
        return Live(hubspot, salesforce, owners, min(read_at, ours.read_at, theirs.read_at))

    def _kept_or_read(
        self, crm: Crm, object_type: str, max_age: timedelta
    ) -> tuple[ObjectDescription, datetime]:
        with self._database.read() as connection:
            kept = descriptions.get(connection, crm, object_type)
        if kept and self._clock() - kept.read_at < max_age:
            return kept.description, kept.read_at
        return self._read(crm, object_type)

    def _read(self, crm: Crm, object_type: str) -> tuple[ObjectDescription, datetime]:
        client = self._hubspot if crm is Crm.HUBSPOT else self._salesforce
        read_at = self._clock()
        answered = client.describe(object_type)
        with self._database.begin() as connection:
            kept = descriptions.get(connection, crm, object_type)
            before = kept.description if kept else None
            description = continued(before, answered, at=read_at)
            descriptions.put(connection, description, read_at=read_at)
        return description, read_at

    def _owners(self, crm: Crm) -> Listed:
        with self._database.read() as connection:
            kept = descriptions.get_owners(connection, crm)
        if kept and self._clock() - kept.read_at < MAX_AGE:
            return kept
        return self._read_owners(crm)

    def _read_owners(self, crm: Crm) -> Listed:
        client = self._hubspot if crm is Crm.HUBSPOT else self._salesforce
        read_at = self._clock()
        owners = tuple(client.owners())
        with self._database.begin() as connection:
            descriptions.put_owners(connection, crm, owners, read_at=read_at)
        return Listed(owners, read_at)
