"""A person's answer to the brake: who would enter, who is out, and yes or no."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from sqlalchemy import Connection

from guestlist.domain.brake import baseline_of
from guestlist.domain.errors import Misconfigured
from guestlist.domain.gate import Inclusion
from guestlist.domain.outcome import RunKind
from guestlist.engine import lists
from guestlist.engine.services import Services
from guestlist.store import audit, links, runs, work
from guestlist.store import inclusion as chosen
from guestlist.store.inclusion import Chosen
from guestlist.store.runs import Run
from schemas.settings import Lane

SAMPLE = 5
PAGE = 1000


class Person(NamedTuple):
    """One record to look at."""

    id: str
    email: str | None


@dataclass(frozen=True, slots=True)
class Side:
    """How many, and a few of them."""

    count: int
    sample: tuple[Person, ...]


class Difference(NamedTuple):
    """What an approval means: members that were never synced, synced records that are none."""

    enter: Side
    leave: Side


class Held(NamedTuple):
    """A held list as a person sees it, and as they answer about it."""

    choice: Chosen
    inclusion: Inclusion


def held(services: Services, name: str) -> Held:
    """Return the list whose brake is set, read now; raises ``Misconfigured`` when none is."""
    inclusion = lists.show(services, name)
    choice = choice_of(services, name)
    if inclusion is None or choice is None or choice.hold is None:
        raise Misconfigured(f"the inclusion list of {name} is not held: there is nothing to answer")
    return Held(choice, inclusion)


def choice_of(services: Services, name: str) -> Chosen | None:
    """Return what the store says of the list that is chosen now."""
    list_id = services.inclusions.chosen_id(services.schemas.object(name))
    with services.database.read() as connection:
        choice = chosen.get(connection, name)
    return choice if choice and choice.list_id == list_id else None


def difference(services: Services, name: str, inclusion: Inclusion) -> Difference | None:
    """Return who enters and who leaves by an approval; ``None``: gone, or too large to count."""
    if inclusion.definition is None:
        return None
    members = lists.members(services, inclusion.definition)
    if members is None:
        return None
    enter = sorted(members - _linked_among(services, name, members))
    leave = [key for key in _linked(services, name) if key not in members]
    return Difference(_side(services, name, enter), _side(services, name, leave))


def first_yes(services: Services, name: str, seen: Held, *, by: str) -> bool:
    """Note the first of the two who have to agree; ``False``: *by* may approve now.

    Only under ``guards.four_eyes``, and for the list as it was shown: of another state nobody has
    said anything yet.
    """
    if not services.settings.guards.four_eyes:
        return False
    with services.database.begin() as connection:
        if chosen.said_yes(connection, name, to=state(seen)):
            return False
        now = services.clock()
        if not chosen.say_yes(connection, name, seen.choice, to=state(seen), by=by, now=now):
            raise _meanwhile(name)
    return True


def state(held: Held) -> str:
    """Return one word for what a person sees and answers about."""
    definition, hold = held.inclusion.definition, held.choice.hold
    parts = (
        held.choice.list_id,
        hold.at.isoformat() if hold else "",
        definition.version if definition else "",
        definition.size if definition else "",
    )
    return " ".join(map(str, parts))


def approve(services: Services, name: str, seen: Held, *, by: str) -> Run | None:
    """Let the newcomers of the list in, as it was shown; the run that looks at those held.

    Raises ``Misconfigured`` for a list that can not decide, when it changed meanwhile, and under
    ``guards.four_eyes`` unless somebody else said yes before.
    """
    definition = seen.inclusion.definition
    if definition is None:
        message = f"the inclusion list of {name} is gone: restore it in HubSpot, or choose another"
        raise Misconfigured(message)
    lists.refuse_unfit(services.schemas.object(name), definition)
    agreed = baseline_of(definition)
    with services.database.begin() as connection:
        now = services.clock()
        if services.settings.guards.four_eyes:
            _refuse_alone(chosen.said_yes(connection, name, to=state(seen)), by=by)
        if not chosen.release(connection, name, seen.choice, agreed, by=by, now=now):
            raise _meanwhile(name)
    return next(iter(look_again(services, only=name, by=by)), None)


def reject(services: Services, name: str, seen: Held, *, by: str) -> None:
    """Let no newcomer in until the list is again as it was when it was last agreed on."""
    with services.database.begin() as connection:
        if not chosen.reject(connection, name, seen.choice, who=by, now=services.clock()):
            raise _meanwhile(name)


def look_again(services: Services, *, only: str | None = None, by: str = chosen.BRAKE) -> list[Run]:
    """Start a run over the records that a brake had held which is off now."""
    with services.database.read() as connection:
        waiting = chosen.waiting(connection)
    started = []
    for name, since in waiting:
        if only in {None, name}:
            with services.database.begin() as connection:
                keys = chosen.take_waiting(connection, name, since=since)
                if keys:
                    started.append(_start(services, connection, name, keys, by=by))
    return started


def _start(
    services: Services, connection: Connection, name: str, keys: Sequence[str], *, by: str
) -> Run:
    """Put the records into the work table; the next sweep hands them to the workers."""
    now = services.clock()
    run = runs.create(
        connection,
        f"r_{services.new_id()}",
        kind=RunKind.JOINS,
        object=name,
        lane=Lane.BULK,
        requested_by=by,
        now=now,
        settings_version=services.settings_version,
    )
    rows = [(key, None) for key in keys]
    added = work.add(connection, run.id, rows, now=now, dispatched=False)
    runs.checkpoint(connection, run.id, cursor=None, added=added, enumerating=False)
    audit.append(connection, "run.started", who=by, now=now, detail={"run": run.id})
    return runs.get(connection, run.id) or run


def _refuse_alone(first: str | None, *, by: str) -> None:
    if first is None:
        raise Misconfigured("guards.four_eyes is on: somebody has to say yes before you do")
    if first == by:
        raise Misconfigured(f"guards.four_eyes is on: {by} said yes, now somebody else has to")


def _meanwhile(name: str) -> Misconfigured:
    return Misconfigured(f"the inclusion list of {name} changed meanwhile: look at it again")


def _linked(services: Services, name: str) -> Iterator[str]:
    after = ""
    while True:
        with services.database.read() as connection:
            page = chosen.linked(connection, name, after_key=after, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1]


def _linked_among(services: Services, name: str, keys: Iterable[str]) -> set[str]:
    with services.database.read() as connection:
        found = links.get_many(connection, name, sorted(keys))
    return {key for key, link in found.items() if link.left_at is None}


def _side(services: Services, name: str, keys: Sequence[str]) -> Side:
    """Look up a few, spread over all of them."""
    shown = list(keys[:: max(1, len(keys) // SAMPLE)][:SAMPLE])
    return Side(len(keys), people(services, name, shown))


def people(services: Services, name: str, keys: Sequence[str]) -> tuple[Person, ...]:
    """Return who these HubSpot records are; a call a hundred."""
    if not keys:
        return ()
    mapping = services.schemas.compiled(name)
    email = mapping.email_property
    hubspot = services.hubspot.on(Lane.INTERACTIVE)
    records = hubspot.read(mapping.object.hubspot_type, keys, [email] if email else [])
    return tuple(
        Person(key, records[key].properties.get(email or "") if key in records else None)
        for key in keys
    )
