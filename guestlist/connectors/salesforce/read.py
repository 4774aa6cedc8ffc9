"""Rows of Salesforce: several queries a call, every page of each."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from guestlist.connectors.http import shaped
from guestlist.connectors.salesforce.errors import entries_in, of_query, refusal
from guestlist.connectors.salesforce.org import Org
from guestlist.connectors.salesforce.soql import Lookup, in_address, queries
from guestlist.domain.errors import SyncError
from guestlist.domain.pack import chunks
from schemas.records import SalesforceRecord

QUERIES_PER_CALL = 5
"""Salesforce: at most five of a composite call's subrequests may be queries or collections."""

Row = dict[str, Any]


def lookup(
    org: Org, wanted: Sequence[Lookup], *, deleted: bool = False
) -> dict[str, list[SalesforceRecord]]:
    """Return the rows by type, each once, whatever number of its values found it."""
    asked = [(each.type, soql) for each in wanted for soql in queries(each)]
    found: dict[str, dict[str, SalesforceRecord]] = {each.type: {} for each in wanted}
    answers = find(org, [soql for _, soql in asked], deleted=deleted)
    for (salesforce_type, _), each in zip(asked, answers, strict=True):
        found[salesforce_type].update((record.id, record) for record in each)
    return {salesforce_type: list(each.values()) for salesforce_type, each in found.items()}


def find(org: Org, soqls: Sequence[str], *, deleted: bool = False) -> list[list[SalesforceRecord]]:
    """Return each query's records; every query must select ``Id`` and ``SystemModstamp``."""
    return [
        _records(rows)
        for part in chunks(soqls, QUERIES_PER_CALL)
        for rows in ask(org, part, deleted=deleted)
    ]


def rows(org: Org, soql: str) -> Iterator[Row]:
    """Yield one query's rows as they are, page by page."""
    page = _first_pages(org, [soql])[0]
    yield from _rows(page)
    while following := page.get("nextRecordsUrl"):
        page = _get_page(org, following)
        yield from _rows(page)


def page(org: Org, soql: str, *, deleted: bool = False) -> tuple[list[Row], bool]:
    """Return the first page of a query, and whether it is all there is.

    With *deleted* the recycle bin is read too.
    """
    answer = _first_pages(org, [soql], deleted=deleted)[0]
    with shaped("Salesforce's page of rows"):
        return list(answer["records"]), bool(answer["done"])


def records(org: Org, soql: str) -> Iterator[SalesforceRecord]:
    """Yield one query's records, page by page."""
    for row in rows(org, soql):
        yield _records([row])[0]


def ask(org: Org, soqls: Sequence[str], *, deleted: bool = False) -> list[list[Row]]:
    """Return all rows of up to ``QUERIES_PER_CALL`` queries.

    A page may hold few rows: only ``nextRecordsUrl`` says that there are more.
    """
    answers = []
    for page in _first_pages(org, soqls, deleted=deleted):
        found, following = _rows(page), page.get("nextRecordsUrl")
        while following:
            more = _get_page(org, following)
            found += _rows(more)
            following = more.get("nextRecordsUrl")
        answers.append(found)
    return answers


def _first_pages(
    org: Org, soqls: Sequence[str], *, deleted: bool = False
) -> list[Mapping[str, Any]]:
    """Send the queries in a body: a long one does not fit into an address."""
    resource = "queryAll" if deleted else "query"
    content = {
        "compositeRequest": [
            {
                "method": "GET",
                "url": f"{org.root}/{resource}?q={in_address(soql)}",
                "referenceId": f"q{position}",
            }
            for position, soql in enumerate(soqls)
        ]
    }
    answer = _read(lambda: org.post(f"{org.root}/composite", content))
    with shaped("Salesforce's composite answer"):
        parts = {part["referenceId"]: part for part in answer["compositeResponse"]}
        answered = [parts[f"q{position}"] for position in range(len(soqls))]
        return [_page_of(part) for part in answered]


def _page_of(part: Mapping[str, Any]) -> Mapping[str, Any]:
    status, body = part["httpStatusCode"], part["body"]
    if status != 200:
        raise of_query(refusal(status, entries_in(body)))
    return dict(body)


def _get_page(org: Org, path: str) -> Mapping[str, Any]:
    page = _read(lambda: org.get(path))
    with shaped("Salesforce's page of rows"):
        return dict(page)


def _read(call: Any) -> Any:
    try:
        return call()
    except SyncError as error:
        raise of_query(error) from error


def _rows(page: Mapping[str, Any]) -> list[Row]:
    with shaped("Salesforce's page of rows"):
        return list(page["records"])


def _records(rows: Sequence[Row]) -> list[SalesforceRecord]:
    instant = datetime.fromisoformat
    with shaped("Salesforce's row"):
        return [
            SalesforceRecord(
                row.pop("attributes")["type"], row["Id"], row, instant(row["SystemModstamp"])
            )
            for row in rows
        ]
