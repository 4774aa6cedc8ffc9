"""What ``--json`` prints, one schema a noun.  Within ``@1`` fields are only ever added."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, fields

from guestlist.domain.explain import describe
from guestlist.domain.outcome import Outcome
from guestlist.domain.reason import Reason


def _instant(**how: Any) -> fields.DateTime:
    return fields.DateTime(format="iso", **how)


class RunReport(Schema):
    """``guestlist/run@1``: ``enumerated`` is always ``waiting`` plus the sum of the outcomes."""

    id = fields.String()
    kind = fields.String()
    object = fields.String()
    lane = fields.String()
    state = fields.String()
    reason = fields.String()
    requested_by = fields.String()
    created_at = _instant()
    started_at = _instant(attribute="began_at")
    finished_at = _instant()
    list_id = fields.String()
    list_version = fields.Integer()
    settings_version = fields.String()
    parent = fields.String()
    limit = fields.Integer()
    enumerating = fields.Boolean()
    enumerated = fields.Integer()
    waiting = fields.Integer()
    outcomes = fields.Function(lambda run: {str(name): n for name, n in run.outcomes.items()})
    api_calls = fields.Function(
        lambda run: {"hubspot": run.hubspot_calls, "salesforce": run.salesforce_calls}
    )


class TallyReport(Schema):
    """How many records of a run are in one place."""

    state = fields.String()
    outcome = fields.String()
    reason = fields.String()
    count = fields.Integer()


class ChangeReport(Schema):
    crm = fields.String()
    field = fields.String()
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)


class RecordReport(Schema):
    """One record in one run."""

    run = fields.String(attribute="run_id")
    record = fields.String(attribute="key")
    state = fields.String()
    outcome = fields.String()
    reason = fields.String()
    facts = fields.Dict()
    changes = fields.List(fields.Nested(ChangeReport))
    twin = fields.Function(lambda row: twin(row.twin))
    attempts = fields.Integer()
    due_at = _instant()
    membership_read_at = _instant(attribute="proof_at")
    finished_at = _instant()


class ListReport(Schema):
    """``guestlist/list@1``: one HubSpot list."""

    id = fields.String(attribute="list_id")
    name = fields.String()
    object_type_id = fields.String()
    processing_type = fields.String()
    processing_status = fields.String()
    active = fields.Boolean()
    version = fields.Integer()
    size = fields.Integer()


class ErrorReport(Schema):
    """One sync error; ``crm`` is null when our own check refused the values."""

    record = fields.String(attribute="key")
    reason = fields.String()
    category = fields.Function(lambda problem: describe(problem.reason).group)
    who_fixes_it = fields.Function(lambda problem: describe(problem.reason).fixer)
    remedy = fields.Function(lambda problem: describe(problem.reason).remedy)
    fingerprint = fields.String()
    status = fields.String()
    crm = fields.String()
    code = fields.String()
    message = fields.String()
    fields_ = fields.List(fields.String(), attribute="fields", data_key="fields")
    correlation_id = fields.String()
    run = fields.String(attribute="run_id")
    first_at = _instant()
    last_at = _instant()
    attempts = fields.Integer()


class ErrorGroupReport(Schema):
    """Open sync errors with one cause."""

    count = fields.Integer()
    reason = fields.String()
    category = fields.Function(lambda group: describe(group.reason).group)
    who_fixes_it = fields.Function(lambda group: describe(group.reason).fixer)
    remedy = fields.Function(lambda group: describe(group.reason).remedy)
    fingerprint = fields.String()
    example_record = fields.String(attribute="example_key")
    example = fields.String()
    fields_ = fields.List(fields.String(), attribute="fields", data_key="fields")
    first_at = _instant()
    last_at = _instant()


class ConflictReport(Schema):
    """``guestlist/conflict@1``: one field that both sides changed since they agreed."""

    id = fields.Integer()
    record = fields.String(attribute="conflict.key")
    property = fields.String(attribute="conflict.property")
    hubspot = fields.String(attribute="conflict.values.hubspot")
    salesforce = fields.String(attribute="conflict.values.salesforce")
    agreed = fields.String(attribute="conflict.agreed.hubspot")
    winner = fields.String(attribute="conflict.winner")
    lost = fields.String()
    hubspot_at = _instant(attribute="conflict.hubspot_at")
    salesforce_at = _instant(attribute="conflict.salesforce_at")
    decided_at = _instant()
    run = fields.String(attribute="run_id")
    restore_by = fields.String()
    restore_asked_at = _instant()
    restored_at = _instant()


class StreamReport(Schema):
    """How far one stream of changes was read."""

    stream = fields.String()
    read_to = _instant(attribute="cursor.at")
    looked_at = _instant(allow_none=True)


class FollowingReport(Schema):
    """``guestlist/follow@1``: one object; without ``since`` it was never followed."""

    object = fields.String()
    on = fields.Function(lambda each: bool(each.follow and each.follow.on))
    since = _instant(attribute="follow.since")
    by = fields.String(attribute="follow.by")
    streams = fields.List(fields.Nested(StreamReport), attribute="places")


class HaltReport(Schema):
    """``guestlist/engine@1``: whether everything is paused, by whom and since when."""

    paused = fields.Boolean(attribute="on", dump_default=False)
    by = fields.String()
    since = _instant(attribute="at")


class StepReport(Schema):
    """One question on a record's path."""

    question = fields.String()
    verdict = fields.String()
    detail = fields.String()


