"""Stand-ins for both CRMs: real HTTP servers with limits, faults, lag and a movable clock."""
