"""Which HubSpot records changed, by search: ids and times, never values.

A search matches on an index that lags, shows records as they are now, and ends at 10,000
results.  So time only bounds what is asked; within the bounds reading goes by id, which no edit
moves.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from guestlist.connectors.allowance import SEARCH
from guestlist.connectors.http import shaped
from guestlist.connectors.hubspot.portal import Portal
from guestlist.domain.errors import Misconfigured, RetryLater, Split, Unusable
from schemas.records import Changed, ChangePage, Cursor

PAGE = 200
WINDOW = 2_000
"""Records of one stretch of time; what of it is read when reading ends is read again."""
_RESULTS = 10_000
"""HubSpot: results of one search."""
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_CONTACTS = frozenset({"contact", "contacts", "0-1"})


class _Window(NamedTuple):
    """Milliseconds from *low* to *high*, both included, behind the id *behind*."""

    low: int
    high: int
    behind: str = ""


class _Found(NamedTuple):
    """One page of a search."""

    changed: tuple[Changed, ...]
    total: int
    following: str | None
    """HubSpot's own word for the next page; ``None`` on the last."""


def changes(portal: Portal, type: str, after: Cursor, *, until: datetime) -> Iterator[ChangePage]:
    """Yield the records changed from *after* to *until*.

    One that changed again meanwhile is told with its later time.
    """
    search = _Search(portal, type)
    low, end, behind = _milliseconds(after.at), _milliseconds(until), after.id
    if low > end:
        yield ChangePage((), after, more=False)
    while low <= end:
        window, page = search.cut(_Window(low, low if behind else end, behind))
        low, behind = window.high + 1, ""
        last = low > end
        done = Cursor(until) if last else Cursor(_time(low))
        while page.following:
            going_on = _Window(window.low, window.high, _last_id(window, page))
            yield ChangePage(page.changed, _within(going_on), more=True)
            page = search.ask(going_on, offset="" if page.changed else page.following)
            window = going_on
        if page.changed or last:
            yield ChangePage(page.changed, done, more=not last)


def _last_id(window: _Window, page: _Found) -> str:
    """Return the id to go on behind; raises where that would be the same page again."""
    if not page.changed:
        return window.behind
    if page.changed[-1].id == window.behind:
        raise Unusable("HubSpot's search shows the same page again")
    return page.changed[-1].id


def _within(window: _Window) -> Cursor:
    """Return where to begin again: an id only says something about one single time."""
    single = window.low == window.high
    return Cursor(_time(window.low), window.behind if single else "")


class _Search:
    """Searches of one object type by time of change."""

    def __init__(self, portal: Portal, type: str) -> None:
        self._portal = portal
        self._path = f"{portal.paths.objects(type)}/search"
        self._modified = "lastmodifieddate" if type in _CONTACTS else "hs_lastmodifieddate"

    def cut(self, window: _Window) -> tuple[_Window, _Found]:
        """Return as much of a window as holds about ``WINDOW`` records, and its first page."""
        page = self.ask(window)
        if page.total <= WINDOW or window.low == window.high:
            return window, page
        high = min(max(self._time_of_last(window), window.low), window.high)
        shorter = window._replace(high=high)
        page = self.ask(shorter)
        if page.total > 2 * WINDOW and high > window.low:
            # Most of them share the last millisecond: they get a window of their own.
            shorter = window._replace(high=high - 1)
            page = self.ask(shorter)
        return shorter, page

    def ask(self, window: _Window, *, offset: str = "") -> _Found:
        """Return one page in the order of ids."""
        if offset.isdigit() and int(offset) + PAGE > _RESULTS:
            raise RetryLater("HubSpot's search still finds thousands of records that are gone")
        behind = [_filter("hs_object_id", "GT", window.behind)] if window.behind else []
        wanted = {"sorts": [_ascending("hs_object_id")], "limit": PAGE}
        following = {"after": offset} if offset else {}
        return self._send(window, [*behind], {**wanted, **following})

    def _time_of_last(self, window: _Window) -> int:
        """Return about when the last record of the window's first ``WINDOW`` changed."""
        probe = {"sorts": [_ascending(self._modified)], "limit": 1, "after": str(WINDOW - 1)}
        found = self._send(window, [], probe).changed
        middle = (window.low + window.high) // 2
        return _milliseconds(found[0].at) if found else middle

    def _send(self, window: _Window, filters: list[Any], wanted: dict[str, Any]) -> _Found:
        times = [
            _filter(self._modified, "GTE", str(window.low)),
            _filter(self._modified, "LTE", str(window.high)),
        ]
        groups = [{"filters": [*times, *filters]}]
        content = {"filterGroups": groups, "properties": [self._modified], **wanted}
        try:
            answer = self._portal.post(self._path, content, kind=SEARCH)
        except Split as refusal:
            words = f"{refusal.refused.code} {refusal}"
            raise Misconfigured(f"HubSpot refused the search: {words}") from refusal
        return self._read(answer)

    def _read(self, answer: Any) -> _Found:
        with shaped("HubSpot's page of changes"):
            changed = tuple(
                Changed(
                    id=str(row["id"]),
                    at=datetime.fromisoformat(row["properties"][self._modified]),
                    created_at=datetime.fromisoformat(row["createdAt"]),
                )
                for row in answer["results"]
            )
            following = ((answer.get("paging") or {}).get("next") or {}).get("after")
            return _Found(changed, int(answer["total"]), following and str(following))


def _filter(name: str, operator: str, value: str) -> dict[str, str]:
    return {"propertyName": name, "operator": operator, "value": value}


def _ascending(name: str) -> dict[str, str]:
    return {"propertyName": name, "direction": "ASCENDING"}


def _milliseconds(at: datetime) -> int:
    return (at - _EPOCH) // _MILLISECOND


def _time(milliseconds: int) -> datetime:
    return _EPOCH + milliseconds * _MILLISECOND
