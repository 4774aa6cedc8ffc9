"""What goes in and out of the API about lists, changes, health, settings and audit."""

from apiflask import Schema
from marshmallow import fields
from marshmallow.validate import Length, Range

from console.reports import (
    ConflictReport,
    FollowingReport,
    ListReport,
)
from console.web.api.shapes import KEY, Ask, ObjectQuery, PageQuery, Run, shape
from console.web.paging import MOST, ROWS
from guestlist.domain.role import Role

HubSpotList = shape(ListReport)
Conflict = shape(ConflictReport)


class InclusionAnswer(Schema):
    """The inclusion list as it is in HubSpot now; no list: everybody may sync."""

    object = fields.String(required=True)
    list = fields.Nested(HubSpotList, allow_none=True, required=True)
    usable = fields.Boolean(required=True)
    problem = fields.String(allow_none=True, required=True)
    not_evaluated = fields.List(fields.String(), required=True)
    state = fields.String(required=True, metadata={"description": "open, held, unusable, or none."})
    held = fields.Dict(
        allow_none=True, required=True, metadata={"description": "Why and since when it is held."}
    )
    brake = fields.Dict(
        allow_none=True, required=True, metadata={"description": "Sizes that ask nobody."}
    )


class HeldList(Schema):
    """A list that waits for a person's answer."""

    object = fields.String(required=True)
    seen = fields.String(
        required=True, metadata={"description": "What an answer has to be about: send it back."}
    )
    held = fields.Dict(allow_none=True, required=True)
    first_yes = fields.String(
        allow_none=True,
        required=True,
        metadata={"description": "Who said yes first, where two have to (guards.four_eyes)."},
    )
    difference = fields.Dict(
        allow_none=True,
        required=True,
        metadata={"description": "Who enters and who leaves; null: gone, or too large to count."},
    )


class AnswerBrake(Schema):
    object = fields.String(validate=KEY)
    seen = fields.String(required=True, validate=Length(min=1, max=500))


class BrakeAnswered(Schema):
    object = fields.String(required=True)
    state = fields.String(required=True, metadata={"description": "open, or held."})
    run = fields.String(
        allow_none=True, required=True, metadata={"description": "Looks again at who was held."}
    )


class PreviewQuery(ObjectQuery):
    count = fields.Boolean(
        load_default=True, metadata={"description": "Read both lists and count who moves."}
    )


class ListPreview(Schema):
    """What choosing a list would mean."""

    object = fields.String(required=True)
    list = fields.Nested(HubSpotList, required=True)
    problem = fields.String(
        allow_none=True, required=True, metadata={"description": "Why it can not be chosen."}
    )
    enter = fields.Integer(
        allow_none=True, required=True, metadata={"description": "null: not, or too many, to count"}
    )
    leave = fields.Integer(allow_none=True, required=True)


class CriterionAsked(Schema):
    """One condition; several values are separated by ``;``."""

    property = fields.String(required=True, validate=Length(min=1, max=200))
    operator = fields.String(required=True, validate=Length(min=1, max=60))
    value = fields.String(load_default="", validate=Length(max=2000))


class CreateList(Schema):
    """An active list of all who meet every one of these."""

    object = fields.String(validate=KEY)
    name = fields.String(required=True, validate=Length(min=1, max=200))
    criteria = fields.List(
        fields.Nested(CriterionAsked), required=True, validate=Length(min=1, max=20)
    )


class CreatedList(shape(ListReport)):  # type: ignore[misc]
    """A list that was made in HubSpot; it is not chosen by that."""


class AccessUser(Schema):
    name = fields.String(required=True)
    role = fields.Enum(Role, by_value=True, required=True)
    created_at = fields.DateTime(format="iso", required=True)


class AccessToken(AccessUser):
    created_by = fields.String(required=True)
    used_at = fields.DateTime(format="iso", allow_none=True, required=True)


class Access(Schema):
    users = fields.List(fields.Nested(AccessUser), required=True)
    tokens = fields.List(fields.Nested(AccessToken), required=True)


class Followed(shape(FollowingReport)):  # type: ignore[misc]
    late = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Streams that nobody looked at for two intervals."},
    )


class Follows(Schema):
    objects = fields.List(fields.Nested(Followed), required=True)


class TurnFollow(Schema):
    object = fields.String(validate=KEY)
    on = fields.Boolean(required=True)


class ConflictsQuery(PageQuery):
    record = fields.String(validate=KEY, metadata={"description": "Only those of one record."})
    before = fields.Integer(validate=Range(min=0, max=2**62))


class ConflictPage(Schema):
    conflicts = fields.List(fields.Nested(Conflict), required=True)
    next = fields.String(allow_none=True, required=True)


class ListsQuery(ObjectQuery):
    words = fields.String(load_default="", validate=Length(max=200))
    all = fields.Boolean(load_default=False, metadata={"description": "Static lists too."})


