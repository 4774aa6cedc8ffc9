"""Reading what changed in HubSpot: every contact once, however many share one millisecond."""

from collections.abc import Callable, Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.hubspot.changes import PAGE, WINDOW
from guestlist.domain.errors import Misconfigured, RetryLater, Unusable, Waiting
from sandbox.crm import CRM
from sandbox.fault_bodies import Limit
from sandbox.faults import Kind
from schemas.records import Changed, ChangePage, Cursor
from tests.connectors.serving import Script, json, serving
from tests.connectors.worlds import Served

SEARCH = "POST *search"
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
LONG_AGO = Cursor(datetime(2000, 1, 1, tzinfo=UTC))


def stamped(world: Served, times: Iterable[datetime]) -> list[str]:
    """Create a contact for each time of change."""
    texts = [each.isoformat(timespec="milliseconds") for each in times]

    def create() -> list[str]:
        portal = world.world.portal
        return [
            portal.create("contacts", {"createdate": text, "lastmodifieddate": text})
            for text in texts
        ]

    return world.call(create)


def now(world: Served) -> datetime:
    return world.call(world.world.clock.now)


def later(world: Served, **span: float) -> datetime:
    world.call(lambda: world.world.clock.move(timedelta(**span)))
    return now(world)


def found(pages: Iterable[ChangePage]) -> list[Changed]:
    return [each for page in pages for each in page.changed]


def ids(pages: Iterable[ChangePage]) -> list[str]:
    return [each.id for each in found(pages)]


def read(client: HubSpot, after: Cursor, until: datetime) -> list[ChangePage]:
    return list(client.changes("contacts", after, until=until))


def edit(world: Served, ids: Iterable[str]) -> None:
    for id in ids:
        world.world.portal.update("contacts", id, {"city": "Bern"})


def test_a_change_is_told_with_its_times(world: Served, hubspot: HubSpot) -> None:
    early, wanted, late = stamped(world, [NOON + timedelta(seconds=each) for each in range(3)])
    at = NOON + timedelta(seconds=1)

    (page,) = read(hubspot, Cursor(at), at)

    assert page == ChangePage((Changed(wanted, at, at),), Cursor(at), more=False)
    assert {early, late}.isdisjoint(each.id for each in page.changed)


@pytest.mark.parametrize("type", ["companies", "0-2"])
def test_other_objects_keep_their_time_of_change_elsewhere(
    world: Served, hubspot: HubSpot, type: str
) -> None:
    company = world.call(lambda: world.world.portal.create("companies", {"name": "Acme"}))

    pages = hubspot.changes(type, LONG_AGO, until=now(world))

    assert ids(pages) == [company]


def test_a_quiet_window_is_one_call_whatever_the_portal_holds(
    world: Served, hubspot: HubSpot
) -> None:
    stamped(world, [NOON] * 3_000)
    view, until = hubspot.on("changes"), NOON + timedelta(hours=1)

    pages = read(view, Cursor(NOON + timedelta(minutes=1)), until)

    assert pages == [ChangePage((), Cursor(until), more=False)]
    assert view.calls_by_kind() == {"search": 1}


def test_a_window_that_has_not_begun_is_no_call(hubspot: HubSpot) -> None:
    after = Cursor(NOON, "7")

    assert read(hubspot, after, NOON - timedelta(minutes=1)) == [ChangePage((), after, more=False)]
    assert hubspot.calls == 0


@pytest.mark.parametrize("count", [12_000, 25_000])
def test_a5_thousands_of_contacts_of_one_millisecond_are_read_once_each(
    world: Served, hubspot: HubSpot, count: int
) -> None:
    before, after = stamped(world, [NOON - timedelta(days=9), NOON + timedelta(days=9)])
    same = stamped(world, [NOON] * count)
    view = hubspot.on("changes")

    pages = read(view, LONG_AGO, now(world))

    assert ids(pages) == [before, *same, after]
    assert view.calls <= count / PAGE + 10
    assert [page.more for page in pages] == [True] * (len(pages) - 1) + [False]


