"""Every change to a record: stored, indexed, shown to the lists, and written in the journal."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from sandbox.hubspot import instants
from sandbox.hubspot.object_types import COMPANY, CONTACT
from sandbox.hubspot.record import Record
from sandbox.hubspot.store import ObjectStore
from sandbox.hubspot.validation import STAGES, moves_forward
from sandbox.journal import Operation

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

STAGE_DATES = {stage: f"hs_lifecyclestage_{stage}_date" for stage in STAGES}


def create(
    portal: "Portal",
    store: ObjectStore,
    values: Mapping[str, str],
    *,
    caller: str,
    request_id: str = "",
) -> Record:
    """Insert a record with these values and HubSpot's own defaults."""
    now = portal.now_ms()
    type = store.type
    stored = {name: value for name, value in values.items() if value and name not in store.derived}
    created = _given_time(values, type.created) or now
    if type is CONTACT:
        stage = stored.setdefault("lifecyclestage", "lead")
        stored.setdefault(STAGE_DATES.get(stage, STAGE_DATES["other"]), instants.iso(created))
    elif type is COMPANY and "domain" in stored:
        stored.setdefault("website", stored["domain"])
    record = Record(store.next_number(portal.rng), stored, created=created, author=caller)
    record.updated = max(created, _given_time(values, type.modified) or created)
    store.insert(record)
    portal.index.changed(store, record, before=None)
    portal.lists.touched(store, record, names=None)
    _journal(portal, store, record, "create", values, caller=caller, request_id=request_id)
    return record


def _given_time(values: Mapping[str, str], name: str) -> int | None:
    """Return a seeder's own time stamp; the API refuses these as read-only."""
    text = values.get(name)
    return instants.parse(text) if text else None


def update(
    portal: "Portal",
    store: ObjectStore,
    record: Record,
    values: Mapping[str, str],
    *,
    caller: str,
    request_id: str = "",
) -> bool:
    """Write values over the record's; say whether any of them differed."""
    now = portal.now_ms()
    before = _before(portal, record)
    unique = not store.unique.keys().isdisjoint(values)
    if unique:
        store.release(record)
    changed = [
        name
        for name, value in values.items()
        if name not in store.derived and record.put(name, value, ms=now, caller=caller)
    ]
    if unique:
        store.claim(record)
    if "lifecyclestage" in changed and record.values.get("lifecyclestage") in STAGE_DATES:
        name = STAGE_DATES[record.values["lifecyclestage"]]
        if record.put(name, instants.iso(now), ms=now, caller=caller):
            changed.append(name)
    differs = bool(changed)
    if differs or portal.options.noop_moves_lastmodified:
        record.updated = now
        store.stamped(record)
        changed.append(store.type.modified)
        portal.index.changed(store, record, before=before)
        portal.lists.touched(store, record, names=changed)
    _journal(
        portal,
        store,
        record,
        "update",
        values,
        caller=caller,
        request_id=request_id,
        changed=differs,
    )
    return differs


def _before(portal: "Portal", record: Record) -> Record | None:
    """Return the record as it was, where the search index will still show that."""
    return record.frozen_copy() if portal.index.keeps_old() else None


def archive(
    portal: "Portal", store: ObjectStore, record: Record, *, caller: str, request_id: str = ""
) -> None:
    """Put the record in the recycle bin."""
    before = _before(portal, record)
    _journal(portal, store, record, "delete", {}, caller=caller, request_id=request_id)
    store.release(record)
    record.archived_at = record.updated = portal.now_ms()
    portal.index.changed(store, record, before=before)
    portal.lists.touched(store, record, names=None)


def restore(portal: "Portal", store: ObjectStore, record: Record, *, caller: str) -> None:
    """Take the record out of the recycle bin."""
    before = _before(portal, record)
    record.archived_at = None
    record.updated = portal.now_ms()
    store.claim(record)
    store.stamped(record)
    portal.index.changed(store, record, before=before)
    portal.lists.touched(store, record, names=None)
    _journal(portal, store, record, "undelete", {}, caller=caller)


