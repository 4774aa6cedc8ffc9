"""A call that Salesforce's front door turned away under load blames none of its records."""

from collections.abc import Callable

from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.write import SalesforceWrite, Unknown
from sandbox.wire import Request, Response
from tests.connectors.serving import json, serving


def _declining(request: Request) -> Response:
    if not request.path.endswith("/token"):
        return Response(400, b"Access Declined", {"content-type": "text/plain"})
    address = f"http://{request.headers['host']}"
    identity = f"{address}/id/00DAB0000000001MAA/005AB0000000001MAA"
    return json(200, {"access_token": "a-token", "instance_url": address, "id": identity})


def test_its_records_are_neither_refused_nor_sent_one_by_one(
    salesforce_at: Callable[..., Salesforce],
) -> None:
    writes = [
        SalesforceWrite("Contact", None, "HubSpot_Contact_Id__c", str(n), {"LastName": "N"})
        for n in range(50)
    ]
    with serving(_declining) as address:
        client = salesforce_at(address).on("bulk")
        results = client.write(writes)

    assert all(isinstance(each, Unknown) for each in results)
    assert client.calls == 1
