"""Every setting that is one value, by dotted name and ``GUESTLIST_*`` variable."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from marshmallow import fields

from schemas.mapping_schema import ObjectMappingSchema
from schemas.settings import Secret, Settings
from schemas.settings_schema import SettingsSchema

PREFIX = "GUESTLIST_"


@dataclass(frozen=True, slots=True)
class Variable:
    """One setting that is a single value, and so fits an environment variable."""

    name: str
    """Dotted, as in the file: ``lanes.bulk.width``."""
    meaning: str = ""
    secret: bool = False
    address: bool = False
    """An address may carry a password, which is masked."""

    @property
    def env(self) -> str:
        return PREFIX + self.name.replace(".", "_").upper()

    @property
    def env_file(self) -> str | None:
        """Variable that names a file to read the value from."""
        return f"{self.env}_FILE" if self.secret or self.address else None

    def value(self, settings: Settings) -> Any:
        found: Any = settings
        for part in self.name.split("."):
            name = _ATTRIBUTES.get(part, part) if self.name.startswith("objects.") else part
            found = found[part] if isinstance(found, Mapping) else getattr(found, name)
        return found

    def masked(self, value: Any) -> str:
        """*value* for people and logs."""
        if value is None:
            return ""
        return without_password(str(value)) if self.address else as_text(value)


_ATTRIBUTES = {"hubspot": "hubspot_type"}


SECTIONS = ("polls", "budget", "guards", "retries", "alerts")
"""Tables whose values may be set while everything runs."""
_WITH_THE_FILES = ("guards.four_eyes", "alerts.webhook_", "alerts.smtp_", "alerts.mail_")
"""Not these: that two people have to answer, and who is told."""


@cache
def editable() -> Mapping[str, Variable]:
    """Return the settings that people may set while everything runs, by name."""
    return {
        each.name: each
        for each in variables()
        if each.name.partition(".")[0] in SECTIONS and not each.name.startswith(_WITH_THE_FILES)
    }


def variables() -> list[Variable]:
    """Every setting outside ``[objects]``, in the order of the schema."""
    return list(_walk(SettingsSchema().fields, ""))


def object_variables(names: Iterable[str]) -> list[Variable]:
    """The single values of these objects, e.g. ``objects.contacts.inclusion_list``."""
    schema = ObjectMappingSchema().fields
    kinds = (fields.String, fields.Boolean, fields.Enum)
    single = [key for key, field in schema.items() if isinstance(field, kinds)]
    return [
        Variable(f"objects.{name}.{key}", **schema[key].metadata)
        for name in names
        for key in single
        if key != "name"
    ]


def as_text(value: Any) -> str:
    """As it would be written in an environment variable; a secret stays masked."""
    match value:
        case None:
            return ""
        case bool():
            return "true" if value else "false"
        case Enum() | Secret():
            return str(value)
        case float() if value.is_integer():
            return str(int(value))
        case _:
            return str(value)


def without_password(address: str) -> str:
    user, at, host = urlsplit(address).netloc.rpartition("@")
    name, colon, _ = user.partition(":")
    if not colon:
        return address
    return address.replace(f"{user}{at}{host}", f"{name}:********@{host}", 1)


def _walk(schema: Mapping[str, fields.Field[Any]], prefix: str) -> Iterator[Variable]:
    single = {key: field for key, field in schema.items() if "meaning" in field.metadata}
    for key, field in single.items():
        yield Variable(prefix + key, **field.metadata)
    for key, field in schema.items():
        if isinstance(field, fields.Nested):
            yield from _walk(field.schema.fields, f"{prefix}{key}.")
