"""Control's routes, one function each: the world and what was asked in, a JSON value out."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

from sandbox import admission, asked, control_clock, fields, snapshot
from sandbox.asked import Refused
from sandbox.crm import CRM
from sandbox.faults import Rule
from sandbox.hooks import Hook
from sandbox.journal_file import as_line
from sandbox.person import crm_words, edit
from sandbox.reading import counts, records
from sandbox.seed import seed
from sandbox.wire import Request
from sandbox.world import World

PAGE = 10_000
"""Journal entries an answer, unless asked otherwise."""

Names = Sequence[str]
Handler = Callable[[World, Request, Names], Any]


def answer(world: World, request: Request) -> Any:
    """Find the route and let it answer; raises ``Refused`` with 404 or 405 if there is none."""
    segments = request.path.strip("/").split("/")[1:]
    methods = {method for method, route in _ROUTES if _names(route, segments) is not None}
    if request.method not in methods:
        known = ", ".join(f"{method} {route}" for method, route in _ROUTES)
        raise Refused(f"No such route; there are {known}.", 405 if methods else 404)
    for (method, route), handler in _ROUTES.items():
        names = _names(route, segments)
        if method == request.method and names is not None:
            return handler(world, request, names)
    raise AssertionError(segments)


def _names(route: str, segments: Names) -> Names | None:
    """Return what stands where *route* has a placeholder; None where it does not match."""
    parts = route.split("/")
    if len(parts) != len(segments):
        return None
    pairs = list(zip(parts, segments, strict=True))
    if any(part != segment for part, segment in pairs if not part.startswith("{")):
        return None
    return [segment for part, segment in pairs if part.startswith("{")]


def _state(world: World, _request: Request, _names: Names) -> Any:
    return {
        "seed": world.seed,
        "clock": control_clock.told(world),
        "landmarks": world.landmarks,
        "calls": {"hubspot": world.portal.calls, "salesforce": world.org.calls},
        "records": counts(world),
        "options": {crm.value: world.options(crm) for crm in CRM},
        "journal": len(world.journal.entries),
        "faults": list(world.faults.shown()),
    }


def _set_clock(world: World, request: Request, _names: Names) -> Any:
    return control_clock.set_by(world, asked.body(request))


def _options(world: World, _request: Request, names: Names) -> Any:
    return world.options(_crm(names[0]))


def _set_options(world: World, request: Request, names: Names) -> Any:
    crm = _crm(names[0])
    now = world.options(crm)
    given = asked.fields(asked.body(request), *now)
    for name, value in given.items():
        if not _same_kind(value, now[name]):
            raise Refused(f"{name} is now {now[name]!r}; {value!r} is no such thing.")
    try:
        world.set_options(crm, given)
    except (TypeError, ValueError, AttributeError) as error:
        raise Refused(f"That is no value of an option: {error}.") from error
    return world.options(crm)


def _same_kind(value: Any, now: Any) -> bool:
    """Tell whether *value* may replace *now*: a number a number, a list a list."""
    if isinstance(now, bool) or isinstance(value, bool):
        return isinstance(now, bool) and isinstance(value, bool)
    if isinstance(now, int | float):
        return isinstance(value, int | float)
    return isinstance(value, type(now))


def _crm(name: str) -> CRM:
    try:
        return CRM(name)
    except ValueError as error:
        raise Refused(f"{name!r} is no CRM; there are {', '.join(CRM)}.", 404) from error


def _faults(world: World, _request: Request, _names: Names) -> Any:
    return list(world.faults.shown())


def _add_faults(world: World, request: Request, _names: Names) -> Any:
    given = asked.body(request)
    try:
        rules = [Rule.from_mapping(each) for each in _each(given)]
    except (TypeError, ValueError) as error:
        raise Refused(f"That is no fault: {error}.") from error
    return {"ids": [world.faults.add(rule) for rule in rules]}


def _each(given: Any) -> list[Any]:
    return given if isinstance(given, list) else [given]


def _clear_faults(world: World, _request: Request, _names: Names) -> Any:
    world.faults.clear()
    return []


def _remove_fault(world: World, _request: Request, names: Names) -> Any:
    if not (names[0].isdecimal() and world.faults.remove(int(names[0]))):
        raise Refused(f"There is no fault {names[0]}.", 404)
    return list(world.faults.shown())


def _edit(crm: CRM) -> Handler:
    def do(world: World, request: Request, names: Names) -> Any:
        type, verb = names
        return edit(world, crm, type, verb, asked.body(request))

    return do


def _field(crm: CRM) -> Handler:
    def do(world: World, request: Request, names: Names) -> Any:
        type, name = names
        return fields.set_field(world, crm, type, name, asked.body(request))

    return do


def _admit(way: Callable[[World, Any], Any]) -> Handler:
    def do(world: World, request: Request, _names: Names) -> Any:
        return way(world, asked.body(request))

    return do


def _records(crm: CRM) -> Handler:
    def read(world: World, _request: Request, names: Names) -> Any:
        (type,) = names
        with crm_words():
            return b"".join(map(as_line, records(world, crm, type)))

    return read


def _journal(world: World, request: Request, _names: Names) -> Any:
    """Return the entries after ``since``, a page of JSON lines; an empty page is the end."""
    asked.fields(dict(request.query), "since", "limit", "crm", "caller")
    since = asked.whole(request.query, "since", 0)
    wanted = {name: request.query[name] for name in ("crm", "caller") if name in request.query}
    entries = (
        entry
        for entry in world.journal.since(since)
        if all(getattr(entry, name) == value for name, value in wanted.items())
    )
    return b"".join(map(as_line, islice(entries, asked.whole(request.query, "limit", PAGE))))


def _path(request: Request) -> Path:
    return Path(asked.text(asked.fields(asked.body(request), "file"), "file"))


@contextmanager
def _files() -> Iterator[None]:
    """Say plainly which file cannot be used, and why."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise Refused(f"That file cannot be used: {error}.") from error


