"""One valid call of every kind that has a body or a query: what wrong input is made from."""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any, NamedTuple

from sandbox.hubspot.portal import Portal
from tests.sandbox.hubspot.filter_branches import any_of, property_filter

CONTACTS = "/crm/v3/objects/contacts"
LISTS = "/crm/v3/lists"
PROPERTIES = "/crm/v3/properties/contacts"

_COLOUR = {
    "name": "colour",
    "label": "Colour",
    "type": "enumeration",
    "fieldType": "select",
    "groupName": "contactinformation",
    "hasUniqueValue": False,
    "options": [{"label": "Red", "value": "red", "displayOrder": 1, "hidden": False}],
}
_DAY = {"year": 2026, "month": 1, "day": 1}
_ON_DAY = {
    "timeType": "DATE",
    "zoneId": "US/Eastern",
    **_DAY,
    "hour": 1,
    "second": 1,
    "millisecond": 1,
}
_AGO = {
    "timeType": "INDEXED",
    "zoneId": "US/Eastern",
    "indexReference": {"referenceType": "TODAY"},
    "offset": {"years": -1, "months": 1, "days": -5, "hours": 2, "milliseconds": 1},
}
_NOW = {"timeType": "INDEXED", "indexReference": {"referenceType": "NOW"}}


class Sent(NamedTuple):
    """A call; ``query`` is empty where there is none."""

    method: str
    path: str
    body: Any = None
    query: Mapping[str, str] = MappingProxyType({})


def filters(list_id: str) -> Iterator[dict[str, Any]]:
    """Yield a filter of every kind."""
    made = property_filter
    yield made("firstname", "STRING", "CONTAINS", value="x")
    yield made("firstname", "STRING", "HAS_EVER_CONTAINED", value="x")
    yield made("firstname", "MULTISTRING", "STARTS_WITH", values=["x"])
    yield made("annualrevenue", "NUMBER", "IS_EQUAL_TO", value=5)
    yield made("annualrevenue", "NUMBER_RANGED", "IS_BETWEEN", lowerBound=1, upperBound=3)
    yield made("hs_email_optout", "BOOL", "IS_EQUAL_TO", value=True)
    yield made("lifecyclestage", "ENUMERATION", "IS_ANY_OF", values=["lead"])
    yield made("email", "ALL_PROPERTY", "IS_KNOWN")
    yield made("createdate", "DATETIME", "IS_BEFORE", timestamp=1_700_000_000_000)
    yield made("createdate", "RANGED_DATE", "IS_BETWEEN", lowerBound=1, upperBound=2)
    yield made("createdate", "DATE", "IS_BEFORE", **_DAY)
    yield made("createdate", "ROLLING_DATE_RANGE", "IS_LESS_THAN_X_DAYS_AGO", numberOfDays=5)
    yield made("city", "ROLLING_PROPERTY_UPDATED", "UPDATED_IN_LAST_X_DAYS", numberOfDays=5)
    month = {"timeUnit": "MONTH", "timeUnitCount": 2, "useFiscalYear": False}
    yield made("createdate", "CALENDAR_DATE", "IN_LAST_TIME_UNIT", **month)
    yield made("createdate", "TIME_POINT", "IS_AFTER", timePoint=_ON_DAY)
    bounds = {"lowerBoundTimePoint": _AGO, "upperBoundTimePoint": _NOW}
    yield made("createdate", "TIME_RANGED", "IS_BETWEEN", **bounds)
    other = {"comparisonPropertyName": "lastmodifieddate"}
    yield made("createdate", "COMPARATIVE_DATE", "IS_BEFORE", **other)
    yield {"filterType": "IN_LIST", "listId": list_id, "operator": "IN_LIST"}
    yield {"filterType": "CONSTANT", "shouldAccept": True}


def _searches() -> Iterator[dict[str, Any]]:
    by_id = {"propertyName": "hs_object_id", "operator": "GTE", "value": "5"}
    by_time = {"propertyName": "lastmodifieddate", "operator": "GT", "value": "0"}
    between = {"propertyName": "createdate", "operator": "BETWEEN", "value": "0", "highValue": "9"}
    by_email = {"propertyName": "email", "operator": "IN", "values": ["a@example.com"]}
    linked = {"propertyName": "associations.company", "operator": "EQ", "value": "9"}
    token = {"propertyName": "email", "operator": "CONTAINS_TOKEN", "value": "a*"}
    sorts: list[Any] = [{"propertyName": "hs_object_id", "direction": "DESCENDING"}]
    paging = {"query": "a", "limit": 10, "after": "0", "properties": ["email", "city"]}
    yield {**paging, "filterGroups": [{"filters": [by_time]}, {"filters": [by_id]}]}
    yield {**paging, "filters": [by_email, token], "sorts": sorts}
    yield {"filterGroups": [{"filters": [between]}, {"filters": [linked]}], "sorts": ["email"]}


