"""Compare everything on both sides and mend the drift: what no change ever told of.

An audit is a run over all that is linked or in the list.  Every record gets a look of its own; a
part that could not be read says nothing about the records in it.
"""

from collections.abc import Sequence

from sqlalchemy import Connection

from guestlist.domain.errors import Misconfigured
from guestlist.domain.outcome import RunKind
from guestlist.engine.follow import AUDIT, each_followed, usable
from guestlist.engine.reader import BY, reading
from guestlist.engine.services import Services
from guestlist.store import audit, cursors, linked, members, runs
from guestlist.store.runs import Run
from guestlist.store.turns import one_at_a_time
from schemas.settings import Lane

_LINKS, _MEMBERS = "links", "members"


def start_audit(services: Services, name: str, *, by: str) -> Run:
    """Start an audit of one object.

    Raises ``Misconfigured`` when the mapping does not fit, or an audit is under way.
    """
    services.schemas.compiled(name)
    list_id = services.inclusions.chosen_id(services.schemas.object(name))
    with services.database.begin() as connection:
        one_at_a_time(connection, "start")
        live = _under_way(connection, name)
        if live:
            message = (
                f"audit {live.id} of {name} is {live.state.value}: "
                f"watch it with `guestlist sync watch {live.id}`, or cancel it first"
            )
            raise Misconfigured(message)
        run = _create(services, connection, name, list_id, by=by)
    services.publisher.enumerate(run.id)
    return run


def poll_audit(services: Services) -> None:
    """Start the audit of every object that is followed, when it is time."""
    each_followed(services, _audit)


def page_of(
    connection: Connection, name: str, cursor: str | None, list_id: str | None, *, limit: int
) -> tuple[Sequence[str], str | None]:
    """Return keys to look at, and where the audit goes on after them; ``None``: that is all.

    First what is linked, then members that are not.
    """
    part, _, after_key = (cursor or f"{_LINKS} ").partition(" ")
    if part == _LINKS:
        keys = linked.page(connection, name, after_key=after_key, limit=limit)
        if len(keys) == limit:
            return keys, f"{_LINKS} {keys[-1]}"
        return keys, f"{_MEMBERS} " if list_id else None
    keys = members.page(connection, name, list_id or "", after_key=after_key, limit=limit)
    return keys, f"{_MEMBERS} {keys[-1]}" if len(keys) == limit else None


def _audit(services: Services, name: str) -> None:
    mapping, every_s = services.schemas.object(name), services.settings.polls.audit_s
    if _came_back(services, name):
        every_s = 0.0
    with reading(services, name, AUDIT, every_s=every_s) as reader:
        if reader is None or not usable(services, mapping):
            return
        with services.database.read() as connection:
            if _under_way(connection, name):
                return
        if reader.place.looked_at is not None:
            start_audit(services, name, by=BY)
        reader.move(reader.place.cursor, token=None, done=True)


def _came_back(services: Services, name: str) -> bool:
    """Tell whether a mapped field is back since the last audit: edits of it went unseen."""
    back_at = services.schemas.compiled(name).back_at
    if back_at is None:
        return False
    with services.database.read() as connection:
        place = cursors.get(connection, name, AUDIT)
    return place is not None and place.looked_at is not None and place.looked_at < back_at


def _under_way(connection: Connection, name: str) -> Run | None:
    live = runs.recent(connection, limit=1, object=name, states=runs.LIVE, kinds=[RunKind.AUDIT])
    return next(iter(live), None)


def _create(
    services: Services, connection: Connection, name: str, list_id: str | None, *, by: str
) -> Run:
    now = services.clock()
    run = runs.create(
        connection,
        f"a_{services.new_id()}",
        kind=RunKind.AUDIT,
        object=name,
        lane=Lane.UPKEEP,
        requested_by=by,
        now=now,
        list_id=list_id,
        settings_version=services.settings_version,
    )
    audit.append(connection, "run.started", who=by, now=now, detail={"run": run.id})
    return run
