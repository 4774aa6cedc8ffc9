"""Control of the clock: what it shows, and how it is set."""

from datetime import UTC, datetime, timedelta
from typing import Any

from sandbox import asked
from sandbox.asked import Refused
from sandbox.world import World


def told(world: World) -> dict[str, Any]:
    """Return what time it is, and whether it stands still."""
    now = world.clock.now()
    return {"now": now.isoformat(), "timestamp": now.timestamp(), "frozen": world.clock.frozen}


def set_by(world: World, given: Any) -> dict[str, Any]:
    """Freeze, then thaw, then move the clock, whatever of these is asked."""
    given = asked.fields(given, "move_seconds", "freeze", "thaw")
    instant = _instant(given["freeze"]) if "freeze" in given else None
    thaw, seconds = asked.flag(given, "thaw"), asked.number(given, "move_seconds", 0)
    try:
        if "freeze" in given:
            world.clock.freeze(instant)
        if thaw:
            world.clock.thaw()
        world.clock.move(timedelta(seconds=seconds))
    except (OverflowError, ValueError) as error:
        raise Refused(f"The clock cannot go there: {error}.") from error
    return told(world)


def _instant(given: Any) -> datetime | None:
    """Read ``true`` (now), seconds since the epoch, or ISO 8601, UTC unless it says otherwise."""
    try:
        match given:
            case True:
                return None
            case int() | float() if given is not False:
                return datetime.fromtimestamp(given, UTC)
            case str():
                at = datetime.fromisoformat(given)
                return at if at.tzinfo else at.replace(tzinfo=UTC)
            case _:
                raise Refused("freeze is true (now), seconds since the epoch, or ISO 8601.")
    except (ValueError, OverflowError, OSError) as error:
        raise Refused(f"freeze is no instant: {error}.") from error