def _objects(contact: str, company: str, other: str) -> Iterator[Sent]:
    types = [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 279}]
    links = [{"to": {"id": company}, "types": types}]
    properties = {"email": "n@example.com", "lifecyclestage": "lead", "annualrevenue": "5"}
    city, by_email = {"properties": {"city": "Bern"}}, {"idProperty": "email"}
    page = {"limit": "1", "after": "0", "archived": "false", "properties": "email"}
    yield Sent("GET", CONTACTS, query={**page, "associations": "companies"})
    yield Sent("POST", CONTACTS, {"properties": properties, "associations": links})
    yield Sent("PATCH", f"{CONTACTS}/{contact}", city, {"idProperty": "hs_object_id"})
    for body in _searches():
        yield Sent("POST", f"{CONTACTS}/search", body)
    read = {"properties": ["email"], "propertiesWithHistory": ["email"], **by_email}
    inputs = [{"id": "a@example.com"}]
    yield Sent("POST", f"{CONTACTS}/batch/read", {**read, "inputs": inputs})
    made = {"properties": {"email": "m@example.com"}, "associations": links}
    yield Sent("POST", f"{CONTACTS}/batch/create", {"inputs": [made]})
    traced = {"id": "a@example.com", **by_email, **city, "objectWriteTraceId": "1"}
    yield Sent("POST", f"{CONTACTS}/batch/upsert", {"inputs": [traced]})
    known = {"id": contact, "idProperty": "hs_object_id", **city}
    yield Sent("POST", f"{CONTACTS}/batch/update", {"inputs": [known]})
    yield Sent("POST", f"{CONTACTS}/gdpr-delete", {"objectId": "x@example.com", **by_email})
    path = "/crm/v4/associations/contacts/companies/batch/read"
    yield Sent("POST", path, {"inputs": [{"id": contact}]})
    path = f"/crm/v4/objects/contacts/{contact}/associations/companies"
    yield Sent("GET", path, query={"limit": "5", "after": "0"})
    yield Sent("POST", f"{CONTACTS}/merge", {"primaryObjectId": contact, "objectIdToMerge": other})
    yield Sent("POST", f"{CONTACTS}/batch/archive", {"inputs": [{"id": contact}]})


def _lists(active: str, manual: str, contact: str) -> Iterator[Sent]:
    for number, filter in enumerate(filters(manual)):
        rights = {"teamsWithEditAccess": [1], "usersWithEditAccess": [1]}
        branch = any_of([filter])
        body = {"name": f"New {number}", "objectTypeId": "0-1", "processingType": "DYNAMIC"}
        yield Sent("POST", LISTS, {**body, "filterBranch": branch, "listPermissions": rights})
        yield Sent("PUT", f"{LISTS}/{active}/update-list-filters", {"filterBranch": branch})
    search = {"query": "a", "offset": 0, "count": 20, "listIds": [active], "objectTypeId": "0-1"}
    yield Sent("POST", f"{LISTS}/search", {**search, "processingTypes": ["DYNAMIC"]})
    yield Sent("GET", LISTS, query={"listIds": active, "includeFilters": "true"})
    yield Sent("PUT", f"{LISTS}/{manual}/update-list-name", query={"listName": "Other"})
    for page in ("memberships", "memberships/join-order"):
        query = {"limit": "1", "after": "", "before": ""}
        yield Sent("GET", f"{LISTS}/{active}/{page}", query=query)
    yield Sent("PUT", f"{LISTS}/{manual}/memberships/add", [contact])
    both = {"recordIdsToAdd": [contact], "recordIdsToRemove": ["5"]}
    yield Sent("PUT", f"{LISTS}/{manual}/memberships/add-and-remove", both)
    inputs = [{"objectTypeId": "0-1", "recordId": contact}]
    yield Sent("POST", f"{LISTS}/records/memberships/batch/read", {"inputs": inputs})
    convert = f"{LISTS}/{active}/schedule-conversion"
    at = {"year": 2028, "month": 1, "day": 1}
    yield Sent("PUT", convert, {"conversionType": "CONVERSION_DATE", **at})
    idle = {"timeUnit": "WEEK", "offset": 5}
    yield Sent("PUT", convert, {"conversionType": "INACTIVITY", **idle})


def _schema() -> Iterator[Sent]:
    yield Sent("POST", PROPERTIES, _COLOUR)
    yield Sent("PATCH", f"{PROPERTIES}/colour", {"label": "C", "options": _COLOUR["options"]})
    yield Sent("POST", f"{PROPERTIES}/batch/create", {"inputs": [{**_COLOUR, "name": "hue"}]})
    named = {"inputs": [{"name": "hue"}], "archived": False}
    yield Sent("POST", f"{PROPERTIES}/batch/read", named)
    yield Sent("POST", f"{PROPERTIES}/batch/archive", named)
    yield Sent("POST", f"{PROPERTIES}/groups", {"name": "mine", "label": "M", "displayOrder": 1})
    yield Sent("PATCH", f"{PROPERTIES}/groups/mine", {"label": "Mine"})
    page = {"email": "o@example.com", "limit": "1", "after": "0", "archived": "false"}
    yield Sent("GET", "/crm/v3/owners", query=page)


def valid_calls(portal: Portal) -> list[Sent]:
    """Fill an empty portal and return calls that it answers with 2xx, made in this order."""
    contact = portal.create("contacts", {"email": "a@example.com", "firstname": "A"})
    other = portal.create("contacts", {"email": "b@example.com"})
    company = portal.create("companies", {"domain": "example.com"})
    portal.add_owner("o@example.com", "O", "One")
    known = property_filter("email", "ALL_PROPERTY", "IS_KNOWN")
    active = portal.create_list("Active", any_of([known]))
    manual = portal.create_list("Manual", None, processing_type="MANUAL")
    lists = _lists(active, manual, contact)
    return [*lists, *_schema(), *_objects(contact, company, other)]
