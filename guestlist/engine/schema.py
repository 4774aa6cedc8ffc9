"""The live schemas and owners of both CRMs: read once, kept in the store, compiled per process."""

from collections.abc import Callable, Mapping
from datetime import datetime, timedelta
from threading import Lock
from typing import NamedTuple

from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.check import MappingProblem, check_mapping
from guestlist.domain.errors import Misconfigured
from guestlist.domain.mapping import CompiledMapping, compile_mapping, needs_owners
from guestlist.domain.owners import NO_OWNERS, Owners, directory
from guestlist.store import descriptions
from guestlist.store.database import Database
from guestlist.store.descriptions import Listed
from schemas.mapping import ObjectMapping
from schemas.records import Crm, ObjectDescription

MAX_AGE = timedelta(hours=1)


class Live(NamedTuple):
    """What a mapping is checked against and compiled with."""

    hubspot: ObjectDescription
    salesforce: Mapping[str, ObjectDescription]
    """By object type."""
    owners: Owners
    """Nobody, where the mapping does not ask for owners."""
    read_at: datetime
    """When the oldest of it was read."""


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
        self._compiled: dict[str, tuple[datetime, CompiledMapping]] = {}

    def object(self, name: str) -> ObjectMapping:
        """Return the mapping of one object; raises ``Misconfigured`` for an unknown name."""
        try:
            return self._objects[name]
        except KeyError:
            known = ", ".join(sorted(self._objects))
            message = f"no object named {name!r} in the settings; there is: {known}"
            raise Misconfigured(message) from None

    def compiled(self, name: str) -> CompiledMapping:
        """Return the mapping on the live schemas; raises ``Misconfigured`` when it can not work."""
        with self._lock:
            kept = self._compiled.get(name)
            if kept and self._clock() - kept[0] < MAX_AGE:
                return kept[1]
            mapping = self.object(name)
            live = self._live(mapping)
            found = check_mapping(mapping, live.hubspot, live.salesforce, live.owners)
            errors = [each for each in found if each.severity == "error"]
            if errors:
                lines = "\n".join(f"  {each.field}: {each.message}" for each in errors)
                message = f"the mapping of {name} does not fit the CRMs:\n{lines}"
                raise Misconfigured(message)
            compiled = compile_mapping(mapping, live.hubspot, live.salesforce, live.owners)
            self._compiled[name] = (live.read_at, compiled)
            return compiled

    def problems(self, name: str, *, refresh: bool = False) -> list[MappingProblem]:
        """Return every misfit between the mapping and the live schemas."""
        mapping = self.object(name)
        if refresh:
            self.refresh(name)
        return self.check(mapping)

    def check(self, mapping: ObjectMapping) -> list[MappingProblem]:
        """Return every misfit of a mapping that is not in force (yet)."""
        live = self._live(mapping)
        return check_mapping(mapping, live.hubspot, live.salesforce, live.owners)

    def under(self, objects: Mapping[str, ObjectMapping]) -> "SchemaWatch":
        """Return the same for other mappings."""
        return SchemaWatch(objects, self._database, self._hubspot, self._salesforce, self._clock)

    def described(self, name: str) -> tuple[ObjectDescription, Mapping[str, ObjectDescription]]:
        """Return the live schemas of one object: HubSpot's, and Salesforce's by type."""
        live = self._live(self.object(name))
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

    def _live(self, mapping: ObjectMapping) -> Live:
        hubspot, read_at = self._kept_or_read(Crm.HUBSPOT, mapping.hubspot_type)
        salesforce = {}
        for each in mapping.salesforce_types:
            salesforce[each], at = self._kept_or_read(Crm.SALESFORCE, each)
            read_at = min(read_at, at)
        if not needs_owners(mapping, hubspot, salesforce):
            return Live(hubspot, salesforce, NO_OWNERS, read_at)
        ours, theirs = self._owners(Crm.HUBSPOT), self._owners(Crm.SALESFORCE)
        owners = directory(ours.owners, theirs.owners)
        return Live(hubspot, salesforce, owners, min(read_at, ours.read_at, theirs.read_at))

    def _kept_or_read(self, crm: Crm, object_type: str) -> tuple[ObjectDescription, datetime]:
        with self._database.read() as connection:
            kept = descriptions.get(connection, crm, object_type)
        if kept and self._clock() - kept.read_at < MAX_AGE:
            return kept.description, kept.read_at
        return self._read(crm, object_type)

    def _read(self, crm: Crm, object_type: str) -> tuple[ObjectDescription, datetime]:
        client = self._hubspot if crm is Crm.HUBSPOT else self._salesforce
        read_at = self._clock()
        description = client.describe(object_type)
        with self._database.begin() as connection:
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
