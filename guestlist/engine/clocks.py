"""The CRMs' own clocks: cursors stand on these, never on ours."""

from datetime import datetime

from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.errors import Unusable


def of_hubspot(hubspot: HubSpot) -> datetime:
    """Return HubSpot's time; a call of this view, unless it has just made one."""
    if hubspot.server_time is None:
        hubspot.account()
    return _told(hubspot.server_time, "HubSpot")


def of_salesforce(salesforce: Salesforce) -> datetime:
    """Return Salesforce's time; a call of this view, unless it has just made one."""
    if salesforce.server_time is None:
        salesforce.knock()
    return _told(salesforce.server_time, "Salesforce")


def _told(at: datetime | None, crm: str) -> datetime:
    if at is None:
        raise Unusable(f"{crm}'s answer does not say when it was made")
    return at
