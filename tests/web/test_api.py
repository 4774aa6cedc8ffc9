"""The REST API: what it answers, how it pages, and that asking twice starts one run."""

from typing import Any

import pytest

from guestlist.domain.role import Role
from guestlist.domain.write import Conflict, Sides
from guestlist.store import conflicts
from schemas.records import Crm
from tests.console.test_brake import EVERYBODY, refilter
from tests.services.processes import wait_until
from tests.web.conftest import Web

API = "/api/v1"


@pytest.fixture
def api(web: Web) -> "Api":
    web.console.json("list", "use", web.console.inclusion)
    return Api(web)


class Api:
    """A program with an admin's token."""

    def __init__(self, web: Web) -> None:
        self.web = web
        self.header = web.token(Role.ADMIN)

    def __call__(self, verb: str, path: str, *, code: int = 200, **how: Any) -> Any:
        headers = {**self.header, **how.pop("headers", {})}
        answer = self.web.client.open(f"{API}{path}", method=verb, headers=headers, **how)
        assert answer.status_code == code, answer.text
        if code >= 400:
            assert answer.content_type == "application/problem+json"
            assert answer.get_json()["status"] == code
        self.headers = answer.headers
        return answer.get_json() if answer.data else None

    def synced(self) -> dict[str, Any]:
        """Sync the list, and return the run once it has ended."""
        started = self("POST", "/runs", json={}, code=201)
        self.web.ended(started["id"])
        run: dict[str, Any] = self("GET", f"/runs/{started['id']}")
        return run


def test_a_list_sync_is_started_watched_and_read(api: Api) -> None:
    run = api.synced()
    assert run["state"] == "complete"
    assert run["enumerated"] == sum(run["outcomes"].values()) > 0
    assert sum(each["count"] for each in run["reasons"]) == run["enumerated"]
    listed = api("GET", "/runs")
    assert [each["id"] for each in listed["runs"]] == [run["id"]]
    assert listed["next"] is None


def test_what_the_api_answers_is_what_the_command_prints(api: Api) -> None:
    run = api.synced()
    printed = api.web.console.json("runs", "show", run["id"])
    assert printed.pop("schema") == "guestlist/run@1"
    assert run == printed


def test_records_come_page_by_page_each_once(api: Api) -> None:
    run = api.synced()
    seen: list[str] = []
    after: str | None = ""
    while after is not None:
        page = api("GET", f"/runs/{run['id']}/records?limit=7&after={after}")
        assert len(page["records"]) <= 7
        seen += [each["record"] for each in page["records"]]
        after = page["next"]
    assert len(seen) == len(set(seen)) == run["enumerated"]
    failed = api("GET", f"/runs/{run['id']}/records?outcome=failed")
    assert {each["outcome"] for each in failed["records"]} == {"failed"}


def test_runs_come_page_by_page_newest_first(api: Api) -> None:
    started = [
        api("POST", "/runs", json={"records": [api.web.console.outside()]}, code=201)["id"]
        for _ in range(5)
    ]
    seen: list[str] = []
    before: str | None = ""
    while before is not None:
        page = api("GET", f"/runs?limit=2&before={before}")
        seen += [each["id"] for each in page["runs"]]
        before = page["next"]
    assert seen == started[::-1]


def test_a_key_starts_one_run_however_often_it_is_sent(api: Api) -> None:
    key = {"Idempotency-Key": "nightly-2026-11-26"}
    first = api("POST", "/runs", json={"limit": 5}, headers=key, code=201)
    assert "Idempotent-Replayed" not in api.headers
    again = api("POST", "/runs", json={"limit": 5}, headers=key, code=201)
    assert api.headers["Idempotent-Replayed"] == "true"
    assert again["id"] == first["id"]
    assert len(api.web.runs()) == 1
    api("POST", "/runs", json={"limit": 6}, headers=key, code=422)


def test_the_same_key_of_another_program_is_another_key(api: Api) -> None:
    person, key = api.web.console.outside(), {"Idempotency-Key": "x"}
    body = {"records": [person]}
    first = api("POST", "/runs", json=body, headers=key, code=201)
    api.header = api.web.token(Role.OPERATOR, name="other")
    assert api("POST", "/runs", json=body, headers=key, code=201)["id"] != first["id"]


