"""Is the console alive, is it ready; and numbers for Prometheus."""

from flask import Blueprint, Response, jsonify
from prometheus_client import CONTENT_TYPE_LATEST

from console import readiness
from console.readiness import unready
from console.web.guard import for_all, needs
from console.web.looks import inclusion_of
from console.web.metrics import Numbers, exposition
from console.web.site import Site, site
from guestlist.domain.role import Role

probes = Blueprint("probes", __name__)


@probes.get("/healthz")
@for_all
def alive() -> Response:
    """Say that this process answers; nothing else is asked, a restart would mend nothing else."""
    return jsonify(readiness.live())


@probes.get("/readyz")
@for_all
def ready() -> tuple[Response, int]:
    """Say whether the database and Redis answer, with what does not; no address is in it."""
    problems = unready(site().database, site().loaded)
    return jsonify(readiness.ready(problems)), 503 if problems else 200


@probes.get("/metrics")
@needs(Role.VIEWER)
def metrics() -> Response:
    """Give the numbers; they are read when asked for, right whatever the workers' pools are."""
    here = site()
    here.pulse.watch()
    return Response(exposition(numbers_of(here)), content_type=CONTENT_TYPE_LATEST)


def numbers_of(here: Site) -> Numbers:
    """Return the numbers of this console, with the sizes of lists that HubSpot told it last."""

    def size(name: str) -> int | None:
        found = here.pulse.value(inclusion_of(name))
        return found.definition.size if found and found.definition else None

    return Numbers(here.services, here.loaded, size)