class Lists(Schema):
    object = fields.String(required=True)
    inclusion_list = fields.String(allow_none=True, required=True)
    lists = fields.List(fields.Nested(HubSpotList), required=True)


class ChooseList(Schema):
    object = fields.String(validate=KEY)
    list_id = fields.String(required=True, validate=Length(min=1, max=20))


class OfObject(Schema):
    object = fields.String(validate=KEY)


class FindingAnswer(Schema):
    state = fields.String(attribute="word", required=True)
    message = fields.String(attribute="said", required=True)
    fix = fields.String(required=True)


class CategoryAnswer(Schema):
    category = fields.String(attribute="name", required=True)
    records = fields.Integer(required=True)
    new_in_24_h = fields.Integer(attribute="new", required=True)


class LagAnswer(Schema):
    hubspot_to_salesforce = fields.Float(allow_none=True, required=True)
    salesforce_to_hubspot = fields.Float(allow_none=True, required=True)


class ListSize(Schema):
    """An inclusion list's size against the sizes between which the brake asks nobody."""

    object = fields.String(required=True)
    lowest = fields.Integer(allow_none=True, required=True)
    highest = fields.Integer(allow_none=True, required=True)
    change = fields.Integer(
        allow_none=True, required=True, metadata={"description": "Since a day ago."}
    )


class CallsAnswer(Schema):
    today = fields.Dict(
        keys=fields.String(),
        values=fields.Dict(),
        required=True,
        metadata={"description": "used and limit of each CRM's day, as it counts them."},
    )
    last_10_s = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    forecast = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"description": "Calls at the day's end, at the pace of the last hour."},
    )


class ScopeAnswer(Schema):
    name = fields.String(required=True)
    use = fields.String(required=True, metadata={"description": "What it is for, in words."})


class Scopes(Schema):
    """What HubSpot granted, and what the mapping takes beside it."""

    read_at = fields.DateTime(
        format="iso", allow_none=True, required=True, metadata={"description": "null: not yet."}
    )
    granted = fields.List(
        fields.String(),
        allow_none=True,
        required=True,
        metadata={"description": "null: HubSpot does not tell, as of service keys."},
    )
    lacking = fields.List(fields.Nested(ScopeAnswer), required=True)


class HealthAnswer(Schema):
    state = fields.String(required=True)
    paused = fields.Boolean(required=True)
    findings = fields.List(fields.Nested(FindingAnswer), required=True)
    errors = fields.List(fields.Nested(CategoryAnswer), required=True)
    running = fields.List(fields.Nested(Run), required=True)
    lag_s = fields.Nested(
        LagAnswer, required=True, metadata={"description": "null: changes are not followed."}
    )
    next_poll_at = fields.DateTime(format="iso", allow_none=True, required=True)
    calls = fields.Nested(CallsAnswer, required=True)
    scopes = fields.Nested(Scopes, required=True)
    lists = fields.List(fields.Nested(ListSize), required=True)
    synced_per_hour = fields.List(
        fields.Integer(), required=True, metadata={"description": "Of 24 hours, the running last."}
    )


class ProbeAnswer(Schema):
    """One question to a CRM, and its answer."""

    crm = fields.String(required=True)
    what = fields.String(required=True)
    good = fields.Boolean(required=True)
    said = fields.String(required=True)
    fix = fields.String(required=True)


class Connections(Schema):
    probes = fields.List(fields.Nested(ProbeAnswer), required=True)


class AuditQuery(Ask):
    limit = fields.Integer(load_default=ROWS, validate=Range(min=1, max=MOST))
    before = fields.Integer(validate=Range(min=0, max=2**62))
    what = fields.String(validate=KEY)
    who = fields.String(validate=Length(max=200))


class AuditLine(Schema):
    id = fields.Integer(required=True)
    at = fields.DateTime(format="iso", required=True)
    who = fields.String(required=True)
    what = fields.String(required=True)
    detail = fields.Dict(required=True)


class AuditPage(Schema):
    lines = fields.List(fields.Nested(AuditLine), required=True)
    next = fields.String(allow_none=True, required=True)


class Worker(Schema):
    name = fields.String(required=True)
    pool = fields.String(required=True)
    slots = fields.Integer(required=True)
    active = fields.Integer(required=True)
    done = fields.Integer(required=True)


class Workers(Schema):
    seen_at = fields.DateTime(format="iso", allow_none=True, required=True)
    workers = fields.List(fields.Nested(Worker), required=True)
    queues = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


class Code(Schema):
    """What an explain code means."""

    reason = fields.String(required=True)
    category = fields.String(required=True)
    sentence = fields.String(required=True)
    who_fixes_it = fields.String(required=True)
    remedy = fields.String(required=True)
    retried = fields.Boolean(required=True)


class Codes(Schema):
    codes = fields.List(fields.Nested(Code), required=True)
