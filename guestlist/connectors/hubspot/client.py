"""HubSpot, as the rest of the system sees it."""

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import uuid4

from guestlist.connectors.address import checked
from guestlist.connectors.doubt import Veto, no_veto
from guestlist.connectors.http import Transport
from guestlist.connectors.hubspot import account, lists, objects, schema, write
from guestlist.connectors.hubspot.account import Account, Usage
from guestlist.connectors.hubspot.lists import PAGE
from guestlist.connectors.hubspot.objects import Records
from guestlist.connectors.hubspot.portal import Paths, Portal
from guestlist.connectors.limiter import Limiter
from guestlist.connectors.line import Line
from guestlist.domain.write import HubSpotWrite, WriteResult
from schemas.records import Crm, ListDefinition, MemberPage, ObjectDescription
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
        sleep: Callable[[float], object] = time.sleep,
        new_id: Callable[[], str] = lambda: uuid4().hex,
        transport: Transport | None = None,
    ) -> "HubSpot":
        """Return a client of the account that the settings name; nothing is sent yet."""
        line = Line(
            Crm.HUBSPOT,
            transport or Transport(timeout_s=settings.timeout_s),
            limiter=limiter,
            lane=lane,
            sleep=sleep,
            new_id=new_id,
        )
        origin = checked(settings.base_url, Crm.HUBSPOT, development=development)
        paths = Paths(settings.api_version)
        portal = Portal(line, origin=origin, paths=paths, token=settings.token)
        return cls(portal, batch=settings.batch)

    def on(self, lane: str) -> "HubSpot":
        """Return a view on another lane that shares connections and counts its own calls."""
        return HubSpot(self._portal.on(lane), batch=self._batch)

    @property
    def calls(self) -> int:
        """Calls made through this view and through views of it."""
        return self._portal.line.calls.total

    def calls_by_kind(self) -> Mapping[str, int]:
        return self._portal.line.calls.by_kind()

    def read(self, type: str, ids: Iterable[str], properties: Sequence[str]) -> Records:
        """Return records by id; unknown, archived and refused ones are absent."""
        return objects.read(self._portal, type, ids, properties, batch=self._batch)

    def find(
        self, type: str, id_property: str, values: Iterable[str], properties: Sequence[str]
    ) -> Records:
        """Return records by the value (in lower case) of a unique property such as the e-mail."""
        return objects.find(self._portal, type, id_property, values, properties, batch=self._batch)

    def write(
        self, type: str, writes: Sequence[HubSpotWrite], *, veto: Veto = no_veto
    ) -> list[WriteResult]:
        """Return each write's result in the order given; those without an id are created.

        A creation whose unique value is taken is refused as ``CONFLICT`` with its holder's id.
        """
        return write.write(self._portal, type, writes, batch=self._batch, veto=veto)

    def update(self, type: str, writes: Sequence[HubSpotWrite]) -> list[WriteResult]:
        """Do what ``write`` does, under its former name."""
        return self.write(type, writes)

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

    def memberships(self, type_id: str, ids: Sequence[str]) -> dict[str, frozenset[str]]:
        """Return the ids of the lists each record is in."""
        return lists.memberships(self._portal, type_id, ids, batch=self._batch)

    def describe(self, type: str) -> ObjectDescription:
        return schema.describe(self._portal, type)

    def account(self) -> Account:
        return account.account(self._portal)

    def usage(self) -> Usage | None:
        return account.usage(self._portal)
