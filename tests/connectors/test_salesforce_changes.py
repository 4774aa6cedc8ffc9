"""Reading what changed in Salesforce: every row once, however many share one second."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import orjson
import pytest

from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.errors import Misconfigured, RetryLater, Unusable
from sandbox.crm import CRM
from sandbox.faults import Kind
from sandbox.wire import Request, Response
from schemas.records import Changed, ChangePage, Cursor
from tests.connectors.serving import json, serving
from tests.connectors.worlds import Served

KEY = "HubSpot_Contact_Id__c"
COMPOSITE = "POST *composite"
LONG_AGO = Cursor(datetime(2000, 1, 1, tzinfo=UTC))


def people(world: Served, count: int, type: str = "Contact") -> list[str]:
    """Insert rows, all within one second of the org's clock."""
    company = {"Company": "Acme"} if type == "Lead" else {}

    def insert() -> list[str]:
        org = world.world.org
        fields = ({"LastName": f"Name {number}", **company} for number in range(count))
        return [org.insert(type, each, bypass_rules=True) for each in fields]

    return world.call(insert)


def now(world: Served) -> datetime:
    return world.call(world.world.clock.now)


def later(world: Served, **span: float) -> datetime:
    world.call(lambda: world.world.clock.move(timedelta(**span)))
    return now(world)


def found(pages: Iterable[ChangePage]) -> list[Changed]:
    return [each for page in pages for each in page.changed]


def read(
    client: Salesforce, after: Cursor, until: datetime, type: str = "Contact"
) -> list[ChangePage]:
    return list(client.changes(type, after, until=until, external_id=KEY))


def test_a_change_is_told_with_its_times_and_its_key(world: Served, salesforce: Salesforce) -> None:
    created = now(world)
    contact = people(world, 1)[0]
    changed = later(world, minutes=5)
    world.call(lambda: world.world.org.update(contact, {KEY: "501"}))

    page = read(salesforce, LONG_AGO, changed)[-1]

    second = timedelta(seconds=1)
    (each,) = page.changed
    assert (each.id, each.key, each.deleted, each.merged_into) == (contact, "501", False, None)
    assert timedelta() <= changed - each.at < second
    assert each.created_at
    assert timedelta() <= created - each.created_at < second
    assert (page.cursor, page.more) == (Cursor(changed), False)


def test_a_quiet_window_is_one_call_whatever_the_org_holds(
    world: Served, salesforce: Salesforce
) -> None:
    people(world, 3_000)
    start = later(world, minutes=5)
    view = salesforce.on("changes")

    until = later(world, minutes=1)

    assert read(view, Cursor(start), until) == [ChangePage((), Cursor(until), more=False)]
    assert view.calls == 1


@pytest.mark.parametrize("options", [{}, {"shrink_pages": True}], ids=["full", "short"])
def test_a4_fifteen_thousand_rows_of_one_second_are_read_once_each(
    world: Served, salesforce: Salesforce, options: dict[str, bool]
) -> None:
    ids = people(world, 15_000)
    world.org_options(**options)
    view = salesforce.on("changes")

    pages = read(view, LONG_AGO, later(world, minutes=1))

    assert [each.id for each in found(pages)] == sorted(ids)
    assert view.calls <= 16
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]


def test_a8_reading_goes_on_from_any_pages_cursor(world: Served, salesforce: Salesforce) -> None:
    ids = people(world, 5_000)
    until = later(world, minutes=1)
    pages = salesforce.changes("Contact", LONG_AGO, until=until, external_id=KEY)
    first = next(pages)
    world.call(world.world.org.cursors.clear)  # every locator is gone

    rest = read(world.salesforce(), first.cursor, until)

    assert [each.id for each in [*first.changed, *found(rest)]] == sorted(ids)
    assert len(found(pages)) == 3_000


def test_a6_rows_that_change_while_pages_are_read_are_left_to_the_next_window(
    world: Served, salesforce: Salesforce
) -> None:
    ids = people(world, 5_000)
    until = later(world, minutes=1)
    later(world, minutes=1)
    pages = salesforce.changes("Contact", LONG_AGO, until=until, external_id=KEY)
    seen = {each.id for each in next(pages).changed}

    def edit() -> None:
        for id in ids[:4_000:3]:
            world.world.org.update(id, {"Title": "Changed"})

    world.call(edit)
    seen |= {each.id for each in found(pages)}
    seen |= {each.id for each in found(read(salesforce, Cursor(until), later(world, minutes=1)))}

    assert seen == set(ids)


def test_a10_deleted_rows_and_the_losers_of_a_merge_are_told(
    world: Served, salesforce: Salesforce
) -> None:
    deleted, master, loser = people(world, 3)
    start = Cursor(later(world, minutes=5))
    world.call(lambda: world.world.org.delete(deleted))
    world.call(lambda: world.world.org.merge(master, [loser]))

    changed = {each.id: each for each in found(read(salesforce, start, later(world, minutes=1)))}

    assert changed.keys() == {deleted, master, loser}
    assert (changed[deleted].deleted, changed[deleted].merged_into) == (True, None)
    assert (changed[loser].deleted, changed[loser].merged_into) == (True, master)
    assert (changed[master].deleted, changed[master].merged_into) == (False, None)


