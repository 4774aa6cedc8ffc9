"""What a HubSpot record's properties held before, and when they were changed."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from guestlist.connectors.http import shaped
from guestlist.connectors.hubspot.objects import halving, numbers
from guestlist.connectors.hubspot.portal import Portal
from schemas.records import Version

MOST = 50
"""HubSpot: inputs of a batch that asks for histories."""

Versions = dict[str, list[Version]]
"""Property -> its values, newest first; one that was never set is absent."""


def versions(
    portal: Portal, type: str, ids: Iterable[str], properties: Sequence[str], *, batch: int
) -> dict[str, Versions]:
    """Return the histories by record id; records that are not there are absent."""
    path = f"{portal.paths.objects(type)}/batch/read"
    names = list(properties)
    query = {"properties": names, "propertiesWithHistory": names}

    def ask(part: Sequence[str]) -> dict[str, Versions]:
        return _read(portal.post(path, {**query, "inputs": [{"id": each} for each in part]}))

    found: dict[str, Versions] = {}
    for each in halving(numbers(ids) if names else [], min(batch, MOST), ask, refused={}):
        found |= each
    return found


def changed_at(
    portal: Portal, type: str, ids: Iterable[str], properties: Sequence[str], *, batch: int
) -> dict[str, dict[str, datetime]]:
    """Return when each property was last changed, by record id; as for :func:`versions`."""
    found = versions(portal, type, ids, properties, batch=batch)
    return {
        id: {name: held[0].at for name, held in histories.items()}
        for id, histories in found.items()
    }


def _read(answer: Any) -> dict[str, Versions]:
    with shaped("HubSpot's histories of properties"):
        return {
            str(row["id"]): {
                name: sorted(map(_version, told), key=_at, reverse=True)
                for name, told in row["propertiesWithHistory"].items()
                if told
            }
            for row in answer["results"]
        }


def _version(told: Mapping[str, Any]) -> Version:
    return Version(told["value"], datetime.fromisoformat(told["timestamp"]))


def _at(version: Version) -> datetime:
    return version.at
