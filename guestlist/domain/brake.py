"""The brake: a list that changed more than it may lets nobody new in until a person says so.

It compares the list with its baseline: what it was when a person last chose or approved it, or
when its members were last counted and few had moved.
"""

import json
from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from hashlib import blake2s
from typing import Any, NamedTuple

from schemas.records import ListDefinition
from schemas.settings import GuardSettings

FEW = 10
"""A list of no more members than this may become empty by itself."""
COMPLETE = "COMPLETE"
"""HubSpot: processingStatus of a list that is not being built anew."""


class Cause(StrEnum):
    """What set the brake."""

    SIZE = "size"
    EMPTIED = "emptied"
    FILTER = "filter"
    DELETED = "deleted"
    STATIC = "static"
    OBJECT = "object"


_TOLD: Mapping[Cause, str] = {
    Cause.SIZE: "more records entered or left than may",
    Cause.EMPTIED: "the list is empty",
    Cause.FILTER: "its filters were changed",
    Cause.DELETED: "it was deleted",
    Cause.STATIC: "it was turned into a static list",
    Cause.OBJECT: "it holds other objects",
}


def told(cause: Cause) -> str:
    return _TOLD[cause]


class Baseline(NamedTuple):
    """The list as it was agreed on; ``None``: not known yet."""

    size: int | None = None
    version: int | None = None
    filter: str | None = None
    """Of :func:`filter_hash`."""
    counted_at: datetime | None = None
    """When its members were counted; ``None``: nobody knows who they were."""


class Hold(NamedTuple):
    """The brake is set: since when, and what is known of the difference."""

    cause: Cause
    at: datetime
    size: int | None = None
    version: int | None = None
    entered: int | None = None
    """Records in the list that the baseline did not have; ``None``: not counted yet."""
    left: int | None = None
    rejected_by: str | None = None
    """Who said no: then only a list as it was before lets newcomers in again."""
    rejected_at: datetime | None = None


class Band(NamedTuple):
    """The sizes between which the list may move by itself."""

    lowest: int
    highest: int


class Count(NamedTuple):
    """What a complete and verified enumeration of the list found."""

    size: int
    entered: int | None
    """Members that the baseline did not have; ``None``: it was never counted."""


class Standing(NamedTuple):
    """Where a list stands after it was counted."""

    baseline: Baseline
    hold: Hold | None


def baseline_of(definition: ListDefinition) -> Baseline:
    """Return what a list is held against from now on; one still being filled has no size yet."""
    size = definition.size if definition.processing_status == COMPLETE else None
    return Baseline(size, definition.version, filter_hash(definition.filter_branch))


def filter_hash(branch: Mapping[str, Any] | None) -> str | None:
    """Return one name for filters that say the same, whatever the order of their keys."""
    if branch is None:
        return None
    text = json.dumps(_present(branch), sort_keys=True)
    return blake2s(text.encode(), digest_size=16).hexdigest()


def band(baseline: Baseline, guards: GuardSettings) -> Band | None:
    """Return how far the list may shrink and grow; ``None``: its size is not known yet."""
    return None if baseline.size is None else _around(baseline.size, guards)


def judge(
    definition: ListDefinition | None,
    baseline: Baseline,
    *,
    object_type_id: str,
    guards: GuardSettings,
) -> Cause | None:
    """Return what about a list, as just read, no longer is what was agreed on."""
    if definition is None:
        return Cause.DELETED
    if definition.object_type_id != object_type_id:
        return Cause.OBJECT
    if not definition.active:
        return Cause.STATIC
    if _filter_changed(definition, baseline):
        return Cause.FILTER
    allowed = band(baseline, guards)
    if definition.size is None or allowed is None:
        return None
    return _by_size(definition.size, allowed)


def counted(
    definition: ListDefinition,
    baseline: Baseline,
    hold: Hold | None,
    count: Count,
    *,
    now: datetime,
    guards: GuardSettings,
) -> Standing:
    """Return where a list stands, now that its members are known.

    Few moved: this is the new baseline, and a brake set for the list's size or filters comes off.
    Many moved: the brake is set.
    """
    known = count.size if baseline.size is None else baseline.size
    left = None if count.entered is None else max(0, known + count.entered - count.size)
    cause = _by_size(count.size, _around(known, guards))
    if cause is None and (count.entered or 0) + (left or 0) > _limit(known, guards):
        cause = Cause.SIZE
    if cause is None and _comes_off(hold, count):
        agreed = baseline_of(definition)._replace(size=count.size, counted_at=now)
        return Standing(agreed, None)
    if hold is None:
        hold = Hold(cause or Cause.SIZE, now)
    held = hold._replace(
        size=count.size, version=definition.version, entered=count.entered, left=left
    )
    return Standing(baseline, held)


def lifted(definition: ListDefinition | None, hold: Hold, cause: Cause | None) -> bool:
    """A change that a person rejected is over once the list is as it was, and rebuilt."""
    if hold.rejected_by is None or cause is not None or definition is None:
        return False
    return definition.processing_status == COMPLETE


def _around(size: int, guards: GuardSettings) -> Band:
    most = _limit(size, guards)
    fewest = 1 if size > FEW else 0
    return Band(max(fewest, size - most), size + most)


def _limit(size: int, guards: GuardSettings) -> int:
    return max(int(size * guards.brake_share), guards.brake_records)


def _by_size(size: int, allowed: Band) -> Cause | None:
    """Empty is never "all left"."""
    if size == 0 < allowed.lowest:
        return Cause.EMPTIED
    return None if allowed.lowest <= size <= allowed.highest else Cause.SIZE


def _filter_changed(definition: ListDefinition, baseline: Baseline) -> bool:
    """Only where HubSpot does not tell the filters their version has to speak for them."""
    now = filter_hash(definition.filter_branch)
    if now is not None and baseline.filter is not None:
        return now != baseline.filter
    if baseline.version is None:
        return False
    return (now is None) != (baseline.filter is None) or definition.version != baseline.version


def _comes_off(hold: Hold | None, count: Count) -> bool:
    """Counting shows that little changed; it does not show that a list is back for good."""
    if hold is None:
        return True
    known = count.entered is not None and hold.rejected_by is None
    return known and hold.cause in {Cause.SIZE, Cause.FILTER}


def _present(part: Any) -> Any:
    """Null and absent say the same."""
    if isinstance(part, Mapping):
        return {key: _present(value) for key, value in part.items() if value is not None}
    return [_present(each) for each in part] if isinstance(part, list) else part
