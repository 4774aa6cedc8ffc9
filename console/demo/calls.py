"""What a list sync cost in API calls, from the sandbox's own counts."""

from collections.abc import Mapping
from typing import NamedTuple

CONSTANT = {
    "hubspot": frozenset(
        {"oauth.token", "account.details", "account.daily_usage", "properties.page", "lists.read"}
    ),
    "salesforce": frozenset({"POST /services/oauth2/token", "GET describe", "GET limits"}),
}
"""Calls whose number does not grow with the list: token, schemas, the list itself."""

Counts = Mapping[str, Mapping[str, int]]


class Calls(NamedTuple):
    """API calls to each CRM."""

    hubspot: int = 0
    salesforce: int = 0

    def plus(self, other: "Calls") -> "Calls":
        """Return both together."""
        return Calls(self.hubspot + other.hubspot, self.salesforce + other.salesforce)


def of_records(counted: Counts) -> Calls:
    """Return the calls that carried members: every call that is not known to be constant."""
    return _counted(counted, constant=False)


def of_setup(counted: Counts) -> Calls:
    """Return the constant calls."""
    return _counted(counted, constant=True)


def _counted(counted: Counts, *, constant: bool) -> Calls:
    return Calls(
        **{
            crm: sum(n for name, n in counted[crm].items() if (name in names) is constant)
            for crm, names in CONSTANT.items()
        }
    )