class MappingProblemReport(Schema):
    """A misfit; an error that names no code under ``holds`` stops the whole object."""

    severity = fields.String()
    field = fields.String()
    message = fields.String()
    fix = fields.String()
    holds = fields.String(allow_none=True)


class SchemaReadingReport(Schema):
    """One schema, and when it had been read before; null: never."""

    crm = fields.String()
    type = fields.String()
    fields_ = fields.Integer(attribute="fields", data_key="fields")
    read_before = _instant(attribute="read_at", allow_none=True)


class SchemaChangeReport(Schema):
    """One thing that changed about a field."""

    crm = fields.String()
    type = fields.String()
    field = fields.String(attribute="change.field")
    mapped = fields.Boolean()
    difference = fields.String(attribute="change.difference")
    before = fields.String(attribute="change.before")
    after = fields.String(attribute="change.after")


class HoldReport(Schema):
    """One field that does not sync for now."""

    field = fields.String(attribute="name")
    reason = fields.String()
    message = fields.String()
    fix = fields.String()


class FieldMappingReport(Schema):
    hubspot = fields.String()
    salesforce = fields.Dict()
    rule = fields.String()
    converter = fields.String()
    values = fields.Dict()
    when_blank = fields.String()


class EditReport(Schema):
    """One place of a mapping that differs; null: there is no such place."""

    place = fields.String()
    before = fields.String(allow_none=True)
    after = fields.String(allow_none=True)


class VersionReport(Schema):
    """One version of a mapping, or of settings, that people made beside the settings file."""

    version = fields.Integer()
    made_at = _instant()
    made_by = fields.String()
    note = fields.String()
    as_written = fields.Function(lambda made: made.body is None)


class SettingReport(Schema):
    """One setting with its source; secrets are masked."""

    name = fields.String()
    value = fields.String()
    source = fields.String()
    env = fields.String()
    editable = fields.Boolean()


def one(schema: type[Schema], value: Any) -> dict[str, Any]:
    return dict(schema().dump(value))


def many(schema: type[Schema], values: Any) -> list[dict[str, Any]]:
    return list(schema(many=True).dump(values))


def twin(pair: tuple[str, str] | None) -> dict[str, str] | None:
    return {"type": pair[0], "id": pair[1]} if pair else None


def reason_in_words(reason: Reason) -> dict[str, Any]:
    """Return a code with its meaning, and who can do what about it."""
    told = describe(reason)
    return {
        "reason": reason.value,
        "category": told.group.value,
        "sentence": told.sentence,
        "who_fixes_it": told.fixer.value,
        "remedy": told.remedy,
        "retried": told.retried,
    }


def outcome_totals(counts: Mapping[tuple[Outcome, Reason], int]) -> dict[str, int]:
    """Return counts by outcome alone, in the order of the outcomes."""
    totals = {outcome.value: 0 for outcome in Outcome}
    for (outcome, _), count in counts.items():
        totals[outcome.value] += count
    return totals


class AlertReport(Schema):
    """One trouble that lasts, or is not told to be over yet."""

    kind = fields.String()
    subject = fields.String()
    said = fields.String()
    fix = fields.String()
    since = _instant()
    told_at = _instant()
    over_at = _instant()


class ChannelReport(Schema):
    """One way an alert leaves, and what became of the last message."""

    channel = fields.String()
    last_at = _instant()
    sent_at = _instant()
    problem = fields.String()


class TrialReport(Schema):
    """What came of a test message to one channel; no problem: it was taken."""

    channel = fields.String()
    problem = fields.String()
