"""Settings of how work is done: lanes, guards, retries, flow, budget, polls."""

from dataclasses import replace
from typing import Any

from marshmallow import ValidationError, fields, post_load, validates_schema
from marshmallow.validate import Range

from schemas.fields import StrictSchema, Whole
from schemas.section import AT_LEAST_ONE, MOST, SECONDS, SectionSchema, meaning
from schemas.settings import (
    BudgetSettings,
    FlowSettings,
    GuardSettings,
    Lane,
    LaneSettings,
    PollSettings,
    RetrySettings,
    default_lanes,
)

PART = Range(min=0, max=1, min_inclusive=False)


class LaneSchema(StrictSchema):
    width = Whole(
        validate=Range(min=1, max=10_000),
        metadata=meaning("Records one task carries at most; 1 = one task a record."),
    )
    share = fields.Float(
        validate=PART,
        metadata=meaning("Part of a CRM's allowance this lane may use up (0 to 1)."),
    )


class LanesSchema(StrictSchema):
    interactive = fields.Nested(LaneSchema)
    changes = fields.Nested(LaneSchema)
    bulk = fields.Nested(LaneSchema)
    upkeep = fields.Nested(LaneSchema)

    @post_load
    def build(self, data: dict[str, Any], **_: Any) -> dict[Lane, LaneSettings]:
        return {
            lane: replace(default, **data.get(lane, {}))
            for lane, default in default_lanes().items()
        }


class GuardsSchema(SectionSchema):
    value = GuardSettings
    proof_age_s = fields.Float(
        validate=SECONDS,
        metadata=meaning("A membership read longer ago than this proves nothing."),
    )
    settle_s = fields.Float(
        validate=SECONDS,
        metadata=meaning("How long HubSpot may take to re-evaluate a list after a change."),
    )
    ask_above_creates = Whole(
        validate=Range(min=0, max=MOST),
        metadata=meaning("A run that would create more records than this asks first."),
    )
    list_cache_s = fields.Float(
        validate=Range(min=0, max=300),
        metadata=meaning("How long a list's definition is used without reading it again."),
    )
    brake_share = fields.Float(
        validate=Range(min=0, max=1),
        metadata=meaning("Part of the list that may enter or leave before a person is asked."),
    )
    brake_records = Whole(
        validate=Range(min=0, max=MOST),
        metadata=meaning("So many records may in any case, if that is more."),
    )
    four_eyes = fields.Boolean(
        metadata=meaning("A held list is let in by two people, one after the other.")
    )


class RetriesSchema(SectionSchema):
    value = RetrySettings
    first_s = fields.Float(
        validate=SECONDS, metadata=meaning("Longest wait before the first retry.")
    )
    cap_s = fields.Float(validate=SECONDS, metadata=meaning("Longest wait before any retry."))
    attempts = Whole(
        validate=AT_LEAST_ONE,
        metadata=meaning("Attempts in all before a record becomes a sync error."),
    )


class FlowSchema(SectionSchema):
    value = FlowSettings
    in_flight = Whole(
        validate=AT_LEAST_ONE,
        metadata=meaning("Producers pause while more records than this are waiting."),
    )
    lease_s = fields.Float(
        validate=SECONDS,
        metadata=meaning("How long after its worker's last sign of life a record is taken over."),
    )
    dispatch_after_s = fields.Float(
        validate=SECONDS, metadata=meaning("A record no worker took for this long is sent again.")
    )


class BudgetSchema(SectionSchema):
    value = BudgetSettings
    retries = fields.Float(
        validate=PART,
        metadata=meaning(
            "Part of the day's calls (0 to 1) after which nothing is tried again until there is "
            "a new day. The day is the CRM's own, or our cap on it."
        ),
    )
    reads = fields.Float(
        validate=PART,
        metadata=meaning("Part after which no list is run over, read whole or audited."),
    )
    all = fields.Float(
        validate=PART, metadata=meaning("Part after which we call no more; the rest is for others.")
    )

    @validates_schema
    def ascending(self, data: dict[str, Any], **_: Any) -> None:
        plain = BudgetSettings()
        reads = data.get("reads", plain.reads)
        problems = {}
        if data.get("retries", plain.retries) > reads:
            problems["retries"] = ["Must not be more than reads."]
        if reads > data.get("all", plain.all):
            problems["reads"] = ["Must not be more than all."]
        if problems:
            raise ValidationError(problems)


class PollsSchema(SectionSchema):
    value = PollSettings
    hubspot_s = fields.Float(
        validate=SECONDS, metadata=meaning("How often changes are read from HubSpot.")
    )
    salesforce_s = fields.Float(
        validate=SECONDS, metadata=meaning("How often changes are read from Salesforce.")
    )
    joins_s = fields.Float(
        validate=SECONDS,
        metadata=meaning("How often HubSpot is asked who joined the inclusion list."),
    )
    leaves_s = fields.Float(
        validate=SECONDS,
        metadata=meaning(
            "How often the whole list is read to see who left; a call for every 250 members."
        ),
    )
    audit_s = fields.Float(
        validate=Range(min=0, min_inclusive=False, max=31 * 86_400),
        metadata=meaning("How often everything is compared on both sides and mended."),
    )
    formulas_s = fields.Float(
        validate=SECONDS,
        metadata=meaning("How often mapped formula fields are compared; they announce no change."),
    )
    hubspot_overlap_s = fields.Float(
        validate=Range(min=120, max=86_400),
        metadata=meaning("How far back each look reaches: HubSpot's search finds changes late."),
    )
    salesforce_overlap_s = fields.Float(
        validate=Range(min=600, max=86_400),
        metadata=meaning("How far back each look reaches: transactions may take ten minutes."),
    )
    keep_days = fields.Float(
        validate=Range(min=1, max=3650),
        metadata=meaning("Days that runs made by polls stay in the history."),
    )
