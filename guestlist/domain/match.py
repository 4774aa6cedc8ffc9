"""Finding the twin: linked, found, none, or an answer that only a person can give."""

from collections.abc import Sequence
from enum import StrEnum
from typing import NamedTuple

from guestlist.domain import canonical
from guestlist.domain.mapping import CompiledMapping
from guestlist.domain.reason import Reason
from guestlist.domain.write import Skip
from schemas.records import SalesforceRecord


class FoundBy(StrEnum):
    """What an existing record was recognised by."""

    EXTERNAL_ID = "external id"
    MATCH_VALUE = "match value"


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


def match(
    key: str,
    *,
    link: tuple[str, str] | None,
    candidates: Sequence[SalesforceRecord],
    mapping: CompiledMapping,
    match_value: str | None,
) -> Match:
    """Choose the twin of HubSpot record *key* among *candidates*.

    *candidates* holds whatever was read by the link, by the external id and by the match value,
    in any order.  The link wins over the external id, that over the match value; several by the
    match value are an answer, not a guess.  A converted lead is nobody's twin, and a record that
    was there once is never created again.
    """
    live = _live(candidates, mapping)
    for record in live:
        if (record.type, record.id) == link:
            ours = _owner(record, mapping) in {None, key}
            return Linked(record) if ours else _in_use(key, [record], mapping)
    if carrying := [record for record in live if _owner(record, mapping) == key]:
        return _only(key, carrying, FoundBy.EXTERNAL_ID)
    if match_value is not None:
        alike = [record for record in live if mapping.found_by(record) == match_value]
        if alike:
            return _by_match_value(key, alike, mapping)
    return _once_there(key, link, candidates, mapping) or NoTwin()


def _live(
    candidates: Sequence[SalesforceRecord], mapping: CompiledMapping
) -> list[SalesforceRecord]:
    """Each candidate once, without converted leads, in the mapping's order of types."""
    once = {record.id: record for record in candidates if not _converted(record)}
    return sorted(once.values(), key=lambda record: _rank(record, mapping))


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
    key: str,
    link: tuple[str, str] | None,
    candidates: Sequence[SalesforceRecord],
    mapping: CompiledMapping,
) -> Skip | None:
    """Say what became of a twin we had; whoever deleted or converted it must not find a new one."""
    for record in candidates:
        ours = (record.type, record.id) == link or _owner(record, mapping) == key
        if ours and _converted(record):
            contact = canonical.text(record.fields.get("ConvertedContactId")) or ""
            return Skip(key, Reason.MERGED_INTO, {"lead": record.id, "contact": contact})
    if link is None:
        return None
    return Skip(key, Reason.DELETED_SF, {"type": link[0], "id": link[1]})


def _converted(record: SalesforceRecord) -> bool:
    return record.fields.get("IsConverted") is True


def _owner(record: SalesforceRecord, mapping: CompiledMapping) -> str | None:
    """The HubSpot id that a record carries."""
    return canonical.text(record.fields.get(mapping.object.external_id))


def _rank(record: SalesforceRecord, mapping: CompiledMapping) -> int:
    return mapping.object.salesforce_types.index(record.type)
