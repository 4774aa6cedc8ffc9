"""Salesforce over its REST API."""

from guestlist.connectors.salesforce.client import Salesforce
from guestlist.connectors.salesforce.org import Allowance
from guestlist.connectors.salesforce.schema import Organization
from guestlist.connectors.salesforce.soql import Lookup

__all__ = ["Allowance", "Lookup", "Organization", "Salesforce"]
