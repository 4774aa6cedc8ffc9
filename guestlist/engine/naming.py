"""People by their name, for whoever has no id at hand: a few of each CRM, never a guess."""

from collections.abc import Iterator, Mapping
from typing import NamedTuple

from guestlist.connectors.salesforce.soql import containing
from guestlist.engine.services import Services
from schemas.records import Crm
from schemas.settings import Lane

MOST = 10
"""Of each object type; more than that is for another word."""
SHORTEST = 2
_NAMES = ("firstname", "lastname", "email", "company")


class Named(NamedTuple):
    """One record that fits the words."""

    crm: Crm
    type: str
    id: str
    name: str
    email: str | None


def by_name(services: Services, name: str, words: str) -> list[Named]:
    """Return records of both CRMs whose name holds the words; a call each, and one a type.

    HubSpot also finds them by e-mail address and company, and what was just changed with a delay.
    """
    words = " ".join(words.split())
    if len(words) < SHORTEST:
        return []
    return [*_of_hubspot(services, name, words), *_of_salesforce(services, name, words)]


def called(properties: Mapping[str, str | None]) -> tuple[str, str | None]:
    """Return a name, or else the company's, and the e-mail address, from HubSpot's properties."""
    first, last, email, company = (properties.get(each) or "" for each in _NAMES)
    return f"{first} {last}".strip() or company, email or None


def _of_hubspot(services: Services, name: str, words: str) -> Iterator[Named]:
    mapping, hubspot = services.schemas.object(name), services.hubspot.on(Lane.INTERACTIVE)
    for row in hubspot.search(mapping.hubspot_type, words, _NAMES, limit=MOST):
        yield Named(Crm.HUBSPOT, mapping.hubspot_type, row.id, *called(row.properties))


def _of_salesforce(services: Services, name: str, words: str) -> Iterator[Named]:
    mapping, salesforce = services.schemas.object(name), services.salesforce.on(Lane.INTERACTIVE)
    pattern = containing(words)
    _, described = services.schemas.described(name)
    for kind in mapping.salesforce_types:
        if "Name" not in described[kind].fields:
            continue
        email = ", Email" if "Email" in described[kind].fields else ""
        # The type comes from the settings' checked names, the pattern is quoted.
        soql = f"SELECT Id, SystemModstamp, Name{email} FROM {kind}"  # noqa: S608  # nosec B608
        soql += f" WHERE Name LIKE {pattern} ORDER BY Name LIMIT {MOST}"
        [found] = salesforce.find([soql])
        for row in found:
            called, address = row.fields.get("Name") or "", row.fields.get("Email")
            yield Named(Crm.SALESFORCE, kind, row.id, called, address)
