"""Whether what the product says about a member that is not in step is true of the world."""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType

from guestlist.domain.reason import Reason
from tests.model.pair_oracle import Contact, End, Row
from tests.model.story import Story

Excuse = Callable[[str, Story, End], bool]


def excused(id: str, reason: str | None, story: Story, end: End) -> bool:
    """Tell whether *reason* really keeps a member from being in step."""
    excuse = _EXCUSES.get(reason or "")
    return excuse is not None and excuse(id, story, end)


def _without_address(id: str, _story: Story, end: End) -> bool:
    return end.contacts[id].values["email"] is None


def _without_last_name(id: str, _story: Story, end: End) -> bool:
    return end.contacts[id].values["lastname"] is None


def _many(id: str, story: Story, end: End) -> bool:
    """Several records of one type could be it."""
    family = story.family(id)
    usable = [row for row in _alike(id, story, end) if row.carried in {None, *family}]
    types = [row.type for row in usable]
    return any(types.count(type) > 1 for type in types)


def _taken(id: str, story: Story, end: End) -> bool:
    """A record it could have is somebody else's, or the address it should get is."""
    family, contact = story.family(id), end.contacts[id]
    rows = [*_alike(id, story, end), *_carrying(id, story, end), *_heirs(id, story, end)]
    if any(row.carried and row.carried not in family for row in rows):
        return True
    wanted = {row.values["email"] for row in rows} - {None}
    others = [each for key, each in end.contacts.items() if key != id]
    claimed = [other for other in others if _claims(other, wanted | contact.addresses)]
    return bool(claimed)


def _claims(contact: Contact, addresses: frozenset[str | None] | set[str | None]) -> bool:
    return not contact.addresses.isdisjoint({each for each in addresses if each})


def _deleted(id: str, story: Story, end: End) -> bool:
    """Its twins are gone, became nothing that could be its twin, and nothing else could be.

    A converted lead keeps the id, and no other lead can carry it.  What a twin was merged into may
    be another contact's, by its address.
    """
    twins = _ever_carried(id, story, end)
    if not twins or any(row.live for row in twins):
        return False
    others = [each for key, each in end.contacts.items() if key != id]
    heirs = [
        row
        for row in _heirs(id, story, end)
        if not any(_claims(other, {row.values["email"]}) for other in others)
    ]
    taken = {row.type for row in twins if row.converted and not row.deleted}
    usable = [*heirs, *(row for row in _alike(id, story, end) if row.type not in taken)]
    free = [row for row in usable if row.live and row.carried is None]
    return not free


def _alike(id: str, story: Story, end: End) -> Iterator[Row]:
    """Yield the live rows that bear one of its addresses or its id."""
    family, addresses = story.family(id), end.contacts[id].addresses
    for row in end.rows.values():
        if row.live and (row.values["email"] in addresses or row.carried in family):
            yield row


def _carrying(id: str, story: Story, end: End) -> Iterator[Row]:
    family = story.family(id)
    return (row for row in end.rows.values() if row.live and row.carried in family)


def _heirs(id: str, story: Story, end: End) -> list[Row]:
    """Return what became of those rows that were merged or converted away."""
    became = [row.became for row in _ever_carried(id, story, end) if row.became is not None]
    return [end.rows[each] for each in became if each in end.rows]


def _ever_carried(id: str, story: Story, end: End) -> list[Row]:
    """Return the rows that were its twin at some time."""
    family = story.family(id)
    ids = {each.id for each in story.moments if each.carried in family}
    return [end.rows[each] for each in sorted(ids) if each in end.rows]


_EXCUSES: Mapping[str, Excuse] = MappingProxyType(
    {
        Reason.NO_EMAIL: _without_address,
        Reason.REQUIRED_MISSING: _without_last_name,
        Reason.DUP_MANY_MATCHES: _many,
        Reason.EMAIL_IN_USE: _taken,
        Reason.DELETED_SF: _deleted,
        Reason.MERGED_INTO: _deleted,
    }
)
