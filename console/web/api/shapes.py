"""What goes in and out of the API; what comes out is what the command prints with ``--json``."""

from enum import StrEnum
from functools import cache
from typing import Any

from apiflask import Schema
from marshmallow import EXCLUDE, fields
from marshmallow import Schema as Report
from marshmallow.validate import Length, Range

from console.reports import (
    ChangeReport,
    ErrorGroupReport,
    ErrorReport,
    HaltReport,
    HoldReport,
    RecordReport,
    RunReport,
    StepReport,
    TallyReport,
)
from console.web.paging import MOST, ROWS
from guestlist.domain.outcome import Outcome, RunKind, RunState, WorkState
from guestlist.domain.reason import Group, Reason
from guestlist.store.problems import Status

KEY = Length(max=100)


@cache
def shape(report: type[Report]) -> type[Schema]:
    """Return a report's schema under its public name, saying that any of its fields may be null."""

    def init(self: Schema, **how: Any) -> None:
        report.__init__(self, **how)
        for field in self.fields.values():
            field.allow_none = True

    return type(report.__name__.removesuffix("Report"), (report, Schema), {"__init__": init})


Run = shape(RunReport)
Record = shape(RecordReport)
Tally = shape(TallyReport)
Change = shape(ChangeReport)
Step = shape(StepReport)
Hold = shape(HoldReport)
Halt = shape(HaltReport)
Error = shape(ErrorReport)
ErrorGroup = shape(ErrorGroupReport)


def one_of(words: type[StrEnum], **how: Any) -> fields.Enum[StrEnum]:
    """Return a field that takes a word of a closed set."""
    return fields.Enum(words, by_value=True, **how)


class Ask(Schema):
    """A query: what it does not know it leaves alone, as addresses have to."""

    class Meta:
        unknown = EXCLUDE


class ObjectQuery(Ask):
    object = fields.String(validate=KEY, metadata={"description": "Which object; else contacts."})


class PageQuery(ObjectQuery):
    limit = fields.Integer(load_default=ROWS, validate=Range(min=1, max=MOST))


class RunsQuery(PageQuery):
    state = one_of(RunState)
    kind = one_of(RunKind)
    polls = fields.Boolean(
        load_default=False, metadata={"description": "Runs that polls start all the time too."}
    )
    before = fields.String(validate=KEY, metadata={"description": "`next` of the page before."})


class RunPage(Schema):
    runs = fields.List(fields.Nested(Run), required=True)
    next = fields.String(allow_none=True, required=True)


class StartRun(Schema):
    """Every member of the inclusion list, the records named, or all that is linked or listed."""

    audit = fields.Boolean(
        load_default=False,
        metadata={"description": "All that is linked or in the list; goes with nothing else."},
    )
    object = fields.String(validate=KEY)
    records = fields.List(
        fields.String(validate=Length(min=1, max=500)),
        validate=Length(min=1, max=1000),
        metadata={"description": "Ids, e-mail addresses or pages of either CRM."},
    )
    limit = fields.Integer(
        validate=Range(min=1, max=10_000_000),
        metadata={"description": "Only so many members of the list."},
    )
    may_create_many = fields.Boolean(
        load_default=False,
        metadata={"description": "Start although the list has more members than may be unasked."},
    )


class IdempotencyHeader(Ask):
    idempotency_key = fields.String(data_key="Idempotency-Key", validate=Length(max=255))


class StartedRun(shape(RunReport)):  # type: ignore[misc]
    """A run that an answer is about, not a list of them."""


class RunDetail(shape(RunReport)):  # type: ignore[misc]
    reasons = fields.List(fields.Nested(Tally), required=True)
    proof_age_s = fields.Dict(
        allow_none=True,
        required=True,
        metadata={"description": "How old the membership was at each write."},
    )


class RecordsQuery(Ask):
    limit = fields.Integer(load_default=ROWS, validate=Range(min=1, max=MOST))
    outcome = one_of(Outcome)
    reason = one_of(Reason)
    state = one_of(WorkState)
    after = fields.String(
        load_default="", validate=KEY, metadata={"description": "`next` of the page before."}
    )


class RecordPage(Schema):
    records = fields.List(fields.Nested(Record), required=True)
    next = fields.String(allow_none=True, required=True)


class ExplainQuery(ObjectQuery):
    q = fields.String(
        required=True,
        validate=Length(min=1, max=500),
        metadata={"description": "Id, e-mail address or page of either CRM."},
    )


class Twin(Schema):
    type = fields.String(required=True)
    id = fields.String(required=True)


