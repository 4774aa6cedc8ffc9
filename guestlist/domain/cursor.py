"""Which part of a CRM's changes a look reads, and where the next one begins.

A window has a fixed end, so that records saved meanwhile do not shift its pages; its beginning
reaches an overlap back, for what became visible late.  All times are the CRM's own.
"""

from datetime import datetime, timedelta
from typing import NamedTuple

from schemas.records import Changed, Cursor

_SETTLED = timedelta(seconds=1)
_SLACK = timedelta(seconds=30)


class Window(NamedTuple):
    """What one look reads; one that breaks off goes on in the same window."""

    after: Cursor
    until: datetime
    covered: datetime
    """The next window begins an overlap before this."""

    @property
    def empty(self) -> bool:
        return self.until < self.after.at

    @property
    def passed(self) -> Cursor:
        """Where the stream stands once all of the window was read."""
        return Cursor(self.covered)

    @property
    def token(self) -> str:
        """The fixed ends, to go on from any place in the window."""
        return f"{self.until.isoformat()} {self.covered.isoformat()}"


def window(
    cursor: Cursor, token: str | None, *, server_time: datetime, overlap: timedelta
) -> Window:
    """Return the window to read from *cursor*; *token* is that of one not read to its end."""
    if token is not None:
        until, covered = map(datetime.fromisoformat, token.split())
        return Window(cursor, until, covered)
    until = last_settled(server_time)
    return Window(Cursor(cursor.at - overlap), until, until)


def last_settled(server_time: datetime) -> datetime:
    """Return the newest stamp that no record saved from now on can bear.

    Stamps may be whole seconds: within the current one a record can be saved twice and look the
    same, and the second time would count as seen.
    """
    return server_time.replace(microsecond=0) - _SETTLED


def covering(window: Window, covered: datetime) -> Window:
    """Let the next window begin earlier, where Salesforce says that it does not show all yet."""
    return window._replace(covered=min(window.covered, covered))


def due_before(now: datetime, interval: timedelta) -> datetime:
    """Return when the last look must have been for another one to be due.

    Somewhat less than an interval: beat is not that exact, and of several beats none adds much.
    """
    return now - interval + min(interval / 2, _SLACK)


def overdue(looked_at: datetime, interval: timedelta, *, now: datetime) -> bool:
    """Tell whether a look should have been made since: two intervals went by without one."""
    return now - looked_at > 2 * interval


def record_key(changed: Changed, linked: str | None) -> str | None:
    """Return under which key a Salesforce row is looked at; *linked*: its link's.

    ``None``: a row that is gone and never was anybody's twin.
    """
    if linked is not None:
        return linked
    if changed.key is not None and changed.key.isascii() and changed.key.isdecimal():
        return changed.key
    return None if changed.deleted else changed.id
