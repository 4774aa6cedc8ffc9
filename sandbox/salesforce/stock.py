"""What a new org holds before anybody wrote to it: itself, its users, a queue, an API client."""

from typing import TYPE_CHECKING

from sandbox.salesforce import saving
from sandbox.salesforce.auth import Client
from sandbox.salesforce.transaction import Author, Transaction

if TYPE_CHECKING:
    from sandbox.salesforce.org import Org

_SALES = (("Ines", "Duarte"), ("Tomasz", "Wrona"), ("Grace", "Okafor"))


def furnish(org: "Org") -> None:
    """Fill a new org, journalling nothing a test would have to skip."""
    rows = org.tables
    org.organization_id = rows["Organization"].ids.next()
    org.admin_id = _user(org, "Ada", "Admin", alias="admin")
    org.integration_user_id = _user(org, "Integration", "User", alias="integ")
    for first, last in _SALES:
        _user(org, first, last, alias=f"{first[0]}{last}"[:8].lower())
    _user(org, "Former", "Employee", alias="former", active=False)
    queue = _seed(
        org, "Group", {"Name": "Unassigned Leads", "DeveloperName": "Unassigned", "Type": "Queue"}
    )
    org.options.assignment_rules = {"Lead": [queue]}
    _organization(org)
    org.clients["sandbox-client-id"] = Client(
        "sandbox-client-secret", "guestlist", org.integration_user_id
    )


def _user(org: "Org", first: str, last: str, *, alias: str, active: bool = True) -> str:
    address = f"{first}.{last}@acme-sandbox.example".lower()
    fields = {
        "FirstName": first,
        "LastName": last,
        "Username": address,
        "Email": address,
        "Alias": alias,
        "IsActive": active,
    }
    return _seed(org, "User", fields)


def _organization(org: "Org") -> None:
    table = org.tables["Organization"]
    table.ids.count -= 1
    fields = {
        "Name": "Acme Sandbox",
        "InstanceName": "SBX1",
        "IsSandbox": True,
        "OrganizationType": "Enterprise Edition",
    }
    _seed(org, "Organization", fields)


def _seed(org: "Org", sobject: str, fields: dict[str, object]) -> str:
    author = Author("sandbox", org.admin_id, bypass=True)
    tx = Transaction(org, author)
    record = saving.create(tx, org.tables[sobject], fields)
    record.shown = record.values
    return record.id
