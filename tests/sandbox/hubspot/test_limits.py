import pytest

from sandbox.hubspot.oauth import OAuthApp
from tests.sandbox.hubspot.conftest import Caller

PAGE = "/crm/v3/objects/contacts"
SEARCH = f"{PAGE}/search"
DAILY = {"x-hubspot-ratelimit-daily", "x-hubspot-ratelimit-daily-remaining"}
BURST = {
    "x-hubspot-ratelimit-interval-milliseconds",
    "x-hubspot-ratelimit-max",
    "x-hubspot-ratelimit-remaining",
    "x-hubspot-ratelimit-secondly",
    "x-hubspot-ratelimit-secondly-remaining",
}


def limit_headers(api: Caller) -> set[str]:
    return {name for name in api.last.headers if "ratelimit" in name}


def test_an_app_may_call_190_times_in_any_ten_seconds(api, portal, wait) -> None:
    assert [api("GET", PAGE)[0] for _ in range(100)] == [200] * 100
    wait(9)
    assert [api("GET", PAGE)[0] for _ in range(90)] == [200] * 90
    status, body = api("GET", PAGE)
    assert status == 429
    assert body["message"] == "You have reached your ten_secondly_rolling limit."
    assert (body["errorType"], body["policyName"]) == ("RATE_LIMIT", "TEN_SECONDLY_ROLLING")
    assert "category" not in body
    assert "retry-after" not in api.last.headers
    wait(1)
    assert [api("GET", PAGE)[0] for _ in range(101)] == [200] * 100 + [429]


def test_every_answer_tells_what_is_left(api: Caller) -> None:
    api("GET", PAGE)
    headers = api.last.headers
    assert limit_headers(api) == DAILY | BURST
    assert headers["x-hubspot-ratelimit-max"] == "190"
    assert headers["x-hubspot-ratelimit-remaining"] == "189"
    assert headers["x-hubspot-ratelimit-interval-milliseconds"] == "10000"
    assert headers["x-hubspot-ratelimit-daily-remaining"] == "624999"
    api("GET", "/crm/v3/objects/unicorns")
    assert api.last.headers["x-hubspot-ratelimit-remaining"] == "188"


def test_apps_have_bursts_of_their_own_but_share_the_day(api, portal) -> None:
    portal.tokens["other"] = "user"
    portal.options.burst_per_10s = 1
    assert api("GET", PAGE)[0] == 200
    api.token = "other"
    assert api("GET", PAGE)[0] == 200
    assert api.last.headers["x-hubspot-ratelimit-daily-remaining"] == "624998"


def test_two_tokens_of_one_app_share_its_burst(api, portal) -> None:
    portal.tokens["second"] = "guestlist"
    portal.options.burst_per_10s = 1
    assert api("GET", PAGE)[0] == 200
    api.token = "second"
    assert api("GET", PAGE)[0] == 429


def test_search_has_its_own_limit_body_and_headers(api, portal, wait) -> None:
    portal.options.burst_per_10s = 1
    assert [api("POST", SEARCH, {})[0] for _ in range(5)] == [200] * 5
    assert limit_headers(api) == DAILY
    status, body = api("POST", SEARCH, {})
    assert (status, body["category"]) == (429, "RATE_LIMITS")
    assert body["message"] == "You have reached your secondly limit."
    assert "policyName" not in body
    assert limit_headers(api) == DAILY
    assert api("GET", PAGE)[0] == 200
    wait(1)
    assert api("POST", SEARCH, {})[0] == 200


def test_search_is_limited_per_account_not_per_app(api, portal) -> None:
    portal.tokens["other"] = "user"
    for _ in range(5):
        api("POST", SEARCH, {})
    api.token = "other"
    assert api("POST", SEARCH, {})[0] == 429


def test_the_day_ends_at_midnight_of_the_account(api, portal, wait) -> None:
    portal.options.daily = 2
    assert [api("GET", PAGE)[0] for _ in range(2)] == [200, 200]
    status, body = api("GET", PAGE)
    assert (status, body["policyName"]) == (429, "DAILY")
    assert body["message"] == "You have reached your daily limit."
    assert api("POST", SEARCH, {})[1]["policyName"] == "DAILY"
    wait(13.4 * 3600)
    assert api("GET", PAGE)[0] == 429
    wait(0.2 * 3600)
    assert api("GET", PAGE)[0] == 200


def test_refused_calls_use_nothing(api, portal, wait) -> None:
    portal.options.burst_per_10s = 1
    api("GET", PAGE)
    wait(5)
    assert api("GET", PAGE)[0] == 429
    wait(5)
    assert api("GET", PAGE)[0] == 200


def test_oauth_apps_have_110_and_no_daily_headers(api, portal) -> None:
    app = OAuthApp("id", "secret", "public", refresh_tokens=["r"])
    app.scopes = ["crm.objects.contacts.read"]
    portal.oauth_apps["id"] = app
    form = b"grant_type=refresh_token&client_id=id&client_secret=secret&refresh_token=r"
    api.token = api("POST", "/oauth/v1/token", form)[1]["access_token"]
    assert [api("GET", PAGE)[0] for _ in range(111)] == [200] * 110 + [429]
    assert limit_headers(api) == BURST


def test_limits_can_be_switched_off(api, portal) -> None:
    portal.options.limits_enabled = False
    portal.options.burst_per_10s = 1
    assert [api("GET", PAGE)[0] for _ in range(3)] == [200] * 3


def test_a_spent_day_can_be_arranged(api, portal) -> None:
    api("GET", PAGE)
    portal.limits.spend_day(left=1)
    assert [api("GET", PAGE)[0] for _ in range(2)] == [200, 429]


def test_calls_are_counted_by_name(api, portal) -> None:
    api("GET", PAGE)
    api("POST", SEARCH, {})
    api("GET", f"{PAGE}/5")
    assert portal.calls == {"objects.page": 1, "objects.search": 1, "objects.read": 1}


@pytest.mark.parametrize(
    "given", [{"list_lag": 4, "daily": 10.0}, {"limits_enabled": False, "short_pages": True}]
)
def test_options_survive_a_mapping(portal, given: dict[str, object]) -> None:
    portal.options.update(given)
    options = type(portal.options).from_mapping(portal.options.to_mapping())
    assert options == portal.options


def test_unknown_options_and_wrong_types_are_refused(portal) -> None:
    with pytest.raises(KeyError):
        portal.options.update({"lag": 1})
    with pytest.raises(ValueError, match="limits_enabled"):
        portal.options.update({"limits_enabled": "no"})
