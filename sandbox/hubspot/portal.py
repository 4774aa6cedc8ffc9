"""One HubSpot account in memory: its state, and the one door every request comes through."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from random import Random
from typing import Any, Literal

import orjson

from sandbox.clock import Clock
from sandbox.hubspot import lists as list_calls
from sandbox.hubspot import properties, routes, snapshot, writes
from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.associations import Associations
from sandbox.hubspot.errors import (
    ApiError,
    missing_scopes,
    resource_not_found,
    token_expired,
    unauthenticated,
    unknown_object_type,
)
from sandbox.hubspot.index import SearchIndex
from sandbox.hubspot.instants import iso
from sandbox.hubspot.limits import App, Limits
from sandbox.hubspot.list_engine import ListEngine
from sandbox.hubspot.oauth import AccessToken, OAuthApp
from sandbox.hubspot.object_types import STOCK, ObjectType, custom
from sandbox.hubspot.options import Options
from sandbox.hubspot.owners import Owner
from sandbox.hubspot.private_apps import of_objects
from sandbox.hubspot.schema import FIELD_TYPES
from sandbox.hubspot.schemas import Schema
from sandbox.hubspot.store import ObjectStore
from sandbox.journal import Journal, Membership
from sandbox.wire import Request, Response

SEEDER = "sandbox"
NOBODY = 0
"""The number of no record."""


class Portal:
    """State and behaviour of one account; not thread-safe."""

    def __init__(self, clock: Clock, journal: Journal, rng: Random) -> None:
        self.clock = clock
        self.journal = journal
        self.rng = rng
        self.portal_id = 12_345_678
        self.options = Options()
        self.tokens: dict[str, str] = {}
        """Static bearer tokens (private apps, service keys) and the app each belongs to."""
        self.scopes: dict[str, frozenset[str]] = {}
        """Scopes per static token; one that is absent here may do anything."""
        self.oauth_apps: dict[str, OAuthApp] = {}
        self.access_tokens: dict[str, AccessToken] = {}
        self.calls: Counter[str] = Counter()
        self.owners: dict[str, Owner] = {}
        self.blocklist: set[str] = set()
        self.reset()

    def reset(self) -> None:
        """Forget all records, schemas, lists and counts."""
        self.stores: dict[str, ObjectStore] = {}
        self.schemas: dict[str, Schema] = {}
        self._names: dict[str, ObjectStore] = {}
        for type in STOCK:
            self.add_type(type)
        self.associations = Associations()
        self.index = SearchIndex(self.options)
        self.limits = Limits(self.options)
        self.lists = ListEngine(self)

    # --- requests -----------------------------------------------------------------------------

    def handle(self, request: Request) -> Response:
        """Answer one request; never waits."""
        correlation_id = self._correlation_id()
        headers = {
            "content-type": "application/json;charset=utf-8",
            "x-hubspot-correlation-id": correlation_id,
        }
        self.lists.settle()
        try:
            answer = self._answer(request, headers)
        except ApiError as error:
            headers.update(error.headers)
            answer = Answer(error.status, error.body(correlation_id))
        headers.update(answer.headers)
        if answer.body is None:
            del headers["content-type"]
            return Response(answer.status, b"", headers)
        return Response(answer.status, orjson.dumps(answer.body), headers)

    def _correlation_id(self) -> str:
        """Return a UUIDv7 of the sandbox clock."""
        bits = self.rng.getrandbits(74)
        head = f"{self.now_ms() & 0xFFFF_FFFF_FFFF:012x}"
        tail = f"{bits & 0x3FFF_FFFF_FFFF_FFFF | 0x8000_0000_0000_0000:016x}"
        return f"{head[:8]}-{head[8:]}-7{bits >> 62:03x}-{tail[:4]}-{tail[4:]}"

    def _answer(self, request: Request, headers: dict[str, str]) -> Answer:
        if opened := routes.open_call(request):
            name, handler, params = opened
            self.calls[name] += 1
            return handler(self, Call(request, params))
        app, scopes = self._authenticate(request)
        words = routes.words_of(request)
        found = routes.match(request.method, words) if words else None
        name = found[0].name if found else "unknown"
        self.calls[name] += 1
        is_search = name == "objects.search"
        headers.update(self.limits.take(app, self.clock.timestamp(), search=is_search))
        if words is None or found is None:
            raise _no_route(words)
        route, params = found
        self._check_scope(route.scope, params, scopes)
        base = f"http://{request.headers.get('host', 'api.hubapi.com')}"
        return route.handler(self, Call(request, params, app.name, base))

    def _authenticate(self, request: Request) -> tuple[App, Iterable[str] | None]:
        """Return whose call it is and its scopes; None for all."""
        kind, _, token = request.headers.get("authorization", "").partition(" ")
        if kind.lower() != "bearer" or not token:
            raise unauthenticated()
        caller = self.tokens.get(token)
        if caller is not None:
            return App(caller), self.scopes.get(token)
        access = self.access_tokens.get(token)
        if access is None:
            raise unauthenticated()
        late = self.clock.timestamp() - access.expires
        if late >= 0:
            raise token_expired(int(late), iso(int(access.expires * 1000)))
        return App(self.oauth_apps[access.app].name, is_oauth=True), access.scopes

    def _check_scope(
        self, scope: str, params: Mapping[str, str], granted: Iterable[str] | None
    ) -> None:
        if granted is None or not scope:
            return
        area, verb = scope.split(".")
        if area in {"objects", "schemas"}:
            wanted = of_objects(area, self.store_of(params["type"]).type, verb)
        elif area == "owners":
            wanted = f"crm.objects.owners.{verb}"
        else:
            wanted = f"crm.{area}.{verb}"
        if wanted not in granted:
            raise missing_scopes([wanted])

    # --- what handlers share ------------------------------------------------------------------

    def now_ms(self) -> int:
        """Return the sandbox time in whole milliseconds."""
        return int(self.clock.timestamp() * 1000)

    def store_of(self, name: str) -> ObjectStore:
        """Return the store of an object type given by name, plural or id, or raise the 400."""
        store = self._names.get(name.lower())
        if store is None:
            raise unknown_object_type(name)
        return store

    def batch_body(self, results: list[Any], errors: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
        """Return a batch answer; results come in an order of HubSpot's own."""
        if self.options.shuffle_batches and len(results) > 1:
            turn = self.rng.randrange(len(results))
            results = results[turn:][::-1] + results[:turn]
        now = iso(self.now_ms())
        body: dict[str, Any] = {"status": "COMPLETE", "results": results}
        if errors:
            body["numErrors"] = len(errors)
            body["errors"] = errors
        body["startedAt"] = now
        body["completedAt"] = now
        return body

    # --- control and seeding ------------------------------------------------------------------

    def add_type(self, type: ObjectType) -> ObjectStore:
        store = ObjectStore(type)
        self.stores[type.id] = store
        self.schemas[type.id] = Schema(type)
        for name in (type.id, type.name, type.plural):
            self._names[name] = store
        return store

    def define_custom(self, id: str, name: str, plural: str) -> None:
        """Add a custom object type, id such as ``2-3604285``."""
        self.add_type(custom(id, name, plural))

    def add_property(self, object_type: str, body: Mapping[str, Any]) -> None:
        """Add a property from its wire form (name, label, type, groupName, options ...)."""
        store = self.store_of(object_type)
        schema = self.schemas[store.type.id]
        usual = {"groupName": next(iter(schema.groups)), "fieldType": FIELD_TYPES[body["type"]]}
        definition = properties.add(self, schema, {**usual, **body})
        definition.visible = 0

    def add_owner(self, email: str, first_name: str, last_name: str, **more: Any) -> str:
        """Add an owner and return the owner id."""
        number = 61_000_001 + 7 * len(self.owners)
        owner = Owner(
            str(number), number + 1_000_000, email, first_name, last_name, self.now_ms(), **more
        )
        self.owners[owner.id] = owner
        return owner.id

    def create(
        self, object_type: str, properties: Mapping[str, str], *, caller: str = SEEDER
    ) -> str:
        """Create without validation, so that invalid data can be planted; return the id."""
        store = self.store_of(object_type)
        return writes.create(self, store, properties, caller=caller).id

    def update(
        self, object_type: str, id: str, properties: Mapping[str, str], *, caller: str = SEEDER
    ) -> bool:
        """Write values without validation; say whether any differed."""
        store = self.store_of(object_type)
        record = store.records[store.resolve(id)]
        return writes.update(self, store, record, properties, caller=caller)

    def archive(self, object_type: str, id: str, *, caller: str = SEEDER) -> None:
        store = self.store_of(object_type)
        writes.archive(self, store, store.records[id], caller=caller)

    def restore(self, object_type: str, id: str, *, caller: str = SEEDER) -> None:
        """Take a record out of the recycle bin, as a user may within 90 days."""
        store = self.store_of(object_type)
        writes.restore(self, store, store.records[id], caller=caller)

    def merge(self, object_type: str, primary: str, merged: str, *, caller: str = SEEDER) -> str:
        """Merge two records and return the new id."""
        store = self.store_of(object_type)
        records = store.records[store.resolve(primary)], store.records[store.resolve(merged)]
        return writes.merge(self, store, *records, caller=caller).id

    def gdpr_delete(self, object_type: str, id: str, *, caller: str = SEEDER) -> None:
        store = self.store_of(object_type)
        writes.purge(self, store, store.records[id], caller=caller)

    def create_list(
        self,
        name: str,
        filter_branch: Mapping[str, Any] | None,
        *,
        object_type_id: str = "0-1",
        processing_type: Literal["MANUAL", "DYNAMIC", "SNAPSHOT"] = "DYNAMIC",
    ) -> str:
        """Create a list and return its id; a wrong filter raises as over the API."""
        kind = processing_type
        return list_calls.add(self, name, filter_branch, type_id=object_type_id, kind=kind).id

    def update_list_filters(self, list_id: str, filter_branch: Mapping[str, Any]) -> None:
        list_calls.change_filters(self, list_calls.find(self, list_id), filter_branch)

    def set_members(self, list_id: str, ids: Iterable[str]) -> None:
        """Make *ids* the members of a MANUAL or SNAPSHOT list."""
        item = list_calls.find(self, list_id)
        wanted = set(map(int, ids))
        leaving = item.members.joined.keys() - wanted
        self.lists.set_manually(item, add=sorted(wanted), remove=sorted(leaving))

    def convert_list(self, list_id: str) -> None:
        """Make an active list static now."""
        self.lists.convert(list_calls.find(self, list_id))

    def delete_list(self, list_id: str) -> None:
        list_calls.find(self, list_id).deleted = self.now_ms()
        self.lists.rebuild()

    def membership(self, contact_id: str) -> Mapping[str, Membership]:
        """Return, per active contact list, membership by the filter and as evaluated."""
        contacts = self.stores["0-1"]
        found = contacts.records.get(contacts.resolve(contact_id))
        return self.lists.membership(found.number if found else NOBODY)

    def dump(self) -> dict[str, Any]:
        """Return everything as JSON-able values; what only waits for an index is not kept."""
        return snapshot.dump(self)

    def load(self, state: Mapping[str, Any]) -> None:
        """Replace everything with a dumped state; issued OAuth tokens are forgotten."""
        snapshot.load(self, state)


def _no_route(words: tuple[str, ...] | None) -> ApiError:
    if words and routes.known_elsewhere(words):
        return ApiError(405, "HTTP 405 Method Not Allowed")
    return resource_not_found()
