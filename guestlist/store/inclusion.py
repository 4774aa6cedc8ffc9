"""Which inclusion list a person chose for an object, and its brake.  Choosing syncs nobody."""

from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Row,
    and_,
    bindparam,
    delete,
    func,
    or_,
    select,
    update,
)
from sqlalchemy.engine import Connection

from guestlist.domain.brake import Baseline, Hold
from guestlist.domain.reason import Reason
from guestlist.store import audit
from guestlist.store.batch import insert_into
from guestlist.store.columns import to_ms
from guestlist.store.tables import inclusion, links, members, runs, work

BRAKE = "guestlist"
"""Who set the brake, in the audit: nobody."""
UNKNOWN = Baseline()


class Chosen(NamedTuple):
    """The list as it was when it was chosen, what it is held against, and whether it is held."""

    list_id: str
    name: str
    version: int
    chosen_at: datetime
    chosen_by: str
    baseline: Baseline = UNKNOWN
    hold: Hold | None = None


_BASELINE = ("baseline_size", "baseline_version", "baseline_filter", "counted_at")
_HOLD = (
    "held_reason",
    "held_at",
    "held_size",
    "held_version",
    "held_entered",
    "held_left",
    "rejected_by",
    "rejected_at",
)
_FREE: dict[str, Any] = dict.fromkeys((*_HOLD, "seconded_by", "seconded_for"))
_NO_YES: dict[str, Any] = {"seconded_by": None, "seconded_for": None}
_COLUMNS = [inclusion.c[name] for name in (*Chosen._fields[:5], *_BASELINE, *_HOLD)]
_ONE = select(*_COLUMNS).where(inclusion.c.object == bindparam("of_object"))


def choose(
    conn: Connection,
    object: str,
    *,
    list_id: str,
    name: str,
    version: int,
    who: str,
    now: datetime,
    baseline: Baseline = UNKNOWN,
) -> None:
    """Set the list; a brake that was set for the one before is off."""
    values = {"list_id": list_id, "name": name, "version": version}
    row: dict[str, Any] = values | {"chosen_at": now, "chosen_by": who}
    row |= _FREE | _of_baseline(baseline)
    insert = insert_into(inclusion, conn.dialect.name).values(object=object, **row)
    conn.execute(insert.on_conflict_do_update(index_elements=["object"], set_=row))
    audit.append(conn, "list.chosen", who=who, now=now, detail={"object": object} | values)


def get(conn: Connection, object: str) -> Chosen | None:
    """``None``: no list is set, everybody may pass."""
    row = conn.execute(_ONE, {"of_object": object}).one_or_none()
    return None if row is None else _loaded(row)


def clear(conn: Connection, object: str, *, who: str, now: datetime) -> bool:
    """Set no list; ``False``: none was set."""
    removed = conn.execute(
        delete(inclusion)
        .where(inclusion.c.object == object)
        .returning(inclusion.c.list_id, inclusion.c.name)
    ).one_or_none()
    if removed is None:
        return False
    detail = {"object": object, "list_id": removed.list_id, "name": removed.name}
    audit.append(conn, "list.cleared", who=who, now=now, detail=detail)
    return True


def agree(conn: Connection, object: str, seen: Chosen, baseline: Baseline) -> bool:
    """Hold the list against *baseline* from now on; ``False``: it changed since *seen*."""
    return _change(conn, object, seen, _of_baseline(baseline))


def hold(conn: Connection, object: str, seen: Chosen, held: Hold, *, now: datetime) -> bool:
    """Set the brake, or note what else is known of its cause; ``False``: it changed since *seen*.

    The audit tells when it was set.
    """
    values = dict(zip(_HOLD, held, strict=True))
    changed = _change(conn, object, seen, values)
    if changed and seen.hold is None:
        _note(conn, "list.held", object, seen, held, who=BRAKE, now=now)
    return changed


def release(
    conn: Connection,
    object: str,
    seen: Chosen,
    baseline: Baseline,
    *,
    by: str | None,
    now: datetime,
) -> bool:
    """Take the brake off: *baseline* is agreed on; ``False``: it changed since *seen*.

    *by* approved it; ``None``: the list is as it was, or few of its members moved.
    """
    values = _FREE | _of_baseline(baseline)
    if seen.hold:
        values["again_since"] = func.coalesce(inclusion.c.again_since, to_ms(seen.hold.at))
    changed = _change(conn, object, seen, values)
    if changed and seen.hold:
        what = "list.approved" if by else "list.released"
        _note(conn, what, object, seen, seen.hold, who=by or BRAKE, now=now)
    return changed


def said_yes(conn: Connection, object: str, *, to: str) -> str | None:
    """Who said yes first to this state of the held list; ``None``: nobody did."""
    query = select(inclusion.c.seconded_by).where(
        inclusion.c.object == object, inclusion.c.seconded_for == to
    )
    return conn.execute(query).scalar_one_or_none()


