"""Is the console alive, is it ready; and numbers for Prometheus."""

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest

from console.exits import tell
from console.web.guard import for_all, needs
from console.web.metrics import Numbers
from console.web.site import Site, site
from guestlist.domain.role import Role
from guestlist.store.schema import versions

probes = Blueprint("probes", __name__)


@probes.get("/healthz")
@for_all
def alive() -> Response:
    """Say that this process answers; nothing else is asked, a restart would mend nothing else."""
    return jsonify(status="ok")


@probes.get("/readyz")
@for_all
def ready() -> tuple[Response, int]:
    """Say whether the database and Redis answer, with what does not; no address is in it."""
    problems = [*_database(site()), *_redis(site())]
    return jsonify(
        status="unready" if problems else "ok", problems=problems
    ), 503 if problems else 200


@probes.get("/metrics")
@needs(Role.VIEWER)
def metrics() -> Response:
    """Give the numbers; they are read when asked for, right whatever the workers' pools are."""
    here = site()
    here.pulse.watch()
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Numbers(here))
    return Response(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _database(here: Site) -> list[str]:
    try:
        found = versions(here.database)
    except Exception as error:  # noqa: BLE001
        return [f"database: {tell(error).message.partition(':')[0]}"]
    return [] if found.equal else [f"database: at {found.current}, needs {found.newest}"]


def _redis(here: Site) -> list[str]:
    import redis

    url = here.loaded.settings.limits_url
    if url is None:
        return []
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=2, socket_timeout=2) as client:
            client.ping()
    except redis.RedisError:
        return ["redis: does not answer"]
    return []
