"""What a list is: its definition, its members, and when it becomes static."""

from dataclasses import dataclass, field
from typing import Any

from sandbox.hubspot.filters import Filter
from sandbox.hubspot.members import Members


@dataclass(slots=True)
class CrmList:
    """One list. ``truth`` are the records that pass its filter now, ``members`` those let in."""

    id: str
    name: str
    type_id: str
    processing_type: str
    created: int
    branch: dict[str, Any] | None = None
    filter: Filter | None = None
    version: int = 1
    updated: int = 0
    filters_updated: int = 0
    deleted: int | None = None
    processing_until: int = 0
    """COMPLETE from this millisecond on."""
    swept: int = 0
    truth: set[int] = field(default_factory=set)
    members: Members = field(default_factory=Members)
    conversion: dict[str, Any] | None = None
    converted: int | None = None
    settings: dict[str, Any] = field(default_factory=dict)
    told_size: int = 0
    told_at: int | None = None

    def size(self, now: int, lag: int) -> int:
        """Return the number of members as HubSpot tells it: counted anew every *lag* ms."""
        if self.told_at is None or not 0 <= now - self.told_at < lag:
            self.told_size, self.told_at = len(self.members), now
        return self.told_size

    def to_json(self) -> dict[str, Any]:
        """Return the state to dump; the filter is compiled again from the branch."""
        skipped = {"filter", "truth", "members"}
        slots = [slot for slot in CrmList.__slots__ if slot not in skipped]
        return {slot: getattr(self, slot) for slot in slots} | {"members": self.members.to_json()}

    @property
    def definition(self) -> Filter:
        """The filter of a list that has one."""
        if self.filter is None:
            raise ValueError(f"list {self.id} has no filter")
        return self.filter

    @property
    def is_active(self) -> bool:
        return self.processing_type == "DYNAMIC" and self.deleted is None


def conversion_time(item: CrmList) -> int:
    """Return when a list with a scheduled conversion becomes static."""
    conversion = item.conversion or {}
    if "at" in conversion:
        return int(conversion["at"])
    idle_since = max(item.members.last_joined or 0, item.filters_updated, item.created)
    return idle_since + int(conversion["idle_ms"])
