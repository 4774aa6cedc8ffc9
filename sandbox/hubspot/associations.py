"""Associations between records: the v4 calls, and those made and shown with a record."""

from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.errors import ApiError, invalid, resource_not_found
from sandbox.hubspot.record import Record
from sandbox.hubspot.shapes import each, members, text, whole
from sandbox.hubspot.store import ObjectStore

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

TYPE_IDS: Mapping[tuple[str, str], int] = {
    ("0-1", "0-2"): 279,
    ("0-2", "0-1"): 280,
    ("0-3", "0-1"): 3,
    ("0-1", "0-3"): 4,
    ("0-3", "0-2"): 341,
    ("0-2", "0-3"): 342,
    ("0-1", "0-5"): 15,
    ("0-5", "0-1"): 16,
    ("0-1", "0-46"): 201,
    ("0-46", "0-1"): 202,
    ("0-1", "0-27"): 203,
    ("0-27", "0-1"): 204,
    ("0-1", "0-48"): 193,
    ("0-48", "0-1"): 194,
    ("0-1", "0-1"): 449,
}
"""HubSpot's type ids of unlabelled associations."""

Key = tuple[str, str]
"""Object type id and record id."""

Link = tuple[Key, int]
"""The other end and the type id of an association that is to be made."""

WANTED = each(
    members(
        "to",
        "types",
        to=members("id", id=text),
        types=each(members("associationTypeId", associationTypeId=whole, associationCategory=text)),
    )
)
"""The shape of the ``associations`` that a record is created with."""
_INPUTS = members("inputs", inputs=each(members("id", id=text)))


class Associations:
    """Links between records, kept from both ends."""

    def __init__(self) -> None:
        self.links: dict[Key, dict[Key, int]] = {}

    def add(self, one: Key, other: Key, type_id: int) -> None:
        self.links.setdefault(one, {})[other] = type_id
        self.links.setdefault(other, {})[one] = TYPE_IDS.get((other[0], one[0]), type_id)

    def remove(self, one: Key, other: Key) -> None:
        self.links.get(one, {}).pop(other, None)
        self.links.get(other, {}).pop(one, None)

    def of(self, key: Key, type_id: str) -> Iterator[tuple[str, int]]:
        """Yield (record id, association type id) of one record's links to a type."""
        links = self.links.get(key, {})
        return ((other[1], kind) for other, kind in links.items() if other[0] == type_id)

    def move(self, old: Key, new: Key) -> None:
        """Give the links of a record that was merged away to the one that goes on."""
        for other, kind in self.links.pop(old, {}).items():
            back = self.links.get(other, {}).pop(old, kind)
            if other != new:
                self.links.setdefault(new, {}).setdefault(other, kind)
                self.links[other].setdefault(new, back)

    def to_json(self) -> list[Any]:
        return [
            [*one, *other, kind]
            for one, links in self.links.items()
            for other, kind in links.items()
        ]

    def restore(self, body: Iterable[Any]) -> None:
        self.links = {}
        for one_type, one, other_type, other, kind in body:
            self.links.setdefault((one_type, one), {})[other_type, other] = kind


def wanted_links(portal: "Portal", store: ObjectStore, wanted: Any) -> list[Link]:
    """Return what a create's ``associations`` member asks for, or raise the 400."""
    links: list[Link] = []
    for item in wanted or ():
        target = str(item["to"]["id"])
        for type in item["types"]:
            kind = int(type["associationTypeId"])
            other = _type_reached(portal, store.type.id, kind)
            if portal.stores[other].live(target) is None:
                raise invalid(f"{portal.stores[other].type.legacy}={target} is not valid")
            links.append(((other, target), kind))
    return links


def create_with(
    portal: "Portal", store: ObjectStore, record: Record, links: Iterable[Link]
) -> None:
    """Make the associations of a new record."""
    for other, kind in links:
        portal.associations.add((store.type.id, record.id), other, kind)


def live_links(portal: "Portal", key: Key, other: ObjectStore) -> Iterator[tuple[str, int]]:
    """Yield (record id, association type id) of the links to records that are not archived."""
    links = portal.associations.of(key, other.type.id)
    return ((id, kind) for id, kind in links if other.live(id))


