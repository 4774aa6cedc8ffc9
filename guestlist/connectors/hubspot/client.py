"""HubSpot, as the rest of the system sees it."""

import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

from guestlist.connectors.address import checked
from guestlist.connectors.doubt import Veto, no_veto
from guestlist.connectors.http import Transport
from guestlist.connectors.hubspot import (
    account,
    archive,
    changes,
    history,
    lists,
    objects,
    owners,
    schema,
    search,
    write,
)
from guestlist.connectors.hubspot.account import Account, Usage
from guestlist.connectors.hubspot.bearer import Bearer, FixedToken, Refusals
from guestlist.connectors.hubspot.lists import PAGE
from guestlist.connectors.hubspot.objects import Records
from guestlist.connectors.hubspot.portal import Paths, Portal
from guestlist.connectors.line import Line
from guestlist.connectors.turn import PATIENCE_S, Limiter
from guestlist.domain.write import HubSpotWrite, WriteResult
from schemas.records import (
    ChangePage,
    Crm,
    Cursor,
    HubSpotRecord,
    ListDefinition,
    MemberPage,
    ObjectDescription,
    Owner,
    Version,
)
from schemas.settings import HubSpotSettings, Lane


class HubSpot:
    """One account on one lane; safe to use from many threads."""

    def __init__(self, portal: Portal, *, batch: int = 100) -> None:
        self._portal = portal
        self._batch = batch

    @classmethod
    def connect(
        cls,
        settings: HubSpotSettings,
        *,
        limiter: Limiter,
        lane: str = Lane.INTERACTIVE,
        development: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], object] = time.sleep,
        new_id: Callable[[], str] = lambda: uuid4().hex,
        patience_s: float = PATIENCE_S,
        transport: Transport | None = None,
        bearer: Bearer | None = None,
    ) -> "HubSpot":
        """Return a client of the account that the settings name; nothing is sent yet.

        *bearer* is where its token comes from instead of the settings.
        """
        line = Line(
            Crm.HUBSPOT,
            transport or Transport(timeout_s=settings.timeout_s, public_only=not development),
            limiter=limiter,
            lane=lane,
            sleep=sleep,
            new_id=new_id,
            patience_s=patience_s,
        )
        origin = checked(settings.base_url, Crm.HUBSPOT, development=development)
        paths = Paths(settings.api_version)
        portal = Portal(
            line,
            origin=origin,
            paths=paths,
            bearer=bearer or FixedToken(settings.token),
            refusals=Refusals(clock),
        )
        return cls(portal, batch=settings.batch)

    def on(self, lane: str, *, retry: bool = False, patience_s: float | None = None) -> "HubSpot":
        """Return a view on another lane that shares connections and counts its own calls.

        *retry*: what it is for was tried before, and stops first when the day runs out.
        *patience_s*: how long it waits for its turn; ``None``: as long as this one.
        """
        return HubSpot(self._portal.on(lane, retry=retry, patience_s=patience_s), batch=self._batch)

    @property
    def calls(self) -> int:
        """Calls made through this view and through views of it."""
        return self._portal.line.calls.total

    def calls_by_kind(self) -> Mapping[str, int]:
        return self._portal.line.calls.by_kind()

    @property
    def server_time(self) -> datetime | None:
        """HubSpot's clock, in seconds, at the last answer to this view; before it ``None``."""
        return self._portal.line.server_time

    def read(self, type: str, ids: Iterable[str], properties: Sequence[str]) -> Records:
        """Return records by id; unknown, archived and refused ones are absent."""
        return objects.read(self._portal, type, ids, properties, batch=self._batch)

    def archived(self, type: str, ids: Iterable[str], properties: Sequence[str]) -> Records:
        """Return those of the records that are in the recycle bin."""
        return objects.read(self._portal, type, ids, properties, batch=self._batch, archived=True)

    def resolve(self, type: str, ids: Iterable[str]) -> dict[str, str]:
        """Return the id that each id's record has now, after a merge another one; a call each.

        For ids that ``read`` did not return.  What is archived or deleted is absent.
        """
        return objects.resolve(self._portal, type, ids)

    def changed_at(
        self, type: str, ids: Iterable[str], properties: Sequence[str]
    ) -> dict[str, dict[str, datetime]]:
        """Return when each of the properties was last changed, by record id; fifty a call."""
        return history.changed_at(self._portal, type, ids, properties, batch=self._batch)

    def versions(
        self, type: str, ids: Iterable[str], properties: Sequence[str]
    ) -> dict[str, dict[str, list[Version]]]:
        """Return what each of the properties held, newest first, by record id; fifty a call."""
        return history.versions(self._portal, type, ids, properties, batch=self._batch)

    def changes(self, type: str, after: Cursor, *, until: datetime) -> Iterator[ChangePage]:
        """Yield the records changed from *after* to *until*, in no order.

        *until* is HubSpot's own time, never ours.  A record that changed again since is told
        with its later time, even one behind *until*.  A cursor with an id goes on within its
        very millisecond.  What the search does not find yet has to be read later: begin again
        some time before a cursor that was young when it was reached, without its id.
        """
        return changes.changes(self._portal, type, after, until=until)

    def find(
        self, type: str, id_property: str, values: Iterable[str], properties: Sequence[str]
    ) -> Records:
        """Return records by the value (in lower case) of a unique property such as the e-mail."""
        return objects.find(self._portal, type, id_property, values, properties, batch=self._batch)

    def search(
        self, type: str, words: str, properties: Sequence[str], *, limit: int = 10
    ) -> list[HubSpotRecord]:
        """Return the first records that hold the words; what was just changed may be missing."""
        return search.by_words(self._portal, type, words, properties, limit=limit)

    def write(
        self, type: str, writes: Sequence[HubSpotWrite], *, veto: Veto = no_veto
    ) -> list[WriteResult]:
        """Return each write's result in the order given; those without an id are created.

        A creation whose unique value is taken is refused as ``CONFLICT`` with its holder's id.
        """
        return write.write(self._portal, type, writes, batch=self._batch, veto=veto)

    def archive(self, type: str, ids: Sequence[str], *, veto: Veto = no_veto) -> list[WriteResult]:
        """Put records into the recycle bin; return each one's result in order."""
        return archive.archive(self._portal, type, ids, batch=self._batch, veto=veto)

    def owners(self) -> list[Owner]:
        """Return all owners; those who were deactivated are not ``active``."""
        return owners.owners(self._portal)

    def lists(self, query: str = "", *, type_id: str | None = None) -> list[ListDefinition]:
        """Return the lists whose name holds *query*, without their filters."""
        return [*lists.search(self._portal, query, type_id=type_id)]

    def list(self, list_id: str) -> ListDefinition:
        """Return a list with its filters; raises ``Missing`` when it is gone."""
        return lists.get(self._portal, list_id)

    def list_by_name(self, type_id: str, name: str) -> ListDefinition:
        """Return a list by its name, in any case; raises ``Missing``."""
        return lists.by_name(self._portal, type_id, name)

    def create_list(
        self, name: str, filter_branch: Mapping[str, Any], *, type_id: str
    ) -> ListDefinition:
        """Create an active list."""
        return lists.create(self._portal, name, filter_branch, type_id=type_id)

    def members(self, list_id: str, *, after: str | None = None, limit: int = PAGE) -> MemberPage:
        """Return one page of memberships, at most 250."""
        return lists.members(self._portal, list_id, after=after, limit=limit)

    def joins(self, list_id: str, *, after: str | None = None) -> MemberPage:
        """Return one page of 250 memberships by time of joining, the earliest first."""
        return lists.joins(self._portal, list_id, after=after)

    def memberships(self, type_id: str, ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """Return the ids of the lists each record is in."""
        return lists.memberships(self._portal, type_id, ids, batch=self._batch)

    def describe(self, type: str) -> ObjectDescription:
        return schema.describe(self._portal, type)

    def account(self) -> Account:
        return account.account(self._portal)

    def scopes(self) -> frozenset[str] | None:
        """Return what a private app's token may; ``None``: HubSpot does not say."""
        return account.scopes(self._portal)

    def usage(self) -> Usage | None:
        return account.usage(self._portal)
