"""Write down how things stand, once a minute, for charts and for what changed since yesterday."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from guestlist.domain.outcome import Outcome
from guestlist.engine.services import Services
from guestlist.store import overview, samples
from guestlist.store.samples import Sample

EVERY = timedelta(minutes=1)
KEPT = timedelta(days=8)
UNCHANGED_EVERY = timedelta(hours=1)
"""How often a value that stays the same is stored again."""
SYNCED = (Outcome.CREATED, Outcome.UPDATED, Outcome.UNCHANGED)
"""Outcomes after which both sides are in step."""


def sample(services: Services) -> datetime:
    """Store this minute's numbers, unless another process did; the moment they are stored under.

    The very first are preceded by zeros at the first run: what was done before anybody looked
    counts too.
    """
    now = services.clock()
    at = rounded(now, EVERY)
    with services.database.read() as conn:
        totals = overview.totals(conn)
        calls = overview.calls(conn)
        first = overview.first_run_at(conn)
        errors = sum(each.count for each in overview.open_errors(conn, since=now))
    values = {"errors": errors, **{f"calls.{crm}": count for crm, count in calls.items()}}
    for outcome in Outcome:
        counts = (count for (_, each), count in totals.items() if each is outcome)
        values[f"outcome.{outcome.value}"] = sum(counts)
    with services.database.begin() as conn:
        if first and not samples.series(conn, "errors", since=now - KEPT):
            begun = max(min(rounded(first, EVERY), at - EVERY), now - KEPT)
            samples.put(conn, dict.fromkeys(values, 0), at=begun, forget=now - KEPT)
        samples.put(conn, values, at=at, forget=now - KEPT)
    return at


def sample_size(services: Services, name: str, members: int) -> None:
    """Store how many members the inclusion list of an object has now; seldom while it stays."""
    now = services.clock()
    with services.database.read() as conn:
        known = samples.series(conn, size_of(name), since=now - UNCHANGED_EVERY)
    if known and known[-1].value == members:
        return
    with services.database.begin() as conn:
        at = rounded(now, EVERY)
        samples.put(conn, {size_of(name): members}, at=at, forget=now - KEPT)


def size_of(name: str) -> str:
    return f"members.{name}"


def rounded(instant: datetime, step: timedelta) -> datetime:
    """Return the last multiple of *step* since 1970."""
    start = datetime(1970, 1, 1, tzinfo=UTC)
    return start + (instant - start) // step * step


def growth(series: Iterable[Sample], *, hours: int, now: datetime) -> list[int]:
    """Return by how much a total grew in each of the last *hours*, the running one last."""
    newest = rounded(now, timedelta(hours=1))
    grown = [0] * hours
    before: Sample | None = None
    for each in series:
        if before is not None:
            back = (newest - rounded(each.at, timedelta(hours=1))) // timedelta(hours=1)
            if 0 <= back < hours:
                grown[hours - 1 - back] += max(0, each.value - before.value)
        before = each
    return grown
