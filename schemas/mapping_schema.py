"""The shape of ``[objects.*]`` in the settings: what is mapped to what, and who wins."""

from collections.abc import Mapping
from dataclasses import replace
from enum import StrEnum
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema
from marshmallow.validate import Length, OneOf, Regexp

from schemas.fields import Keyed, StrictSchema, Text
from schemas.mapping import DeletePolicy, DuplicateMode, FieldMapping, ObjectMapping, SyncRule

# Names end up in paths and in SOQL, so only what a CRM can have named may pass.
HUBSPOT_NAME = Regexp(r"[a-z0-9_][a-z0-9_.-]*\Z", error="Not a HubSpot property name.")
HUBSPOT_TYPE = Regexp(r"[A-Za-z0-9_-]+\Z", error="Not a HubSpot object type.")
HUBSPOT_TYPE_ID = Regexp(r"\d+-\d+\Z", error="Not a HubSpot object type id such as 0-1.")
SALESFORCE_NAME = Regexp(r"[A-Za-z][A-Za-z0-9_]*\Z", error="Not a Salesforce API name.")
LIST_ID = Regexp(r"\d+\Z", error="Not a HubSpot list id (digits, from the list's address).")
EVERY_TYPE = ""
"""Key of a field name that stands for all Salesforce types of its object."""


class SalesforceNames(Keyed):
    """A field name by Salesforce type, or one name for all types."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.String(validate=SALESFORCE_NAME), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> dict[Any, Any]:
        names = {EVERY_TYPE: value} if isinstance(value, str) else value
        return super()._deserialize(names, attr, data, **kwargs)


class SalesforceTypes(fields.List[str]):
    """One Salesforce type, or several in order of preference."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(fields.String(validate=SALESFORCE_NAME), **kwargs)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> list[str | None]:
        listed = [value] if isinstance(value, str) else value
        return super()._deserialize(listed, attr, data, **kwargs)


class Word(fields.Enum[Any]):
    """One word of a closed set, or of the part of it that makes sense here."""

    def __init__(self, *choices: StrEnum, **kwargs: Any) -> None:
        one_of = OneOf(choices, error=f"Must be one of: {', '.join(choices)}.")
        super().__init__(type(choices[0]), by_value=True, validate=one_of, **kwargs)
        self.error_messages["unknown"] = one_of.error


class FieldMappingSchema(StrictSchema):
    hubspot = fields.String(required=True, validate=HUBSPOT_NAME)
    salesforce = SalesforceNames(required=True)
    rule = fields.Enum(SyncRule, by_value=True)
    converter = fields.String(validate=Regexp(r"[a-z_]+\Z", error="Not a converter name."))
    values = fields.Dict(keys=fields.String(), values=fields.String())
    when_blank = Text()

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> FieldMapping:
        return FieldMapping(**data)


class MatchSchema(StrictSchema):
    hubspot = fields.String(required=True, validate=HUBSPOT_NAME)
    salesforce = SalesforceNames(required=True)