def purge(
    portal: "Portal", store: ObjectStore, record: Record, *, caller: str, request_id: str = ""
) -> None:
    """Delete for good and, for a contact, block its e-mail address."""
    _journal(portal, store, record, "gdpr-delete", {}, caller=caller, request_id=request_id)
    store.release(record)
    block(portal, record.values.get("email", ""))
    remove(portal, store, record)


def block(portal: "Portal", email: str) -> None:
    """Put an address on the list of those that can not be created, where there is one."""
    if email and portal.options.blocklist_refuses_create:
        portal.blocklist.add(email.strip().lower())


def remove(portal: "Portal", store: ObjectStore, record: Record) -> None:
    """Forget the record; search may still count it until its index catches up."""
    before = _before(portal, record)
    record.archived_at = portal.now_ms()
    portal.index.changed(store, record, before=before)
    portal.lists.touched(store, record, names=None)
    store.records.pop(record.id, None)


def merge(
    portal: "Portal",
    store: ObjectStore,
    primary: Record,
    other: Record,
    *,
    caller: str,
    request_id: str = "",
) -> Record:
    """Merge two records into a new one; both old ids become aliases of it."""
    now = portal.now_ms()
    static = portal.lists.static_of(store.type.id, (primary.number, other.number))
    values = {**other.values, **primary.values}
    _join_emails(values, primary, other)
    _join_stages(values, primary, other)
    for old in (primary, other):
        store.release(old)
        remove(portal, store, old)
    created = min(primary.created, other.created)
    survivor = Record(store.next_number(portal.rng), values, created=created, author=caller)
    survivor.updated = now
    survivor.merged = [*primary.merged, *other.merged, (primary.id, now), (other.id, now)]
    survivor.history = {**(other.history or {}), **(primary.history or {})} or None
    for old in (primary, other):
        store.aliases[old.id] = survivor.id
        portal.associations.move((store.type.id, old.id), (store.type.id, survivor.id))
    store.insert(survivor)
    portal.index.changed(store, survivor, before=None)
    portal.lists.touched(store, survivor, names=None)
    for item in static:
        portal.lists.set_manually(item, add=[survivor.number], remove=())
    fields = {"hs_merged_object_ids": f"{primary.id};{other.id}"}
    _journal(portal, store, survivor, "merge", fields, caller=caller, request_id=request_id)
    return survivor


def _join_emails(values: dict[str, str], primary: Record, other: Record) -> None:
    """Keep every address of both as an additional one."""
    extras: list[str] = []
    for record in (primary, other):
        extras += filter(None, record.values.get("hs_additional_emails", "").split(";"))
        extras += filter(None, [record.values.get("email")])
    kept = [email for email in dict.fromkeys(extras) if email != values.get("email")]
    if kept:
        values["hs_additional_emails"] = ";".join(kept)


def _join_stages(values: dict[str, str], primary: Record, other: Record) -> None:
    """Keep the later lifecycle stage."""
    first, second = (record.values.get("lifecyclestage") for record in (primary, other))
    if first and second and moves_forward(first, second):
        values["lifecyclestage"] = second


def _journal(
    portal: "Portal",
    store: ObjectStore,
    record: Record,
    operation: Operation,
    sent: Mapping[str, str],
    *,
    caller: str,
    request_id: str = "",
    changed: bool = True,
) -> None:
    if operation == "create":
        fields: Mapping[str, str | None] = sent
    else:
        fields = {name: store.value(record, name) for name in sent}
    portal.journal.write(
        at=portal.clock.timestamp(),
        crm="hubspot",
        operation=operation,
        type=store.type.name,
        id=record.id,
        fields=fields,
        changed=changed,
        caller=caller,
        request_id=request_id,
        contact_id=record.id if store.type is CONTACT else None,
    )
