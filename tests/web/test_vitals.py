"""What Health says in numbers, and what both CRMs answer when they are asked."""

from datetime import UTC, datetime, timedelta
from typing import Any

from console.web.pace import Pace
from console.web.vitals import counts, lag
from guestlist.engine.follow import Following
from guestlist.store import samples
from guestlist.store.cursors import Place
from guestlist.store.follows import Follow
from sandbox.hubspot import private_apps
from schemas.records import Crm, Cursor
from schemas.settings import PollSettings
from tests.web.conftest import Clock, Web
from tests.web.test_api import Api, api

__all__ = ["api"]

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def place(stream: str, behind_s: float, looked_s: float | None) -> Place:
    looked = None if looked_s is None else NOON - timedelta(seconds=looked_s)
    return Place(stream, Cursor(NOON - timedelta(seconds=behind_s)), token=None, looked_at=looked)


def test_lag_is_told_each_way_and_the_next_poll_with_it() -> None:
    places = (
        place("hubspot", 41, 20),
        place("salesforce:Lead", 58, 30),
        place("salesforce:Contact", 12, 10),
        place("audit", 80_000, 70_000),
    )
    followed = Following("contacts", Follow("contacts", NOON, "anna", NOON, None), places)
    left = Following("companies", None, (place("hubspot", 9999, None),))
    found = lag([followed, left], PollSettings(), NOON)
    assert found.from_hubspot == timedelta(seconds=41)
    assert found.from_salesforce == timedelta(seconds=58)
    assert found.next_poll == NOON + timedelta(seconds=30)
    assert lag([left], PollSettings(), NOON) == (None, None, None)


def test_a_forecast_rests_on_the_counts_of_the_last_hour(admin: Web) -> None:
    with admin.site.database.begin() as conn:
        for minutes, total in ((120, 0), (60, 1000), (30, 1300), (0, 1600)):
            at = NOON - timedelta(minutes=minutes)
            samples.put(conn, {"calls.hubspot": total}, at=at, forget=NOON - timedelta(days=8))
    with admin.site.database.read() as conn:
        found = counts(conn, "hubspot", NOON)
        assert [(NOON - each.at, each.value) for each in found] == [
            (timedelta(minutes=60), 1000),
            (timedelta(minutes=30), 1300),
            (timedelta(), 1600),
        ]
        assert list(counts(conn, "salesforce", NOON)) == []


def test_calls_of_the_last_ten_seconds_are_what_all_workers_made() -> None:
    class Counter:
        calls = 0

        def used(self, crm: Crm) -> dict[str, int]:
            return {"read": self.calls if crm is Crm.HUBSPOT else 0}

    counter, clock = Counter(), Clock()
    pace = Pace(counter, clock)  # type: ignore[arg-type]
    assert pace.look() == {"hubspot": 0, "salesforce": 0}
    counter.calls, clock.ahead = 40, timedelta(seconds=5)
    assert pace.look()["hubspot"] == 40
    counter.calls, clock.ahead = 45, timedelta(seconds=12)
    assert pace.look()["hubspot"] == 5
    counter.calls = 0
    assert pace.look()["hubspot"] == 0, "a new day begins at nothing"


def test_the_size_of_the_list_is_drawn_with_the_brakes_band(admin: Web) -> None:
    admin.site.pulse.watch()
    admin.site.pulse.beat()
    with admin.site.database.begin() as conn:
        later = {"members.contacts": 61}
        at, forget = admin.now() + timedelta(minutes=30), admin.now() - timedelta(days=1)
        samples.put(conn, later, at=at, forget=forget)
    admin.clock.ahead = timedelta(minutes=31)
    page = admin.get("/")
    assert "Members of the inclusion list" in page
    assert "the brake asks nobody" in page
    assert 'class="band"' in page
    assert "+1 today" in page


