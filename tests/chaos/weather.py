"""What both CRMs do to our calls, by the seed."""

from collections.abc import Iterator
from typing import Any

from sandbox.crm import CRM
from sandbox.fault_bodies import Limit
from sandbox.faults import Kind, Rule, When
from sandbox.world import World
from tests.chaos.order import Order

STORM_SHARE = 0.1
"""Of the whole time, each of the two storms."""
RATES: tuple[tuple[Kind, float, dict[str, Any]], ...] = (
    (Kind.STATUS, 0.05, {"status": 429, "limit": Limit.SEARCH}),
    (Kind.STATUS, 0.02, {"status": 503}),
    (Kind.LOST_RESPONSE, 0.03, {}),
    (Kind.DUPLICATE, 0.02, {}),
    (Kind.DELAY, 0.01, {"when": When.BEFORE}),
    (Kind.TRUNCATE, 0.005, {}),
    (Kind.HTML_200, 0.005, {}),
    (Kind.UNAUTHORIZED, 0.005, {}),
)
STORMS = ((0.35, 429), (0.7, 503))
"""When each begins, as part of the whole time, and what every call is answered."""


def storms(order: Order) -> list[tuple[float, float, int]]:
    """Return when each storm begins and ends, in seconds, and its status."""
    lasts = order.seconds * STORM_SHARE
    return [(part * order.seconds, part * order.seconds + lasts, code) for part, code in STORMS]


def worsen(world: World, order: Order) -> None:
    """Let every call of either CRM go wrong now and then."""
    for rule in _rules(order):
        world.faults.add(rule)


def _rules(order: Order) -> Iterator[Rule]:
    for crm in CRM:
        for kind, rate, more in RATES:
            given = {**more, "seconds": order.times.zombie} if kind is Kind.DELAY else more
            yield Rule(crm, kind, rate=rate, **given)


def storm(world: World, *, status: int, seconds: float) -> None:
    """Let no call of either CRM through for a while."""
    until = world.clock.timestamp() + seconds
    for crm in CRM:
        world.faults.add(Rule(crm, Kind.STATUS, status=status, until=until))


def struck(world: World) -> dict[str, int]:
    """Return how many calls each kind of fault hit."""
    counts: dict[str, int] = {}
    for shown in world.faults.shown():
        name = f"{shown['kind']} {shown['status']}" if shown["kind"] == "status" else shown["kind"]
        counts[str(name)] = counts.get(str(name), 0) + shown["hits"]
    return counts
