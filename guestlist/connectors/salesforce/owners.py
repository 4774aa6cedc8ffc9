"""Who can own a Salesforce row: users of every kind, active or not, and queues."""

from guestlist.connectors.http import shaped
from guestlist.connectors.salesforce.org import Org
from guestlist.connectors.salesforce.read import Row, ask
from schemas.records import Owner

_USERS = "SELECT Id, Name, Email, IsActive, UserType FROM User"
_QUEUES = "SELECT Id, Name, Email FROM Group WHERE Type = 'Queue'"


def owners(org: Org) -> list[Owner]:
    """Return all of them; portal users and guests are no ``user``."""
    users, queues = ask(org, [_USERS, _QUEUES])
    with shaped("Salesforce's owners"):
        return [*map(_user, users), *map(_queue, queues)]


def _user(row: Row) -> Owner:
    told = row["UserType"] or "Standard"
    kind = "user" if told == "Standard" else told.lower()
    return Owner(row["Id"], _address(row), row["Name"], active=bool(row["IsActive"]), kind=kind)


def _queue(row: Row) -> Owner:
    return Owner(row["Id"], _address(row), row["Name"], active=True, kind="queue")


def _address(row: Row) -> str | None:
    return (row["Email"] or "").strip().lower() or None
