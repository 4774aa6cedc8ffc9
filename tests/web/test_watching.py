"""Probes, metrics, samples and the pulse: how the console is watched, and how it watches."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from prometheus_client.parser import text_string_to_metric_families

from console.web.app import create_app
from console.web.pulse import WATCHED_FOR, Look, Pulse
from console.web.sampling import growth, rounded, sample
from guestlist.engine import launch
from guestlist.store import samples
from guestlist.store.samples import Sample
from schemas.settings import Secret
from tests.web.conftest import Clock, Web, with_settings

NOON = datetime(2026, 11, 26, 12, tzinfo=UTC)


def numbers(web: Web) -> dict[tuple[str, tuple[tuple[str, str], ...]], float]:
    answer = web.client.get("/metrics", headers=web.token(name=f"scrape {web.now()}"))
    assert answer.status_code == 200
    return {
        (each.name, tuple(sorted(each.labels.items()))): each.value
        for family in text_string_to_metric_families(answer.text)
        for each in family.samples
    }


def test_metrics_count_what_the_database_says(admin: Web) -> None:
    run = launch.start_list(admin.site.services, "contacts", by="anna")
    run = admin.ended(run.id)
    admin.site.pulse.watch()
    admin.site.pulse.beat()
    found = numbers(admin)
    records = {at: n for (name, at), n in found.items() if name == "guestlist_records_total"}
    created = {at: n for at, n in records.items() if ("outcome", "created") in at and n}
    way, of = ("direction", "hubspot_to_salesforce"), ("object", "contacts")
    assert created == {(way, of, ("outcome", "created")): run.created}
    assert run.created > 0
    assert sum(records.values()) == run.enumerated
    assert found["guestlist_api_calls_total", (("crm", "hubspot"),)] == run.hubspot_calls
    errors = sum(n for (name, _), n in found.items() if name == "guestlist_errors_open")
    assert errors == run.failed
    assert found["guestlist_list_members", (("object", "contacts"),)] == 60
    assert found["guestlist_api_budget_remaining", (("crm", "salesforce"),)] > 0
    assert found["guestlist_waiting_seconds", ()] == 0


def test_metrics_tell_how_far_live_runs_are(admin: Web) -> None:
    admin.console.workers.rest()
    person = admin.console.outside()
    run = launch.start_records(admin.site.services, "contacts", [person], by="anna")
    admin.clock.ahead += timedelta(seconds=90)
    found = numbers(admin)
    assert found["guestlist_run_progress_ratio", (("object", "contacts"), ("run", run.id))] == 0
    assert found["guestlist_waiting_seconds", ()] >= 90


def test_a_stream_that_nobody_looks_at_is_told(admin: Web) -> None:
    admin.post("/follow", to="on")
    age = ("guestlist_poll_age_seconds", (("object", "contacts"), ("stream", "hubspot")))
    ways = ("hubspot_to_salesforce", "salesforce_to_hubspot")
    assert all(numbers(admin)["guestlist_lag_seconds", (("direction", way),)] < 60 for way in ways)
    assert numbers(admin)[age] < 60
    assert "for two intervals" not in admin.get("/")
    admin.clock.ahead += timedelta(seconds=130)
    assert numbers(admin)[age] > 120
    assert "changes of contacts (hubspot) for two intervals" in admin.get("/")


def test_metrics_are_for_those_who_may_see(web: Web) -> None:
    answer = web.client.get("/metrics")
    assert answer.status_code == 401
    assert "Bearer" in answer.headers["WWW-Authenticate"]


def test_the_console_is_alive_whatever_else_is_down(web: Web) -> None:
    web.site.database.dispose()
    assert web.client.get("/healthz").get_json() == {"status": "ok"}


def test_it_is_ready_once_the_database_is_at_this_version(web: Web) -> None:
    assert web.client.get("/readyz").status_code == 200
    with web.site.database.begin() as conn:
        conn.exec_driver_sql("UPDATE alembic_version SET version_num = '0001'")
    answer = web.client.get("/readyz")
    assert answer.status_code == 503
    assert "0001" in answer.get_json()["problems"][0]


def test_it_is_not_ready_without_its_redis(web: Web) -> None:
    settings = replace(web.loaded.settings, limits_url="redis://127.0.0.1:1/0")
    loaded = replace(web.loaded, settings=settings)
    blind = create_app(loaded, web.site.services).test_client()
    answer = blind.get("/readyz")
    assert answer.status_code == 503
    assert answer.get_json()["problems"] == ["redis: does not answer"]


def test_looks_that_cost_calls_wait_for_somebody_to_watch() -> None:
    clock, asked = Clock(), []
    look = Look(lambda: asked.append(1), timedelta(seconds=10), costs=True)
    pulse = Pulse(lambda: {"crm": look}, clock)
    pulse.beat()
    assert asked == []
    pulse.watch()
    pulse.beat()
    pulse.beat()
    assert len(asked) == 1
    clock.ahead += timedelta(seconds=11)
    pulse.beat()
    assert len(asked) == 2
    clock.ahead += WATCHED_FOR
    pulse.beat()
    assert len(asked) == 2


def test_a_look_that_fails_keeps_the_last_value_and_says_why() -> None:
    clock = Clock()
    answers: list[Any] = [7, ConnectionError("no route")]

    def ask() -> int:
        answer = answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return int(answer)

    pulse = Pulse(lambda: {"x": Look(ask, timedelta(seconds=1))}, clock)
    assert pulse.value("x", "nothing yet") == "nothing yet"
    pulse.beat()
    clock.ahead += timedelta(seconds=2)
    pulse.beat()
    reading = pulse.get("x")
    assert reading
    assert reading.value == 7
    assert reading.problem


def test_growth_is_told_by_the_hour() -> None:
    totals = [(-125, 10), (-65, 30), (-61, 40), (-1, 40), (0, 45)]
    series = [Sample(NOON + timedelta(minutes=minutes), total) for minutes, total in totals]
    assert growth(series, hours=4, now=NOON) == [0, 30, 0, 5]
    assert growth([], hours=2, now=NOON) == [0, 0]
    fallen = [Sample(NOON, 10), Sample(NOON, 3)]
    assert growth(fallen, hours=1, now=NOON) == [0]


def test_what_was_done_before_the_first_sample_counts_too(admin: Web) -> None:
    run = launch.start_list(admin.site.services, "contacts", by="anna")
    run = admin.ended(run.id)
    sample(admin.site.services)
    synced = run.created + run.updated + run.unchanged
    assert synced
    assert f"{synced} came or were found in step in the last 24 hours" in admin.get("/")


def test_a_minute_is_sampled_once(admin: Web) -> None:
    at = sample(admin.site.services)
    assert sample(admin.site.services) in {at, at + timedelta(minutes=1)}
    with admin.site.database.read() as conn:
        series = samples.series(conn, "errors", since=admin.now() - timedelta(hours=1))
    assert len({each.at for each in series}) == len(series)


@pytest.mark.parametrize("minutes", [0, 1, 59])
def test_rounding_goes_down(minutes: int) -> None:
    assert rounded(NOON + timedelta(minutes=minutes), timedelta(hours=1)) == NOON


def test_without_credentials_the_pages_say_what_to_do(web: Web) -> None:
    hubspot = replace(web.loaded.settings.hubspot, token=Secret())
    loaded = replace(web.loaded, settings=replace(web.loaded.settings, hubspot=hubspot))
    bare = Web(create_app(loaded, web.site.services), web.console, loaded, web.clock)
    bare.sign_in()
    assert "HubSpot is not connected." in bare.get("/")
    assert bare.client.get("/list").status_code == 409
    assert "guestlist connect" in bare.client.get("/list").text


def test_flower_is_linked_where_it_is_known(admin: Web) -> None:
    person = admin.console.outside()
    run = launch.start_records(admin.site.services, "contacts", [person], by="anna")
    linked = with_settings(admin, flower_url="https://flower.acme.example")
    linked.sign_in()
    assert f"https://flower.acme.example/tasks?search={run.id}" in linked.get(f"/runs/{run.id}")