def _stream(world: World, request: Request, _names: Names) -> Any:
    path = _path(request)
    with _files():
        world.journal_file.follow(path)
    return {"file": str(path), "entries": len(world.journal.entries)}


def _save(world: World, request: Request, _names: Names) -> Any:
    path = _path(request)
    with _files():
        snapshot.save(world, path)
    return {"file": str(path)}


def _load(world: World, request: Request, _names: Names) -> Any:
    with _files():
        snapshot.load(world, _path(request))
    return world.landmarks


def _reset(world: World, request: Request, _names: Names) -> Any:
    given = asked.fields(asked.body(request), "seed", "contacts")
    contacts = asked.whole(given, "contacts", 0)
    world.clear(str(given.get("seed", world.seed)))
    seed(world, contacts=contacts)
    return world.landmarks


def _hook(crm: CRM, *names: str) -> Handler:
    def add(world: World, request: Request, _names: Names) -> Any:
        given = asked.fields(asked.body(request), "url", "types", "repeat", *names)
        url = asked.text(given, "url")
        if not url.startswith(("http://127.0.0.1:", "http://localhost:")):
            raise Refused("url has to be an address of this machine, http://127.0.0.1:PORT/...")
        types = asked.texts(given, "types") if "types" in given else _HOOKED[crm]
        secret = asked.text(given, "secret") if "secret" in names else ""
        repeat = asked.number(given, "repeat", 0)
        world.hooks.add(Hook(crm, url, secret, frozenset(types), repeat))
        return world.hooks.shown()

    return add


def _hooks(world: World, _request: Request, _names: Names) -> Any:
    return world.hooks.shown()


def _drop_hooks(world: World, _request: Request, _names: Names) -> Any:
    world.hooks.clear()
    return []


_HOOKED: Mapping[CRM, Sequence[str]] = {
    CRM.HUBSPOT: ["contact"],
    CRM.SALESFORCE: ["Contact", "Lead"],
}


def _reset_calls(world: World, _request: Request, _names: Names) -> Any:
    world.portal.calls.clear()
    world.org.calls.clear()
    return {}


_ROUTES: Mapping[tuple[str, str], Handler] = {
    ("GET", "state"): _state,
    ("POST", "clock"): _set_clock,
    ("GET", "options/{crm}"): _options,
    ("PUT", "options/{crm}"): _set_options,
    ("GET", "faults"): _faults,
    ("POST", "faults"): _add_faults,
    ("DELETE", "faults"): _clear_faults,
    ("DELETE", "faults/{id}"): _remove_fault,
    ("POST", "hubspot/{type}/{verb}"): _edit(CRM.HUBSPOT),
    ("POST", "salesforce/{type}/{verb}"): _edit(CRM.SALESFORCE),
    ("PUT", "hubspot/{type}/fields/{name}"): _field(CRM.HUBSPOT),
    ("PUT", "salesforce/{type}/fields/{name}"): _field(CRM.SALESFORCE),
    ("POST", "hubspot/oauth-app"): _admit(admission.oauth_app),
    ("PUT", "hubspot/scopes"): _admit(admission.scopes),
    ("POST", "salesforce/trust"): _admit(admission.trust),
    ("POST", "salesforce/refresh-token"): _admit(admission.refresh_token),
    ("GET", "hooks"): _hooks,
    ("DELETE", "hooks"): _drop_hooks,
    ("POST", "hubspot/webhook"): _hook(CRM.HUBSPOT, "secret"),
    ("POST", "salesforce/outbound-message"): _hook(CRM.SALESFORCE),
    ("GET", "hubspot/{type}/records"): _records(CRM.HUBSPOT),
    ("GET", "salesforce/{type}/records"): _records(CRM.SALESFORCE),
    ("GET", "journal"): _journal,
    ("POST", "journal/stream"): _stream,
    ("POST", "snapshot"): _save,
    ("POST", "load"): _load,
    ("POST", "reset"): _reset,
    ("POST", "calls/reset"): _reset_calls,
}
