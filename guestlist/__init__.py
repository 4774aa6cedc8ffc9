"""Keep HubSpot and Salesforce in step, for the contacts on the inclusion list."""
