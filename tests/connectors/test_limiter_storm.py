"""A storm of refusals, and an outage: what sixteen workers do to the CRM meanwhile."""

from collections.abc import Callable
from datetime import timedelta

import pytest

from guestlist.connectors.http import Transport
from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.local import LocalLimiter
from guestlist.domain.errors import RetryLater, Waiting
from sandbox import inprocess
from sandbox.crm import CRM
from sandbox.faults import Kind, Rule
from sandbox.world import World
from schemas.settings import HubSpotSettings, Secret
from tests.connectors.limits import accounts

ADDRESS = "http://hubspot.test"
WORKERS = 16
ALLOWED = 19.0
"""Calls a second."""


class Storm:
    """Workers that come back as soon as they may, on the clock of one world."""

    def __init__(self) -> None:
        self.world = World("storm")
        self.world.clock.freeze(self.world.clock.now())
        limiter = LocalLimiter(accounts(), now=self.world.clock.timestamp, jitter=lambda: 0.5)
        self.attempts: list[float] = []
        self.went: list[float] = []
        self.clients = [self._client(limiter) for _ in range(WORKERS)]
        self.due = {client: self.now() for client in self.clients}

    def now(self) -> float:
        return self.world.clock.timestamp()

    def blow(self, seconds: float) -> None:
        """Let everybody work until so much time has passed."""
        end = self.now() + seconds
        while (at := min(self.due.values())) < end:
            client = min(self.due, key=self.due.__getitem__)
            self.world.clock.move(timedelta(seconds=max(0.0, at - self.now())))
            self.due[client] = self.now() + self._work(client)
        self.world.clock.move(timedelta(seconds=max(0.0, end - self.now())))

    def _work(self, client: HubSpot) -> float:
        """Call once; return for how long the work is parked, as the engine would."""
        try:
            client.account()
        except Waiting as wait:
            return wait.seconds
        except RetryLater:
            return 0.0
        self.went.append(self.now())
        return 0.0

    def _client(self, limiter: LocalLimiter) -> HubSpot:
        settings = HubSpotSettings(
            base_url=ADDRESS, token=Secret(self.world.credentials.hubspot_token)
        )
        return HubSpot.connect(
            settings,
            limiter=limiter,
            lane="bulk",
            development=True,
            sleep=lambda seconds: self.world.clock.move(timedelta(seconds=seconds)),
            transport=Transport(timeout_s=5, sessions=self._session),
        )

    def _session(self):
        return inprocess.session(self.world, {CRM.HUBSPOT: ADDRESS}, watch=self._count)

    def _count(self, *_: object) -> None:
        self.attempts.append(self.now())


ROUTE = "GET /account-info/*"


@pytest.fixture
def storm() -> Storm:
    return Storm()


def test_D1_ten_minutes_of_429_cost_hardly_a_call_and_end_within_one_window(
    storm: Storm, record_property: Callable[[str, object], None]
) -> None:
    fault = storm.world.faults.add(Rule(CRM.HUBSPOT, Kind.STATUS, ROUTE, status=429))
    storm.blow(600)
    attempts = len(storm.attempts)
    assert attempts <= 1.1 * ALLOWED * 600
    assert attempts <= 200  # one refusal holds all; the rest are probes
    allowed = round(ALLOWED * 600)
    record_property("figure", f"{attempts} attempts where {allowed:,} were allowed")
    storm.world.faults.remove(fault)
    ended = storm.now()
    storm.blow(60)

    assert storm.went[0] <= ended + 30
    after = [at for at in storm.went if at >= storm.went[0]]
    assert len(after) >= 0.9 * ALLOWED * (storm.now() - storm.went[0])


def test_an_outage_is_tried_out_by_single_calls_and_recovers(storm: Storm) -> None:
    fault = storm.world.faults.add(Rule(CRM.HUBSPOT, Kind.STATUS, ROUTE, status=503))
    storm.blow(600)

    assert len(storm.attempts) <= 60
    storm.world.faults.remove(fault)
    storm.blow(120)
    assert len(storm.went) >= 0.9 * ALLOWED * 60