def test_the_list_is_counted_seldom_while_nobody_looks(admin: Web) -> None:
    beat, get = admin.site.pulse.beat, admin.site.pulse.get
    beat()
    first = get("list of contacts")
    assert first
    admin.clock.ahead = timedelta(seconds=300)
    beat()
    assert get("list of contacts") == first
    admin.clock.ahead = timedelta(seconds=601)
    beat()
    assert get("list of contacts") != first
    assert get("hubspot") is None, "other looks that cost are not made at all"


def test_connections_are_tested_and_renewed(admin: Web) -> None:
    page = admin.post("/settings/test").text
    assert "may read contacts" in page
    assert page.count(">answers<") == 10
    assert admin.console.journal() == []
    admin.console.fault(crm="hubspot", route="*", kind="status", status=503)
    page = admin.post("/settings/test").text
    assert page.count(">refused<") == 6
    answer = admin.post("/settings/reconnect")
    assert answer.status_code == 303
    assert "connections.renewed" in admin.get("/audit")


def grant(web: Web, *scopes: str) -> None:
    portal = web.console.world.portal
    portal.scopes[web.console.world.credentials.hubspot_token] = frozenset(scopes)
    web.site.pulse.forget("scopes")
    web.site.pulse.watch()
    web.site.pulse.beat()


def test_health_and_settings_show_what_a_private_app_was_granted(admin: Web) -> None:
    every = private_apps.every(admin.console.world.portal)
    grant(admin, *every)
    for page in (admin.get("/"), admin.get("/settings")):
        assert f"{len(every)} scopes granted" in page
        assert "crm.objects.contacts.write" in page
        assert "Lacks" not in page
    grant(admin, *(every - {"crm.objects.contacts.write"}))
    for page in (admin.get("/"), admin.get("/settings")):
        assert "Lacks <code>crm.objects.contacts.write</code>, for writing contacts." in page
    assert "HubSpot did not grant crm.objects.contacts.write" in admin.get("/")
    assert "lacks crm.objects.contacts.write, for writing" in admin.post("/settings/test").text


def test_a_service_key_is_said_not_to_be_told_its_scopes(admin: Web) -> None:
    assert "Scopes" not in admin.get("/"), "nothing was read yet"
    admin.console.world.portal.options.tells_scopes = False
    grant(admin)
    for page in (admin.get("/"), admin.get("/settings")):
        assert "Scopes: not told by HubSpot" in page
        assert "Lacks" not in page


def test_scopes_are_told_over_rest(api: Api) -> None:
    unread: dict[str, Any] = {"read_at": None, "granted": None, "lacking": []}
    assert api("GET", "/settings")["scopes"] == unread
    grant(api.web, "crm.lists.read")
    for path in ("/health", "/settings"):
        told = api("GET", path)["scopes"]
        assert told["granted"] == ["crm.lists.read"]
        write = {"name": "crm.objects.contacts.write", "use": "writing contacts"}
        assert write in told["lacking"]


def test_what_is_changed_where_is_said(admin: Web) -> None:
    page = admin.get("/settings")
    for words in ("Creating and deleting", "Schedules", "Budgets", "Guards", "Retries", "at once"):
        assert words in page


def test_health_over_rest_has_the_same_numbers(api: Api) -> None:
    api.synced()
    api.web.site.pulse.watch()
    api.web.site.pulse.beat()
    told = api("GET", "/health")
    assert told["lag_s"] == {"hubspot_to_salesforce": None, "salesforce_to_hubspot": None}
    assert len(told["synced_per_hour"]) == 24
    assert told["calls"]["today"]["salesforce"]["limit"]
    assert told["lists"][0]["highest"] > 60
    api("POST", "/follow", json={"on": True})
    told = api("GET", "/health")
    assert told["lag_s"]["hubspot_to_salesforce"] is not None
    assert told["next_poll_at"]


def test_a_token_tests_the_connections(api: Api) -> None:
    probes = api("POST", "/connections/test", json={})["probes"]
    assert all(each["good"] for each in probes)
    assert {each["crm"] for each in probes} == {"hubspot", "salesforce"}
