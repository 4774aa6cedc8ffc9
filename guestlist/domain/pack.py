"""Writes into calls: as few as the CRM's limits allow, each record once a call.

Salesforce: 200 records a collection, 10 runs of one type in it, an upsert of one type only;
5 collections a composite call.  Whether assignment rules run is said once a collection.

A composite call fills in ``@{name.field}`` from its earlier answers, in values too.  Whose value
looks like that goes alone, in a call that fills in nothing.
"""

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import NamedTuple, TypeVar

from guestlist.domain.write import SalesforceWrite

TYPES_PER_COLLECTION = 10

Item = TypeVar("Item")


class Collection(NamedTuple):
    """One subrequest: an upsert by *external_id_field*, or an update when that is ``None``."""

    type: str | None
    """The one type of an upsert; ``None``: an update, which may mix types."""
    external_id_field: str | None
    positions: tuple[int, ...]
    """Where each write stood in what was packed; results are put back by it."""
    writes: tuple[SalesforceWrite, ...]
    assign: bool = False
    """Assignment rules choose the owners of all of them."""
    alone: bool = False
    """A value of each has ``@{`` in it: never to be sent in a composite call."""


Placed = tuple[int, SalesforceWrite]


def chunks(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Cut into runs of at most *size*, in order."""
    return (items[start : start + size] for start in range(0, len(items), size))


def halves(items: Sequence[Item]) -> tuple[Sequence[Item], Sequence[Item]]:
    """Split a refused batch; of an odd one the first half is the smaller."""
    middle = len(items) // 2
    return items[:middle], items[middle:]


def narrowed(width: int, *, tried: int, attempts: int) -> int:
    """Halve a batch with every failed try; the last of all *attempts* is each record's own."""
    return 1 if tried + 1 >= attempts else max(1, width >> tried)


def pack(
    writes: Sequence[SalesforceWrite], *, batch: int = 200, per_call: int = 5
) -> list[list[Collection]]:
    """Return the calls to make, each a list of collections.

    Creations come before updates, types in alphabetical order, writes in the order given.  A
    record that comes twice is written again in a later call, never twice in one.
    """
    return [call for turn in _turns(writes) for call in calls(_collections(turn, batch), per_call)]


def calls(collections: Sequence[Collection], per_call: int) -> list[list[Collection]]:
    """Share collections out to calls."""
    together = [each for each in collections if not each.alone]
    shared = [list(call) for call in chunks(together, per_call)]
    return shared + [[each] for each in collections if each.alone]


def _turns(writes: Sequence[SalesforceWrite]) -> list[list[Placed]]:
    """Sort writes by how often their record came before; nearly always there is one turn."""
    next_turn: dict[tuple[str, str], int] = {}
    turns: list[list[Placed]] = []
    for position, write in enumerate(writes):
        names = _names(write)
        turn = max(next_turn.get(name, 0) for name in names)
        next_turn.update(dict.fromkeys(names, turn + 1))
        if turn == len(turns):
            turns.append([])
        turns[turn].append((position, write))
    return turns


def _names(write: SalesforceWrite) -> tuple[tuple[str, str], ...]:
    """An update and an upsert of one record share only our key."""
    key = (write.type, f"key:{write.external_id}")
    return (key,) if write.id is None else (key, (write.type, write.id))


def _collections(turn: Sequence[Placed], batch: int) -> list[Collection]:
    odd = {position for position, write in turn if _refers(write)}
    if not odd:
        return _packed(turn, batch)
    plain = [placed for placed in turn if placed[0] not in odd]
    alone = [placed for placed in turn if placed[0] in odd]
    return _packed(plain, batch) + [each._replace(alone=True) for each in _packed(alone, batch)]


def _refers(write: SalesforceWrite) -> bool:
    for value in write.fields.values():
        if isinstance(value, str) and "@{" in value:
            return True
    return "@{" in write.external_id


def _packed(turn: Sequence[Placed], batch: int) -> list[Collection]:
    creations = sorted((placed for placed in turn if placed[1].id is None), key=_target)
    updates = sorted((placed for placed in turn if placed[1].id is not None), key=_type)
    upserts = [
        _collection(part, type, field, assign=assign)
        for (type, field, assign), group in groupby(creations, key=_target)
        for part in chunks(list(group), batch)
    ]
    return upserts + [_collection(part, None, None) for part in _runs(updates, batch)]


def _runs(updates: Sequence[Placed], batch: int) -> Iterator[Sequence[Placed]]:
    """Cut updates, sorted by type, by number of records and of types."""
    part: list[Placed] = []
    types: set[str] = set()
    for placed in updates:
        types.add(_type(placed))
        if len(part) == batch or len(types) > TYPES_PER_COLLECTION:
            yield part
            part, types = [], {_type(placed)}
        part.append(placed)
    if part:
        yield part


def _collection(
    part: Sequence[Placed],
    type: str | None,
    external_id_field: str | None,
    *,
    assign: bool = False,
) -> Collection:
    positions, writes = zip(*part, strict=True)
    return Collection(type, external_id_field, positions, writes, assign)


def _target(placed: Placed) -> tuple[str, str, bool]:
    return placed[1].type, placed[1].external_id_field, placed[1].assign


def _type(placed: Placed) -> str:
    return placed[1].type
