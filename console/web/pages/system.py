"""Settings, audit, workers, and what every explain code means."""

from collections.abc import Mapping
from itertools import groupby

from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.exceptions import NotFound
from werkzeug.wrappers import Response

from console.web import looks
from console.web.callers import caller
from console.web.connections import Probe, by_crm, probe
from console.web.guard import confirms, needs
from console.web.paging import ROWS, cut
from console.web.site import site
from guestlist.domain.explain import describe
from guestlist.domain.reason import Group, Reason
from guestlist.domain.role import Role
from guestlist.store import overview
from guestlist.store.audit import append
from guestlist.store.schema import versions
from schemas.records import Crm
from worker.overrides import NAME, usable
from worker.settings import DEFAULT, unconnected
from worker.versions import newest_of

system = Blueprint("system", __name__)


@system.get("/settings")
@needs(Role.VIEWER)
def settings() -> str:
    """Show each setting with where it comes from; secrets are masked."""
    return _settings()


def _settings(probes: Mapping[Crm, list[Probe]] | None = None) -> str:
    here = site()
    changed = "changed" in request.args
    newest = newest_of(here.database, NAME)
    shown = [each for each in here.loaded.shown() if not changed or each.source != DEFAULT]
    sections = [
        (section, list(rows))
        for section, rows in groupby(shown, key=lambda each: each.name.rpartition(".")[0])
    ]
    return render_template(
        "settings.html",
        sections=sections,
        changed=changed,
        default=DEFAULT,
        file=here.loaded.config,
        version=here.loaded.version,
        versions=versions(here.database),
        dialect=here.database.dialect,
        unusable=here.installed.problem,
        probes=probes or {},
        missing=unconnected(here.loaded.settings),
        scopes=here.scopes,
        editable=here.loaded.settings.console.edit_settings,
        in_force=here.loaded.versions.get(NAME),
        newest=newest,
        aside=newest is not None and bool(newest.body) and not usable(here.loaded, newest),
        accounts={
            "HubSpot": here.pulse.get(looks.HUBSPOT),
            "Salesforce": here.pulse.get(looks.SALESFORCE),
        },
        settings=here.loaded.settings,
    )


@system.post("/settings/test")
@needs(Role.OPERATOR)
def test() -> str:
    """Ask both CRMs whether they answer, as whom, and what may be read."""
    here = site()
    probes = by_crm(probe(here.connected, here.object()))
    return _settings(probes=probes)


@system.post("/settings/reconnect")
@needs(Role.ADMIN)
@confirms
def reconnect() -> Response:
    """Read the credentials anew and open new sessions with both CRMs."""
    here = site()
    here.installed.reconnect()
    now, who = here.clock(), caller().who
    with here.database.begin() as conn:
        append(conn, "connections.renewed", who=who, now=now, detail={})
    for name in (looks.HUBSPOT, looks.SALESFORCE, looks.ALLOWANCES, looks.SCOPES):
        here.pulse.forget(name)
    return redirect(url_for("system.settings"), 303)


@system.get("/audit")
@needs(Role.VIEWER)
def audit() -> str:
    """List who did what by hand, newest first."""
    before = request.args.get("before", "")
    with site().database.read() as conn:
        lines = overview.audit_page(
            conn,
            before=int(before) if before.isdecimal() and len(before) < 18 else None,
            what=request.args.get("what", "")[:100],
            who=request.args.get("who", "")[:200],
            limit=ROWS + 1,
        )
    return render_template("audit.html", slice=cut(lines, ROWS, lambda line: str(line.id)))


@system.get("/workers")
@needs(Role.VIEWER)
def workers() -> str:
    """Show which workers answer, and what waits on each lane."""
    here = site()
    lanes = here.loaded.settings.lanes
    return render_template(
        "workers.html",
        workers=here.pulse.get(looks.WORKERS),
        queues=here.pulse.get(looks.QUEUES),
        lanes=lanes,
        flower=here.settings.flower_url,
    )


@system.get("/codes/<code>")
@needs(Role.VIEWER)
def code(code: str) -> str:
    """Say what one explain code means, and how many records it stops now."""
    reason = next((each for each in Reason if each.value == code), None)
    if reason is None:
        raise NotFound(f"There is no explain code {code[:60]}.")
    here = site()
    with here.database.read() as conn:
        counted = {
            name: each.count
            for name in here.objects
            for each in overview.open_errors(conn, since=here.clock(), object=name)
            if each.reason is reason
        }
    return render_template(
        "code.html", reason=reason, told=describe(reason), counted=counted.items()
    )


@system.get("/codes")
@needs(Role.VIEWER)
def codes() -> str:
    """Say what every explain code means, who can change it, and what would."""
    told = [(reason, describe(reason)) for reason in Reason]
    groups = {group: [pair for pair in told if pair[1].group is group] for group in Group}
    return render_template("codes.html", groups=groups)
