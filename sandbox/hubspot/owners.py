"""Owners: users records are assigned to; an owner's id is not the user's."""

from dataclasses import asdict, dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.errors import resource_not_found
from sandbox.hubspot.instants import iso

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal


@dataclass(frozen=True, slots=True)
class Owner:
    id: str
    user_id: int
    email: str
    first_name: str
    last_name: str
    created: int
    archived: bool = False

    def to_json(self) -> dict[str, Any]:
        """Return the state to dump."""
        return asdict(self)

    def render(self) -> dict[str, Any]:
        """Return the wire form; an archived owner's ``userId`` is null."""
        return {
            "id": self.id,
            "email": self.email,
            "type": "PERSON",
            "firstName": self.first_name,
            "lastName": self.last_name,
            "userId": None if self.archived else self.user_id,
            "userIdIncludingInactive": self.user_id,
            "createdAt": iso(self.created),
            "updatedAt": iso(self.created),
            "archived": self.archived,
        }


def page(portal: "Portal", call: Call) -> Answer:
    limit = call.number("limit", default=100, high=500)
    after = call.number("after", default=0, low=0, high=10**12)
    email, archived = call.request.query.get("email", "").lower(), call.flag("archived")
    matching = (
        owner
        for owner in portal.owners.values()
        if owner.archived == archived
        and int(owner.id) > after
        and (not email or owner.email.lower() == email)
    )
    found = list(islice(matching, limit + 1))
    body: dict[str, Any] = {"results": [owner.render() for owner in found[:limit]]}
    if len(found) > limit:
        cursor = found[limit - 1].id
        body["paging"] = {"next": {"after": cursor, "link": call.link(after=cursor)}}
    return Answer(200, body)


def read(portal: "Portal", call: Call) -> Answer:
    text, archived = call.params["id"], call.flag("archived")
    by_user = call.request.query.get("idProperty") == "userId"
    for owner in portal.owners.values():
        key = str(owner.user_id) if by_user else owner.id
        if key == text and owner.archived == archived:
            return Answer(200, owner.render())
    raise resource_not_found()
