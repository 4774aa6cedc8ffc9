"""What the pulse reads: both accounts, their allowances, lists, mappings, queues and workers."""

from collections.abc import Mapping
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

from console.planning import Left, allowances
from console.web.pace import Pace
from console.web.pulse import Look
from console.web.sampling import sample, sample_size
from guestlist.connectors.hubspot.account import Account
from guestlist.connectors.salesforce.schema import Organization
from guestlist.domain.check import MappingProblem
from guestlist.domain.gate import Inclusion
from guestlist.engine import lists, scopes
from guestlist.engine.services import Services
from guestlist.store import overview
from schemas.settings import Lane
from worker.settings import Loaded, unconnected

PING_S = 1.0
LINKS = "links"
HUBSPOT, SALESFORCE = "hubspot", "salesforce"
ALLOWANCES = "allowances"
WORKERS, QUEUES = "workers", "queues"
SAMPLES = "samples"
PACE = "pace"
SCOPES = "scopes"


class Node(NamedTuple):
    """One Celery worker, as it answers."""

    name: str
    pool: str
    slots: int
    active: int
    done: int


def inclusion_of(name: str) -> str:
    return f"list of {name}"


def mapping_of(name: str) -> str:
    return f"mapping of {name}"


def looks(loaded: Loaded, services: Services, pace: Pace | None = None) -> dict[str, Look]:
    """Return everything worth a look; without credentials nothing that needs them."""
    seconds = timedelta(seconds=1)
    found = {
        QUEUES: Look(partial(queues, loaded), 5 * seconds),
        WORKERS: Look(_workers, 15 * seconds),
        LINKS: Look(partial(_links, services), 60 * seconds),
        SAMPLES: Look(partial(sample, services), 60 * seconds),
    }
    if pace is not None:
        found[PACE] = Look(pace.look, 3 * seconds)
    if unconnected(loaded.settings):
        return found
    found |= {
        HUBSPOT: Look(partial(_hubspot, services), 600 * seconds, costs=True),
        SALESFORCE: Look(partial(_salesforce, services), 600 * seconds, costs=True),
        SCOPES: Look(partial(scopes.granted, services), 600 * seconds, costs=True),
        ALLOWANCES: Look(partial(_allowances, services), 120 * seconds, costs=True),
    }
    for name in loaded.settings.objects:
        look = partial(_list, services, name)
        found[inclusion_of(name)] = Look(look, 60 * seconds, costs=True, unwatched=600 * seconds)
        found[mapping_of(name)] = Look(partial(_mapping, services, name), 300 * seconds, costs=True)
    return found


def _hubspot(services: Services) -> Account:
    return services.hubspot.on(Lane.INTERACTIVE).account()


def _salesforce(services: Services) -> Organization:
    return services.salesforce.on(Lane.INTERACTIVE).organization()


def _allowances(services: Services) -> dict[str, Left]:
    return allowances(services)


def _list(services: Services, name: str) -> Inclusion | None:
    inclusion = lists.show(services, name)
    definition = inclusion.definition if inclusion else None
    if definition and definition.size is not None:
        sample_size(services, name, definition.size)
    return inclusion


def _mapping(services: Services, name: str) -> list[MappingProblem]:
    return services.schemas.problems(name)


def _links(services: Services) -> int:
    with services.database.read() as conn:
        return overview.link_count(conn)


def queues(loaded: Loaded) -> dict[str, int]:
    """Return the messages that wait, by lane; nothing where the broker is not Redis."""
    import redis

    url = loaded.settings.broker_url
    if not url.startswith(("redis://", "rediss://")):
        return {}
    with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
        pipe = client.pipeline(transaction=False)
        for lane in Lane:
            pipe.llen(lane.value)
        return dict(zip((lane.value for lane in Lane), pipe.execute(), strict=True))


def _workers() -> list[Node]:
    from worker.celery import app

    inspect = app.control.inspect(timeout=PING_S)
    stats: Mapping[str, Any] = inspect.stats() or {}
    active: Mapping[str, Any] = inspect.active() or {}
    return [_node(name, stats[name], active.get(name, ())) for name in sorted(stats)]


def _node(name: str, stats: Mapping[str, Any], active: Any) -> Node:
    pool = stats.get("pool", {})
    slots = pool.get("max-concurrency") or pool.get("limit") or len(pool.get("processes", ()))
    return Node(name, _kind(pool), int(slots), len(active), _done(stats))


def _kind(pool: Mapping[str, Any]) -> str:
    """Return ``thread`` of ``celery.concurrency.thread:TaskPool``."""
    module = str(pool.get("implementation", "")).partition(":")[0]
    return module.rpartition(".")[2] or "unknown"


def _done(stats: Mapping[str, Any]) -> int:
    return sum(int(count) for count in stats.get("total", {}).values())
