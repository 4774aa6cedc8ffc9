"""What goes in and out of the API about settings and their versions."""

from apiflask import Schema
from marshmallow import fields
from marshmallow.validate import Length, Range

from console.reports import EditReport, SettingReport, VersionReport
from console.web.api.mapping_shapes import NEWEST
from console.web.api.setup import Scopes
from console.web.api.shapes import Ask, shape
from console.web.paging import MOST, ROWS

VALUES = {
    "description": "By dotted name, as in an environment variable; null: as the settings file says."
}


class Settings(Schema):
    """Every setting with its source, and the version that lies over the files."""

    file = fields.String(allow_none=True, required=True)
    version = fields.String(required=True)
    in_force = fields.Integer(
        allow_none=True,
        required=True,
        metadata={"description": "Version set beside the files; null: as they say."},
    )
    newest = fields.Integer(required=True, metadata={"description": "0: there is no version."})
    settings = fields.List(fields.Nested(shape(SettingReport)), required=True)
    scopes = fields.Nested(Scopes, required=True)


class ProposeSettings(Schema):
    values = fields.Dict(
        keys=fields.String(validate=Length(max=100)),
        values=fields.String(allow_none=True, validate=Length(max=100)),
        required=True,
        metadata=VALUES,
    )


class RestoreSettings(Schema):
    newest = fields.Integer(validate=Range(min=0, max=10**8), metadata=NEWEST)
    note = fields.String(load_default="", validate=Length(max=500))


class SaveSettings(ProposeSettings, RestoreSettings):
    """Those not named stay as they are."""


class SettingsDifference(Schema):
    changes = fields.List(fields.Nested(shape(EditReport)), required=True)


class SettingsText(Schema):
    toml = fields.String(
        required=True, metadata={"description": "As it would stand in a settings file."}
    )


class SettingsVersionsQuery(Ask):
    limit = fields.Integer(load_default=ROWS, validate=Range(min=1, max=MOST))
    before = fields.Integer(validate=Range(min=0, max=10**8))


class SettingsVersionPage(Schema):
    in_force = fields.Integer(allow_none=True, required=True)
    versions = fields.List(fields.Nested(shape(VersionReport)), required=True)
    next = fields.String(allow_none=True, required=True)
