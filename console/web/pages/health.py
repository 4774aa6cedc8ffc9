"""Health: the page of the morning."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from flask import Blueprint, redirect, render_template, request, url_for
from sqlalchemy import Connection
from werkzeug.wrappers import Response

from console.planning import Left
from console.web import looks
from console.web.callers import caller
from console.web.charts import Bar, bars
from console.web.formats import number
from console.web.guard import needs
from console.web.looks import inclusion_of
from console.web.progress import progress
from console.web.site import Site, site
from console.web.standing import Facts, Standing, judge
from console.web.vitals import forecasts, lag, sizes, synced
from guestlist.domain.explain import describe
from guestlist.domain.outcome import ASKED_FOR, RunState
from guestlist.domain.role import Role
from guestlist.engine import follow, halting
from guestlist.engine.follow import Following
from guestlist.store import halt, inclusion, overview, runs
from guestlist.store.halt import Halt
from guestlist.store.overview import Counted
from guestlist.store.runs import LIVE, Run
from worker.settings import unconnected

health = Blueprint("health", __name__)

SHOWN_RUNS = 5
HOURS = {"day": 24, "week": 168}
WEEK = timedelta(days=7)


class Category(NamedTuple):
    """Open sync errors under one heading."""

    name: str
    records: int
    new: int


@health.get("/")
@needs(Role.VIEWER)
def index() -> str:
    """Show how everything is."""
    here, now = site(), site().clock()
    span = request.args.get("span", "day")
    hours = HOURS.get(span, HOURS["day"])
    with here.database.read() as conn:
        running = runs.recent(conn, limit=50, states=LIVE)
        latest = runs.recent(conn, limit=SHOWN_RUNS, kinds=ASKED_FOR)
        counted = overview.open_errors(conn, since=now - timedelta(days=1))
        oldest = _oldest(conn, running)
        grown = synced(conn, hours, now)
        held, on = _held(conn, here), halt.get(conn)
        listed = sizes(conn, here.objects, here.services.settings.guards, since=now - WEEK, now=now)
        ahead = forecasts(conn, here.pulse, now)
    following = _streams(here)
    categories = by_category(counted)
    return render_template(
        "health.html",
        standing=_standing(here, _Seen(on, running, oldest, counted, held), now),
        halted=on is not None,
        streams=following,
        lag=lag(following, here.loaded.settings.polls, now),
        sizes=listed,
        forecasts=ahead,
        pace=here.pulse.value(looks.PACE, {}),
        burst=here.loaded.settings.hubspot.burst_per_10s,
        scopes=here.scopes,
        categories=categories,
        running=[(run, progress(run, now)) for run in running[:SHOWN_RUNS]],
        more_running=max(0, len(running) - SHOWN_RUNS),
        latest=latest,
        oldest=oldest,
        bars=_bars(grown, now),
        synced=sum(grown),
        span=span if span in HOURS else "day",
        lists=[(name, here.pulse.get(inclusion_of(name))) for name in here.objects],
        hubspot=here.pulse.get(looks.HUBSPOT),
        salesforce=here.pulse.get(looks.SALESFORCE),
        left=_left(here),
        workers=here.pulse.get(looks.WORKERS),
        queues=here.pulse.get(looks.QUEUES),
        links=here.pulse.get(looks.LINKS),
    )


@health.post("/pause")
@needs(Role.OPERATOR)
def pause() -> Response:
    """Pause everything."""
    halting.halt(site().services, by=caller().who)
    return redirect(url_for("health.index"), 303)


@health.post("/follow")
@needs(Role.OPERATOR)
def turn() -> Response:
    """Begin or stop to look for changes of an object."""
    here, name = site(), site().object()
    if request.form.get("to") == "on":
        follow.turn_on(here.connected, name, by=caller().who)
    else:
        follow.turn_off(here.services, name, by=caller().who)
    return redirect(url_for("health.index"), 303)


@health.post("/resume")
@needs(Role.OPERATOR)
def resume() -> Response:
    """Let everything go on."""
    halting.lift(site().services, by=caller().who)
    return redirect(url_for("health.index"), 303)


def by_category(counted: Sequence[Counted]) -> list[Category]:
    """Return open errors by the heading their reason stands under, the most first."""
    records: Counter[str] = Counter()
    new: Counter[str] = Counter()
    for each in counted:
        group = describe(each.reason).group.value
        records[group] += each.count
        new[group] += each.new
    return [Category(name, n, new[name]) for name, n in records.most_common()]


def standing(here: Site, now: datetime) -> Standing:
    """Judge how everything is, for pages and programs alike."""
    with here.database.read() as conn:
        running = runs.recent(conn, limit=50, states=LIVE)
        counted = overview.open_errors(conn, since=now)
        oldest = _oldest(conn, running)
        seen = _Seen(halt.get(conn), running, oldest, counted, _held(conn, here))
    return _standing(here, seen, now)


class _Seen(NamedTuple):
    """What the database says."""

    halt: Halt | None
    running: Sequence[Run]
    oldest: datetime | None
    counted: Sequence[Counted]
    held: Sequence[str]


def _standing(here: Site, seen: _Seen, now: datetime) -> Standing:
    polls = here.loaded.settings.polls
    late = [(e.object, stream) for e in _streams(here) for stream in e.late(polls, now=now)]
    facts = Facts(
        halt=seen.halt,
        held=seen.held,
        late=late,
        missing=unconnected(here.loaded.settings),
        lacking=here.scopes.lacking,
        unusable=here.installed.problem,
        objects=here.objects,
        errors=sum(each.count for each in seen.counted),
        running=seen.running,
        oldest=seen.oldest,
        now=now,
    )
    return judge(facts, here.pulse)


def _held(conn: Connection, here: Site) -> list[str]:
    """Return the objects whose list waits for a person's answer."""
    choices = ((name, inclusion.get(conn, name)) for name in here.objects)
    return [name for name, choice in choices if choice and choice.hold]


def _streams(here: Site) -> list[Following]:
    """Return what is followed, and how far each stream of changes was read."""
    return follow.status(here.services)


def _oldest(conn: Connection, running: Sequence[Run]) -> datetime | None:
    """Return since when the longest-waiting record of any running run waits."""
    ages = (
        overview.oldest_waiting(conn, run.id) for run in running if run.state is RunState.RUNNING
    )
    return min((age for age in ages if age), default=None)


def _bars(grown: Sequence[int], now: datetime) -> list[Bar]:
    hours = [now - timedelta(hours=len(grown) - 1 - at) for at in range(len(grown))]
    titles = [
        f"{hour:%a %H}:00 UTC, {number(n)} records" for hour, n in zip(hours, grown, strict=True)
    ]
    return bars(grown, titles)


def _left(here: Site) -> Mapping[str, Left]:
    found: Mapping[str, Left] = here.pulse.value(looks.ALLOWANCES, {})
    return found
