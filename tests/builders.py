"""A small, true-to-life world for tests: one mapping, its two live schemas, records of both CRMs.

Every builder gives a sensible default and takes changes by keyword.
"""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from guestlist.domain.mapping import CompiledMapping, compile_mapping
from schemas.mapping import FieldMapping, ObjectMapping, SyncRule
from schemas.records import (
    Crm,
    FieldDescription,
    HubSpotRecord,
    ListDefinition,
    ListProcessing,
    ObjectDescription,
    SalesforceRecord,
)

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LONG_AGO = NOW - timedelta(days=30)

EXTERNAL_ID = "HubSpot_Contact_Id__c"
CONTACT_ID = "003AB00000Xq1ZaYAJ"
LEAD_ID = "00QAB00000Xq1ZbYAJ"

INDUSTRIES = frozenset({"Banking", "Energy", "Media", "Technology"})
LEAD_STATUS = frozenset({"Open - Not Contacted", "Working - Contacted", "Closed - Converted"})
INTERESTS = frozenset({"Events", "Newsletter", "Webinars"})


def hubspot_field(name: str, type: str = "string", **changes: Any) -> FieldDescription:
    length = 65_536 if type == "string" else None
    made = FieldDescription(name=name, label=name.title(), type=type, length=length)
    return replace(made, **changes)


def hubspot_choice(name: str, options: Iterable[str], **changes: Any) -> FieldDescription:
    chosen = frozenset(options)
    return hubspot_field(name, "enumeration", options=chosen, restricted=True, **changes)


def salesforce_field(name: str, type: str = "string", **changes: Any) -> FieldDescription:
    return replace(FieldDescription(name=name, label=name, type=type), **changes)


def described(crm: Crm, type: str, fields: Iterable[FieldDescription]) -> ObjectDescription:
    return ObjectDescription(crm, type, {field.name: field for field in fields})


def hubspot_description(*others: FieldDescription, without: str = "") -> ObjectDescription:
    """The contact properties that the mapping below uses; *others* replace those of their name."""
    fields = [
        *map(hubspot_field, ("email", "firstname", "lastname", "phone", "fax", "jobtitle")),
        *map(hubspot_field, ("address", "city", "state", "zip", "country", "company", "industry")),
        hubspot_choice("hs_lead_status", ["NEW", "OPEN", "CONNECTED", "CLOSED"]),
        hubspot_choice("interests", INTERESTS, multiple=True),
        hubspot_field("newsletter", "bool", options=frozenset({"true", "false"})),
        hubspot_field("annual_budget", "number"),
        hubspot_field("birthday", "date"),
        hubspot_field("last_visit", "datetime"),
        hubspot_field("score", "number", updateable=False, createable=False, calculated=True),
        *others,
    ]
    kept = [field for field in fields if field.name != without]
    return described(Crm.HUBSPOT, "contacts", kept)


def _salesforce_fields() -> list[FieldDescription]:
    external_id = salesforce_field(EXTERNAL_ID, length=20, unique=True, external_id=True)
    read_only = {"createable": False, "updateable": False}
    return [
        salesforce_field("Id", "id", length=18, **read_only),
        salesforce_field("SystemModstamp", "datetime", **read_only),
        external_id,
        salesforce_field("Email", "email", length=80),
        salesforce_field("FirstName", length=40),
        salesforce_field("LastName", length=80, required=True),
        salesforce_field("Phone", "phone", length=40),
        salesforce_field("Fax", "phone", length=40),
        salesforce_field("Title", length=128),
        salesforce_field("Interests__c", "multipicklist", options=INTERESTS, multiple=True),
        salesforce_field("Newsletter__c", "boolean"),
        salesforce_field("Budget__c", "currency"),
        salesforce_field("Birthdate", "date"),
        salesforce_field("Last_Visit__c", "datetime"),
        salesforce_field("Score__c", "double"),
    ]


def contact_description(*others: FieldDescription, without: str = "") -> ObjectDescription:
    street = salesforce_field("MailingStreet", "textarea", length=255)
    rest = (("MailingCity", 40), ("MailingState", 80), ("MailingPostalCode", 20))
    fields = [
        *_salesforce_fields(),
        street,
        *(salesforce_field(name, length=length) for name, length in rest),
        salesforce_field("MailingCountry", length=80),
        *others,
    ]
    return described(Crm.SALESFORCE, "Contact", [each for each in fields if each.name != without])