def test_an_object_without_masters_is_read_too(world: Served, salesforce: Salesforce) -> None:
    def extend() -> str:
        return world.world.org.insert("Campaign", {"Name": "Spring"})

    campaign = world.call(extend)

    pages = salesforce.changes("Campaign", LONG_AGO, until=now(world), external_id="Name")

    assert [(each.id, each.key) for each in found(pages)] == [(campaign, "Spring")]


def test_a_window_that_has_not_begun_is_empty(world: Served, salesforce: Salesforce) -> None:
    people(world, 1)
    after = Cursor(now(world) + timedelta(minutes=5))

    assert read(salesforce, after, now(world)) == [ChangePage((), after, more=False)]


@pytest.mark.parametrize("kind", [Kind.LOST_RESPONSE, Kind.TRUNCATE, Kind.HTML_200])
def test_a11_a_page_without_a_usable_answer_raises_and_is_never_the_last(
    world: Served, salesforce: Salesforce, kind: Kind
) -> None:
    people(world, 3_000)
    salesforce.organization()
    world.fault(CRM.SALESFORCE, kind, COMPOSITE, after=1, times=1)
    pages = salesforce.changes("Contact", LONG_AGO, until=now(world), external_id=KEY)

    assert next(pages).more
    with pytest.raises((RetryLater, Unusable)):
        next(pages)


def test_a1_a_running_transaction_holds_back_what_is_covered(
    world: Served, salesforce: Salesforce
) -> None:
    world.org_options(commit_delay=300.0)
    started = now(world)
    people(world, 1)
    until = later(world, minutes=4)

    covered = salesforce.latest_covered("Contact", since=started, until=until)
    assert covered <= started

    until = later(world, minutes=4)
    covered = salesforce.latest_covered("Contact", since=started, until=until)
    assert started < covered <= until


@pytest.mark.parametrize("back", [timedelta(), timedelta(seconds=5), timedelta(days=90)])
def test_what_is_covered_can_be_asked_for_any_window(
    world: Served, salesforce: Salesforce, back: timedelta
) -> None:
    until = now(world)

    covered = salesforce.latest_covered("Lead", since=until - back, until=until)

    assert timedelta() <= until - covered <= timedelta(minutes=1)


def test_an_org_that_does_not_say_what_it_covers_is_told_apart(salesforce: Salesforce) -> None:
    until = datetime(2020, 1, 1, tzinfo=UTC)

    with pytest.raises(Misconfigured, match="INVALID_REPLICATION_DATE"):
        salesforce.latest_covered("Contact", since=until, until=until)


def test_a3_the_servers_time_is_that_of_its_answers(world: Served, salesforce: Salesforce) -> None:
    view = salesforce.on("changes")
    assert view.server_time is None

    later(world, days=400)
    view.organization()

    assert view.server_time
    assert abs(now(world) - view.server_time) < timedelta(seconds=5)


# Answers the sandbox never gives --------------------------------------------------------------


def _answering(body: Any, status: int = 200) -> Callable[[Request], Response]:
    def app(request: Request) -> Response:
        if request.path.endswith("/token"):
            grant = {"access_token": "x", "instance_url": "", "id": "https://l/id/00D/005"}
            return json(200, grant | {"instance_url": f"http://{request.headers['host']}"})
        reference = orjson.loads(request.body)["compositeRequest"][0]["referenceId"]
        part = {"referenceId": reference, "httpStatusCode": status, "body": body}
        return json(200, {"compositeResponse": [part]})

    return app


ROW = {
    "Id": "003000000000001AAA",
    "SystemModstamp": "2026-03-02T12:00:00.000+0000",
    "CreatedDate": "2026-03-02T12:00:00.000+0000",
    "IsDeleted": False,
    KEY: None,
}


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"records": None, "done": True},
        {"records": []},
        {"records": [{**ROW, "SystemModstamp": None}], "done": True},
        {"records": [{"Id": ROW["Id"]}], "done": True},
        {"records": [], "done": False},
    ],
)
def test_a11_another_shape_than_promised_is_never_read_as_nothing(
    salesforce_at: Callable[..., Salesforce], body: Any
) -> None:
    with serving(_answering(body)) as address, pytest.raises(Unusable):
        read(salesforce_at(address), LONG_AGO, datetime.now(UTC))


def test_a_page_that_comes_again_and_again_is_not_read_for_ever(
    salesforce_at: Callable[..., Salesforce],
) -> None:
    body = {"records": [ROW], "done": False}
    with serving(_answering(body)) as address, pytest.raises(Unusable, match="more rows"):
        read(salesforce_at(address), LONG_AGO, datetime.now(UTC))
