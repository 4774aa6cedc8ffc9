"""The gate from outside: what the journal says was written, held against the list's own truth."""

from collections.abc import Callable, Sequence

from guestlist.domain.brake import Hold
from guestlist.engine.launch import start_records
from guestlist.store import inclusion, links
from guestlist.store.inclusion import Chosen
from guestlist.store.links import Link
from guestlist.store.runs import Run
from sandbox.journal import Entry
from tests.engine.conftest import install, logged
from tests.engine.world import Installation

__all__ = ["install", "logged"]


def look(here: Installation, keys: Sequence[str]) -> Run:
    """Look at these records in a run of their own, to its end."""
    run = start_records(here.services, "contacts", keys, by="tester")
    here.settle()
    return here.the_run(run)


def leaks(here: Installation) -> list[Entry]:
    """What we wrote for somebody who did not pass the list's filter at that instant."""
    inside = here.inclusion
    return [e for e in here.writes() if inside not in e.lists or not e.lists[inside].by_filter]


def choice(here: Installation) -> Chosen:
    with here.services.database.read() as connection:
        found = inclusion.get(connection, "contacts")
    assert found
    return found


def hold(here: Installation) -> Hold | None:
    return choice(here).hold


def link_of(here: Installation, key: str) -> Link | None:
    with here.services.database.read() as connection:
        return links.get_many(connection, "contacts", [key]).get(key)


def refilter(here: Installation, branch: dict[str, object]) -> None:
    """Let a person edit the inclusion list's filters in HubSpot."""
    here.world.portal.update_list_filters(here.inclusion, branch)


def at_write(here: Installation, do: Callable[[], object]) -> None:
    """Do something right before the next call that writes to either CRM."""
    left = [1]

    def watch(method: str, url: str, body: bytes) -> None:
        if left[0] and writes(method, url, body):
            left[0] -= 1
            do()

    here.watches.append(watch)


def writes(method: str, url: str, body: bytes) -> bool:
    path = url.partition("?")[0]
    if "hubspot" in url:
        return path.endswith(("batch/update", "batch/create", "batch/archive"))
    return method in {"PATCH", "DELETE"} or b'"PATCH"' in body or b'"DELETE"' in body
