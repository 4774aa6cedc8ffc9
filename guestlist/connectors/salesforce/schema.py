"""The live schema of a Salesforce object, and the org itself."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from guestlist.connectors.http import shaped
from guestlist.connectors.salesforce.org import Allowance, Org
from guestlist.connectors.salesforce.read import rows
from guestlist.connectors.salesforce.soql import name
from guestlist.domain.errors import Misconfigured, Missing
from schemas.records import Crm, FieldDescription, ObjectDescription


class Organization(NamedTuple):
    """Which org the session belongs to, and as which user it acts."""

    id: str
    name: str
    is_sandbox: bool
    user_id: str


def describe(org: Org, type: str) -> ObjectDescription:
    """Return the fields this user can see; raises ``Misconfigured`` for an unknown object."""
    try:
        answer = org.get(f"{org.root}/sobjects/{name(type)}/describe")
    except Missing as missing:
        fix = "correct its name in the settings, or let our user read, create and edit it"
        raise Misconfigured(f"Salesforce has no object {type}: {fix}") from missing
    with shaped("Salesforce's describe"):
        fields = {row["name"]: _field(row) for row in answer["fields"]}
    return ObjectDescription(Crm.SALESFORCE, type, fields)


def organization(org: Org) -> Organization:
    row = next(rows(org, "SELECT Id, Name, IsSandbox FROM Organization"))
    with shaped("Salesforce's organization"):
        return Organization(
            row["Id"], row["Name"], bool(row["IsSandbox"]), org.tokens.current().user_id
        )


def allowance(org: Org) -> Allowance:
    """Return the org's calls of the last 24 hours; needs *View Setup and Configuration*."""
    answer = org.get(f"{org.root}/limits")
    with shaped("Salesforce's limits"):
        limit = answer["DailyApiRequests"]
        return Allowance(limit["Max"] - limit["Remaining"], limit["Max"])


def _field(row: Mapping[str, Any]) -> FieldDescription:
    active = [each["value"] for each in row.get("picklistValues") or [] if each["active"]]
    createable = bool(row["createable"])
    return FieldDescription(
        name=row["name"],
        label=row["label"],
        type=row["type"],
        length=row.get("length") or None,
        options=frozenset(active),
        restricted=bool(row.get("restrictedPicklist")),
        createable=createable,
        updateable=bool(row["updateable"]),
        required=createable and not row["nillable"] and not row["defaultedOnCreate"],
        calculated=bool(row.get("calculated")),
        unique=bool(row.get("unique")),
        external_id=bool(row.get("externalId")),
        multiple=row["type"] == "multipicklist",
    )
