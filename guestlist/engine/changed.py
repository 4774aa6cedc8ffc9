"""Which records HubSpot says were changed lately, for a person who asks once."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from guestlist.connectors.turn import PERSON_S
from guestlist.domain.errors import Missing
from guestlist.domain.since import Since, begins_at
from guestlist.engine import clocks
from guestlist.engine.services import Services
from schemas.records import Cursor
from schemas.settings import Lane

_TICK = timedelta(seconds=1)
"""HubSpot tells its time in whole seconds."""


class Changed(NamedTuple):
    """The records changed from *since* on."""

    since: datetime
    keys: Sequence[str]


def changed_since(services: Services, name: str, since: Since) -> Changed:
    """Return the records HubSpot's search finds, by HubSpot's clock.

    What was changed within the last seconds may be missing, and so is what was deleted.  Raises
    ``Missing`` for a time that is still to come.
    """
    hubspot = services.hubspot.on(Lane.BULK, patience_s=PERSON_S)
    now = clocks.of_hubspot(hubspot)
    began = begins_at(since, now)
    if began > now:
        raise Missing(f"{began:%F %T} UTC is still to come: HubSpot says it is {now:%F %T}")
    type = services.schemas.object(name).hubspot_type
    pages = hubspot.changes(type, Cursor(began), until=now + _TICK)
    return Changed(began, [*dict.fromkeys(each.id for page in pages for each in page.changed)])
