"""What is not as it should be, from facts that name no person: objects, CRMs, lists, counts."""

from collections.abc import Iterator, Mapping, Sequence
from enum import StrEnum
from typing import NamedTuple

from guestlist.domain import brake
from guestlist.domain.brake import Cause
from guestlist.domain.budget import Day
from schemas.records import CRM_NAMES
from schemas.settings import AlertSettings


class Kind(StrEnum):
    """What can be wrong."""

    POLL = "poll"
    ERRORS = "errors"
    BUDGET = "budget"
    BRAKE = "brake"
    CREDENTIALS = "credentials"
    WORKERS = "workers"
    BEAT = "beat"


_URGENT = frozenset({Kind.CREDENTIALS, Kind.WORKERS, Kind.BEAT})
"""While one of these lasts nothing syncs."""


class Trouble(NamedTuple):
    """One thing that is wrong now."""

    kind: Kind
    subject: str
    """Of which object or CRM; blank: of the whole installation."""
    said: str
    """One sentence, without a full stop."""
    fix: str
    """What to do about it."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.subject}"


class Tally(NamedTuple):
    """Records of the runs of the last hour."""

    ended: int
    failed: int


class Facts(NamedTuple):
    """What is known; of the kinds in *unknown* nothing is, neither good nor bad."""

    late: Mapping[str, Sequence[str]]
    """Object -> streams of changes that nobody looked at for two intervals."""
    tallies: Mapping[str, Tally]
    """Object -> how the records ended that were looked at."""
    days: Mapping[str, Day]
    """CRM -> calls of its day."""
    held: Mapping[str, Cause]
    """Object -> what set the brake of its list."""
    refused: Sequence[str]
    """CRMs that refused our credential."""
    workers_age: float | None
    """Seconds since any worker was heard of; ``None``: none ever was."""
    beat_age: float | None
    unknown: frozenset[Kind] = frozenset()


def is_urgent(kind: Kind) -> bool:
    return kind in _URGENT


def troubles(facts: Facts, settings: AlertSettings) -> list[Trouble]:
    """Return everything that is wrong, in a fixed order."""
    found = [
        *_credentials(facts),
        *_silent(facts, settings),
        *_brakes(facts),
        *_polls(facts),
        *_budgets(facts, settings),
        *_errors(facts, settings),
    ]
    return [each for each in found if each.kind not in facts.unknown]


def _credentials(facts: Facts) -> Iterator[Trouble]:
    for crm in sorted(facts.refused):
        name = CRM_NAMES.get(crm, crm)
        said = f"{name} refuses our credential: nothing syncs until it is renewed"
        yield Trouble(Kind.CREDENTIALS, crm, said, f"guestlist connect {crm}")


def _silent(facts: Facts, settings: AlertSettings) -> Iterator[Trouble]:
    ages = ((Kind.WORKERS, "worker", facts.workers_age), (Kind.BEAT, "beat", facts.beat_age))
    for kind, noun, age in ages:
        if age is not None and age > settings.silent_s:
            yield Trouble(kind, "", f"no {noun} has been heard of lately", f"guestlist {noun}")


def _brakes(facts: Facts) -> Iterator[Trouble]:
    for name, cause in sorted(facts.held.items()):
        said = f"the inclusion list of {name} is held, {brake.told(cause)}: nobody new comes in"
        yield Trouble(Kind.BRAKE, name, said, "guestlist list show, then approve or reject")


def _polls(facts: Facts) -> Iterator[Trouble]:
    for name, streams in sorted(facts.late.items()):
        if streams:
            told = ", ".join(sorted(streams))
            said = f"nobody has looked for changes of {name} for two intervals ({told})"
            yield Trouble(Kind.POLL, name, said, "guestlist doctor; do a worker and beat run?")


def _budgets(facts: Facts, settings: AlertSettings) -> Iterator[Trouble]:
    for crm, day in sorted(facts.days.items()):
        if day.limit > 0 and day.used >= day.limit * settings.budget_share:
            name, percent = CRM_NAMES.get(crm, crm), day.used * 100 // day.limit
            said = f"{name}: {percent} % of the calls of the day are used"
            yield Trouble(Kind.BUDGET, crm, said, "wait for a new day, or raise the allowance")


def _errors(facts: Facts, settings: AlertSettings) -> Iterator[Trouble]:
    for name, tally in sorted(facts.tallies.items()):
        many = tally.failed >= settings.error_records
        if many and tally.failed > tally.ended * settings.error_share:
            said = f"{tally.failed} of {tally.ended} looks at {name} failed within the last hour"
            yield Trouble(Kind.ERRORS, name, said, "guestlist errors ls")
