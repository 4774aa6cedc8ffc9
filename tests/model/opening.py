"""The first day of an installation: played once for each way it can begin, and told again after.

What Guestlist asked of the CRMs on that day is asked of each new world at the same instants, and
its database is as it was in the evening.  So each world begins as if the day had been played.
"""

import sqlite3
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from typing import Any, NamedTuple

from sandbox.clock import Clock
from sandbox.crm import CRM
from sandbox.journal import Entry
from sandbox.mount import app
from sandbox.wire import Request
from tests.engine.post import Message
from tests.model.people import ADDRESSES
from tests.model.stage import Stage


class Opening(NamedTuple):
    """What an installation finds."""

    members: int
    type: str
    """Of the records in Salesforce: the one that is there, and those to be made."""
    picked: bool
    """The list can not be evaluated by anybody but HubSpot."""


class _Call(NamedTuple):
    at: float
    crm: CRM
    request: Request


@dataclass(frozen=True, slots=True)
class _Day:
    """How a first day went."""

    calls: tuple[_Call, ...]
    ended_at: float
    journal: tuple[Entry, ...]
    published: tuple[Message, ...]
    ids: int
    database: sqlite3.Connection


class FirstDays:
    """Those of the worlds on one database."""

    def __init__(self, database_url: str, directory: Path) -> None:
        self._database_url = database_url
        self._directory = directory
        self._days: dict[Opening, _Day] = {}

    def begin(self, opening: Opening, choice: Mapping[str, Any]) -> Stage:
        """Return a stage in the evening of its first day, under the settings *choice*."""
        stage = Stage(
            self._database_url, self._directory, objects__contacts__create_as=opening.type
        )
        _inhabit(stage, opening)
        day = self._days.get(opening)
        if day is None:
            self._days[opening] = _play(stage, opening)
        else:
            _tell(stage, opening, day)
        stage.decide(choice)
        return stage

    def close(self) -> None:
        for day in self._days.values():
            day.database.close()


def _inhabit(stage: Stage, opening: Opening) -> None:
    for number, address in enumerate(ADDRESSES[: opening.members + 2]):
        inside = "customer" if number < opening.members else "opportunity"
        held = {"email": address, "lastname": "x", "firstname": "a", "lifecyclestage": inside}
        stage.people.create_contact(held)
    stage.people.create_row(opening.type, {"email": ADDRESSES[1], "lastname": "y", "city": "a"})


def _play(stage: Stage, opening: Opening) -> _Day:
    calls: list[_Call] = []

    def hear(crm: CRM, request: Request) -> None:
        calls.append(_Call(stage.world.clock.timestamp(), crm, request))

    here = stage.here
    here.heard = hear
    here.forget()
    here.choose(stage.list_id)
    if opening.picked:
        stage.pick_all()
    stage.follow()
    here.heard = None
    return _Day(
        calls=tuple(calls),
        ended_at=stage.world.clock.timestamp(),
        journal=tuple(stage.world.journal.entries),
        published=tuple(here.post.published),
        ids=next(here._ids),
        database=here.saved(),
    )


def _tell(stage: Stage, opening: Opening, day: _Day) -> None:
    world, here = stage.world, stage.here
    here.restore(day.database)
    if opening.picked:
        stage.people.pick_all()
        stage.people.filter_by(-1)
    apps = {crm: app(world, crm) for crm in CRM}
    for call in day.calls:
        _stand_at(world.clock, call.at)
        stage.diary.look()
        apps[call.crm](call.request)
    _stand_at(world.clock, day.ended_at)
    stage.diary.look()
    here.post.published += day.published
    here._ids = count(day.ids + 1)
    assert tuple(world.journal.entries) == day.journal, "the day went another way"


def _stand_at(clock: Clock, timestamp: float) -> None:
    # To the last digit: as a datetime it would be rounded.
    clock._frozen = timestamp
