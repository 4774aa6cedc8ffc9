"""The diary of a large world: who was in the list is kept by contact, and told family by family."""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import replace
from typing import NamedTuple

from sandbox.world import World
from tests.chaos.circles import Circles
from tests.model.diary import Diary
from tests.model.ending import contacts_of, rows_of
from tests.model.fields import in_hubspot
from tests.model.pair_oracle import End
from tests.model.story import Moment, Presence, Story

_NOBODY: frozenset[int] = frozenset()
_BLANK = dict.fromkeys(in_hubspot({}))


class Turn(NamedTuple):
    """A contact's membership from an instant on."""

    at: float
    by_filter: bool
    evaluated: bool


class Chapter(NamedTuple):
    """All that happened to a few records that have to do with each other, and how it ended."""

    story: Story
    end: End


class Annals(Diary):
    """Follows a world's journal and one list of it from now on; what is there was always there."""

    def __init__(self, world: World, list_id: str) -> None:
        self._turns: dict[str, list[Turn]] = {}
        self._usable: list[tuple[float, bool]] = []
        self._truth: AbstractSet[int] = _NOBODY
        self._joined: AbstractSet[int] = _NOBODY
        self.members_ever: set[str] = set()
        super().__init__(world, list_id)
        self.story.moments[:0] = self._seeds(world.clock.timestamp())
        self._now = {each.id: each.after for each in self.story.moments}

    def _seeds(self, at: float) -> Iterator[Moment]:
        """Yield what was there before anything happened."""
        for id, contact in contacts_of(self._world).items():
            yield Moment(at, False, "hubspot", "seed", "contact", id, id, _BLANK, contact.values)
        for id, row in rows_of(self._world).items():
            email = row.values["email"]
            found = self._contacts.by_unique("email", email) if email else None
            yield Moment(
                *(at, False, "salesforce", "seed", row.type, id, found.id if found else None),
                *(_BLANK, row.values, frozenset(row.values), row.carried),
            )

    def look(self) -> None:
        """Note whose membership changed since the last look."""
        now = self._world.clock.timestamp()
        item = self._world.portal.lists.lists[self._list_id]
        self._world.portal.lists.settle()
        active = item.is_active
        if not self._usable or self._usable[-1][1] is not active:
            self._usable.append((now, active))
        truth: AbstractSet[int] = item.truth if active else _NOBODY
        joined: AbstractSet[int] = item.members.joined.keys() if active else _NOBODY
        moved = (truth ^ self._truth) | (joined ^ self._joined)
        if not moved:
            return
        for number in moved:
            turn = Turn(now, number in truth, number in joined)
            self._turns.setdefault(str(number), []).append(turn)
            if turn.evaluated:
                self.members_ever.add(str(number))
        self._truth, self._joined = frozenset(truth), frozenset(joined)

    @property
    def passing(self) -> frozenset[str]:
        """Who passes the list's filter as of the last look."""
        return frozenset(map(str, self._truth))

    @property
    def members(self) -> frozenset[str]:
        """Who was in the list at the last look."""
        return frozenset(map(str, self._joined))

    def chapters(self) -> Iterator[Chapter]:
        """Tell the whole story in parts: no part's records have to do with another's."""
        contacts, rows, members = contacts_of(self._world), rows_of(self._world), self.members
        circles = Circles()
        for alias, root in self.story.aliases.items():
            circles.join([alias, root])
        for moment in self.story.moments:
            circles.join(_names(moment))
        for id, row in rows.items():
            circles.join(name for name in (id, row.carried, row.became) if name)
        together: dict[str, list[Moment]] = {}
        for moment in self.story.moments:
            together.setdefault(circles.of(moment.id), []).append(moment)
        aliases: dict[str, dict[str, str]] = {}
        for alias, root in self.story.aliases.items():
            aliases.setdefault(circles.of(alias), {})[alias] = root
        for circle, moments in together.items():
            merged = aliases.get(circle, {})
            ids = {name for each in moments for name in (each.id, each.contact) if name}
            ids |= {*merged.keys(), *merged.values()}
            yield Chapter(
                replace(
                    self.story,
                    moments=moments,
                    presences=list(self._presences(ids)),
                    aliases=merged,
                ),
                End(
                    {id: contacts[id] for id in ids if id in contacts},
                    {id: rows[id] for id in ids if id in rows},
                    members & ids,
                ),
            )

    def _presences(self, ids: AbstractSet[str]) -> Iterator[Presence]:
        turns = sorted((turn, id) for id in ids for turn in self._turns.get(id, ()))
        events: list[tuple[float, bool | tuple[Turn, str]]] = [*self._usable]
        events += [(turn.at, (turn, id)) for turn, id in turns]
        usable, passing, inside = False, set[str](), set[str]()
        by_time: dict[float, list[bool | tuple[Turn, str]]] = {}
        for at, what in events:
            by_time.setdefault(at, []).append(what)
        for at in sorted(by_time):
            for what in by_time[at]:
                if isinstance(what, bool):
                    usable = what
                else:
                    _move(passing, what[1], inside=what[0].by_filter)
                    _move(inside, what[1], inside=what[0].evaluated)
            yield Presence(at, usable, frozenset(passing), frozenset(inside))


def _move(group: set[str], id: str, *, inside: bool) -> None:
    (group.add if inside else group.discard)(id)


def _names(moment: Moment) -> Iterable[str]:
    """Yield everything by which a moment has to do with others."""
    yield moment.id
    for name in (moment.contact, moment.carried, moment.before["email"], moment.after["email"]):
        if name:
            yield name
