"""Which Salesforce rows changed, or meet a condition: ids and times, never values.

Every page is a query of its own that goes on behind the last row, so no locator can expire.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from guestlist.connectors.http import shaped
from guestlist.connectors.salesforce.condition import condition
from guestlist.connectors.salesforce.org import Org
from guestlist.connectors.salesforce.read import Row, page
from guestlist.connectors.salesforce.soql import instant, literal, name
from guestlist.domain.errors import Misconfigured, Split, Unusable
from schemas.records import Changed, ChangePage, Cursor

PAGE = 2_000
_MERGEABLE = frozenset({"Account", "Contact", "Lead"})
"""Salesforce: only their rows have a master record."""
_LONGEST_TRANSACTION = timedelta(hours=1)
"""Salesforce: ten minutes; the rest is margin."""
_SHORTEST_WINDOW = timedelta(minutes=2)
"""Salesforce cuts both ends to the minute, and wants more than one between them."""
_NO_TIME = datetime(1970, 1, 1, tzinfo=UTC)


def changes(
    org: Org, type: str, after: Cursor, *, until: datetime, external_id: str
) -> Iterator[ChangePage]:
    """Yield the rows saved from *after* to *until*, deleted and merged ones too.

    A row that commits late has an earlier time than those already read: read again behind it.
    """
    selected = _selected(external_id, merged=type in _MERGEABLE)
    head = f"SELECT {selected}, IsDeleted FROM {name(type)} WHERE "  # noqa: S608 # nosec B608
    order = f" ORDER BY SystemModstamp, Id LIMIT {PAGE}"
    cursor, more = after, True
    while more:
        where = f"{_behind(cursor)} AND SystemModstamp <= {instant(until)}"
        rows, complete = page(org, head + where + order, deleted=True)
        found = _read(rows, external_id)
        more = not complete or len(found) == PAGE
        cursor = _going_on(cursor, found) if more else Cursor(max(after.at, until))
        yield ChangePage(found, cursor, more)


def ids(
    org: Org, type: str, where: str | None, *, after_id: str, external_id: str
) -> Iterator[ChangePage]:
    """Yield the rows that meet a person's condition, in the order of their ids.

    Only the id of a page's cursor counts.  Raises ``Misconfigured`` in Salesforce's words.
    """
    head = f"SELECT {_selected(external_id)} FROM {name(type)}"  # noqa: S608 # nosec B608
    asked = [condition(where)] if where is not None else []
    cursor, more = Cursor(_NO_TIME, after_id), True
    while more:
        behind = [f"Id > {literal(cursor.id)}"] if cursor.id else []
        conditions = " AND ".join([*asked, *behind])
        clause = f" WHERE {conditions}" if conditions else ""
        try:
            rows, complete = page(org, f"{head}{clause} ORDER BY Id LIMIT {PAGE}")
        except Split as refusal:
            words = f"{refusal.refused.code} {refusal}"
            raise Misconfigured(f"Salesforce refused the condition: {words}") from refusal
        found = _read(rows, external_id)
        more = not complete or len(found) == PAGE
        cursor = _going_on(cursor, found) if found or more else cursor
        yield ChangePage(found, cursor, more)


def latest_covered(org: Org, type: str, *, since: datetime, until: datetime) -> datetime:
    """Return up to when no transaction is running any more, to the minute, at most *until*.

    Salesforce is asked about the last hour of the time only: no transaction lasts longer.
    Raises ``Misconfigured`` where the org, or the user's rights, do not let us ask.
    """
    start = min(max(since, until - _LONGEST_TRANSACTION), until - _SHORTEST_WINDOW)
    window = urlencode({"start": _iso(start), "end": _iso(until)})
    try:
        answer = org.get(f"{org.root}/sobjects/{name(type)}/updated/?{window}")
    except Split as refusal:
        words = f"{refusal.refused.code} {refusal}"
        raise Misconfigured(f"Salesforce does not say what it covers: {words}") from refusal
    with shaped("Salesforce's list of updated rows"):
        return min(datetime.fromisoformat(answer["latestDateCovered"]), until)


def _selected(external_id: str, *, merged: bool = False) -> str:
    named = ["Id", "SystemModstamp", "CreatedDate", *(["MasterRecordId"] if merged else [])]
    return ", ".join([*named, name(external_id)])


def _behind(cursor: Cursor) -> str:
    at = instant(cursor.at)
    if not cursor.id:
        return f"SystemModstamp >= {at}"
    same = f"(SystemModstamp = {at} AND Id > {literal(cursor.id)})"
    return f"(SystemModstamp > {at} OR {same})"


def _going_on(cursor: Cursor, found: Sequence[Changed]) -> Cursor:
    """Return the place behind the last row; raises where that would be the same page again."""
    following = Cursor(found[-1].at, found[-1].id) if found else cursor
    if following == cursor:
        raise Unusable("Salesforce says that there are more rows, but shows none")
    return following


def _read(rows: Sequence[Row], external_id: str) -> tuple[Changed, ...]:
    with shaped("Salesforce's changed row"):
        return tuple(_changed(row, external_id) for row in rows)


def _changed(row: Row, external_id: str) -> Changed:
    return Changed(
        id=row["Id"],
        at=datetime.fromisoformat(row["SystemModstamp"]),
        created_at=datetime.fromisoformat(row["CreatedDate"]),
        key=_text(row[external_id]),
        deleted=bool(row.get("IsDeleted")),
        merged_into=row.get("MasterRecordId"),
    )


def _text(value: Any) -> str | None:
    return None if value is None else str(value)


def _iso(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="seconds")