class ObjectMappingSchema(StrictSchema):
    name = fields.String(
        required=True,
        validate=Regexp(
            r"[a-z][a-z0-9_]*\Z", error="Must be small letters, digits and _, a letter first."
        ),
    )
    hubspot = fields.String(
        required=True,
        validate=HUBSPOT_TYPE,
        metadata={"meaning": "HubSpot object type, as in its paths."},
    )
    hubspot_type_id = fields.String(
        required=True,
        validate=HUBSPOT_TYPE_ID,
        metadata={"meaning": "HubSpot object type id; what a list is of."},
    )
    salesforce = SalesforceTypes(required=True, validate=Length(min=1))
    create_as = fields.String(
        metadata={"meaning": "Which Salesforce type a record new to Salesforce becomes."}
    )
    external_id = fields.String(
        required=True,
        validate=SALESFORCE_NAME,
        metadata={
            "meaning": "Salesforce field, External ID and Unique, that holds the HubSpot id."
        },
    )
    inclusion_list = Text(
        allow_none=True,
        validate=LIST_ID,
        metadata={
            "meaning": "Id of the inclusion list, pinned. Not set: as `guestlist list use` said."
        },
    )
    create_in_salesforce = fields.Boolean(
        metadata={
            "meaning": "Create members that Salesforce lacks; false: only link existing ones."
        },
    )
    create_in_hubspot = fields.Boolean(
        metadata={
            "meaning": "Create in HubSpot what is created in Salesforce, past the inclusion list."
        },
    )
    on_salesforce_delete = Word(
        DeletePolicy.UNLINK,
        DeletePolicy.ARCHIVE,
        metadata={
            "meaning": "When the Salesforce record is deleted: unlink, or archive HubSpot's too."
        },
    )
    on_hubspot_delete = Word(
        DeletePolicy.UNLINK,
        DeletePolicy.DELETE,
        metadata={
            "meaning": "When the HubSpot record is deleted: unlink, or delete Salesforce's too."
        },
    )
    duplicates = Word(
        *DuplicateMode,
        metadata={
            "meaning": "Salesforce records of one e-mail: pinned keeps to the linked one, native "
            "follows the one changed last."
        },
    )
    match = fields.Nested(MatchSchema)
    fields_ = Keyed(fields.Nested(FieldMappingSchema), data_key="fields", required=True)

    @validates_schema
    def one_field_once(self, data: dict[str, Any], **_: Any) -> None:
        """One property is one field; two properties that write one field would fight for ever."""
        types = tuple(data["salesforce"])
        problems: dict[str, list[str]] = {}
        taken: dict[tuple[str, str], str] = {}
        for row in data["fields_"].values():
            unknown = row.salesforce.keys() - {*types, EVERY_TYPE}
            for type_ in sorted(unknown):
                problems[row.hubspot] = [f"{type_} is not one of this object's Salesforce types."]
            for type_, field in _by_type(row.salesforce, types).items():
                other = taken.setdefault((type_, field.lower()), row.hubspot)
                if other != row.hubspot:
                    problems.setdefault(
                        row.hubspot, [f"{type_}.{field} is mapped to {other} already."]
                    )
        if problems:
            raise ValidationError({"fields": problems})

    @validates_schema
    def types_are_listed(self, data: dict[str, Any], **_: Any) -> None:
        types = data["salesforce"]
        if "create_as" in data:
            try:
                OneOf(types)(data["create_as"])
            except ValidationError as refused:
                raise ValidationError({"create_as": refused.messages}) from refused
        for type_ in data.get("match", {}).get("salesforce", {}):
            if type_ not in {*types, EVERY_TYPE}:
                message = f"{type_} is not one of this object's Salesforce types."
                raise ValidationError({"match": [message]})

    @validates_schema
    def twins_are_told_apart(self, data: dict[str, Any], **_: Any) -> None:
        if data.get("duplicates") is DuplicateMode.NATIVE and not data.get("match"):
            message = "native needs [match]: what has no match value has no duplicates."
            raise ValidationError({"duplicates": [message]})

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> ObjectMapping:
        types = tuple(data["salesforce"])
        match = data.get("match")
        return ObjectMapping(
            name=data["name"],
            hubspot_type=data["hubspot"],
            hubspot_type_id=data["hubspot_type_id"],
            salesforce_types=types,
            create_as=data.get("create_as", types[0]),
            external_id=data["external_id"],
            match_on=(match["hubspot"], _by_type(match["salesforce"], types)) if match else None,
            fields=tuple(
                replace(row, salesforce=_by_type(row.salesforce, types))
                for row in data["fields_"].values()
            ),
            **{name: data[name] for name in _AS_NAMED & data.keys()},
        )


_AS_NAMED = {
    "inclusion_list",
    "create_in_salesforce",
    "create_in_hubspot",
    "on_salesforce_delete",
    "on_hubspot_delete",
    "duplicates",
}
"""Settings that go into the mapping as they are; what is not set keeps its default there."""


def _by_type(names: Mapping[str, str], types: tuple[str, ...]) -> dict[str, str]:
    if EVERY_TYPE in names:
        return dict.fromkeys(types, names[EVERY_TYPE])
    return {type_: names[type_] for type_ in types if type_ in names}
