"""An import is planned on its page or by REST, and started from the plan."""

import io
from typing import Any

import pytest

from guestlist.domain.outcome import RunKind
from guestlist.domain.role import Role
from tests.services.processes import wait_until
from tests.web.conftest import ORIGIN, Web
from tests.web.test_api import Api, api

__all__ = ["api"]


def leads(web: Web) -> list[str]:
    """Return Salesforce ids of contacts that HubSpot may not know."""
    world = web.console.world

    def found() -> list[str]:
        return [each.id for each in world.org.tables["Contact"].rows.values()][:3]

    ids: list[str] = web.console.addresses.listening.call(found)
    return ids


def planned(web: Web, address: str) -> str:
    wait_until(lambda: "nothing written" in web.get(address), what="the plan")
    return web.get(address)


def test_an_import_is_planned_and_then_started(admin: Web) -> None:
    assert "Import from Salesforce" in admin.get("/runs")
    answer = admin.post("/imports", types="Contact", where="Email != null", limit="5")
    assert answer.status_code == 303, answer.text
    page = planned(admin, answer.location)
    assert "An import of Contact where" in page
    assert "5 records looked at" in page
    assert admin.console.journal() == []
    begun = admin.post(f"{answer.location}/start")
    run = admin.ended(begun.location.rpartition("/")[2])
    assert run.kind is RunKind.IMPORT
    assert run.enumerated == 5


def test_ids_are_pasted_or_sent_as_a_file(admin: Web) -> None:
    ids = leads(admin)
    pasted = admin.post("/imports", ids="\n".join(ids))
    assert "An import of 3 ids" in planned(admin, pasted.location)
    data: dict[str, Any] = {
        "csrf": admin.csrf(),
        "file": (io.BytesIO(b"Id,Name\n" + "\n".join(ids).encode()), "report.csv"),
    }
    sent = admin.client.post("/imports", data=data, headers={"Origin": ORIGIN})
    assert sent.status_code == 303, sent.text
    assert "An import of 3 ids" in planned(admin, sent.location)


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"ids": "nobody"}, "there is no Salesforce id"),
        ({"ids": "Id\nnobody"}, "line 2"),
        ({"ids": "003000000000001", "where": "Name != null"}, "a condition does not go"),
        ({}, "nothing can not come in"),
        ({"types": "Account"}, "Account can not come in"),
    ],
)
def test_what_names_nobody_is_said_with_the_form(
    admin: Web, form: dict[str, str], words: str
) -> None:
    answer = admin.post("/imports", **form)
    assert answer.status_code == 400
    assert words in answer.text
    assert 'name="where"' in answer.text


def test_a_condition_that_salesforce_refuses_is_what_the_plan_says(admin: Web) -> None:
    answer = admin.post("/imports", types="Lead", where="Nowhere__c = 1")
    wait_until(lambda: "No such column" in admin.get(answer.location), what="the plan")


def test_a_viewer_starts_no_import(admin: Web) -> None:
    admin.sign_in("vera", Role.VIEWER)
    assert admin.post("/imports", types="Lead").status_code == 403
    assert "An operator may start one" in admin.get("/imports")


def test_an_import_over_rest(api: Api) -> None:
    ids = leads(api.web)
    draft = api("POST", "/plans", json={"import": {"ids": ids}}, code=202)
    assert draft["of"] == "import"
    address = f"/plans/{draft['id']}"
    wait_until(lambda: api("GET", address)["state"] == "ready", what="the plan")
    assert api("GET", address)["plan"]["members"] == 3
    assert api("GET", "/plans")["plans"][0]["id"] == draft["id"]
    key = {"Idempotency-Key": "once"}
    run = api("POST", f"{address}/start", json={}, headers=key, code=201)
    assert run["kind"] == "import"
    again = api("POST", f"{address}/start", json={}, headers=key, code=201)
    assert again["id"] == run["id"]
    api.web.ended(run["id"])
    direct = api("POST", "/imports", json={"types": ["Lead"], "limit": 2}, code=201)
    assert api.web.ended(direct["id"]).enumerated == 2
    api("POST", "/imports", json={"types": ["Lead"], "ids": ids}, code=400)
    api("POST", "/imports", json={}, code=409)