def test_a_long_list_is_not_started_unasked(api: Api) -> None:
    guards = api.web.site.services.settings.guards
    object.__setattr__(guards, "ask_above_creates", 3)
    try:
        refused = api("POST", "/runs", json={}, code=409)
        assert "may_create_many" in refused["detail"]
        assert api.web.runs() == []
        api("POST", "/runs", json={"may_create_many": True}, code=201)
    finally:
        object.__setattr__(guards, "ask_above_creates", 500)


def test_a_plan_is_made_and_writes_nothing(api: Api) -> None:
    draft = api("POST", "/plans", json={}, code=202)
    path = f"/plans/{draft['id']}"
    wait_until(lambda: api("GET", path)["state"] == "ready", what="the plan")
    plan = api("GET", path)["plan"]
    assert plan["members"] == sum(plan["outcomes"].values()) > 0
    assert api.web.console.journal() == []
    run = api.synced()
    assert run["enumerated"] == plan["members"]
    assert 0 < run["outcomes"]["created"] <= plan["outcomes"]["created"]
    api("GET", "/plans/p_gone", code=404)


def test_a_record_is_explained_with_both_sides(api: Api) -> None:
    outside = api("GET", f"/records?q={api.web.console.outside()}")
    assert outside["reason"] == "NOT_IN_LIST"
    assert outside["who_fixes_it"]
    assert [step["verdict"] for step in outside["path"]].count("Stop") == 1
    assert outside["would_change"]
    assert {side["hubspot"] for side in outside["sides"]} >= {"email", "firstname"}
    assert api("GET", "/records?q=nobody@nowhere.test", code=404)["detail"]
    api("GET", "/records", code=422)


def test_errors_are_grouped_retried_and_ignored(api: Api) -> None:
    run = api.synced()
    errors = api("GET", "/errors")
    assert errors["open"] == run["outcomes"]["failed"] > 0
    group = errors["groups"][0]
    records = api("GET", f"/errors/records?fingerprint={group['fingerprint']}")
    assert len(records["errors"]) == group["count"]
    which = {"fingerprint": group["fingerprint"]}
    retried = api("POST", "/errors/retry", json=which, code=201)
    assert retried["kind"] == "errors"
    api.web.ended(retried["id"])
    assert api("POST", "/errors/ignore", json=which)["ignored"] == group["count"]
    left = api("GET", "/errors")
    assert left["open"] == errors["open"] - group["count"]
    api("POST", "/errors/retry", json={}, code=400)
    api("POST", f"/runs/{run['id']}/retry", code=200)


def test_the_inclusion_list_is_shown_searched_and_chosen(api: Api) -> None:
    shown = api("GET", "/list")
    assert (shown["list"]["id"], shown["usable"]) == (api.web.console.inclusion, True)
    every = api("GET", "/lists?all=true")["lists"]
    active = api("GET", "/lists")["lists"]
    assert all(each["active"] for each in active)
    static = next(each for each in every if not each["active"])
    assert "static" in api("PUT", "/list", json={"list_id": static["id"]}, code=409)["detail"]
    other = next(each for each in active if each["id"] != shown["list"]["id"])
    assert api("PUT", "/list", json={"list_id": other["id"]})["list"]["id"] == other["id"]
    api("PUT", "/list", json={"list_id": "999999"}, code=404)
    assert api.web.runs() == []


def test_the_list_is_told_as_the_command_tells_it(api: Api) -> None:
    assert api("GET", "/list") | {"schema": "guestlist/inclusion@1"} == api.web.console.json(
        "list", "show"
    )
    refilter(api.web.console, EVERYBODY)
    held = api("GET", "/list")
    assert (held["state"], held["held"]["cause"]) == ("held", "filter")
    assert "held" in api("POST", "/runs", json={}, code=409)["detail"]


