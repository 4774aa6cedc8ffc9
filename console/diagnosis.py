"""The checks of ``guestlist doctor``: one thing each, a colour, and what to do about it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from enum import StrEnum
from typing import NamedTuple

from console.exits import Exit, tell
from console.halted import told as told_halt
from console.planning import Left, allowances
from console.printer import count
from console.session import Session
from guestlist.connectors.presence import Kind
from guestlist.domain.brake import told as told_cause
from guestlist.domain.check import MappingProblem, Severity
from guestlist.domain.explain import describe
from guestlist.domain.scopes import GRANT_IT, lacking
from guestlist.engine import lists, scopes
from guestlist.engine.halting import halted
from guestlist.engine.services import Services
from guestlist.store.schema import versions
from schemas.settings import Lane
from worker.settings import Loaded, unconnected

NEARLY_SPENT = 0.8
"""Part of a day's calls above which the doctor warns."""
PING_S = 2.0
LOOK_AROUND = "try again; does this machine reach it, is a proxy needed?"


class Colour(StrEnum):
    """How well one thing is."""

    GREEN = "GREEN"
    YELLOW = "YELLOW"
    RED = "RED"


class Check(NamedTuple):
    """One line of the doctor's report."""

    name: str
    colour: Colour
    said: str
    fix: str = ""
    code: Exit = Exit.OK
    """What a RED line ends the command with."""


class Patient(NamedTuple):
    """What is looked at."""

    session: Session
    loaded: Loaded
    services: Services
    name: str
    redis: Check


Look = Callable[[Patient], Iterator[Check]]


def checks(session: Session, object_name: str | None, only: set[str]) -> Iterator[Check]:
    """Yield the result of every check, one at a time."""
    loaded = session.loaded
    redis = _redis(loaded)
    patient = Patient(
        session, loaded, _services(session, redis), session.object_name(object_name), redis
    )
    for name, look in CHECKS.items():
        if not only or name in only:
            yield from _carefully(name, look, patient)


def _carefully(name: str, look: Look, patient: Patient) -> Iterator[Check]:
    """Turn whatever goes wrong into a RED line: the other checks go on."""
    if lacks := [crm for crm in ASKED.get(name, ()) if crm in _unconnected(patient)]:
        fix = ", ".join(f"guestlist connect {crm.lower()}" for crm in lacks)
        said = f"not connected to {' and '.join(lacks)}"
        yield Check(name, Colour.RED, said, fix, Exit.NOT_ALLOWED)
        return
    try:
        yield from look(patient)
    except Exception as error:  # noqa: BLE001
        told = tell(error)
        said = "; ".join((told.message, *told.problems))
        fix = LOOK_AROUND if "guestlist doctor" in told.fix else told.fix
        yield Check(name, Colour.RED, said, fix, told.code)


def _unconnected(patient: Patient) -> set[str]:
    """Return the names of the CRMs that no credential is set for."""
    return {line.partition(":")[0] for line in unconnected(patient.loaded.settings)}


def _services(session: Session, redis: Check) -> Services:
    """Without Redis the CRMs can be looked at all the same, at a pace of our own."""
    if redis.colour is Colour.RED:
        loaded = session.loaded
        alone = replace(loaded.settings, limits_url=None)
        session.loaded = replace(loaded, settings=alone)
    return session.services


def _settings(patient: Patient) -> Iterator[Check]:
    file = patient.loaded.config
    yield Check("settings", Colour.GREEN, f"read from {file}" if file else "no file: the defaults")
    for line in unconnected(patient.loaded.settings):
        fix = f"guestlist connect {line.partition(':')[0].lower()}"
        yield Check("settings", Colour.RED, line, fix, Exit.NOT_ALLOWED)


def _database(patient: Patient) -> Iterator[Check]:
    found = versions(patient.services.database)
    if found.equal:
        said = f"{patient.services.database.dialect}, at {found.current}"
        yield Check("database", Colour.GREEN, said)
    else:
        said = f"at {found.current or 'nothing'}, this version needs {found.newest}"
        yield Check("database", Colour.RED, said, "guestlist database upgrade", Exit.CONFIG)


