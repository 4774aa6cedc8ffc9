"""A plain world in a file: contacts that sync without a fuss, and an empty Salesforce.

What the sandbox's own seed makes up is hostile on purpose; here every program that is compared
has to be able to do the whole work.
"""

import gc
from datetime import timedelta
from pathlib import Path
from typing import Any

from sandbox import snapshot
from sandbox.world import World

OUTSIDERS_EVERY = 2
"""Every second contact is a lead, who is not in the list."""
AGE = timedelta(days=30)
PROPERTIES = (
    *("email", "firstname", "lastname", "jobtitle", "phone", "address", "city", "state", "zip"),
    *("country", "company", "website", "lifecyclestage"),
)
SALESFORCE = {
    "firstname": "FirstName",
    "lastname": "LastName",
    "email": "Email",
    "jobtitle": "Title",
    "phone": "Phone",
    "address": "MailingStreet",
    "city": "MailingCity",
    "state": "MailingState",
    "zip": "MailingPostalCode",
    "country": "MailingCountry",
}
"""What every program that is compared writes, by HubSpot property."""


def save(path: Path, contacts: int, *, everybody: bool = False) -> None:
    """Write a world of so many contacts; half of them, or *everybody*, are in its one list."""
    gc.disable()  # all of it lives
    world = World("bench")
    world.lift_limits()
    world.org.set_options({"validation_rules": [], "duplicate_rules": []})
    world.journal.membership = lambda _contact_id: {}
    with world.clock.visit(world.clock.now() - AGE):
        list_id = world.portal.create_list("Customers", _customers())
        for number in range(contacts):
            stage = "lead" if number % OUTSIDERS_EVERY and not everybody else "customer"
            world.portal.create("contacts", person(number, stage))
    world.journal.entries.clear()
    world.portal.calls.clear()
    world.landmarks["lists"] = {"inclusion": list_id}
    snapshot.save(world, path)
    gc.enable()


def person(number: int, stage: str) -> dict[str, str]:
    """Values as a portal holds them, all of them different."""
    return {
        "email": f"person.{number}@company{number % 997}.example",
        "firstname": f"Given{number}",
        "lastname": f"Family{number}",
        "jobtitle": f"Head of Section {number % 89}",
        "phone": f"+41 31 {number:07d}",
        "address": f"{number} Long Street",
        "city": "Bern",
        "state": "Bern",
        "zip": f"{3000 + number % 999}",
        "country": "Switzerland",
        "company": f"Company {number % 997}",
        "website": f"company{number % 997}.example",
        "lifecyclestage": stage,
    }


def _customers() -> dict[str, Any]:
    stage = {
        "filterType": "PROPERTY",
        "property": "lifecyclestage",
        "operation": {
            "operationType": "ENUMERATION",
            "operator": "IS_ANY_OF",
            "includeObjectsWithNoValueSet": False,
            "values": ["customer"],
        },
    }
    inner = {
        "filterBranchType": "AND",
        "filterBranchOperator": "AND",
        "filterBranches": [],
        "filters": [stage],
    }
    return {
        "filterBranchType": "OR",
        "filterBranchOperator": "OR",
        "filterBranches": [inner],
        "filters": [],
    }
