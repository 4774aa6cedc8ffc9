"""The two systems the sandbox stands in for."""

from enum import StrEnum


class CRM(StrEnum):
    """One of the two."""

    HUBSPOT = "hubspot"
    SALESFORCE = "salesforce"