def say_yes(
    conn: Connection, object: str, seen: Chosen, *, to: str, by: str, now: datetime
) -> bool:
    """Note a first yes, which lets nobody in yet; ``False``: it changed since *seen*."""
    changed = _change(conn, object, seen, {"seconded_by": by, "seconded_for": to})
    if changed and seen.hold:
        _note(conn, "list.approval_asked", object, seen, seen.hold, who=by, now=now)
    return changed


def reject(conn: Connection, object: str, seen: Chosen, *, who: str, now: datetime) -> bool:
    """Keep the brake set until the list is as it was; ``False``: it changed since *seen*."""
    changed = _change(conn, object, seen, {"rejected_by": who, "rejected_at": now} | _NO_YES)
    if changed and seen.hold:
        _note(conn, "list.rejected", object, seen, seen.hold, who=who, now=now)
    return changed


def entered(conn: Connection, object: str, list_id: str, *, since: datetime) -> int:
    """How many of the members known now came after *since*."""
    query = select(func.count()).where(
        members.c.object == object, members.c.list_id == list_id, members.c.entered_at > since
    )
    return conn.execute(query).scalar_one()


def waiting(conn: Connection) -> list[tuple[str, datetime]]:
    """Objects whose brake came off, and since when it had held: see :func:`take_waiting`."""
    query = select(inclusion.c.object, inclusion.c.again_since)
    return [(name, at) for name, at in conn.execute(query) if at is not None]


def held_anyway(conn: Connection, object: str, *, since: datetime) -> None:
    """Let records be looked at again that were recorded as held after the brake came off.

    Locks the row: whoever takes the brake off later finds them among those that wait.
    """
    of = inclusion.c.object == object
    conn.execute(select(inclusion.c.object).where(of).with_for_update())
    free = and_(of, inclusion.c.held_at.is_(None))
    again = func.coalesce(inclusion.c.again_since, to_ms(since))
    conn.execute(update(inclusion).where(free).values(again_since=again))


def take_waiting(conn: Connection, object: str, *, since: datetime) -> list[str]:
    """The records that a brake now off had held, by key; each caller but one gets none."""
    first = and_(inclusion.c.object == object, inclusion.c.again_since == since)
    if not conn.execute(update(inclusion).where(first).values(again_since=None)).rowcount:
        return []
    held = (
        select(work.c.key)
        .distinct()
        .join_from(runs, work, work.c.run_id == runs.c.id)
        .where(
            runs.c.object == object,
            or_(runs.c.finished_at.is_(None), runs.c.finished_at >= since),
            work.c.reason == Reason.LIST_HELD,
            work.c.finished_at >= since,
        )
        .order_by(work.c.key)
    )
    return list(conn.execute(held).scalars())


def linked(conn: Connection, object: str, *, after_key: str = "", limit: int = 1000) -> list[str]:
    """Records that sync already, by key, those after *after_key*: the old members."""
    query = (
        select(links.c.key)
        .where(links.c.object == object, links.c.key > after_key, links.c.left_at.is_(None))
        .order_by(links.c.key)
        .limit(limit)
    )
    return list(conn.execute(query).scalars())


def _change(conn: Connection, object: str, seen: Chosen, values: dict[str, Any]) -> bool:
    """A judgement counts only while the row is as it was when it was read for it."""
    row = update(inclusion).where(inclusion.c.object == object, _unchanged(seen)).values(values)
    return conn.execute(row).rowcount == 1


def _unchanged(seen: Chosen) -> ColumnElement[bool]:
    expected = {"list_id": seen.list_id, "chosen_at": seen.chosen_at, "held_at": None}
    expected |= _of_baseline(seen.baseline)
    if seen.hold:
        expected |= {"held_at": seen.hold.at, "rejected_by": seen.hold.rejected_by}
    return and_(
        *(inclusion.c[name].is_not_distinct_from(value) for name, value in expected.items())
    )


def _of_baseline(baseline: Baseline) -> dict[str, Any]:
    return dict(zip(_BASELINE, baseline, strict=True))


def _note(
    conn: Connection,
    what: str,
    object: str,
    seen: Chosen,
    held: Hold,
    *,
    who: str,
    now: datetime,
) -> None:
    detail = {
        "object": object,
        "list_id": seen.list_id,
        "name": seen.name,
        "cause": held.cause.value,
        "size_before": seen.baseline.size,
        "size": held.size,
        "entered": held.entered,
        "left": held.left,
    }
    audit.append(conn, what, who=who, now=now, detail=detail)


def _loaded(row: Row[Any]) -> Chosen:
    chosen, baseline, held = row[:5], row[5 : 5 + len(_BASELINE)], row[5 + len(_BASELINE) :]
    hold = Hold(*held) if held[0] else None
    return Chosen._make((*chosen, Baseline(*baseline), hold))
