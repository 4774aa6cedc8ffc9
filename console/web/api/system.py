"""Health, access, connections, audit, workers and codes, for programs."""

from datetime import timedelta
from typing import Any

from apiflask import APIBlueprint
from flask import Response

from console.reports import HaltReport, one, reason_in_words
from console.web import looks
from console.web.api import setup, shapes
from console.web.api.telling import told
from console.web.callers import caller
from console.web.connections import probe
from console.web.guard import needs
from console.web.pages.health import by_category, standing
from console.web.paging import cut
from console.web.site import site
from console.web.vitals import forecasts, lag, sizes, synced
from guestlist.domain.errors import Missing
from guestlist.domain.reason import Reason
from guestlist.domain.role import Role
from guestlist.engine import follow, halting
from guestlist.store import access as store
from guestlist.store import halt, overview, runs
from guestlist.store.runs import LIVE

system = APIBlueprint("api_system", __name__, tag="System")


@system.get("/health")
@system.output(setup.HealthAnswer)
@needs(Role.VIEWER)
def health() -> dict[str, Any]:
    """Say how everything is, and what is not as it should be."""
    here, now = site(), site().clock()
    here.pulse.watch()
    judged = standing(here, now)
    with here.database.read() as conn:
        running, on = runs.recent(conn, limit=50, states=LIVE), halt.get(conn)
        counted = overview.open_errors(conn, since=now - timedelta(days=1))
        vitals = {
            "lists": [
                {"object": name, **each._asdict()}
                for name, each in sizes(
                    conn,
                    here.objects,
                    here.services.settings.guards,
                    since=now - timedelta(days=7),
                    now=now,
                ).items()
            ],
            "synced_per_hour": synced(conn, 24, now),
            "forecast": forecasts(conn, here.pulse, now),
        }
    behind = lag(follow.status(here.services), here.loaded.settings.polls, now)
    left = here.pulse.value(looks.ALLOWANCES, {})
    return {
        "state": judged.word,
        "paused": on is not None,
        "findings": judged.findings,
        "errors": by_category(counted),
        "running": running,
        "lag_s": {
            "hubspot_to_salesforce": _seconds(behind.from_hubspot),
            "salesforce_to_hubspot": _seconds(behind.from_salesforce),
        },
        "next_poll_at": behind.next_poll,
        "calls": {
            "today": {crm: each._asdict() for crm, each in left.items()},
            "last_10_s": here.pulse.value(looks.PACE, {}),
            "forecast": vitals.pop("forecast"),
        },
        "scopes": here.scopes,
        **vitals,
    }


def _seconds(age: timedelta | None) -> float | None:
    return None if age is None else round(age.total_seconds(), 1)


@system.post("/health/pause")
@system.output(shapes.Halt)
@needs(Role.OPERATOR)
def pause() -> Response:
    """Pause everything: calls under way end, nothing more begins, no CRM is polled."""
    halting.halt(site().services, by=caller().who)
    return told(one(HaltReport, halting.halted(site().services)))


@system.post("/health/resume")
@system.output(shapes.Halt)
@needs(Role.OPERATOR)
def resume() -> Response:
    """Let everything go on where it stopped; a run that was paused by itself stays so."""
    halting.lift(site().services, by=caller().who)
    return told(one(HaltReport, halting.halted(site().services)))


@system.get("/access")
@system.output(setup.Access)
@needs(Role.ADMIN)
def access() -> dict[str, Any]:
    """List who may sign in, and the tokens of programs; they themselves are not kept."""
    with site().database.read() as conn:
        return {"users": store.all_users(conn), "tokens": store.all_tokens(conn)}


@system.delete("/access/tokens/<name>")
@system.output({}, status_code=204)
@needs(Role.ADMIN)
def revoke(name: str) -> str:
    """Make a token worthless at once."""
    here = site()
    with here.database.begin() as conn:
        if not store.revoke_token(conn, name, who=caller().who, now=here.clock()):
            raise Missing(f"there is no token {name!r}")
    return ""


@system.post("/connections/test")
@system.input(setup.OfObject, arg_name="asked")
@system.output(setup.Connections)
@needs(Role.OPERATOR)
def test(asked: dict[str, Any]) -> dict[str, Any]:
    """Ask both CRMs whether they answer, as whom, and what may be read; nothing is written."""
    here = site()
    return {"probes": probe(here.connected, here.named(asked.get("object")))}


@system.get("/audit")
@system.input(setup.AuditQuery, location="query", arg_name="query")
@system.output(setup.AuditPage)
@needs(Role.VIEWER)
def audit(query: dict[str, Any]) -> dict[str, Any]:
    """List who did what by hand, newest first."""
    with site().database.read() as conn:
        lines = overview.audit_page(
            conn,
            before=query.get("before"),
            what=query.get("what"),
            who=query.get("who"),
            limit=query["limit"] + 1,
        )
    found = cut(lines, query["limit"], lambda line: str(line.id))
    return {"lines": found.rows, "next": found.next}


@system.get("/workers")
@system.output(setup.Workers)
@needs(Role.VIEWER)
def workers() -> dict[str, Any]:
    """Say which workers answered lately, and what waits on each lane."""
    pulse = site().pulse
    reading = pulse.get(looks.WORKERS)
    return {
        "seen_at": reading.at if reading else None,
        "workers": pulse.value(looks.WORKERS, []),
        "queues": pulse.value(looks.QUEUES, {}),
    }


@system.get("/codes")
@system.output(setup.Codes)
@needs(Role.VIEWER)
def codes() -> dict[str, Any]:
    """Say what every explain code means, who can change it, and what would."""
    return {"codes": [reason_in_words(reason) for reason in Reason]}
