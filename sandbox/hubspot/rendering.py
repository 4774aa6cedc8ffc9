"""How a record looks on the wire, for one choice of properties."""

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.instants import iso
from sandbox.hubspot.record import Derive, Record
from sandbox.hubspot.store import ObjectStore

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal


class Projection:
    """Renders records with the same properties: sorted, null when unset, unknown ones left out."""

    def __init__(
        self,
        portal: "Portal",
        store: ObjectStore,
        names: Iterable[str],
        *,
        history: Iterable[str] = (),
    ) -> None:
        wanted = set(names) or set(store.type.defaults)
        self._columns = tuple(
            (name, store.derived.get(name)) for name in known_names(portal, store, wanted)
        )
        self._history = known_names(portal, store, set(history))
        self._store = store
        self._url = f"https://app.hubspot.com/contacts/{portal.portal_id}/record/{store.type.id}/"

    def render(self, record: Record) -> dict[str, Any]:
        """Return the record's wire form."""
        body = frame(record, _pick(record, self._columns), self._url)
        if self._history:
            body["propertiesWithHistory"] = {
                name: _versions(self._store, record, name) for name in self._history
            }
        return body


def known_names(portal: "Portal", store: ObjectStore, wanted: set[str]) -> list[str]:
    """Return the wanted properties that exist, sorted."""
    known = portal.schemas[store.type.id].known
    now = portal.now_ms()
    return [name for name in sorted(wanted) if name in store.derived or known(name, now)]


def _pick(record: Record, columns: tuple[tuple[str, Derive | None], ...]) -> dict[str, str | None]:
    get = record.values.get
    return {name: derive(record) if derive else get(name) for name, derive in columns}


def frame(record: Record, properties: dict[str, str | None], url: str) -> dict[str, Any]:
    """Return the members around the properties."""
    body: dict[str, Any] = {
        "id": record.id,
        "properties": properties,
        "createdAt": iso(record.created),
        "updatedAt": iso(record.updated),
        "archived": record.archived_at is not None,
        "url": url + record.id,
    }
    if record.archived_at is not None:
        body["archivedAt"] = iso(record.archived_at)
    return body


_PEOPLE = frozenset({"sandbox", "user"})
"""Callers that stand for somebody at a screen: the seeder, and control's person."""
_USER = 61_000_001

_ECHO_CREATED = (
    "hs_all_contact_vids",
    "hs_email_domain",
    "hs_full_name_or_email",
    "hs_is_contact",
    "hs_is_unworked",
    "hs_object_id",
    "hs_pipeline",
    "num_notes",
)
_ECHO_UPDATED = ("hs_object_id", "hs_pipeline")


def echo(
    portal: "Portal", store: ObjectStore, record: Record, sent: Iterable[str], *, created: bool
) -> dict[str, Any]:
    """Return the answer to a write: what was sent, and what HubSpot calculated from it."""
    derived = store.derived
    names = {store.type.created, store.type.modified, "lifecyclestage"}
    names.update(name for name in (_ECHO_CREATED if created else _ECHO_UPDATED) if name in derived)
    properties = {name: store.value(record, name) for name in names}
    if created:
        properties.update(record.values)
    sent_values = {name: store.value(record, name) or "" for name in sent}
    shown = {name: value for name, value in properties.items() if value is not None} | sent_values
    url = f"https://app.hubspot.com/contacts/{portal.portal_id}/record/{store.type.id}/"
    return frame(record, dict(sorted(shown.items())), url)


def _versions(store: ObjectStore, record: Record, name: str) -> list[dict[str, Any]]:
    """Return a property's history, newest first."""
    derive = store.derived.get(name)
    if derive:
        value = derive(record)
        return [_version(record.updated, value, "sandbox")] if value is not None else []
    return [_version(*version) for version in reversed(record.versions(name))]


def _version(ms: int, value: str | None, caller: str) -> dict[str, Any]:
    shown: dict[str, Any] = {"value": value or "", "timestamp": iso(ms)}
    if caller in _PEOPLE:
        user = {"sourceType": "CRM_UI", "sourceId": f"userId:{_USER}", "updatedByUserId": _USER}
        return shown | user
    return shown | {"sourceType": "INTEGRATION", "sourceId": caller, "sourceLabel": caller}
