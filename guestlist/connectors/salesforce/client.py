"""Salesforce, as the rest of the system sees it."""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from uuid import uuid4

from guestlist.connectors.doubt import Veto, no_veto
from guestlist.connectors.http import Transport
from guestlist.connectors.line import Line
from guestlist.connectors.salesforce import changes, delete, owners, read, schema, write
from guestlist.connectors.salesforce.org import Allowance, Org
from guestlist.connectors.salesforce.schema import Organization
from guestlist.connectors.salesforce.soql import Lookup
from guestlist.connectors.salesforce.token import Tokens
from guestlist.connectors.turn import PATIENCE_S, Limiter
from guestlist.domain.write import SalesforceWrite, WriteResult
from schemas.records import (
    ChangePage,
    Crm,
    Cursor,
    ObjectDescription,
    Owner,
    SalesforceRecord,
)
from schemas.settings import Lane, SalesforceSettings


class _Seen:
    """The last usage Salesforce told; shared by every view."""

    def __init__(self) -> None:
        self.allowance: Allowance | None = None

    def __call__(self, allowance: Allowance) -> None:
        self.allowance = allowance


class Salesforce:
    """One org on one lane; safe to use from many threads."""

    def __init__(self, org: Org, seen: _Seen, *, batch: int = 200) -> None:
        self._org = org
        self._seen = seen
        self._batch = batch

    @classmethod
    def connect(
        cls,
        settings: SalesforceSettings,
        *,
        limiter: Limiter,
        lane: str = Lane.INTERACTIVE,
        development: bool = False,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], object] = time.sleep,
        new_id: Callable[[], str] = lambda: uuid4().hex,
        patience_s: float = PATIENCE_S,
        transport: Transport | None = None,
    ) -> "Salesforce":
        """Return a client of the org that the settings name; nothing is sent yet."""
        line = Line(
            Crm.SALESFORCE,
            transport or Transport(timeout_s=settings.timeout_s, public_only=not development),
            limiter=limiter,
            lane=lane,
            sleep=sleep,
            new_id=new_id,
            patience_s=patience_s,
        )
        tokens = Tokens(settings, line.on(lane), clock=clock, development=development)
        seen = _Seen()
        org = Org(line, tokens, version=settings.api_version, seen=seen)
        return cls(org, seen, batch=settings.batch)

    def on(
        self, lane: str, *, retry: bool = False, patience_s: float | None = None
    ) -> "Salesforce":
        """Return a view on another lane that shares connections and token, and counts its calls.

        *retry*: what it is for was tried before, and stops first when the day runs out.
        *patience_s*: how long it waits for its turn; ``None``: as long as this one.
        """
        org = self._org.on(lane, retry=retry, patience_s=patience_s)
        return Salesforce(org, self._seen, batch=self._batch)

    @property
    def calls(self) -> int:
        """Calls made through this view and views of it; a view does not count token requests."""
        return self._org.line.calls.total

    def calls_by_kind(self) -> Mapping[str, int]:
        return self._org.line.calls.by_kind()

    @property
    def organization_id(self) -> str:
        """The org that the token is good for, which is asked for if there is none yet."""
        return self._org.tokens.current().organization_id

    @property
    def server_time(self) -> datetime | None:
        """Salesforce's clock, in seconds, at the last answer to this view; before it ``None``."""
        return self._org.line.server_time

    def lookup(
        self, wanted: Sequence[Lookup], *, deleted: bool = False
    ) -> dict[str, list[SalesforceRecord]]:
        """Return the rows that hold any of the values, by type; five queries a call.

        With *deleted* those in the recycle bin, or merged away, too.
        """
        return read.lookup(self._org, wanted, deleted=deleted)

    def find(self, queries: Sequence[str]) -> list[list[SalesforceRecord]]:
        """Return each query's records; every query must select ``Id`` and ``SystemModstamp``."""
        return read.find(self._org, queries)

    def query(self, soql: str) -> Iterator[SalesforceRecord]:
        """Yield a query's records, page by page."""
        return read.records(self._org, soql)

    def write(
        self, writes: Sequence[SalesforceWrite], *, veto: Veto = no_veto
    ) -> list[WriteResult]:
        """Return each write's result in the order given; a thousand writes are one call."""
        return write.write(self._org, writes, batch=self._batch, veto=veto)

    def delete(self, rows: Sequence[tuple[str, str]], *, veto: Veto = no_veto) -> list[WriteResult]:
        """Put rows, each (type, id), into the recycle bin; return each one's result in order."""
        return delete.delete(self._org, rows, batch=self._batch, veto=veto)

    def changes(
        self, type: str, after: Cursor, *, until: datetime, external_id: str
    ) -> Iterator[ChangePage]:
        """Yield the rows saved from *after* to *until*, deleted ones too, oldest first.

        A cursor with an id goes on behind that row, one without it at its time.  *until* is
        Salesforce's own time, never ours; the last page's cursor stands there.
        """
        return changes.changes(self._org, type, after, until=until, external_id=external_id)

    def latest_covered(self, type: str, *, since: datetime, until: datetime) -> datetime:
        """Return up to when every change can be seen: a transaction shows its rows at its end.

        Raises ``Misconfigured`` where the org or the user's rights forbid the question.
        """
        return changes.latest_covered(self._org, type, since=since, until=until)

    def ids(
        self, type: str, where: str | None, *, after_id: str = "", external_id: str
    ) -> Iterator[ChangePage]:
        """Yield the rows that meet a person's SOQL condition, by id, behind *after_id*.

        Raises ``Misconfigured`` for a condition that is none, and in Salesforce's words for one
        that it refuses.
        """
        return changes.ids(self._org, type, where, after_id=after_id, external_id=external_id)

    def owners(self) -> list[Owner]:
        """Return users, active or not, and queues."""
        return owners.owners(self._org)

    def describe(self, type: str) -> ObjectDescription:
        return schema.describe(self._org, type)

    def organization(self) -> Organization:
        return schema.organization(self._org)

    def knock(self) -> None:
        """Make the one call that any user of the API may make; its answer bears the time."""
        self._org.get(self._org.root)

    def allowance(self) -> Allowance:
        """Ask how much of the org's day is used."""
        return schema.allowance(self._org)

    @property
    def allowance_seen(self) -> Allowance | None:
        """What the last answer said of it, which costs nothing and lags."""
        return self._seen.allowance