class Side(Schema):
    """One mapped field on both sides."""

    hubspot = fields.String(required=True)
    salesforce = fields.String(required=True)
    rule = fields.String(required=True)
    hubspot_value = fields.String(attribute="values.hubspot", allow_none=True)
    salesforce_value = fields.String(attribute="values.salesforce", allow_none=True)
    agreed_hubspot = fields.String(attribute="agreed.hubspot", allow_none=True)
    agreed_salesforce = fields.String(attribute="agreed.salesforce", allow_none=True)
    differs = fields.Boolean(required=True)


class Explanation(Schema):
    """``guestlist/explanation@1``, with both sides' values."""

    object = fields.String(required=True)
    record = fields.String(required=True)
    outcome = fields.String(required=True)
    reason = fields.String(required=True)
    category = fields.String()
    sentence = fields.String()
    who_fixes_it = fields.String()
    remedy = fields.String()
    retried = fields.Boolean()
    path = fields.List(fields.Nested(Step), required=True)
    facts = fields.Dict(keys=fields.String(), values=fields.String())
    twin = fields.Nested(Twin, allow_none=True)
    would_change = fields.List(fields.Nested(Change), required=True)
    held = fields.List(fields.Nested(Hold), required=True)
    history = fields.List(fields.Nested(Record), required=True)
    error = fields.Nested(Error, allow_none=True)
    sides = fields.List(fields.Nested(Side), required=True)


class NamedRecord(Schema):
    crm = fields.String(required=True)
    type = fields.String(required=True)
    id = fields.String(required=True)
    name = fields.String(required=True)
    email = fields.String(allow_none=True, required=True)


class NamedRecords(Schema):
    object = fields.String(required=True)
    records = fields.List(fields.Nested(NamedRecord), required=True)


class ErrorsQuery(ObjectQuery):
    category = one_of(Group)


class ErrorGroups(Schema):
    object = fields.String(required=True)
    open = fields.Integer(required=True)
    groups = fields.List(fields.Nested(ErrorGroup), required=True)


class ErrorRecordsQuery(PageQuery):
    category = one_of(Group)
    reason = one_of(Reason)
    fingerprint = fields.String(validate=KEY)
    status = one_of(Status, load_default=Status.OPEN)
    after = fields.String(load_default="", validate=KEY)


class ErrorPage(Schema):
    errors = fields.List(fields.Nested(Error), required=True)
    next = fields.String(allow_none=True, required=True)


class WhichErrors(Schema):
    """Open errors by cause; at least one of the two has to be given."""

    object = fields.String(validate=KEY)
    fingerprint = fields.String(validate=Length(min=1, max=100))
    category = one_of(Group)


class Ignored(Schema):
    object = fields.String(required=True)
    ignored = fields.Integer(required=True)


class Import(Schema):
    """Whom to import from Salesforce: rows of types that meet a condition, or ids."""

    types = fields.List(
        fields.String(validate=Length(min=1, max=100)),
        load_default=list,
        validate=Length(max=10),
        metadata={"description": "Lead, Contact ...; without ids, at least one."},
    )
    where = fields.String(
        validate=Length(min=1, max=4000), metadata={"description": "A SOQL condition."}
    )
    ids = fields.List(
        fields.String(validate=Length(min=15, max=18)),
        load_default=list,
        validate=Length(max=50_000),
    )


class StartImport(Import):
    object = fields.String(validate=KEY)
    limit = fields.Integer(validate=Range(min=1, max=10_000_000))


class StartPlan(Schema):
    object = fields.String(validate=KEY)
    limit = fields.Integer(validate=Range(min=1, max=10_000_000))
    import_ = fields.Nested(
        Import,
        data_key="import",
        metadata={"description": "Plan an import; without it, a list sync."},
    )


class StartPlanned(Schema):
    may_create_many = fields.Boolean(
        load_default=False,
        metadata={"description": "Start although it creates more records than may be unasked."},
    )


class PlanAnswer(Schema):
    """A plan; ``plan`` is ``guestlist/plan@1`` once ``state`` is ``ready``."""

    id = fields.String(required=True)
    object = fields.String(required=True)
    of = fields.String(required=True, metadata={"description": "list, or import."})
    asked_by = fields.String(required=True)
    state = fields.String(required=True)
    problem = fields.String(allow_none=True, required=True)
    asked_at = fields.DateTime(format="iso", required=True)
    plan = fields.Dict(allow_none=True, required=True)


class KeptPlan(PlanAnswer):
    """A plan among others."""


class Plans(Schema):
    plans = fields.List(fields.Nested(KeptPlan), required=True)
