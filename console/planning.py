"""A plan as the command makes, keeps and compares it."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any, NamedTuple

import orjson
from marshmallow import EXCLUDE, Schema, ValidationError, fields
from marshmallow.validate import Regexp

from console.exits import Exit
from console.printer import count
from console.reports import ChangeReport, many, outcome_totals
from console.session import Refusal, Session
from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.errors import SyncError
from guestlist.engine.preview import Preview, preview_list, preview_records
from guestlist.engine.services import Services
from schemas.records import Crm

READING = "reading both CRMs; nothing is written"
MAY_MOVE_SHARE = 0.05
MAY_MOVE_RECORDS = 100
"""A kept plan is refused once a count moved by more than either."""
_KEY = r"(\d+|[A-Za-z0-9]{18})\Z"


class Left(NamedTuple):
    """One CRM's calls of the day; ``None``: it does not say."""

    used: int | None
    limit: int | None

    def words(self) -> str:
        if self.used is None or self.limit is None:
            return ""
        return f" of {count(max(0, self.limit - self.used))} left today"


class Planned(NamedTuple):
    """A preview, with what it is to be held against."""

    preview: Preview
    settings_version: str
    made_at: datetime
    allowances: Mapping[str, Left]
    limit: int | None
    records: Sequence[str] | None = None
    """The records it is about, where it is not about the list."""
    since: datetime | None = None
    """They are those that HubSpot says were changed from then on."""


def planned(session: Session, name: str, *, limit: int | None = None) -> Planned:
    """Read both CRMs and return what a sync of the list would do now."""
    services = session.connected
    session.printer.say(READING)
    with session.printer.progress("looked at") as update:
        preview = preview_list(services, name, limit=limit, progress=update)
    return Planned(
        preview, services.settings_version, services.clock(), allowances(services), limit
    )


def planned_of(
    session: Session, name: str, records: Sequence[str], *, since: datetime | None = None
) -> Planned:
    """Return what a sync of these records would do now."""
    services = session.connected
    session.printer.say(READING)
    with session.printer.progress("looked at") as update:
        preview = preview_records(services, name, records, progress=update)
    left, version = allowances(services), services.settings_version
    return Planned(preview, version, services.clock(), left, None, records, since)


def allowances(services: Services) -> dict[str, Left]:
    """Return what both CRMs say of the day; a settings cap that is lower counts."""
    return {
        Crm.HUBSPOT.value: _capped(_hubspot_left(services), services.settings.hubspot.daily),
        Crm.SALESFORCE.value: _capped(
            salesforce_left(services.salesforce), services.settings.salesforce.daily_calls
        ),
    }


def _hubspot_left(services: Services) -> Left:
    try:
        usage = services.hubspot.usage()
    except SyncError:
        return Left(None, None)  # not every token may ask
    return Left(usage.used, usage.limit) if usage else Left(None, None)


def salesforce_left(salesforce: Salesforce) -> Left:
    """Return the org's calls of the day, as far as its user may know."""
    try:
        return Left(*salesforce.allowance())
    except SyncError:
        seen = salesforce.allowance_seen
        return Left(*seen) if seen else Left(None, None)


def _capped(left: Left, cap: int | None) -> Left:
    if cap is None:
        return left
    return Left(left.used or 0, min(cap, left.limit or cap))


def body_of(made: Planned) -> dict[str, Any]:
    """Return ``guestlist/plan@1``."""
    preview = made.preview
    return {
        "object": preview.object,
        "list_id": preview.list_id,
        "list_version": preview.list_version,
        "settings_version": made.settings_version,
        "made_at": made.made_at.isoformat(),
        "limit": made.limit,
        "since": made.since.isoformat() if made.since else None,
        "records": made.records,
        "members": preview.members,
        "more": preview.more,
        "outcomes": outcome_totals(preview.outcomes),
        "reasons": [
            {"outcome": outcome.value, "reason": reason.value, "count": n}
            for (outcome, reason), n in preview.outcomes.most_common()
        ],
        "writes": {"hubspot": preview.hubspot_writes, "salesforce": preview.salesforce_writes},
        "samples": [
            {"record": key, "changes": many(ChangeReport, changes)}
            for key, changes in preview.samples
        ],
        "api_calls": preview.cost._asdict(),
        "allowance": {crm: left._asdict() for crm, left in made.allowances.items()},
    }


class KeptPlan(Schema):
    """What of a kept plan has to be the same, or nearly, when it is carried out."""

    class Meta:
        unknown = EXCLUDE

    object = fields.String(required=True)
    list_id = fields.String(required=True, allow_none=True)
    list_version = fields.Integer(required=True, allow_none=True)
    settings_version = fields.String(required=True)
    limit = fields.Integer(required=True, allow_none=True)
    records = fields.List(fields.String(validate=Regexp(_KEY)), load_default=None, allow_none=True)
    members = fields.Integer(required=True)
    outcomes = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)


def read_plan(path: Path) -> dict[str, Any]:
    """Return a plan kept with ``plan --out``."""
    try:
        return dict(KeptPlan().load(orjson.loads(path.read_bytes())))
    except OSError as error:
        raise Refusal(f"{path} can not be read: {error.strerror}") from error
    except (orjson.JSONDecodeError, ValidationError, TypeError, ValueError) as error:
        told = f"{path} is no plan of a sync"
        raise Refusal(told, fix="guestlist plan --out FILE") from error


def refuse_moved(kept: Mapping[str, Any], fresh: Planned) -> None:
    """Raise ``Refusal`` when what was planned is not what would happen now."""
    preview = fresh.preview
    now = {
        "object": preview.object,
        "list_id": preview.list_id,
        "list_version": preview.list_version,
        "settings_version": fresh.settings_version,
    }
    moved = [
        f"{what.replace('_', ' ')} was {kept[what]}, is {is_now}"
        for what, is_now in now.items()
        if kept[what] != is_now
    ]
    counts = {"members": preview.members, **outcome_totals(preview.outcomes)}
    before = {"members": kept["members"], **kept["outcomes"]}
    may_move = min(MAY_MOVE_RECORDS, MAY_MOVE_SHARE * kept["members"])
    moved += [
        f"{what}: {count(before.get(what, 0))} planned, {count(n)} now"
        for what, n in counts.items()
        if abs(n - before.get(what, 0)) > may_move
    ]
    if moved:
        told = f"the plan no longer holds: {'; '.join(moved)}"
        raise Refusal(told, code=Exit.CONFIG, fix="look at a new one: guestlist plan --out FILE")
