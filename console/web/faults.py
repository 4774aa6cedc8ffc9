"""Sync errors as pages and API ask for them: by cause, page by page."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from console.web.paging import Slice
from console.web.site import site
from guestlist.domain.explain import describe
from guestlist.domain.reason import Group, Reason
from guestlist.store import audit, problems
from guestlist.store.problems import Problem, ProblemGroup, Status

PAGE = 500


class Wanted(NamedTuple):
    """Which sync errors are meant."""

    object: str
    status: Status = Status.OPEN
    category: Group | None = None
    reason: Reason | None = None
    fingerprint: str | None = None


def groups(name: str, category: Group | None = None) -> list[ProblemGroup]:
    """Return open errors by cause, the most frequent first."""
    with site().database.read() as conn:
        found = problems.groups(conn, name)
    return [each for each in found if category in {None, describe(each.reason).group}]


def each_of(wanted: Wanted, *, after: str = "") -> Iterator[Problem]:
    """Yield errors by key, each page of them read in a short transaction of its own."""
    while True:
        with site().database.read() as conn:
            page = problems.page(
                conn,
                wanted.object,
                status=wanted.status,
                reason=wanted.reason,
                fingerprint=wanted.fingerprint,
                after_key=after,
                limit=PAGE,
            )
        yield from (each for each in page if wanted.category in {None, describe(each.reason).group})
        if len(page) < PAGE:
            return
        after = page[-1].key


def page_of(wanted: Wanted, *, after: str, limit: int) -> Slice[Problem]:
    rows: list[Problem] = []
    for each in each_of(wanted, after=after):
        if len(rows) == limit:
            return Slice(rows, rows[-1].key)
        rows.append(each)
    return Slice(rows, None)


def ignore(name: str, keys: Sequence[str], *, by: str) -> int:
    """Leave errors out of the counts until their cause changes; how many."""
    here = site()
    now = here.clock()
    with here.database.begin() as conn:
        ignored = problems.ignore(conn, name, keys, now=now)
        detail = {"object": name, "records": ignored}
        audit.append(conn, "errors.ignored", who=by, now=now, detail=detail)
    return ignored
