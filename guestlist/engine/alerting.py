"""Look for what is wrong, decide whom to tell, and send it; any number of processes may do so.

Deciding and sending are apart: what is to be told is stored in the transaction that notes it as
told, and leaves when its channel takes it.
"""

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, NamedTuple

import structlog
from sqlalchemy import Connection

from guestlist.connectors.channels import Channel, channels, send
from guestlist.connectors.presence import Heard
from guestlist.connectors.presence import Kind as Process
from guestlist.domain import notice
from guestlist.domain.alert import HOUR, State, decide
from guestlist.domain.brake import Cause
from guestlist.domain.budget import Day
from guestlist.domain.errors import SyncError
from guestlist.domain.trouble import Facts, Kind, troubles
from guestlist.engine import follow
from guestlist.engine.services import Services
from guestlist.store import alerts, audit, inclusion, tallies
from guestlist.store.turns import one_at_a_time
from schemas.records import Crm
from schemas.settings import Settings

TAKEN = timedelta(minutes=2)
"""How long sending may take before another process tries."""
AGAIN_FIRST = timedelta(seconds=30)
AGAIN_LONGEST = timedelta(minutes=15)
GIVEN_UP = timedelta(days=1)


class Tried(NamedTuple):
    """What came of a test message to one channel."""

    channel: Channel
    problem: str | None
    """``None``: it was taken."""


class Way(NamedTuple):
    """A channel, and what became of the last message to it."""

    channel: Channel
    last_at: datetime | None = None
    """When that was put on its way."""
    sent_at: datetime | None = None
    problem: str | None = None


class Standing(NamedTuple):
    """Whom we tell, and what is wrong as far as it was noted."""

    ways: list[Way]
    states: list[State]


class _Accounts(NamedTuple):
    days: Mapping[str, Day]
    refused: list[str]
    unknown: frozenset[Kind]


def check(services: Services) -> None:
    """Look for what is wrong, and put on its way what nobody was told yet.

    Without a channel nothing is looked for.
    """
    settings = services.settings
    ways = channels(settings.alerts)
    if not ways:
        return
    known = facts(services)
    found = troubles(known, settings.alerts)
    with services.database.begin() as conn:
        one_at_a_time(conn, "alerts")
        now = services.clock()
        before = alerts.states(conn)
        decided = decide(
            found,
            before,
            unknown=known.unknown,
            sent_at=alerts.sent_at(conn, since=now - HOUR),
            now=now,
            settings=settings.alerts,
        )
        if decided.states != before:
            alerts.keep(conn, decided.states)
        if decided.notices:
            body = notice.document(decided.notices, **_sender(settings), now=now)
            alerts.post(conn, body, channels=ways, now=now)
    for each in decided.notices:
        log = structlog.get_logger()
        log.warning("alert", word=each.word.value, kind=each.kind.value, subject=each.subject)


def deliver(services: Services) -> None:
    """Send what is on its way; a channel that fails holds up no other."""
    for channel in channels(services.settings.alerts):
        while _deliver_one(services, channel):
            pass


def trial(services: Services, *, by: str) -> list[Tried]:
    """Send a test message to each channel at once, and say what came of it."""
    settings, now = services.settings, services.clock()
    body = notice.trial(**_sender(settings), who=by, now=now)
    tried = [Tried(each, _problem(services, each, body)) for each in channels(settings.alerts)]
    with services.database.begin() as conn:
        detail = {each.channel.value: each.problem or "sent" for each in tried}
        audit.append(conn, "alerts.tested", who=by, now=now, detail=detail)
    return tried


def standing(services: Services) -> Standing:
    """Return the channels that are set, and the troubles that last."""
    with services.database.read() as conn:
        ways = [
            Way(each, last.at, last.sent_at, last.problem) if last else Way(each)
            for each in channels(services.settings.alerts)
            for last in [alerts.last(conn, each.value)]
        ]
        return Standing(ways, alerts.states(conn) if ways else [])


def facts(services: Services) -> Facts:
    """Gather what is known; no CRM is asked."""
    now, polls = services.clock(), services.settings.polls
    accounts = _accounts(services)
    workers, beats = (services.presence.heard(each) for each in (Process.WORKER, Process.BEAT))
    with services.database.read() as conn:
        counted = tallies.since(conn, now - HOUR)
        held = _held(services, conn)
    return Facts(
        late={each.object: each.late(polls, now=now) for each in follow.status(services)},
        tallies=counted,
        days=accounts.days,
        held=held,
        refused=accounts.refused,
        workers_age=workers.age if workers else None,
        beat_age=beats.age if beats else None,
        unknown=accounts.unknown | _unheard(Kind.WORKERS, workers) | _unheard(Kind.BEAT, beats),
    )


def _accounts(services: Services) -> _Accounts:
    """Return what the limiter knows of both accounts; nothing while its Redis does not answer."""
    settings, limiter = services.settings, services.limiter
    caps = {Crm.HUBSPOT: settings.hubspot.daily, Crm.SALESFORCE: settings.salesforce.daily_calls}
    days: dict[str, Day] = {}
    refused = []
    try:
        for crm, cap in caps.items():
            known = limiter.known(crm)
            told = [known.day] if known.day else []
            own = [Day(limiter.used(crm).get("total", 0), cap)] if cap else []
            if found := max(told + own, key=lambda day: day.used / max(1, day.limit), default=None):
                days[crm.value] = found
            refused += [crm.value] if known.refused else []
    except SyncError:
        return _Accounts({}, [], frozenset({Kind.BUDGET, Kind.CREDENTIALS}))
    return _Accounts(days, refused, frozenset())


def _held(services: Services, conn: Connection) -> dict[str, Cause]:
    chosen = {name: inclusion.get(conn, name) for name in services.settings.objects}
    return {name: each.hold.cause for name, each in chosen.items() if each and each.hold}


def _unheard(kind: Kind, heard: Heard | None) -> frozenset[Kind]:
    return frozenset({kind}) if heard is None else frozenset()


def _deliver_one(services: Services, channel: Channel) -> bool:
    """Send a channel's oldest message, if it is due; ``True``: there may be another."""
    now = services.clock()
    with services.database.begin() as conn:
        letter = alerts.take(conn, channel.value, now=now, until=now + TAKEN)
    if letter is None:
        return False
    problem = _problem(services, channel, letter.body)
    now = services.clock()
    with services.database.begin() as conn:
        if problem is None:
            alerts.sent(conn, letter.id, now=now)
            return True
        due_at = None if now - letter.at >= GIVEN_UP else now + _wait(letter.attempts)
        alerts.failed(conn, letter.id, problem=problem, due_at=due_at)
    return False


def _problem(services: Services, channel: Channel, body: Mapping[str, Any]) -> str | None:
    try:
        send(channel, body, services.settings.alerts, now=services.clock())
    except SyncError as error:
        log = structlog.get_logger()
        log.warning("alert_not_sent", channel=channel.value, error=type(error).__name__)
        return str(error)
    return None


def _wait(attempts: int) -> timedelta:
    return min(AGAIN_LONGEST, AGAIN_FIRST * 2.0 ** min(attempts - 1, 16))


def _sender(settings: Settings) -> dict[str, str]:
    return {"environment": settings.environment, "url": settings.console.public_url}