def _type_reached(portal: "Portal", from_id: str, kind: int) -> str:
    for (one, other), type_id in TYPE_IDS.items():
        if one == from_id and type_id == kind:
            return other
    if from_id == "0-1" and kind == 1:
        return "0-2"
    raise invalid(f"Association type {kind} does not exist from {from_id} in {portal.portal_id}")


def attach(
    portal: "Portal", store: ObjectStore, bodies: list[dict[str, Any]], names: Iterable[str]
) -> None:
    """Put the asked associations into rendered records that have any."""
    for name in names:
        other = portal.store_of(name)
        label = f"{store.type.name}_to_{other.type.name}"
        for body in bodies:
            links = live_links(portal, (store.type.id, body["id"]), other)
            results = [{"id": id, "type": label} for id, _ in links]
            if results:
                body.setdefault("associations", {})[other.type.plural] = {"results": results}


def _target(id: str, kind: int) -> dict[str, Any]:
    """Return one link; ids are integers here and the label of an unlabelled one is null."""
    label = "Primary" if kind == 1 else None
    types = [{"category": "HUBSPOT_DEFINED", "typeId": kind, "label": label}]
    return {"toObjectId": int(id), "associationTypes": types}


def page(portal: "Portal", call: Call) -> Answer:
    """List one record's associations to a type."""
    store, other = portal.store_of(call.params["type"]), portal.store_of(call.params["to"])
    key = (store.type.id, store.resolve(call.params["id"]))
    if store.live(key[1]) is None:
        raise resource_not_found()
    limit = call.number("limit", default=500, high=500)
    start = call.number("after", default=0, low=0, high=10**9)
    links = list(live_links(portal, key, other))
    body: dict[str, Any] = {"results": [_target(*link) for link in links[start : start + limit]]}
    if len(links) > start + limit:
        cursor = str(start + limit)
        body["paging"] = {"next": {"after": cursor, "link": call.link(after=cursor)}}
    return Answer(200, body)


def _ends(portal: "Portal", call: Call) -> tuple[Key, Key]:
    store, other = portal.store_of(call.params["type"]), portal.store_of(call.params["to"])
    one, two = store.live(call.params["id"]), other.live(call.params["to_id"])
    if one is None or two is None:
        raise resource_not_found()
    return (store.type.id, one.id), (other.type.id, two.id)


def put_default(portal: "Portal", call: Call) -> Answer:
    """Associate two records with the unlabelled type; the answer shows it from both ends."""
    one, other = _ends(portal, call)
    kind = TYPE_IDS.get((one[0], other[0]))
    if kind is None:
        raise invalid(f"No default association exists from {one[0]} to {other[0]}")
    portal.associations.add(one, other, kind)
    results = [
        {"from": {"id": start[1]}, "to": {"id": end[1]}, "associationSpec": _spec(start, end)}
        for start, end in ((one, other), (other, one))
    ]
    return Answer(200, portal.batch_body(results, []))


def _spec(start: Key, end: Key) -> dict[str, Any]:
    kind = TYPE_IDS[start[0], end[0]]
    return {"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": kind}


def delete(portal: "Portal", call: Call) -> Answer:
    portal.associations.remove(*_ends(portal, call))
    return Answer(204)


def batch_read(portal: "Portal", call: Call) -> Answer:
    """Read up to 1,000 records' associations; records without any come as errors of a 207."""
    store, other = portal.store_of(call.params["type"]), portal.store_of(call.params["to"])
    inputs = call.body(_INPUTS)["inputs"]
    if len(inputs) > 1000:
        raise invalid("The maximum number of inputs supported in a batch is 1000.")
    results, errors = [], []
    for item in inputs:
        id = str(item["id"])
        links = list(live_links(portal, (store.type.id, id), other))
        if links:
            results.append({"from": {"id": id}, "to": [_target(*link) for link in links]})
        else:
            errors.append(_none_found(store, other, id).element(None))
    body = portal.batch_body(results, errors)
    return Answer(207 if errors else 200, body)


def _none_found(store: ObjectStore, other: ObjectStore, id: str) -> ApiError:
    fields = {
        "subCategory": "crm.associations.NO_ASSOCIATIONS_FOUND",
        "context": {
            "fromObjectId": [id],
            "fromObjectType": [store.type.name],
            "toObjectType": [other.type.name],
        },
    }
    message = f"No {other.type.name} is associated with {store.type.name} {id}."
    return ApiError(404, message, category="OBJECT_NOT_FOUND", fields=fields)