def test_a5_reading_goes_on_within_one_millisecond(world: Served, hubspot: HubSpot) -> None:
    same = stamped(world, [NOON] * 5_000)
    (after,) = stamped(world, [NOON + timedelta(milliseconds=1)])
    pages = hubspot.changes("contacts", LONG_AGO, until=now(world))
    for _ in range(4):
        page = next(pages)
    assert page.cursor == Cursor(NOON, page.changed[-1].id)
    view = hubspot.on("changes")

    rest = ids(read(view, page.cursor, now(world)))

    assert rest == [*same[same.index(page.cursor.id) + 1 :], after]
    assert view.calls <= 25


def test_reading_goes_on_from_any_pages_cursor(world: Served, hubspot: HubSpot) -> None:
    """What is read twice is never more than one window."""
    spread = stamped(world, [NOON + timedelta(seconds=each // 3) for each in range(6_000)])
    until = now(world)
    seen: set[str] = set()
    for page in hubspot.changes("contacts", LONG_AGO, until=until):
        seen.update(each.id for each in page.changed)
        if page.more and len(seen) % 1_400 == 0:
            rest = ids(read(hubspot, page.cursor, until))
            assert seen.union(rest) == set(spread)
            assert len(rest) <= len(spread) - len(seen) + WINDOW + PAGE

    assert seen == set(spread)


@pytest.mark.parametrize("options", [{"short_pages": True}, {"object_id_sorts_as_text": True}])
def test_oddities_of_the_search_lose_nothing(
    world: Served, hubspot: HubSpot, options: dict[str, bool]
) -> None:
    world.portal_options(**options)
    spread = stamped(world, [NOON + timedelta(milliseconds=each % 7) for each in range(3_000)])

    found = ids(read(hubspot, LONG_AGO, now(world)))

    assert sorted(found) == sorted(spread)


def test_a6_contacts_that_change_while_pages_are_read_are_not_lost(
    world: Served, hubspot: HubSpot
) -> None:
    spread = stamped(world, [NOON + timedelta(seconds=each) for each in range(3_000)])
    until = now(world)
    later(world, minutes=5)
    pages = hubspot.changes("contacts", LONG_AGO, until=until)
    seen = {each.id for each in next(pages).changed}

    world.call(lambda: edit(world, spread[::3]))
    seen |= set(ids(pages))
    seen |= set(ids(read(hubspot, Cursor(until), later(world, minutes=1))))

    assert seen == set(spread)


def test_a2_a_contact_shown_with_a_later_time_moves_no_cursor(
    world: Served, hubspot: HubSpot
) -> None:
    """The index finds it at its old time, the answer shows its new one: nothing may be skipped."""
    spread = stamped(world, [NOON + timedelta(seconds=each) for each in range(3_000)])
    until = later(world, minutes=5)
    later(world, seconds=1)
    world.portal_options(index_lag=60.0)
    world.call(lambda: edit(world, spread[WINDOW - 10 : WINDOW + 10]))

    pages = read(hubspot, LONG_AGO, until)

    assert set(ids(pages)) == set(spread)
    assert pages[-1].cursor == Cursor(until)
    assert {each.id for each in found(pages) if each.at > until} == set(
        spread[WINDOW - 10 : WINDOW + 10]
    )


def test_a2_what_the_index_does_not_show_yet_is_found_behind_the_cursor(
    world: Served, hubspot: HubSpot
) -> None:
    world.portal_options(index_lag=30.0)
    contact = world.call(lambda: world.world.portal.create("contacts", {"lastname": "New"}))
    until = later(world, seconds=1)
    assert ids(read(hubspot, LONG_AGO, until)) == []

    overlap = Cursor(until - timedelta(seconds=120))

    assert ids(read(hubspot, overlap, later(world, seconds=60))) == [contact]


def test_a10_pages_of_contacts_that_are_gone_hide_nobody(world: Served, hubspot: HubSpot) -> None:
    spread = stamped(world, [NOON] * 1_000)
    later(world, minutes=5)
    world.portal_options(index_lag=60.0)
    gone = spread[100:750]

    def archive() -> None:
        for id in gone:
            world.world.portal.archive("contacts", id)

    world.call(archive)

    assert ids(read(hubspot, LONG_AGO, now(world))) == [*spread[:100], *spread[750:]]


@pytest.mark.parametrize("kind", [Kind.LOST_RESPONSE, Kind.TRUNCATE, Kind.HTML_200])
def test_a11_a_page_without_a_usable_answer_raises_and_is_never_the_last(
    world: Served, hubspot: HubSpot, kind: Kind
) -> None:
    stamped(world, [NOON] * 500)
    world.fault(CRM.HUBSPOT, kind, SEARCH, after=1, times=1)
    pages = hubspot.changes("contacts", LONG_AGO, until=now(world))

    assert next(pages).more
    with pytest.raises((RetryLater, Unusable)):
        next(pages)


def test_a_spent_search_allowance_holds_searches_only(world: Served, hubspot: HubSpot) -> None:
    world.fault(CRM.HUBSPOT, Kind.STATUS, SEARCH, times=1, status=429, limit=Limit.SEARCH)

    with pytest.raises(Waiting) as caught:
        read(hubspot, LONG_AGO, now(world))

    assert caught.value.seconds == 1.0
    assert hubspot.account()


def test_an_object_that_can_not_be_searched_is_a_wrong_setting(
    world: Served, hubspot: HubSpot
) -> None:
    with pytest.raises(Misconfigured, match="gizmos"):
        list(hubspot.changes("gizmos", LONG_AGO, until=now(world)))


def test_a3_the_servers_time_is_that_of_its_answers(world: Served, hubspot: HubSpot) -> None:
    view = hubspot.on("changes")
    assert view.server_time is None

    later(world, days=400)
    view.account()

    assert view.server_time
    assert abs(now(world) - view.server_time) < timedelta(seconds=5)


# Answers the sandbox never gives --------------------------------------------------------------

ROW: dict[str, Any] = {
    "id": "7",
    "properties": {"lastmodifieddate": "2026-03-02T12:00:00Z"},
    "createdAt": "2026-03-02T12:00:00Z",
}


@pytest.mark.parametrize(
    "body",
    [
        {},
        [],
        {"total": 0},
        {"results": []},
        {"total": None, "results": []},
        {"total": 1, "results": [{"id": "7"}]},
        {"total": 1, "results": [{**ROW, "properties": {"lastmodifieddate": None}}]},
    ],
)
def test_a11_another_shape_than_promised_is_never_read_as_nothing(
    hubspot_at: Callable[..., HubSpot], body: Any
) -> None:
    with serving(Script(json(200, body))) as address, pytest.raises(Unusable):
        read(hubspot_at(address), LONG_AGO, NOON)


def test_a_page_that_comes_again_and_again_is_not_read_for_ever(
    hubspot_at: Callable[..., HubSpot],
) -> None:
    body = {"total": 500, "results": [ROW], "paging": {"next": {"after": "200"}}}
    with (
        serving(lambda _: json(200, body)) as address,
        pytest.raises(Unusable, match="same page"),
    ):
        read(hubspot_at(address), LONG_AGO, NOON)


def test_an_index_full_of_what_is_gone_is_read_later(hubspot_at: Callable[..., HubSpot]) -> None:
    def app(request: Any) -> Any:
        offset = int(request.json().get("after", "0"))
        following = {"next": {"after": str(offset + PAGE)}}
        return json(200, {"total": 12_000, "results": [], "paging": following})

    with serving(app) as address:
        client = hubspot_at(address)
        with pytest.raises(RetryLater, match="gone"):
            read(client, LONG_AGO, NOON)

    assert client.calls <= 55
