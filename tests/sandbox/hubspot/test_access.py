from typing import Any

import pytest

from sandbox.hubspot.oauth import OAuthApp
from tests.sandbox.hubspot.conftest import TOKEN, Caller

PAGE = "/crm/v3/objects/contacts"


@pytest.fixture
def app(portal) -> OAuthApp:
    app = OAuthApp("cid", "secret", "public", redirect_uri="http://cb", codes=["c0de"])
    app.scopes = ["oauth", "crm.objects.contacts.read"]
    portal.oauth_apps["cid"] = app
    return app


def grant(api: Caller, **form: str) -> tuple[int, Any]:
    pairs = {"client_id": "cid", "client_secret": "secret", **form}
    text = "&".join(f"{name}={value}" for name, value in pairs.items())
    return api("POST", "/oauth/v3/token", text.encode())


@pytest.mark.parametrize("token", ["", "wrong"])
def test_a_call_without_a_known_token_is_a_401(api: Caller, token: str) -> None:
    api.token = token
    status, body = api("GET", PAGE)
    assert (status, body["category"]) == (401, "INVALID_AUTHENTICATION")
    assert body["message"].startswith("Authentication credentials not found.")


@pytest.mark.parametrize(
    ("method", "path", "scope"),
    [
        ("GET", PAGE, "crm.objects.contacts.read"),
        ("POST", "/crm/v3/objects/0-2", "crm.objects.companies.write"),
        ("GET", "/crm/v3/lists/1", "crm.lists.read"),
        ("POST", "/crm/v3/lists", "crm.lists.write"),
        ("GET", "/crm/v3/properties/contacts", "crm.schemas.contacts.read"),
        ("GET", "/crm/v3/owners", "crm.objects.owners.read"),
        ("GET", "/crm/v3/objects/tickets", "tickets"),
    ],
)
def test_a_missing_scope_is_named(api, portal, method: str, path: str, scope: str) -> None:
    portal.scopes[TOKEN] = frozenset({"oauth"})
    status, body = api(method, path)
    assert (status, body["category"]) == (403, "MISSING_SCOPES")
    assert body["message"].startswith("This app hasn't been granted all required scopes")
    assert body["errors"][0]["context"]["requiredGranularScopes"] == [scope]
    portal.scopes[TOKEN] = frozenset({scope})
    assert api(method, path)[0] != 403


def test_a_code_becomes_a_refresh_token_and_an_access_token(api, app) -> None:
    form = {"grant_type": "authorization_code", "code": "c0de", "redirect_uri": "http://cb"}
    status, body = grant(api, **form)
    assert (status, body["token_type"], body["expires_in"]) == (200, "bearer", 1800)
    assert body["scopes"] == app.scopes
    status, again = grant(api, grant_type="refresh_token", refresh_token=body["refresh_token"])
    assert (status, again["refresh_token"]) == (200, body["refresh_token"])
    api.token = again["access_token"]
    assert api("GET", PAGE)[0] == 200
    assert api("POST", PAGE, {})[0] == 403
    assert grant(api, **form)[1]["status"] == "BAD_AUTH_CODE"


def test_a_bad_refresh_token_is_an_invalid_grant(api, app) -> None:
    status, body = grant(api, grant_type="refresh_token", refresh_token="x")
    assert (status, body["error"], body["status"]) == (400, "invalid_grant", "BAD_REFRESH_TOKEN")


def test_client_credentials_need_the_right_secret(api, app) -> None:
    assert grant(api, grant_type="client_credentials")[0] == 200
    assert grant(api, grant_type="client_credentials", client_secret="x")[0] == 400
    assert grant(api, grant_type="password")[0] == 400


def test_an_access_token_expires_after_half_an_hour(api, app, wait) -> None:
    api.token = grant(api, grant_type="client_credentials")[1]["access_token"]
    wait(1799)
    assert api("GET", PAGE)[0] == 200
    wait(76)
    status, body = api("GET", PAGE)
    assert (status, body["category"]) == (401, "EXPIRED_AUTHENTICATION")
    assert body["message"] == "The OAuth token used to make this call expired 75 second(s) ago."
    assert body["context"] == {"expire time": ["2026-10-05T15:00:00Z"]}


def test_a_token_can_be_looked_up(api, app) -> None:
    token = grant(api, grant_type="client_credentials")[1]["access_token"]
    status, body = api("GET", f"/oauth/v1/access-tokens/{token}")
    assert (status, body["hub_id"], body["scopes"]) == (200, 12345678, app.scopes)
    assert api("GET", "/oauth/v1/access-tokens/x")[0] == 404


