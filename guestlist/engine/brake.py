"""The brake of the inclusion list: set, counted, released, approved, rejected."""

from datetime import datetime

import structlog
from sqlalchemy import Connection

from guestlist.domain import brake
from guestlist.domain.brake import Cause, Count, Hold, Standing, baseline_of
from guestlist.domain.gate import Inclusion
from guestlist.store import inclusion as chosen
from guestlist.store.inclusion import Chosen
from schemas.mapping import ObjectMapping
from schemas.records import ListDefinition
from schemas.settings import GuardSettings

PINNED = "settings"
"""Who chose a list that the settings pin."""


def adopt(
    connection: Connection, mapping: ObjectMapping, list_id: str, found: Inclusion
) -> Chosen | None:
    """Return the row that says what the list is held against, made for one that is pinned.

    ``None``: this is not the chosen list, or it is not there and never was.
    """
    choice = chosen.get(connection, mapping.name)
    if choice and choice.list_id == list_id:
        return choice
    if found.definition is None or mapping.inclusion_list != list_id:
        return None
    chosen.choose(
        connection,
        mapping.name,
        list_id=list_id,
        name=found.definition.name,
        version=found.definition.version,
        who=PINNED,
        now=found.read_at,
    )
    return chosen.get(connection, mapping.name)


def judge(
    connection: Connection,
    mapping: ObjectMapping,
    choice: Chosen,
    found: Inclusion,
    *,
    guards: GuardSettings,
) -> Hold | None:
    """Hold a list as just read against its baseline; the brake as it now is."""
    cause = brake.judge(
        found.definition,
        choice.baseline,
        object_type_id=mapping.hubspot_type_id,
        guards=guards,
    )
    if choice.hold:
        return _again(connection, mapping.name, choice, found, cause)
    if cause:
        held = Hold(cause, found.read_at)
        if found.definition:
            held = held._replace(size=found.definition.size, version=found.definition.version)
        return _set(connection, mapping.name, choice, held, now=found.read_at)
    if found.definition and choice.baseline.size is None:
        _learn(connection, mapping.name, choice, found.definition)
    return None


def _learn(connection: Connection, name: str, choice: Chosen, definition: ListDefinition) -> None:
    """Note what was not known when the list was chosen, above all the size it was filled to."""
    now_known = baseline_of(definition)
    if now_known != choice.baseline:
        chosen.agree(connection, name, choice, now_known)


def _again(
    connection: Connection, name: str, choice: Chosen, found: Inclusion, cause: Cause | None
) -> Hold | None:
    """A change that was rejected is over once the list is as it was."""
    held = choice.hold
    if held is None or not brake.lifted(found.definition, held, cause):
        return held
    now = found.read_at
    if not chosen.release(connection, name, choice, choice.baseline, by=None, now=now):
        return held
    structlog.get_logger().info("list_released", object=name, list=choice.list_id)
    return None


def _set(
    connection: Connection, name: str, choice: Chosen, held: Hold, *, now: datetime
) -> Hold | None:
    """Set the brake, unless a person chose or approved meanwhile: then their word counts."""
    if chosen.hold(connection, name, choice, held, now=now):
        if choice.hold is None:
            log = structlog.get_logger()
            log.warning("list_held", object=name, list=choice.list_id, cause=held.cause.value)
        return held
    current = chosen.get(connection, name)
    return current.hold if current else held


def counted(
    connection: Connection,
    name: str,
    definition: ListDefinition,
    *,
    size: int,
    now: datetime,
    guards: GuardSettings,
) -> Hold | None:
    """Tell the brake that a complete enumeration found *size* members; the brake as it now is.

    To be called where the store has just taken the members in, in the same transaction.  A list
    that is no longer the chosen one has no brake.
    """
    choice = chosen.get(connection, name)
    if choice is None or choice.list_id != definition.list_id:
        return None
    since = choice.baseline.counted_at
    entered = chosen.entered(connection, name, definition.list_id, since=since) if since else None
    standing = brake.counted(
        definition,
        choice.baseline,
        choice.hold,
        Count(size, entered),
        now=now,
        guards=guards,
    )
    return _stand(connection, name, choice, standing, now=now)


def _stand(
    connection: Connection, name: str, choice: Chosen, standing: Standing, *, now: datetime
) -> Hold | None:
    if standing.hold:
        return _set(connection, name, choice, standing.hold, now=now)
    chosen.release(connection, name, choice, standing.baseline, by=None, now=now)
    return None
