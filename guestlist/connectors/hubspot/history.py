"""When a HubSpot record's properties were last changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from guestlist.connectors.http import shaped
from guestlist.connectors.hubspot.objects import halving, numbers
from guestlist.connectors.hubspot.portal import Portal

MOST = 50
"""HubSpot: inputs of a batch that asks for histories."""

Times = dict[str, datetime]
"""Property -> time of its last change; one that was never set is absent."""


def changed_at(
    portal: Portal, type: str, ids: Iterable[str], properties: Sequence[str], *, batch: int
) -> dict[str, Times]:
    """Return the times by record id; records that are not there are absent."""
    path = f"{portal.paths.objects(type)}/batch/read"
    names = list(properties)
    query = {"properties": names, "propertiesWithHistory": names}

    def ask(part: Sequence[str]) -> dict[str, Times]:
        return _times(portal.post(path, {**query, "inputs": [{"id": each} for each in part]}))

    found: dict[str, Times] = {}
    for each in halving(numbers(ids) if names else [], min(batch, MOST), ask, refused={}):
        found |= each
    return found


def _times(answer: Any) -> dict[str, Times]:
    with shaped("HubSpot's histories of properties"):
        return {
            str(row["id"]): {
                name: max(map(_time, versions))
                for name, versions in row["propertiesWithHistory"].items()
                if versions
            }
            for row in answer["results"]
        }


def _time(version: Mapping[str, Any]) -> datetime:
    return datetime.fromisoformat(version["timestamp"])