def lead_description(*others: FieldDescription, without: str = "") -> ObjectDescription:
    fields = [
        *_salesforce_fields(),
        salesforce_field("Company", length=255, required=True),
        salesforce_field("Street", "textarea", length=255),
        salesforce_field("City", length=40),
        salesforce_field("State", length=80),
        salesforce_field("PostalCode", length=20),
        salesforce_field("Country", length=80),
        salesforce_field("Industry", "picklist", length=255, options=INDUSTRIES),
        salesforce_field("Status", "picklist", length=255, options=LEAD_STATUS, restricted=True),
        salesforce_field("IsConverted", "boolean", updateable=False),
        salesforce_field("ConvertedContactId", "reference", createable=False, updateable=False),
        *others,
    ]
    return described(Crm.SALESFORCE, "Lead", [each for each in fields if each.name != without])


def both(name: str) -> dict[str, str]:
    """One field name for contacts and leads."""
    return {"Contact": name, "Lead": name}


def address(name: str) -> dict[str, str]:
    return {"Contact": f"Mailing{name}", "Lead": name}


def a_row(hubspot: str, salesforce: Mapping[str, str], **changes: Any) -> FieldMapping:
    return replace(FieldMapping(hubspot, salesforce), **changes)


def some_rows() -> tuple[FieldMapping, ...]:
    """17 rows that reach a contact, and three more for leads."""
    return (
        a_row("email", both("Email"), rule=SyncRule.TWO_WAY),
        a_row("firstname", both("FirstName")),
        a_row("lastname", both("LastName")),
        a_row("phone", both("Phone")),
        a_row("fax", both("Fax")),
        a_row("jobtitle", both("Title"), rule=SyncRule.TWO_WAY),
        a_row("address", address("Street")),
        a_row("city", address("City")),
        a_row("state", address("State")),
        a_row("zip", address("PostalCode")),
        a_row("country", address("Country")),
        a_row("interests", both("Interests__c"), rule=SyncRule.TWO_WAY),
        a_row("newsletter", both("Newsletter__c"), rule=SyncRule.ALWAYS_HUBSPOT),
        a_row("annual_budget", both("Budget__c"), rule=SyncRule.ALWAYS_SALESFORCE),
        a_row("birthday", both("Birthdate"), rule=SyncRule.TWO_WAY),
        a_row("last_visit", both("Last_Visit__c"), rule=SyncRule.PREFER_HUBSPOT),
        a_row("score", both("Score__c"), rule=SyncRule.ALWAYS_HUBSPOT),
        a_row("company", {"Lead": "Company"}, when_blank="[not provided]"),
        a_row("industry", {"Lead": "Industry"}),
        a_row(
            "hs_lead_status",
            {"Lead": "Status"},
            rule=SyncRule.TWO_WAY,
            values={
                "NEW": "Open - Not Contacted",
                "OPEN": "Open - Not Contacted",
                "CONNECTED": "Working - Contacted",
                "CLOSED": "Closed - Converted",
            },
        ),
    )


def a_mapping(**changes: Any) -> ObjectMapping:
    made = ObjectMapping(
        name="contacts",
        hubspot_type="contacts",
        hubspot_type_id="0-1",
        salesforce_types=("Contact", "Lead"),
        create_as="Contact",
        external_id=EXTERNAL_ID,
        match_on=("email", both("Email")),
        fields=some_rows(),
    )
    return replace(made, **changes)


def descriptions() -> tuple[ObjectDescription, dict[str, ObjectDescription]]:
    """The live schemas that ``a_mapping`` fits: HubSpot's, and Salesforce's by type."""
    salesforce = {"Contact": contact_description(), "Lead": lead_description()}
    return hubspot_description(), salesforce


def a_compiled_mapping(**changes: Any) -> CompiledMapping:
    return compile_mapping(a_mapping(**changes), *descriptions())


