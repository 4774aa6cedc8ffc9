"""What a person does in either CRM's own pages, past every limit and fault."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import orjson

from sandbox import asked
from sandbox.asked import Refused
from sandbox.crm import CRM
from sandbox.hubspot import objects
from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.errors import ApiError
from sandbox.hubspot.portal import Portal
from sandbox.salesforce.errors import SalesforceError
from sandbox.wire import Request
from sandbox.world import World

PERSON = "user"
"""The journal's name for the caller of these."""

Handler = Callable[[Portal, Call], Answer]
Edit = Callable[[World, str, Any], dict[str, Any]]


def edit(world: World, crm: CRM, type: str, verb: str, given: Any) -> Any:
    """Do one edit, or each of a list of them, and return what it made."""
    work = _EDITS[crm].get(verb)
    if work is None:
        raise Refused(f"{crm} has no {verb!r}; a person can {', '.join(_EDITS[crm])}.", 404)
    with crm_words():
        if isinstance(given, list):
            return [work(world, type, each) for each in given]
        return work(world, type, given)


@contextmanager
def crm_words() -> Iterator[None]:
    """Pass a CRM's refusal on as control's."""
    try:
        yield
    except ApiError as error:
        raise Refused(f"HubSpot refused: {error.message}") from error
    except SalesforceError as error:
        raise Refused(f"Salesforce refused: {error.code}: {error.message}") from error


def _asked_of_hubspot(
    world: World, handler: Handler, type: str, body: Mapping[str, Any], **params: str
) -> dict[str, Any]:
    """Let the API's own handler do it: same checks, but no token, limit or count."""
    request = Request("POST", f"/{type}", body=orjson.dumps(body))
    answer = handler(world.portal, Call(request, {"type": type, **params}, PERSON))
    return answer.body or {}


def _existing(world: World, type: str, given: Mapping[str, Any], name: str = "id") -> str:
    """Return the id of a live record, or refuse."""
    record_id = asked.text(given, name)
    store = world.portal.store_of(type)
    if store.live(store.resolve(record_id)) is None:
        raise Refused(f"HubSpot has no live record {record_id} of type {type}.")
    return record_id


def _create(world: World, type: str, given: Any) -> dict[str, Any]:
    held = asked.fields(given, "properties", "bypass_rules")
    properties = asked.mapping(held, "properties")
    if asked.flag(held, "bypass_rules"):
        return {"id": world.portal.create(type, properties, caller=PERSON)}
    made = _asked_of_hubspot(world, objects.create, type, {"properties": properties})
    return {"id": made["id"]}


def _change(world: World, type: str, given: Any) -> dict[str, Any]:
    held = asked.fields(given, "id", "properties", "bypass_rules")
    record_id, properties = _existing(world, type, held), asked.mapping(held, "properties")
    if asked.flag(held, "bypass_rules"):
        world.portal.update(type, record_id, properties, caller=PERSON)
    else:
        body = {"properties": properties}
        _asked_of_hubspot(world, objects.update, type, body, id=record_id)
    return {"id": record_id}


def _archive(world: World, type: str, given: Any) -> dict[str, Any]:
    record_id = _existing(world, type, asked.fields(given, "id"))
    world.portal.archive(type, record_id, caller=PERSON)
    return {"id": record_id}


def _restore(world: World, type: str, given: Any) -> dict[str, Any]:
    record_id = asked.text(asked.fields(given, "id"), "id")
    record = world.portal.store_of(type).records.get(record_id)
    if record is None or record.archived_at is None:
        raise Refused(f"HubSpot has no archived record {record_id} of type {type}.")
    if holder := world.portal.store_of(type).rival(record):
        raise Refused(f"Record {holder} has taken a unique value of {record_id} meanwhile.")
    world.portal.restore(type, record_id, caller=PERSON)
    return {"id": record_id}


def _gdpr_delete(world: World, type: str, given: Any) -> dict[str, Any]:
    record_id = asked.text(asked.fields(given, "id"), "id")
    _asked_of_hubspot(world, objects.gdpr_delete, type, {"objectId": record_id})
    return {"id": record_id}


def _merge(world: World, type: str, given: Any) -> dict[str, Any]:
    held = asked.fields(given, "primary", "merged")
    body = {
        "primaryObjectId": asked.text(held, "primary"),
        "objectIdToMerge": asked.text(held, "merged"),
    }
    return {"id": _asked_of_hubspot(world, objects.merge, type, body)["id"]}


def _insert(world: World, type: str, given: Any) -> dict[str, Any]:
    held = asked.fields(given, "fields", "bypass_rules")
    values, bypass = asked.mapping(held, "fields"), asked.flag(held, "bypass_rules")
    return {"id": world.org.insert(type, values, caller=PERSON, bypass_rules=bypass)}


def _of(world: World, type: str, given: Mapping[str, Any], name: str = "id") -> str:
    """Return the id of a record of this type, or of none at all: of that Salesforce speaks."""
    record_id = asked.text(given, name)
    record = world.org.find(record_id)
    if record is not None and record.table.name.lower() != type.lower():
        raise Refused(f"{record_id} is a {record.table.name}, not a {type}.")
    return record_id


def _update(world: World, type: str, given: Any) -> dict[str, Any]:
    held = asked.fields(given, "id", "fields", "bypass_rules")
    record_id, values = _of(world, type, held), asked.mapping(held, "fields")
    bypass = asked.flag(held, "bypass_rules")
    world.org.update(record_id, values, caller=PERSON, bypass_rules=bypass)
    return {"id": record_id}


def _delete(world: World, type: str, given: Any) -> dict[str, Any]:
    record_id = _of(world, type, asked.fields(given, "id"))
    world.org.delete(record_id, caller=PERSON)
    return {"id": record_id}


def _undelete(world: World, type: str, given: Any) -> dict[str, Any]:
    record_id = _of(world, type, asked.fields(given, "id"))
    world.org.undelete(record_id, caller=PERSON)
    return {"id": record_id}


def _merge_into(world: World, type: str, given: Any) -> dict[str, Any]:
    held = asked.fields(given, "master", "losers")
    master = _of(world, type, held, "master")
    world.org.merge(master, asked.texts(held, "losers"), caller=PERSON)
    return {"id": master}


def _convert(world: World, type: str, given: Any) -> dict[str, Any]:
    held = asked.fields(given, "id", "account_id")
    account_id = asked.optional_text(held, "account_id")
    lead_id = _of(world, type, held)
    return world.org.convert_lead(lead_id, account_id=account_id, caller=PERSON)


_EDITS: Mapping[CRM, Mapping[str, Edit]] = {
    CRM.HUBSPOT: {
        "create": _create,
        "update": _change,
        "archive": _archive,
        "restore": _restore,
        "merge": _merge,
        "gdpr": _gdpr_delete,
    },
    CRM.SALESFORCE: {
        "insert": _insert,
        "update": _update,
        "delete": _delete,
        "undelete": _undelete,
        "merge": _merge_into,
        "convert": _convert,
    },
}