def test_an_object_is_followed_and_no_more(api: Api) -> None:
    assert api("POST", "/follow", json={"on": True})["objects"][0]["late"] == []
    printed = api.web.console.json("follow", "status")
    assert api("GET", "/follow")["objects"] == printed["objects"]
    assert api("POST", "/follow", json={"on": False})
    api("POST", "/follow", json={}, code=422)


def test_conflicts_are_paged_and_restored_once(api: Api) -> None:
    person = api.web.console.person("professor without a title")
    lost = [
        Conflict(person, name, Sides("a", None), None, Crm.HUBSPOT, None, None)
        for name in ("city", "zip", "state")
    ]
    with api.web.site.database.begin() as conn:
        conflicts.put_many(conn, "contacts", lost, run_id="r_1", now=api.web.now())
    first = api("GET", f"/conflicts?limit=2&record={person}")
    rest = api("GET", f"/conflicts?limit=2&before={first['next']}")
    names = [each["property"] for each in (*first["conflicts"], *rest["conflicts"])]
    assert names == ["state", "zip", "city"]
    assert rest["next"] is None
    run = api("POST", "/conflicts/1/restore", code=201)
    assert run["enumerated"] == 1
    api("POST", "/conflicts/1/restore", code=409)
    api("POST", "/conflicts/99/restore", code=404)


def test_the_rest_is_there(api: Api) -> None:
    assert api("GET", "/health")["state"]
    assert api("GET", "/mapping")["fields"]
    assert api("GET", "/settings")["settings"]
    assert api("GET", "/workers")["workers"] == []
    assert {each["reason"] for each in api("GET", "/codes")["codes"]} >= {"NOT_IN_LIST"}
    lines = api("GET", "/audit?limit=1")
    assert len(lines["lines"]) == 1
    older = api("GET", f"/audit?limit=1&before={lines['next']}")
    assert older["lines"][0]["id"] < lines["lines"][0]["id"]


def test_no_answer_holds_a_secret(api: Api) -> None:
    text = str(api("GET", "/settings"))
    held = api.web.console.world.credentials
    assert held.hubspot_token not in text
    assert held.salesforce_client_secret not in text


@pytest.mark.parametrize(
    ("verb", "path", "code"),
    [
        ("GET", "/runs/r_none", 404),
        ("GET", "/runs/r_none/records", 404),
        ("POST", "/runs/r_none/pause", 404),
        ("GET", "/runs?state=dancing", 422),
        ("GET", "/runs?limit=0", 422),
        ("GET", "/runs?limit=201", 422),
        ("GET", "/list?object=spaceships", 404),
        ("DELETE", "/runs", 405),
        ("GET", "/audit?before=x", 422),
    ],
)
def test_what_can_not_be_is_refused_with_a_reason(
    api: Api, verb: str, path: str, code: int
) -> None:
    api(verb, path, code=code)


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"[" * 100_000,
        b'{"a":' * 50_000,
        b"[]",
        b'{"limit": NaN}',
        b'{"records": []}',
        b'{"nonsense": 1}',
    ],
)
def test_a_body_that_does_not_fit_is_refused(api: Api, body: bytes) -> None:
    answer = api.web.client.post(
        f"{API}/runs", data=body, headers=api.header, content_type="application/json"
    )
    assert answer.status_code in {400, 422}
    assert answer.content_type == "application/problem+json"
    assert api.web.runs() == []


def test_a_crm_that_does_not_answer_is_no_error_of_ours(api: Api) -> None:
    api.web.console.fault(crm="hubspot", route="*", kind="status", status=503)
    answer = api("GET", f"/records?q={api.web.console.outside()}", code=503)
    assert answer["detail"]
    assert api.headers["Retry-After"]


def test_the_description_is_openapi_with_every_operation_secured(api: Api) -> None:
    spec = api("GET", "/openapi.json")
    assert spec["openapi"].startswith("3.1")
    assert spec["security"] == [{"token": []}]
    assert set(spec["paths"]) >= {"/api/v1/runs", "/api/v1/records", "/api/v1/list"}
    for path, operations in spec["paths"].items():
        assert path.startswith("/api/v1/"), path
        for operation in operations.values():
            if isinstance(operation, dict):
                assert "default" in operation["responses"]
                assert operation["summary"]
