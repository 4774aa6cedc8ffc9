"""HubSpot over its dated REST APIs."""

from guestlist.connectors.hubspot.account import Account, Usage
from guestlist.connectors.hubspot.client import HubSpot
from guestlist.connectors.hubspot.objects import Records

__all__ = ["Account", "HubSpot", "Records", "Usage"]
