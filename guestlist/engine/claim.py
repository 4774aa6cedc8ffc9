"""Take a batch: the records a message names, and of those that wait in other runs what fits."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from itertools import islice

from guestlist import failpoint
from guestlist.domain.pack import narrowed
from guestlist.domain.reference import crm_of
from guestlist.engine.services import Services
from guestlist.store import halt, runs, work
from guestlist.store.runs import Run
from guestlist.store.work import Claimed
from schemas.settings import Lane

WORTH_FILLING = 0.5
"""A batch that is fuller than this is left as it is."""
RUNS_A_BATCH = 50
"""Each costs two transactions of its own."""


@dataclass
class Claim:
    """Work rows that are ours until the lease runs out; whoever keeps it moves *until* on."""

    run: Run
    lease: str
    until: datetime
    rows: Sequence[Claimed]

    @cached_property
    def attempts(self) -> dict[str, int]:
        """Return, by key, how often each record was tried, this time included."""
        return {row.key: row.attempts for row in self.rows}


@dataclass(frozen=True)
class Batch:
    """What is looked at together: claims of one object, kind and lane, no record twice."""

    claims: Sequence[Claim]
    """First the one that the message was about."""

    @property
    def run(self) -> Run:
        """Return the run that the message was about; the others are of its object, kind, lane."""
        return self.claims[0].run

    @cached_property
    def attempts(self) -> Mapping[str, int]:
        """Return, by key, how often each record was tried, this time included."""
        return {key: times for each in self.claims for key, times in each.attempts.items()}

    def of(self, key: str) -> Claim:
        """Return the claim of a record."""
        return self._by_key[key]

    def parted(self, fits: Callable[[Claimed], bool]) -> "tuple[Batch, Batch]":
        """Return the batch of the rows that fit, and that of the others."""
        kept, rest = [], []
        for each in self.claims:
            kept.append(replace(each, rows=[row for row in each.rows if fits(row)]))
            rest.append(replace(each, rows=[row for row in each.rows if not fits(row)]))
        return Batch(kept), Batch([each for each in rest if each.rows])

    @cached_property
    def _by_key(self) -> Mapping[str, Claim]:
        return {key: each for each in self.claims for key in each.attempts}


def claim(services: Services, run_id: str, keys: Sequence[str]) -> Batch | None:
    """Take these records of a run, and others that wait; ``None``: nobody may take these now."""
    first = _claim(services, run_id, keys)
    failpoint.hit("drain.intent_committed")
    return Batch([first, *_company(services, first)]) if first else None


def renew(services: Services, batch: Batch) -> bool:
    """Hold on to each claim; ``False``: all are lost."""
    held = [_renew(services, each) for each in batch.claims]
    return any(held)


def _claim(services: Services, run_id: str, keys: Sequence[str]) -> Claim | None:
    now, until = services.clock(), services.lease_until()
    lease = services.new_id()
    with services.database.begin() as connection:
        if halt.get(connection):
            return None
        run = runs.get(connection, run_id)
        rows = work.claim(connection, run_id, keys, lease=lease, until=until, now=now)
        failpoint.hit("drain.claimed")
    return Claim(run, lease, until, rows) if run and rows else None


def _company(services: Services, first: Claim) -> list[Claim]:
    """Take from other runs what is due, was tried as often, and is named by the same CRM.

    The messages that are under way for those rows will find nothing to do.
    """
    tried = {times - 1 for times in first.attempts.values()}
    sides = {crm_of(key) for key in first.attempts}
    if len(tried) > 1 or len(sides) > 1:
        return []
    (times,), (side,) = tried, sides
    width = narrowed(
        services.settings.lanes[Lane(first.run.lane)].width,
        tried=times,
        attempts=services.settings.retries.attempts,
    )
    if len(first.rows) > width * WORTH_FILLING:
        return []
    with services.database.read() as connection:
        waiting = work.alike(
            connection, first.run, tried=times, now=services.clock(), limit=width - len(first.rows)
        )
    taken, found = set(first.attempts), []
    for run_id, keys in islice(waiting.items(), RUNS_A_BATCH - 1):
        new = [key for key in keys if key not in taken and crm_of(key) is side]
        claimed = _claim(services, run_id, new) if new else None
        if claimed:
            found.append(claimed)
            taken |= claimed.attempts.keys()
    return found


def _renew(services: Services, claim: Claim) -> bool:
    now, until = services.clock(), services.lease_until()
    with services.database.begin() as connection:
        of = (connection, claim.run.id, claim.lease, claim.attempts)
        if not work.renew(*of, until=until, now=now):
            return False
    claim.until = until
    return True
