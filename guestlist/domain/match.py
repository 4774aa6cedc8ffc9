"""Finding the twin: linked, found, none, or an answer that only a person can give."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from guestlist.domain import canonical
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.reason import Reason
from guestlist.domain.write import Skip
from schemas.mapping import DuplicateMode
from schemas.records import SalesforceRecord


class FoundBy(StrEnum):
    """What an existing record was recognised by."""

    EXTERNAL_ID = "external id"
    MATCH_VALUE = "match value"
    SUCCESSOR = "what our twin became"


class Linked(NamedTuple):
    """The record our own link points to."""

    record: SalesforceRecord


class Found(NamedTuple):
    """A record that exists already and is adopted."""

    record: SalesforceRecord
    by: FoundBy


class NoTwin(NamedTuple):
    """Nothing there: the twin is created."""


Match = Linked | Found | NoTwin | Skip


class Identity(NamedTuple):
    """All that a HubSpot record may be recognised by in Salesforce."""

    key: str
    """Its id."""
    aliases: frozenset[str] = frozenset()
    """Ids of the records that were merged into it."""
    values: Sequence[str] = ()
    """Match values in order of preference: the e-mail address, then the additional ones."""
    link: tuple[str, str] | None = None
    """(Salesforce type, id) of the twin it is linked to."""
    merged_into: str | None = None
    """The Salesforce record that this twin was merged into, if it was."""

    def owns(self, owner: str | None) -> bool:
        """Tell whether a Salesforce record that carries *owner* is this one's."""
        return owner == self.key or owner in self.aliases


def match(who: Identity, candidates: Sequence[SalesforceRecord], mapping: CompiledMapping) -> Match:
    """Choose the twin of a HubSpot record among *candidates*.

    *candidates* holds whatever was read by the link, by the external id and by match values, in
    any order.  The link wins over the external id, that over what a converted or merged twin
    became, that over match values; several by a match value are an answer, not a guess.  A
    converted lead is nobody's twin, and a record that was there once is never created again.  Nor
    can another lead be the twin where a converted one keeps the id, which no other may carry then.
    With ``DuplicateMode.NATIVE`` the one changed last wins over all of this.
    """
    live = [
        each for each in _live(candidates, mapping) if _may_carry(who, each, candidates, mapping)
    ]
    native = mapping.object.duplicates is DuplicateMode.NATIVE
    if native and (followed := _changed_last(who, live, mapping)):
        return followed
    for record in live:
        if (record.type, record.id) == who.link:
            owner = _owner(record, mapping)
            ours = owner is None or who.owns(owner)
            return Linked(record) if ours else _in_use(who.key, [record], mapping)
    if carrying := [record for record in live if who.owns(_owner(record, mapping))]:
        return _only(who.key, carrying, FoundBy.EXTERNAL_ID)
    if became := _successor(who, candidates, live, mapping):
        return became
    for value in who.values:
        if alike := [record for record in live if mapping.found_by(record) == value]:
            return _by_match_value(who.key, alike, mapping)
    return _once_there(who, candidates, mapping) or NoTwin()


def _changed_last(
    who: Identity, live: Sequence[SalesforceRecord], mapping: CompiledMapping
) -> Linked | Found | None:
    """Follow whichever record of this person Salesforce changed last."""
    ours = [
        record
        for record in live
        if who.owns(_owner(record, mapping))
        or (_owner(record, mapping) is None and mapping.found_by(record) in who.values)
    ]
    if not ours:
        return None
    last = max(ours, key=lambda record: (record.modified_at, record.id))
    linked = (last.type, last.id) == who.link
    return Linked(last) if linked else Found(last, FoundBy.MATCH_VALUE)


def _successor(
    who: Identity,
    candidates: Sequence[SalesforceRecord],
    live: Sequence[SalesforceRecord],
    mapping: CompiledMapping,
) -> Found | Skip | None:
    """Return the contact our lead was converted to, or the record our twin was merged into."""
    became = {who.merged_into} | {
        canonical.text(record.fields.get("ConvertedContactId"))
        for record in candidates
        if converted(record) and _ours(who, record, mapping)
    }
    for record in live:
        if record.id in became:
            free = _owner(record, mapping) is None
            found = Found(record, FoundBy.SUCCESSOR)
            return found if free else _in_use(who.key, [record], mapping)
    return None


def _live(
    candidates: Sequence[SalesforceRecord], mapping: CompiledMapping
) -> list[SalesforceRecord]:
    """Each candidate once, without converted leads, in the mapping's order of types."""
    once = {record.id: record for record in candidates if not converted(record)}
    return sorted(once.values(), key=lambda record: _rank(record, mapping))


def _may_carry(
    who: Identity,
    record: SalesforceRecord,
    candidates: Sequence[SalesforceRecord],
    mapping: CompiledMapping,
) -> bool:
    """Tell whether a record carries our id or can be given it: it is unique within its type."""
    return who.owns(_owner(record, mapping)) or not any(
        converted(other) and other.type == record.type and who.key == _owner(other, mapping)
        for other in candidates
    )


def _by_match_value(key: str, alike: Sequence[SalesforceRecord], mapping: CompiledMapping) -> Match:
    """Decide within the first type that has any: a free record, or somebody else's."""
    preferred = [record for record in alike if record.type == alike[0].type]
    free = [record for record in preferred if _owner(record, mapping) is None]
    return _only(key, free, FoundBy.MATCH_VALUE) if free else _in_use(key, preferred, mapping)


def _only(key: str, records: Sequence[SalesforceRecord], by: FoundBy) -> Match:
    first = records[0]
    same_type = [record for record in records if record.type == first.type]
    if len(same_type) == 1:
        return Found(first, by)
    ids = ", ".join(record.id for record in same_type)
    facts = {"type": first.type, "ids": ids, "matched_by": by.value}
    return Skip(key, Reason.DUP_MANY_MATCHES, facts)


def _in_use(key: str, taken: Sequence[SalesforceRecord], mapping: CompiledMapping) -> Skip:
    first = taken[0]
    owner = _owner(first, mapping) or ""
    facts = {"type": first.type, "id": first.id, "belongs_to": owner}
    return Skip(key, Reason.EMAIL_IN_USE, facts)


def _once_there(
    who: Identity, candidates: Sequence[SalesforceRecord], mapping: CompiledMapping
) -> Skip | None:
    """Say what became of a twin we had; whoever deleted or converted it must not find a new one."""
    for record in candidates:
        if converted(record) and _ours(who, record, mapping):
            contact = canonical.text(record.fields.get("ConvertedContactId")) or ""
            return Skip(who.key, Reason.MERGED_INTO, {"lead": record.id, "contact": contact})
    if who.link is None:
        return None
    return Skip(who.key, Reason.DELETED_SF, {"type": who.link[0], "id": who.link[1]})


def _ours(who: Identity, record: SalesforceRecord, mapping: CompiledMapping) -> bool:
    return (record.type, record.id) == who.link or who.owns(_owner(record, mapping))


def converted(record: SalesforceRecord) -> bool:
    """Tell a lead that has become a contact."""
    return record.fields.get("IsConverted") is True


def _owner(record: SalesforceRecord, mapping: CompiledMapping) -> str | None:
    """The HubSpot id that a record carries."""
    return canonical.text(record.fields.get(mapping.object.external_id))


def _rank(record: SalesforceRecord, mapping: CompiledMapping) -> int:
    return mapping.object.salesforce_types.index(record.type)
