"""Whom nobody has told yet: from what is wrong and what was told, the next message.

Level-triggered like everything here: a state says what was told of a trouble, and whatever differs
from how things are is told as soon as it may be.  Nothing is told twice, and nothing is forgotten
because a message could not go at once.
"""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple
from zoneinfo import ZoneInfo

from guestlist.domain.trouble import Kind, Trouble, is_urgent
from schemas.settings import AlertSettings

HOUR = timedelta(hours=1)


class State(NamedTuple):
    """What is known and was told of one trouble."""

    kind: Kind
    subject: str
    said: str
    fix: str
    since: datetime
    told_at: datetime | None = None
    """When it was told last; ``None``: not yet."""
    over_at: datetime | None = None
    """Since when it is over."""

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.subject}"


class Word(StrEnum):
    """What a notice says of a trouble."""

    BEGAN = "began"
    LASTS = "lasts"
    OVER = "over"


class Notice(NamedTuple):
    """One line of a message."""

    word: Word
    kind: Kind
    subject: str
    said: str
    fix: str
    since: datetime


class Decision(NamedTuple):
    """What to remember, and what to tell now; no notices: no message."""

    states: list[State]
    notices: list[Notice]


def decide(
    found: Sequence[Trouble],
    states: Sequence[State],
    *,
    unknown: frozenset[Kind],
    sent_at: Sequence[datetime],
    now: datetime,
    settings: AlertSettings,
) -> Decision:
    """Return the next states and notices.

    *sent_at*: when messages went out; of the kinds in *unknown* nobody knows, so their states stay
    as they are.
    """
    current = _current(found, states, unknown=unknown, now=now)
    room = sum(now - at < HOUR for at in sent_at) < settings.per_hour
    is_quiet = quiet(now, settings)
    kept: list[State] = []
    notices: list[Notice] = []
    for state in current:
        word = None if state.kind in unknown else _due(state, now=now, settings=settings)
        if word and room and (is_urgent(state.kind) or not is_quiet):
            notices.append(Notice(word, *state[:5]))
            kept += [] if word is Word.OVER else [state._replace(told_at=now)]
        elif not _gone(state):
            kept.append(state)
    return Decision(kept, sorted(notices, key=lambda each: list(Word).index(each.word)))


def quiet(now: datetime, settings: AlertSettings) -> bool:
    """Tell whether these are quiet hours; they may go past midnight."""
    if not settings.quiet_from or settings.quiet_from == settings.quiet_until:
        return False
    local = now.astimezone(ZoneInfo(settings.time_zone)).strftime("%H:%M")
    if settings.quiet_from < settings.quiet_until:
        return settings.quiet_from <= local < settings.quiet_until
    return local >= settings.quiet_from or local < settings.quiet_until


def _current(
    found: Sequence[Trouble],
    states: Sequence[State],
    *,
    unknown: frozenset[Kind],
    now: datetime,
) -> list[State]:
    """Bring the states up to date with what is wrong now."""
    wrong: Mapping[str, Trouble] = {each.key: each for each in found}
    known = {state.key for state in states}
    current = [_renewed(state, wrong.get(state.key), unknown, now) for state in states]
    return current + [State(*each, since=now) for each in found if each.key not in known]


def _renewed(
    state: State, trouble: Trouble | None, unknown: frozenset[Kind], now: datetime
) -> State:
    if state.kind in unknown:
        return state
    if trouble is not None:
        return state._replace(said=trouble.said, fix=trouble.fix, over_at=None)
    return state._replace(over_at=state.over_at or now)


def _due(state: State, *, now: datetime, settings: AlertSettings) -> Word | None:
    """Return what there is to tell of a trouble, if it could be told now."""
    after = timedelta(seconds=settings.after_s)
    if state.over_at is not None:
        told = state.told_at is not None and now - state.over_at >= after
        return Word.OVER if told else None
    if state.told_at is None:
        return Word.BEGAN if now - state.since >= after else None
    remind = timedelta(hours=settings.remind_hours)
    return Word.LASTS if remind and now - state.told_at >= remind else None


def _gone(state: State) -> bool:
    """Tell what came and went without anybody being told."""
    return state.over_at is not None and state.told_at is None