def test_a_refresh_token_says_what_it_is_and_can_be_deleted(api, app) -> None:
    app.refresh_tokens.append("r1")
    path = "/oauth/v1/refresh-tokens/r1"
    status, body = api("GET", path)
    assert (status, body["client_id"], body["scopes"]) == (200, "cid", app.scopes)
    assert api("DELETE", path) == (204, None)
    assert api("GET", path)[0] == 404
    assert grant(api, grant_type="refresh_token", refresh_token="r1")[0] == 400


def test_a_grant_that_is_no_text_is_refused(api: Caller) -> None:
    assert api("POST", "/oauth/v3/token", b"grant_type=\xff&client_id=\xff")[0] == 400


TOKEN_INFO = "/oauth/v2/private-apps/get/access-token-info"


def test_a_private_app_is_told_its_scopes_by_its_token(api, portal) -> None:
    portal.scopes[TOKEN] = frozenset({"oauth", "crm.lists.read"})
    api.token = ""
    status, body = api("POST", TOKEN_INFO, {"tokenKey": TOKEN})
    assert (status, body["scopes"]) == (200, ["crm.lists.read", "oauth"])
    assert set(body) == {"userId", "hubId", "appId", "scopes"}
    assert body["hubId"] == portal.portal_id


def test_a_token_that_may_do_anything_has_every_scope_there_is(api, portal) -> None:
    portal.define_custom("2-1", "car", "cars")
    _, body = api("POST", TOKEN_INFO, {"tokenKey": TOKEN})
    wanted = {"crm.objects.contacts.write", "crm.lists.write", "tickets", "crm.objects.custom.read"}
    assert wanted < set(body["scopes"])


@pytest.mark.parametrize("sent", [{}, {"tokenKey": "x"}, {"tokenKey": None}, [TOKEN], b"{"])
def test_what_is_no_token_of_a_private_app_is_told_nothing(api, sent: Any) -> None:
    status, body = api("POST", TOKEN_INFO, sent)
    assert 400 <= status < 500
    assert "scopes" not in body


def test_a_service_key_may_be_told_nothing(api, portal) -> None:
    portal.options.tells_scopes = False
    assert api("POST", TOKEN_INFO, {"tokenKey": TOKEN})[0] == 404
    assert api("GET", PAGE)[0] == 200


def test_the_account_tells_its_zone_and_offset(api: Caller) -> None:
    _, body = api("GET", "/account-info/v3/details")
    assert (body["portalId"], body["timeZone"]) == (12345678, "US/Eastern")
    assert (body["utcOffset"], body["utcOffsetMilliseconds"]) == ("-04:00", -14_400_000)


def test_the_days_usage_counts_private_apps(api: Caller) -> None:
    api("GET", PAGE)
    _, body = api("GET", "/account-info/v3/api-usage/daily/private-apps")
    (usage,) = body["results"]
    assert (usage["usageLimit"], usage["currentUsage"]) == (625_000, 2)
    assert usage["resetsAt"] == "2026-10-06T04:00:00Z"


def test_owners_are_paged_filtered_and_read(api, portal) -> None:
    ids = [portal.add_owner(f"o{n}@example.com", "O", str(n)) for n in range(3)]
    gone = portal.add_owner("old@example.com", "Old", "One", archived=True)
    _, first = api("GET", "/crm/v3/owners/", limit="2")
    after = first["paging"]["next"]["after"]
    _, second = api("GET", "/crm/owners/2026-09", limit="2", after=after)
    assert [item["id"] for item in first["results"] + second["results"]] == ids
    _, body = api("GET", "/crm/v3/owners", email="O1@example.com")
    assert [item["id"] for item in body["results"]] == ids[1:2]
    _, body = api("GET", f"/crm/v3/owners/{gone}", archived="true")
    assert body["userId"] is None
    user = str(body["userIdIncludingInactive"])
    assert user != gone
    assert api("GET", f"/crm/v3/owners/{gone}")[0] == 404
    assert api("GET", f"/crm/v3/owners/{user}", idProperty="userId", archived="true")[0] == 200


def test_records_take_existing_owners(api, portal) -> None:
    id = portal.add_owner("o@example.com", "O", "One")
    sent = {"properties": {"email": "a@example.com", "hubspot_owner_id": id}}
    assert api("POST", PAGE, sent)[0] == 201


def test_correlation_ids_are_uuids_of_version_seven(api: Caller) -> None:
    import uuid

    api("GET", PAGE)
    assert uuid.UUID(api.last.headers["x-hubspot-correlation-id"]).version == 7


@pytest.mark.parametrize(
    "path",
    [
        "/crm/v3/details",
        "/crm/v3/account/details",
        "/crm/account/2026-09/details",
        "/account-info/v3/objects/contacts",
        "/account-info/v3/owners",
    ],
)
def test_the_calls_of_one_area_are_not_those_of_another(api: Caller, path: str) -> None:
    assert api("GET", path)[0] == 404
