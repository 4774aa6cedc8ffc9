"""HubSpot records by words, as its own search box finds them: by name, e-mail, phone, company."""

from collections.abc import Sequence

from guestlist.connectors.allowance import SEARCH
from guestlist.connectors.hubspot.objects import records_of
from guestlist.connectors.hubspot.portal import Portal
from schemas.records import HubSpotRecord

LONGEST = 200


def by_words(
    portal: Portal, type: str, words: str, properties: Sequence[str], *, limit: int
) -> list[HubSpotRecord]:
    """Return the first records that hold the words in a property HubSpot searches by default."""
    asked = {"query": words[:LONGEST], "properties": list(properties), "limit": limit}
    return records_of(portal.post(f"{portal.paths.objects(type)}/search", asked, kind=SEARCH))
