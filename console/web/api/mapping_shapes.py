"""What goes in and out of the API about the mapping."""

from apiflask import Schema
from marshmallow import fields
from marshmallow.validate import Length, Range

from console.reports import (
    EditReport,
    FieldMappingReport,
    MappingProblemReport,
    VersionReport,
)
from console.web.api.shapes import KEY, PageQuery, shape

FieldMapping = shape(FieldMappingReport)
MappingProblem = shape(MappingProblemReport)
Edit = shape(EditReport)
Version = shape(VersionReport)


class MappingAnswer(Schema):
    """The mapping that is in force."""

    object = fields.String(required=True)
    version = fields.Integer(
        allow_none=True,
        required=True,
        metadata={"description": "Made beside the settings file; null: as the file says."},
    )
    settings_version = fields.String(required=True)
    hubspot_type = fields.String(required=True)
    salesforce_types = fields.List(fields.String(), required=True)
    create_as = fields.String(required=True)
    external_id = fields.String(required=True)
    create_in_salesforce = fields.Boolean(required=True)
    create_in_hubspot = fields.Boolean(required=True)
    on_salesforce_delete = fields.String(required=True)
    on_hubspot_delete = fields.String(required=True)
    duplicates = fields.String(required=True)
    fields_ = fields.List(
        fields.Nested(FieldMapping), attribute="fields", data_key="fields", required=True
    )
    problems = fields.List(fields.Nested(MappingProblem), required=True)


TOML = {"description": "As `[objects.x]` stands in a settings file."}
NEWEST = {"description": "The newest version you have seen: refused if there is a newer one."}
LONGEST_TEXT = 500_000


class MappingText(Schema):
    object = fields.String(required=True)
    toml = fields.String(required=True, metadata=TOML)
    newest = fields.Integer(required=True, metadata={"description": "0: there is no version."})


class ProposeMapping(Schema):
    object = fields.String(validate=KEY)
    toml = fields.String(required=True, validate=Length(max=LONGEST_TEXT), metadata=TOML)


class RestoreMapping(Schema):
    object = fields.String(validate=KEY)
    newest = fields.Integer(validate=Range(min=0, max=10**8), metadata=NEWEST)
    note = fields.String(load_default="", validate=Length(max=500))


class SaveMapping(RestoreMapping):
    toml = fields.String(required=True, validate=Length(max=LONGEST_TEXT), metadata=TOML)


class MappingDifference(Schema):
    object = fields.String(required=True)
    changes = fields.List(fields.Nested(Edit), required=True)
    problems = fields.List(fields.Nested(MappingProblem), required=True)
    fits = fields.Boolean(required=True)


class VersionsQuery(PageQuery):
    before = fields.Integer(validate=Range(min=0, max=10**8))


class MappingVersionPage(Schema):
    object = fields.String(required=True)
    in_force = fields.Integer(allow_none=True, required=True)
    versions = fields.List(fields.Nested(Version), required=True)
    next = fields.String(allow_none=True, required=True)


class LiveField(Schema):
    """One property or field, in the CRM's own words."""

    name = fields.String(required=True)
    label = fields.String(required=True)
    type = fields.String(required=True)
    length = fields.Integer(allow_none=True, required=True)
    options = fields.Function(
        lambda field: sorted(field.options),
        required=True,
        metadata={"type": "array", "items": {"type": "string"}},
    )
    required_ = fields.Boolean(attribute="required", data_key="required", required=True)
    createable = fields.Boolean(required=True)
    updateable = fields.Boolean(required=True)


class BothSides(Schema):
    object = fields.String(required=True)
    hubspot = fields.List(fields.Nested(LiveField), required=True)
    salesforce = fields.Dict(
        keys=fields.String(), values=fields.List(fields.Nested(LiveField)), required=True
    )
