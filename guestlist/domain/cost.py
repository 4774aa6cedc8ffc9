"""What a list sync will cost in API calls, before it is started."""

from typing import NamedTuple


class Cost(NamedTuple):
    """Calls to each CRM."""

    hubspot: int
    salesforce: int


def estimate(
    members: int,
    *,
    salesforce_writes: int,
    hubspot_writes: int = 0,
    page: int = 250,
    read_batch: int = 100,
    salesforce_batch: int = 1000,
) -> Cost:
    """Return the calls for one sweep over *members*, with these writes.

    HubSpot: memberships come 250 a page, records are read and written 100 a call.  Salesforce:
    one composite call looks up, and one writes, 1,000 records.
    """
    return Cost(
        hubspot=(
            _calls(members, page) + _calls(members, read_batch) + _calls(hubspot_writes, read_batch)
        ),
        salesforce=_calls(members, salesforce_batch) + _calls(salesforce_writes, salesforce_batch),
    )


def _calls(records: int, per_call: int) -> int:
    return -(-records // per_call)
