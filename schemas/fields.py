"""marshmallow fields of the house: text written as a number, whole numbers, secrets, tables."""

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from marshmallow import EXCLUDE, Schema, ValidationError, fields, validates_schema

from schemas.settings import Secret


class StrictSchema(Schema):
    """Refuses keys it does not know, naming the key that was probably meant."""

    class Meta:
        unknown = EXCLUDE

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def refuse_unknown(self, _data: Any, original: Any, **_: Any) -> None:
        if isinstance(original, Mapping):
            known = [field.data_key or name for name, field in self.fields.items()]
            unknown = [key for key in original if key not in known]
            if unknown:
                raise ValidationError({key: [unknown_key(key, known)] for key in unknown})


def unknown_key(key: str, known: Iterable[str]) -> str:
    return "Unknown setting." + did_you_mean(key, known)


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A suggestion to append, or nothing when no known word is close."""
    close = get_close_matches(word.lower(), list(known), n=1, cutoff=0.6)
    return f" Did you mean '{close[0]}'?" if close else ""


class Text(fields.String):
    """Text; a bare number is taken as its digits, since TOML writers forget the quotes."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> str:
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = str(value)
        return super()._deserialize(value, attr, data, **kwargs).strip()


class Whole(fields.Integer):
    """A whole number; a fraction is refused, not cut off."""

    def _validated(self, value: Any) -> Any:
        if isinstance(value, float) and not value.is_integer():
            raise self.make_error("invalid", input=value)
        return super()._validated(value)


class SecretText(fields.String):
    """Text that from here on prints masked."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return Secret(super()._deserialize(value, attr, data, **kwargs).strip())


class Keyed(fields.Dict):
    """A table by name; what is wrong is reported under the name alone."""

    def __init__(self, values: fields.Field[Any], **kwargs: Any) -> None:
        super().__init__(keys=fields.String(), values=values, **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[Any, Any]:
        try:
            return dict(super()._deserialize(value, attr, data, **kwargs))  # type: ignore[no-untyped-call]
        except ValidationError as refused:
            raise ValidationError(_without_levels(refused.messages)) from refused


def _without_levels(messages: Any) -> Any:
    """Remove the ``key`` or ``value`` that marshmallow puts between a name and its problems."""
    if not isinstance(messages, dict):
        return messages
    return {name: row.get("value", row.get("key")) for name, row in messages.items()}


class Folder(fields.String):
    """A folder's path; ``~`` is the home folder."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return Path(super()._deserialize(value, attr, data, **kwargs)).expanduser()
