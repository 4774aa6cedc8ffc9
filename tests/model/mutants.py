"""Seeded bugs: each breaks one promise of the engine, in one place, and has to be found out."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import pytest
from sqlalchemy import Connection

from guestlist.connectors.salesforce import write as salesforce_write
from guestlist.domain import cursor, decide, gate, match, plan
from guestlist.domain import merge as merging
from guestlist.domain.errors import SyncError
from guestlist.domain.reason import Reason
from guestlist.domain.write import Sides
from guestlist.engine import changes, gather, halting, leaving, record, sync
from guestlist.engine.reader import Found, Reader
from guestlist.engine.services import Services
from guestlist.store import conflicts, erasure, links
from schemas.mapping import SyncRule
from tests.model.fields import EXTERNAL_ID

Mutate = Callable[[pytest.MonkeyPatch], None]


def no_overlap(patch: pytest.MonkeyPatch) -> None:
    """A look begins exactly where the last one ended."""
    real = cursor.window

    def window(*given: Any, overlap: timedelta, **more: Any) -> Any:
        return real(*given, overlap=timedelta(0), **more)

    patch.setattr(changes, "window", window)
    patch.setattr(changes, "covering", lambda part, _covered: part)


def late_gate(patch: pytest.MonkeyPatch) -> None:
    """Who was a member when enumerated is one when written."""

    def unproved(_since: Any, records: Mapping[str, Any], proofs: Mapping[str, Any]) -> list[str]:
        return [id for id in records if id not in proofs]

    patch.setattr(gather, "_stale", unproved)
    patch.setattr(gate, "_too_old", lambda *_, **__: False)
    patch.setattr(sync, "_needs_proof", lambda *_: False)


def blind_create(patch: pytest.MonkeyPatch) -> None:
    """Insert, and write the external id some time later."""
    real = salesforce_write._content

    def content(org: Any, call: Any, asked: Any) -> Mapping[str, Any]:
        made = dict(real(org, call, asked))
        for collection, request in zip(call, made["compositeRequest"][len(asked) :], strict=True):
            if collection.external_id_field:
                request["method"] = "POST"
                request["url"] = f"{org.root}/composite/sobjects"
                for row in request["body"]["records"]:
                    del row[EXTERNAL_ID]
        return made

    patch.setattr(salesforce_write, "_content", content)


def record_wins(patch: pytest.MonkeyPatch) -> None:
    """The younger record overwrites every field of the older one."""
    real = merging.merge

    def merge(rule: SyncRule, now: Sides, agreed: Sides | None, *, hubspot_newer: bool) -> Sides:
        if rule is not SyncRule.TWO_WAY:
            return real(rule, now, agreed, hubspot_newer=hubspot_newer)
        value = now.hubspot if hubspot_newer else now.salesforce
        return Sides(value, value)

    patch.setattr(plan, "merge", merge)


def watermark_first(patch: pytest.MonkeyPatch) -> None:
    """What was seen is noted, and queued in a second transaction."""

    def move(
        self: Reader, cursor: Any, *, token: str | None, done: bool, find: Any = lambda _: ()
    ) -> bool:
        def note(conn: Connection) -> list[Found] | None:
            if not self._set(conn, cursor, token=token, done=done):
                return None
            return [each for each in find(conn) if each.keys]

        def queue(conn: Connection) -> list[tuple[str, Found]]:
            return [(self._queue(conn, each), each) for each in found or ()]

        found = self.services.database.run(note)
        if found is None:
            return False
        self.ended = done
        if not found:
            return True
        for run_id, each in self.services.database.run(queue):
            self._publish(run_id, each.keys)
        return True

    patch.setattr(Reader, "move", move)


def loose_gate(patch: pytest.MonkeyPatch) -> None:
    """What HubSpot says of the membership is believed, however old its evaluation is."""
    patch.setattr(gate, "_stale", lambda *_, **__: None)


def forgotten_agreement(patch: pytest.MonkeyPatch) -> None:
    """What both sides agreed on is not kept: every echo is a change."""
    real = record._link
    patch.setattr(record, "_link", lambda to, now: real(to._replace(agreed={}), now))


def partial_list(patch: pytest.MonkeyPatch) -> None:
    """Whoever was not seen when the reading of the list broke off has left."""
    real = leaving._Enumeration._pages

    def pages(self: leaving._Enumeration) -> bool:
        try:
            return real(self)
        except SyncError:
            return True

    patch.setattr(leaving._Enumeration, "_pages", pages)
    patch.setattr(leaving, "doubt", lambda *_, **__: None)
    patch.setattr(leaving, "gone", lambda absent, *_: list(absent))


def conversion_ignored(patch: pytest.MonkeyPatch) -> None:
    """A converted lead is written like any other."""
    patch.setattr(match, "converted", lambda _record: False)


def old_settings(patch: pytest.MonkeyPatch) -> None:
    """What is queued runs under the settings that it was queued with."""
    real = halting.stopped

    def stopped(services: Services) -> Reason | None:
        return real(replace(services, superseded=lambda: False))

    patch.setattr(sync, "stopped", stopped)


def no_brake(patch: pytest.MonkeyPatch) -> None:
    """A list that grew out of bounds lets everybody in."""
    patch.setattr(gate, "_braked", lambda *_: False)


def no_tombstone(patch: pytest.MonkeyPatch) -> None:
    """Nobody remembers whose twin a record was: somebody erased enters again."""
    real = decide._enter

    def enter(facts: Any, origin: Any, *more: Any) -> Any:
        fields = {name: value for name, value in origin.fields.items() if name != EXTERNAL_ID}
        return real(facts, origin._replace(fields=fields), *more)

    patch.setattr(erasure, "erase", links.remove)
    patch.setattr(changes, "record_key", lambda changed, linked: linked or changed.id)
    patch.setattr(decide, "_enter", enter)


def revival(patch: pytest.MonkeyPatch) -> None:
    """A twin that somebody deleted is created again."""
    patch.setattr(match, "_once_there", lambda *_: None)


def successors_ignored(patch: pytest.MonkeyPatch) -> None:
    """What a merged or converted twin became is not looked for."""
    patch.setattr(match, "_successor", lambda *_: None)


def silent_loser(patch: pytest.MonkeyPatch) -> None:
    """The value that loses a conflict is kept nowhere."""
    patch.setattr(conflicts, "_put", lambda *_, **__: [])


class Mutant(NamedTuple):
    """A bug, the worlds that have room for it, and the invariants it breaks."""

    mutate: Mutate
    theme: str
    breaks: frozenset[str]
    pinned: Mapping[str, Any]

    @property
    def name(self) -> str:
        return self.mutate.__name__


def _breaks(mutate: Mutate, theme: str, *invariants: str, **pinned: Any) -> Mutant:
    return Mutant(mutate, theme, frozenset(invariants), pinned)


MUTANTS = (
    _breaks(no_overlap, "edit poll", "I6", lag="commit_delay"),
    _breaks(late_gate, "sync_the_list poll", "I1-hard", "I1-never", picked=True, brake=False),
    _breaks(blind_create, "come_in_trouble poll", "I3", "I6"),
    _breaks(record_wins, "values", "I2"),
    _breaks(watermark_first, "kill poll", "I6", members=3),
    _breaks(loose_gate, "move_through_the_list poll", "I1-lag", lag="list_lag", picked=False),
    _breaks(forgotten_agreement, "values", "I2"),
    _breaks(partial_list, "misread_the_list poll", "C8"),
    _breaks(conversion_ignored, "convert edit poll", "I6", type="Lead"),
    _breaks(old_settings, "change_settings poll", "C10", members=1),
    _breaks(no_brake, "filter_by poll", "C6", brake=True),
    _breaks(no_tombstone, "erase edit poll", "I3", enters=True),
    _breaks(revival, "lives", "I3"),
    _breaks(successors_ignored, "merge create_row poll", "I6"),
    _breaks(silent_loser, "edit_both edit poll", "I2"),
)