def _redis(loaded: Loaded) -> Check:
    import redis

    url = loaded.settings.limits_url
    if url is None:
        fix = "set GUESTLIST_LIMITS_URL to a Redis all workers share"
        return Check("redis", Colour.YELLOW, "none: each worker limits itself", fix)
    try:
        with redis.Redis.from_url(url, socket_connect_timeout=3, socket_timeout=3) as client:
            info: Mapping[str, object] = client.info()
    except redis.RedisError as error:
        fix = "start it, or correct GUESTLIST_BROKER_URL"
        return Check("redis", Colour.RED, f"does not answer: {error}", fix, Exit.UNREACHABLE)
    policy = str(info.get("maxmemory_policy", "noeviction"))
    said = f"{info.get('redis_version', '')} answers"
    if policy != "noeviction":
        fix = "set maxmemory-policy noeviction"
        return Check("redis", Colour.YELLOW, f"{said}, but may drop work ({policy})", fix)
    if not info.get("aof_enabled"):
        fix = "appendonly yes saves a wait after its restart; nothing is lost without"
        return Check("redis", Colour.GREEN, f"{said}, without append-only file", fix)
    return Check("redis", Colour.GREEN, said)


def _redis_line(patient: Patient) -> Iterator[Check]:
    yield patient.redis


def _workers(patient: Patient) -> Iterator[Check]:
    from worker.celery import app

    if on := halted(patient.services):
        yield Check("workers", Colour.YELLOW, told_halt(on), "guestlist sync resume")
    if patient.redis.colour is Colour.RED:
        yield Check("workers", Colour.RED, "not asked: no Redis", "start Redis", Exit.UNREACHABLE)
        return
    answers = app.control.inspect(timeout=PING_S).active_queues() or {}
    taken = {queue["name"] for queues in answers.values() for queue in queues}
    if not answers:
        fix = "guestlist worker, and one guestlist beat"
        yield Check("workers", Colour.YELLOW, "none answers: nothing syncs", fix)
    elif left := ",".join(lane for lane in Lane if lane not in taken):
        said = f"{', '.join(sorted(answers))}: none takes {left}, whose work waits"
        yield Check("workers", Colour.YELLOW, said, f"guestlist worker -Q {left}")
    else:
        yield Check("workers", Colour.GREEN, f"{len(answers)} answer: {', '.join(sorted(answers))}")
    beat = patient.services.presence.heard(Kind.BEAT)
    if answers and beat is not None and not beat.present:
        said = "no beat is heard of: nothing is polled, and lost work is not found again"
        yield Check("workers", Colour.YELLOW, said, "guestlist beat")


def _hubspot(patient: Patient) -> Iterator[Check]:
    account = patient.services.hubspot.account()
    said = f"account {account.portal_id}, {account.account_type.lower()}, {account.time_zone}"
    yield Check("hubspot", Colour.GREEN, said)


def _scopes(patient: Patient) -> Iterator[Check]:
    granted = scopes.granted(patient.services)
    missing = lacking(patient.services.settings.objects.values(), granted)
    for each in missing:
        said = f"not granted: {each.name}, for {each.use}"
        yield Check("scopes", Colour.RED, said, GRANT_IT, Exit.NOT_ALLOWED)
    if granted is None:
        fix = "guestlist connect hubspot tries those for reading"
        yield Check("scopes", Colour.GREEN, "not told by HubSpot", fix)
    elif not missing:
        said = f"{len(granted)} granted, all that the mapping needs"
        yield Check("scopes", Colour.GREEN, said)


def _salesforce(patient: Patient) -> Iterator[Check]:
    org = patient.services.salesforce.organization()
    kind = "sandbox" if org.is_sandbox else "PRODUCTION"
    yield Check("salesforce", Colour.GREEN, f"org {org.id}, {org.name}, {kind}")