def one_row(
    rule: SyncRule,
    *,
    hubspot: FieldDescription | None = None,
    salesforce: FieldDescription | None = None,
    **changes: Any,
) -> CompiledMapping:
    """A mapping of a single field of contacts, text unless said otherwise."""
    source = hubspot or hubspot_field("jobtitle")
    target = salesforce or salesforce_field("Title", length=128)
    row = a_row(source.name, {"Contact": target.name}, rule=rule, **changes)
    mapping = a_mapping(salesforce_types=("Contact",), match_on=None, fields=(row,))
    contact = contact_description(target, without="LastName" if target.name != "LastName" else "")
    return compile_mapping(mapping, hubspot_description(source), {"Contact": contact})


def a_contact(id: str = "501", **changes: Any) -> HubSpotRecord:
    """A HubSpot contact; keywords are properties, or ``modified_at`` and ``archived``."""
    modified_at = changes.pop("modified_at", LONG_AGO)
    archived = changes.pop("archived", False)
    properties = {
        "email": "ada@example.com",
        "firstname": "Ada",
        "lastname": "Lovelace",
        "phone": "+44 20 7946 0000",
        "fax": None,
        "jobtitle": "Analyst",
        "address": "12 St James's Square",
        "city": "London",
        "state": "England",
        "zip": "SW1Y 4JH",
        "country": "United Kingdom",
        "interests": "Events;Newsletter",
        "newsletter": "true",
        "annual_budget": "1000",
        "birthday": "1815-12-10",
        "last_visit": "2026-11-01T10:00:00Z",
        "score": "42",
    }
    return HubSpotRecord(id, properties | changes, modified_at, archived)


def a_salesforce_contact(id: str = CONTACT_ID, **changes: Any) -> SalesforceRecord:
    """The Salesforce contact that agrees with ``a_contact``; keywords are fields."""
    modified_at = changes.pop("modified_at", LONG_AGO)
    fields = {
        "Id": id,
        EXTERNAL_ID: "501",
        "Email": "ada@example.com",
        "FirstName": "Ada",
        "LastName": "Lovelace",
        "Phone": "+44 20 7946 0000",
        "Fax": None,
        "Title": "Analyst",
        "MailingStreet": "12 St James's Square",
        "MailingCity": "London",
        "MailingState": "England",
        "MailingPostalCode": "SW1Y 4JH",
        "MailingCountry": "United Kingdom",
        "Interests__c": "Newsletter;Events",
        "Newsletter__c": True,
        "Budget__c": 1000.0,
        "Birthdate": "1815-12-10",
        "Last_Visit__c": "2026-11-01T10:00:00.000+0000",
        "Score__c": 42.0,
    }
    return SalesforceRecord("Contact", id, fields | changes, modified_at)


def a_lead(id: str = LEAD_ID, **changes: Any) -> SalesforceRecord:
    modified_at = changes.pop("modified_at", LONG_AGO)
    fields = {
        "Id": id,
        EXTERNAL_ID: None,
        "Email": "ada@example.com",
        "LastName": "Lovelace",
        "Company": "Analytical Engines",
        "Status": "Open - Not Contacted",
        "IsConverted": False,
        "ConvertedContactId": None,
    }
    return SalesforceRecord("Lead", id, fields | changes, modified_at)


def a_list(**changes: Any) -> ListDefinition:
    """An active list of everybody who has a job title."""
    made = ListDefinition(
        list_id="1274",
        name="Customers",
        object_type_id="0-1",
        processing_type=ListProcessing.DYNAMIC,
        processing_status="COMPLETE",
        version=1,
        size=2000,
        filter_branch=a_branch(known("jobtitle")),
        filters_updated_at=LONG_AGO,
    )
    return replace(made, **changes)


def a_branch(*filters: Mapping[str, Any]) -> dict[str, Any]:
    """One group of filters, all of which have to hold, inside the OR that HubSpot wants."""
    group = {
        "filterBranchType": "AND",
        "filterBranchOperator": "AND",
        "filters": list(filters),
        "filterBranches": [],
    }
    return {
        "filterBranchType": "OR",
        "filterBranchOperator": "OR",
        "filters": [],
        "filterBranches": [group],
    }


def a_filter(name: str, kind: str, operator: str, **operation: Any) -> dict[str, Any]:
    """One PROPERTY filter as HubSpot sends it."""
    base = {"operationType": kind, "operator": operator, "includeObjectsWithNoValueSet": False}
    return {"filterType": "PROPERTY", "property": name, "operation": base | operation}


def known(name: str) -> dict[str, Any]:
    return a_filter(name, "ALL_PROPERTY", "IS_KNOWN")
