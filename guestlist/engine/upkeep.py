"""Forget what nobody needs any more: states no overlap reaches, old values and old runs."""

from collections.abc import Sequence
from datetime import timedelta

import structlog

from guestlist.domain.outcome import POLLED, RunKind
from guestlist.engine.follow import HUBSPOT, salesforce_stream
from guestlist.engine.services import Services
from guestlist.store import (
    alerts,
    cursors,
    hints,
    intents,
    retention,
    sightings,
    stragglers,
)
from schemas.records import Crm

HINTS = timedelta(hours=25)
"""Salesforce sends an outbound message again for 24 hours, HubSpot a webhook as well."""
MESSAGES = timedelta(days=30)
"""How long it can be seen which alerts were sent."""
_POLLED = (*POLLED, RunKind.AUDIT)
_ASKED_FOR = tuple(kind for kind in RunKind if kind not in _POLLED)


def prune(services: Services) -> None:
    """Delete what is too old; whoever asks often deletes little each time."""
    states = sum(_states(services, name) for name in services.settings.objects)
    with services.database.begin() as connection:
        stragglers.prune(connection, now=services.clock())
        hints.forget(connection, before=services.clock() - HINTS)
        alerts.forget(connection, before=services.clock() - MESSAGES)
    ended = _runs(services, _POLLED, services.settings.polls.keep_days)
    ended += _runs(services, _ASKED_FOR, services.settings.keep_runs_days)
    stripped = _values(services)
    if states or ended or stripped:
        structlog.get_logger().info("pruned", states=states, runs=ended, stripped=stripped)


def _runs(services: Services, kinds: Sequence[RunKind], days: float) -> int:
    """Forget the runs of *kinds* that ended so many days ago; how many there were."""
    before, ended = services.clock() - timedelta(days=days), 0
    while True:
        with services.database.begin() as connection:
            dropped = retention.drop_runs(connection, kinds, before=before)
        ended += dropped or 0
        if dropped is not None and dropped < retention.RUNS:
            return ended


def _values(services: Services) -> int:
    """Forget the values that ended runs, conflicts and solved errors hold; how many there were."""
    before = services.clock() - timedelta(days=services.settings.keep_values_days)
    with services.database.begin() as connection:
        dropped = retention.drop_settled(connection, before=before)
        dropped += intents.prune(connection, before=before)
    while True:
        with services.database.begin() as connection:
            stripped = retention.strip_runs(connection, before=before, limit=retention.RUNS)
        dropped += stripped
        if stripped < retention.RUNS:
            return dropped


def _states(services: Services, name: str) -> int:
    """Forget what was seen before the reach of the next look, by the CRM's clock and twice over."""
    polls, mapping = services.settings.polls, services.schemas.object(name)
    salesforce = [salesforce_stream(each) for each in mapping.salesforce_types]
    sides = (
        (Crm.HUBSPOT, [HUBSPOT], polls.hubspot_overlap_s),
        (Crm.SALESFORCE, salesforce, polls.salesforce_overlap_s),
    )
    deleted = 0
    with services.database.begin() as connection:
        for crm, streams, overlap_s in sides:
            places = [cursors.get(connection, name, each) for each in streams]
            read_to = [place.cursor.at for place in places if place]
            if len(read_to) == len(streams):
                before = min(read_to) - 2 * timedelta(seconds=overlap_s)
                deleted += sightings.prune(connection, name, crm, before=before)
    return deleted
