"""The scheduled end of an active list: at a date, or after a time without new members."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from sandbox.hubspot.answers import Answer, Call
from sandbox.hubspot.crm_list import CrmList
from sandbox.hubspot.errors import ApiError, invalid
from sandbox.hubspot.instants import iso, to_ms
from sandbox.hubspot.lists import find, missing
from sandbox.hubspot.shapes import members, not_set, text, whole

if TYPE_CHECKING:
    from sandbox.hubspot.portal import Portal

_BODY = members(
    "conversionType",
    conversionType=text,
    year=whole,
    month=whole,
    day=whole,
    timeUnit=text,
    offset=whole,
)
_NEEDS: Mapping[str, tuple[str, ...]] = {
    "CONVERSION_DATE": ("year", "month", "day"),
    "INACTIVITY": ("timeUnit", "offset"),
}
_DAYS: Mapping[str, int] = {"DAY": 1, "WEEK": 7, "MONTH": 30}
_LONGEST = 1_000
"""Days, weeks or months without a new member."""


def read(portal: "Portal", call: Call) -> Answer:
    item = find(portal, call.params["id"])
    if not item.conversion and item.converted is None:
        raise _none(item)
    return Answer(200, _shown(item))


def _none(item: CrmList) -> ApiError:
    return missing(f"No conversion is scheduled for list {item.id}.")


def _shown(item: CrmList) -> dict[str, Any]:
    body: dict[str, Any] = {"listId": item.id}
    if item.conversion:
        body["requestedConversionTime"] = item.conversion["request"]
    if item.converted is not None:
        body["convertedAt"] = iso(item.converted)
    return body


def schedule(portal: "Portal", call: Call) -> Answer:
    """Make an active list static at a date, or after a time without new members."""
    item = find(portal, call.params["id"])
    if item.processing_type != "DYNAMIC":
        raise invalid(f"List {item.id} is not DYNAMIC and can not be converted")
    body = call.body(_BODY)
    kind = str(body["conversionType"])
    if kind not in _NEEDS:
        raise invalid(f"conversionType {kind} is not one of {', '.join(_NEEDS)}")
    request = {name: body.get(name) for name in _NEEDS[kind]}
    if absent := [name for name, value in request.items() if value is None]:
        raise not_set(*absent)
    when = _date(request) if kind == "CONVERSION_DATE" else _inactivity(request)
    item.conversion = {"request": {"conversionType": kind, **request}, **when}
    portal.lists.rebuild()
    return Answer(200, _shown(item))


def _date(request: Mapping[str, Any]) -> dict[str, int]:
    year, month, day = (int(request[name]) for name in ("year", "month", "day"))
    try:
        return {"at": to_ms(datetime(year, month, day, tzinfo=UTC))}
    except ValueError:
        raise invalid(f"{year}-{month}-{day} is not a date") from None


def _inactivity(request: Mapping[str, Any]) -> dict[str, int]:
    unit, offset = str(request["timeUnit"]), int(request["offset"])
    if unit not in _DAYS or not 0 < offset <= _LONGEST:
        raise invalid(f"{offset} {unit} is not a time without new members")
    return {"idle_ms": timedelta(days=_DAYS[unit] * offset) // timedelta(milliseconds=1)}


def cancel(portal: "Portal", call: Call) -> Answer:
    item = find(portal, call.params["id"])
    if not item.conversion:
        raise _none(item)
    item.conversion = None
    portal.lists.rebuild()
    return Answer(204)
