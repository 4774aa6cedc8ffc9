"""The same script by someone who read about batches: 100 contacts a read, 200 records a write."""

from collections.abc import Iterator
from itertools import islice
from typing import Any

from hubspot.crm.contacts import BatchReadInputSimplePublicObjectId, SimplePublicObjectId

from benchmarks.peer.both import FIELDS, KEY, clients, members, written


def chunks(ids: Iterator[str], size: int) -> Iterator[list[str]]:
    while part := list(islice(ids, size)):
        yield part


def read(hubspot: Any, ids: list[str]) -> list[Any]:
    asked = BatchReadInputSimplePublicObjectId(
        properties=list(FIELDS),
        properties_with_history=[],
        inputs=[SimplePublicObjectId(id=id) for id in ids],
    )
    answer = hubspot.crm.contacts.batch_api.read(asked)
    return list(answer.results)


def upsert(salesforce: Any, contacts: list[Any]) -> None:
    records = [
        {"attributes": {"type": "Contact"}, KEY: each.id, **written(each.properties)}
        for each in contacts
    ]
    answer = salesforce.restful(
        f"composite/sobjects/Contact/{KEY}",
        method="PATCH",
        json={"allOrNone": False, "records": records},
    )
    failed = [each for each in answer if not each["success"]]
    if failed:
        print(failed[:3])


def main() -> None:
    hubspot, salesforce = clients()
    waiting: list[Any] = []
    count = 0
    for ids in chunks(members(hubspot), 100):
        waiting += read(hubspot, ids)
        if len(waiting) >= 200:
            upsert(salesforce, waiting)
            count += len(waiting)
            waiting = []
    if waiting:
        upsert(salesforce, waiting)
        count += len(waiting)
    print(count)


main()
