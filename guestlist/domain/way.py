"""Which way a record's values went: into which of the CRMs."""

from collections.abc import Iterable
from enum import StrEnum

from schemas.records import Crm


class Way(StrEnum):
    """A direction, as it is counted."""

    TO_SALESFORCE = "hubspot_to_salesforce"
    TO_HUBSPOT = "salesforce_to_hubspot"
    BOTH = "both"
    NONE = "none"
    """Nothing was written, or meant to be."""


def way(into: Iterable[Crm | None]) -> Way:
    """Return the direction of writes into these CRMs."""
    match frozenset(into) - {None}:
        case written if written == {Crm.SALESFORCE}:
            return Way.TO_SALESFORCE
        case written if written == {Crm.HUBSPOT}:
            return Way.TO_HUBSPOT
        case written if written:
            return Way.BOTH
        case _:
            return Way.NONE