def _list(patient: Patient) -> Iterator[Check]:
    inclusion = lists.show(patient.services, patient.name)
    if inclusion is None:
        said = f"none is set for {patient.name}: everybody may sync"
        yield Check("list", Colour.YELLOW, said, "guestlist list use LIST")
        return
    if inclusion.problem:
        told = describe(inclusion.problem)
        fix = "guestlist list ls, guestlist list use LIST"
        yield Check("list", Colour.RED, f"{inclusion.problem}: {told.sentence}", fix, Exit.CONFIG)
        return
    if inclusion.hold:
        said = f"held, {told_cause(inclusion.hold.cause)}: nobody new comes in"
        yield Check("list", Colour.YELLOW, said, "guestlist list approve, or guestlist list reject")
        return
    if definition := inclusion.definition:
        size = definition.size or 0
        colour = Colour.GREEN if size else Colour.YELLOW
        fix = "" if size else "an empty list syncs nobody: look at its filters in HubSpot"
        said = f"{definition.name} ({definition.list_id}), {count(size)} members"
        yield Check("list", colour, said, fix)


def _mapping(patient: Patient) -> Iterator[Check]:
    problems = [each for each in _problems(patient) if not _about_external_id(patient, each)]
    yield from map(_problem, problems)
    if not problems:
        yield Check("mapping", Colour.GREEN, "fits both CRMs' live schemas")


def _external_id(patient: Patient) -> Iterator[Check]:
    problems = [each for each in _problems(patient) if _about_external_id(patient, each)]
    for each in map(_problem, problems):
        yield each._replace(name="external-id")
    if not problems:
        field = patient.services.schemas.object(patient.name).external_id
        yield Check("external-id", Colour.GREEN, f"{field} is there, external and unique")


def _problems(patient: Patient) -> list[MappingProblem]:
    return patient.services.schemas.problems(patient.name)


def _about_external_id(patient: Patient, problem: MappingProblem) -> bool:
    field = patient.services.schemas.object(patient.name).external_id
    return problem.field.endswith(field)


def _problem(problem: MappingProblem) -> Check:
    said = f"{problem.field}: {problem.message}"
    if problem.holds:
        held = f"{said}: held ({problem.holds}), all else syncs"
        return Check("mapping", Colour.YELLOW, held, problem.fix)
    if problem.severity == Severity.ERROR:
        return Check("mapping", Colour.RED, said, problem.fix, Exit.CONFIG)
    return Check("mapping", Colour.YELLOW, said, problem.fix)


def _budget(patient: Patient) -> Iterator[Check]:
    for crm, left in allowances(patient.services).items():
        yield _spent(crm, left)


def _spent(crm: str, left: Left) -> Check:
    if left.used is None or not left.limit:
        fix = f"set {crm}.daily" if crm == "hubspot" else f"set {crm}.daily_calls"
        return Check("budget", Colour.YELLOW, f"{crm} does not say what is left today", fix)
    said = f"{crm}: {count(left.used)} of {count(left.limit)} calls used today"
    if left.used >= left.limit:
        return Check("budget", Colour.RED, said, "wait, or raise the allowance", Exit.TRY_LATER)
    nearly = left.used > NEARLY_SPENT * left.limit
    fix = "little is left for a long list" if nearly else ""
    return Check("budget", Colour.YELLOW if nearly else Colour.GREEN, said, fix)


CHECKS: Mapping[str, Look] = {
    "settings": _settings,
    "database": _database,
    "redis": _redis_line,
    "workers": _workers,
    "hubspot": _hubspot,
    "scopes": _scopes,
    "salesforce": _salesforce,
    "list": _list,
    "mapping": _mapping,
    "external-id": _external_id,
    "budget": _budget,
}

ASKED: Mapping[str, tuple[str, ...]] = {
    "hubspot": ("HubSpot",),
    "scopes": ("HubSpot",),
    "salesforce": ("Salesforce",),
    "mapping": ("HubSpot", "Salesforce"),
    "external-id": ("HubSpot", "Salesforce"),
    "budget": ("HubSpot", "Salesforce"),
}
"""The CRMs that a check can not do without."""
