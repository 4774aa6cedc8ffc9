"""What a person can do on a page, a program can do over REST."""

from tests.console.test_brake import EVERYBODY, refilter
from tests.web.conftest import Web
from tests.web.test_api import Api, api

__all__ = ["api"]


def test_a_held_list_is_looked_at_and_answered(api: Api) -> None:
    assert "not held" in api("GET", "/list/brake", code=409)["detail"]
    api.synced()
    refilter(api.web.console, EVERYBODY)
    held = api("GET", "/list/brake")
    assert held["held"]["cause"]
    assert held["difference"]["enter"]["count"] > 0
    assert held["first_yes"] is None
    api("POST", "/list/brake/approve", json={"seen": "something else"}, code=409)
    assert api("POST", "/list/brake/reject", json={"seen": held["seen"]})["state"] == "held"
    assert api("GET", "/list/brake")["held"]["rejected_by"] == "token script"
    seen = api("GET", "/list/brake")["seen"]
    assert api("POST", "/list/brake/approve", json={"seen": seen})["state"] == "open"
    assert api("GET", "/list")["state"] == "open"


def test_a_list_is_made_looked_at_chosen_and_cleared(api: Api) -> None:
    criteria = [{"property": "lifecyclestage", "operator": "IS_ANY_OF", "value": "lead"}]
    made = api("POST", "/lists", json={"name": "Leads only", "criteria": criteria}, code=201)
    looked = api("GET", f"/lists/{made['id']}")
    assert looked["problem"] is None
    assert looked["leave"] is not None
    assert api("GET", f"/lists/{made['id']}?count=false")["enter"] is None
    assert api("PUT", "/list", json={"list_id": made["id"]})["state"] == "open"
    assert api("DELETE", "/list")["state"] == "none"
    wrong = [{"property": "lifecyclestage", "operator": "SOUNDS_LIKE", "value": "x"}]
    api("POST", "/lists", json={"name": "Wrong", "criteria": wrong}, code=409)


def test_a_static_list_says_why_it_can_not_be_chosen(api: Api) -> None:
    lists = api("GET", "/lists?all=true")["lists"]
    static = next(each for each in lists if not each["active"])
    assert "static" in api("GET", f"/lists/{static['id']}")["problem"]


def test_everything_is_paused_and_resumed(api: Api) -> None:
    assert api("GET", "/health")["paused"] is False
    told = api("POST", "/health/pause")
    assert told["paused"]
    assert told["by"].startswith("token")
    health = api("GET", "/health")
    assert (health["paused"], health["state"]) == (True, "Not syncing")
    assert f"everything is paused, by {told['by']}" in health["findings"][0]["message"]
    run = api("POST", "/runs", json={}, code=201)
    workers = api.web.console.workers
    workers.rest()
    assert api("GET", f"/runs/{run['id']}")["enumerated"] == 0
    workers.working = True
    assert api("POST", "/health/resume") == {"paused": False}
    api.web.ended(run["id"])
    assert api("POST", "/health/resume") == {"paused": False}


def test_everything_linked_or_listed_is_looked_at_again(api: Api) -> None:
    run = api.synced()
    audit = api("POST", "/runs", json={"audit": True}, code=201)
    assert audit["kind"] == "audit"
    assert api.web.ended(audit["id"]).enumerated >= run["outcomes"]["created"]
    api("POST", "/runs", json={"audit": True, "limit": 3}, code=400)


def test_schemas_are_read_anew(api: Api) -> None:
    assert api("POST", "/mapping/check", json={})["object"] == "contacts"


def test_access_is_listed_and_a_token_revoked(api: Api) -> None:
    api.web.token(name="nightly")
    names = [each["name"] for each in api("GET", "/access")["tokens"]]
    assert names == ["nightly", "script"]
    api("DELETE", "/access/tokens/nightly", code=204)
    api("DELETE", "/access/tokens/nightly", code=404)


def test_the_same_on_the_pages(admin: Web) -> None:
    answer = admin.post("/runs/audit")
    assert admin.ended(answer.location.rpartition("/")[2]).kind == "audit"
