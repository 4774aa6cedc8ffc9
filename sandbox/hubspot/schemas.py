"""The property definitions of every object type, as one portal has them."""

from typing import Any

from sandbox.hubspot.object_types import ObjectType
from sandbox.hubspot.schema import GROUP_LABELS, Property, stock


class Schema:
    """Definitions of one object type."""

    def __init__(self, type: ObjectType) -> None:
        self.type = type
        self.properties = stock(type.table)
        names = {definition.group for definition in self.properties.values()}
        self.groups = {name: GROUP_LABELS.get(name, name) for name in sorted(names)}
        self.archived_groups: dict[str, str] = {}

    def known(self, name: str, ms: int) -> Property | None:
        """Return the definition if reads and writes see it at that time."""
        definition = self.properties.get(name)
        if definition is None or definition.archived or definition.visible > ms:
            return None
        return definition

    def is_unique(self, name: str) -> bool:
        """Say whether ``idProperty`` may name this property."""
        if name == "hs_object_id" or (name == "email" and self.type.id == "0-1"):
            return True
        definition = self.properties.get(name)
        return bool(definition and definition.unique and not definition.archived)

    def to_json(self) -> dict[str, Any]:
        """Return what differs from the stock schema."""
        custom = [
            {slot: getattr(item, slot) for slot in Property.__slots__ if slot != "check"}
            for item in self.properties.values()
            if not item.hubspot_defined or item.updated
        ]
        return {"custom": custom, "groups": self.groups, "archived_groups": self.archived_groups}

    def restore(self, body: dict[str, Any]) -> None:
        self.groups = dict(body["groups"])
        self.archived_groups = dict(body["archived_groups"])
        for item in body["custom"]:
            definition = Property(**item)
            definition.refresh()
            self.properties[definition.name] = definition
