"""The objects of the stock org, with the external id field a sync needs."""

from functools import cache

from sandbox.salesforce.schema import business, people, setup
from sandbox.salesforce.schema.field import FieldSpec, ObjectSpec
from sandbox.salesforce.schema.reader import read_table

EXTERNAL_ID = FieldSpec(
    name="HubSpot_Contact_Id__c",
    label="HubSpot Contact Id",
    length=32,
    unique=True,
    external_id=True,
    id_lookup=True,
)
"""External ID and Unique, so that an upsert on it is idempotent."""


def stock_objects() -> dict[str, ObjectSpec]:
    """Return the objects of a new org by name."""
    return {spec.name: spec for spec in _stock()}


@cache
def _stock() -> tuple[ObjectSpec, ...]:
    people_specs = (
        ObjectSpec("Account", "001", "Account", "Accounts", read_table(people.ACCOUNT), True),
        _with_external_id("Contact", "003", people.CONTACT),
        _with_external_id("Lead", "00Q", people.LEAD),
    )
    return (*people_specs, *_business(), *_setup())


def _with_external_id(name: str, prefix: str, table: str) -> ObjectSpec:
    return ObjectSpec(name, prefix, name, f"{name}s", read_table(table), True).with_field(
        EXTERNAL_ID
    )


def _business() -> tuple[ObjectSpec, ...]:
    opportunity = read_table(business.OPPORTUNITY)
    role = read_table(business.CONTACT_ROLE)
    member = read_table(setup.CAMPAIGN_MEMBER)
    return (
        ObjectSpec("Opportunity", "006", "Opportunity", "Opportunities", opportunity),
        ObjectSpec(
            "OpportunityContactRole", "00K", "Opportunity Contact Role", "Contact Roles", role
        ),
        ObjectSpec("Case", "500", "Case", "Cases", read_table(business.CASE)),
        ObjectSpec("Campaign", "701", "Campaign", "Campaigns", read_table(setup.CAMPAIGN)),
        ObjectSpec("CampaignMember", "00v", "Campaign Member", "Campaign Members", member),
        ObjectSpec("Task", "00T", "Task", "Tasks", read_table(setup.TASK)),
    )


def _setup() -> tuple[ObjectSpec, ...]:
    user, group = read_table(setup.USER), read_table(setup.GROUP)
    organization = read_table(setup.ORGANIZATION)
    return (
        ObjectSpec("User", "005", "User", "Users", user, undeletable=False),
        ObjectSpec("Group", "00G", "Group", "Groups", group, replicateable=False),
        ObjectSpec(
            "Organization",
            "00D",
            "Organization",
            "Organizations",
            organization,
            replicateable=False,
            createable=False,
        ),
    )
