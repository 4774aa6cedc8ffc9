"""Stand-ins for HubSpot and Salesforce: real HTTP servers with limits, faults, lag and a movable clock."""
