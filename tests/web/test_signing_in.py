"""Who gets in: sessions, passwords, cookies, and how guessing is slowed down."""

from datetime import timedelta

import pytest

from console.web.serve import first_password, is_loopback, refuse_open_door
from console.web.throttle import FREE, LONGEST, Throttle
from guestlist.domain.errors import Misconfigured
from guestlist.domain.role import Role
from guestlist.store import access
from schemas.settings import ConsoleSettings, Secret
from tests.web.conftest import ORIGIN, PASSWORD, Clock, Web, with_settings


def log_in(web: Web, password: str = PASSWORD, **how: str) -> int:
    answer = web.client.post(
        "/login", data={"name": "admin", "password": password, **how}, headers={"Origin": ORIGIN}
    )
    return answer.status_code


def test_a_page_asks_who_one_is_and_comes_back_to_itself(web: Web) -> None:
    answer = web.client.get("/runs?state=running")
    assert answer.status_code == 302
    assert answer.location == "/login?next=/runs?state%3Drunning"
    web.add_user("admin")
    entered = web.client.post(
        "/login",
        data={"name": "admin", "password": PASSWORD, "next": "/runs?state=running"},
        headers={"Origin": ORIGIN},
    )
    assert entered.location == "/runs?state=running"


@pytest.mark.parametrize(
    "target",
    ["https://evil.test/", "//evil.test", "/\\evil.test", "\\\\evil.test", "javascript:x", ""],
)
def test_signing_in_never_leads_to_another_site(web: Web, target: str) -> None:
    web.add_user("admin")
    answer = web.client.post(
        "/login",
        data={"name": "admin", "password": PASSWORD, "next": target},
        headers={"Origin": ORIGIN},
    )
    assert answer.location == "/"


def test_a_wrong_password_and_an_unknown_user_look_alike(web: Web) -> None:
    web.add_user("admin")
    wrong = web.client.post(
        "/login", data={"name": "admin", "password": "no"}, headers={"Origin": ORIGIN}
    )
    unknown = web.client.post(
        "/login", data={"name": "nobody", "password": "no"}, headers={"Origin": ORIGIN}
    )
    assert (wrong.status_code, wrong.text) == (unknown.status_code, unknown.text)
    assert wrong.status_code == 403


def test_guessing_has_to_wait_even_with_the_right_password(web: Web) -> None:
    web.add_user("admin")
    assert [log_in(web, "guess") for _ in range(FREE)] == [403] * FREE
    assert log_in(web) == 429
    web.clock.ahead += LONGEST
    assert log_in(web) == 303


def test_guessing_tokens_has_to_wait(web: Web) -> None:
    wrong = {"Authorization": "Bearer gl_guess"}
    codes = [web.client.get("/api/v1/runs", headers=wrong).status_code for _ in range(FREE + 1)]
    assert codes == [401] * FREE + [429]


def test_a_wait_doubles_and_is_forgotten() -> None:
    clock = Clock()
    throttle = Throttle(clock)
    waits = []
    for _ in range(FREE + 4):
        throttle.failed("a")
        waits.append(throttle.wait("a"))
    assert waits[: FREE - 1] == [0] * (FREE - 1)
    assert waits[FREE - 1 :] == [2, 4, 8, 16, 32]
    assert throttle.wait("b") == 0
    clock.ahead = timedelta(hours=1)
    assert throttle.wait("a") == 0


def test_the_session_cookie_is_out_of_reach_of_scripts_and_other_sites(web: Web) -> None:
    web.sign_in()
    cookie = web.client.get_cookie("guestlist")
    assert cookie is not None
    assert cookie.http_only
    assert cookie.same_site == "Lax"
    assert cookie.path == "/"


def test_over_https_the_cookie_is_tied_to_this_host(web: Web) -> None:
    secure = with_settings(web, public_url="https://sync.acme.example")
    secure.add_user("admin")
    answer = secure.client.post(
        "/login",
        data={"name": "admin", "password": PASSWORD},
        headers={"Origin": "https://sync.acme.example", "Host": "sync.acme.example"},
    )
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-guestlist=")
    assert {"Secure", "HttpOnly", "Path=/", "SameSite=Lax"} <= set(cookie.split("; "))
    assert "max-age=" in answer.headers["Strict-Transport-Security"]


def test_the_store_holds_no_secret_of_a_session(web: Web) -> None:
    web.sign_in()
    cookie = web.client.get_cookie("guestlist")
    assert cookie is not None
    held = web.state()
    assert cookie.value.encode() not in held
    assert PASSWORD.encode() not in held


def test_a_session_ends_when_idle_and_in_any_case_after_hours(web: Web) -> None:
    web.sign_in()
    web.get("/codes")
    web.clock.ahead += timedelta(minutes=web.site.settings.idle_minutes + 1)
    assert web.client.get("/codes").status_code == 302
    web.clock.ahead = timedelta()
    web.sign_in()
    step = timedelta(minutes=web.site.settings.idle_minutes - 1)
    while web.clock.ahead < timedelta(hours=web.site.settings.session_hours):
        web.get("/codes")
        web.clock.ahead += step
    assert web.client.get("/codes").status_code == 302


def test_signing_out_ends_the_session_for_good(web: Web) -> None:
    web.sign_in()
    cookie = web.client.get_cookie("guestlist")
    assert cookie is not None
    assert web.post("/logout").status_code == 303
    web.client.set_cookie("guestlist", cookie.value)
    assert web.client.get("/").status_code == 302


def test_a_new_password_ends_the_sessions_of_the_old_one(web: Web) -> None:
    web.sign_in()
    web.add_user("admin")
    assert web.client.get("/").status_code == 302


def test_the_first_password_is_told_once(web: Web) -> None:
    settings, database = ConsoleSettings(), web.site.database
    first = first_password(database, settings, who="test", now=web.now())
    assert first
    assert len(first) >= 20
    assert first_password(database, settings, who="test", now=web.now()) is None
    assert log_in(web, first) == 303


def test_a_password_of_the_settings_counts_and_is_never_told(web: Web) -> None:
    database = web.site.database
    settings = ConsoleSettings(password=Secret(PASSWORD))
    assert first_password(database, settings, who="test", now=web.now()) is None
    assert log_in(web) == 303
    other = ConsoleSettings(password=Secret("another long password"))
    assert first_password(database, other, who="test", now=web.now()) is None
    assert log_in(web) == 403
    with pytest.raises(Misconfigured, match="too short"):
        first_password(
            database, ConsoleSettings(password=Secret("short")), who="test", now=web.now()
        )


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("127.0.0.1", True),
        ("127.3.2.1", True),
        ("::1", True),
        ("localhost", True),
        ("0.0.0.0", False),  # noqa: S104
        ("::", False),
        ("192.168.1.5", False),
        ("localhost.evil.test", False),
    ],
)
def test_only_a_password_of_ones_own_opens_it_to_the_network(host: str, *, local: bool) -> None:
    assert is_loopback(host) is local
    refuse_open_door(ConsoleSettings(host=host, password=Secret(PASSWORD)))
    if local:
        refuse_open_door(ConsoleSettings(host=host))
    else:
        with pytest.raises(Misconfigured, match="GUESTLIST_CONSOLE_PASSWORD"):
            refuse_open_door(ConsoleSettings(host=host))


def test_a_revoked_token_is_worthless_at_once(web: Web) -> None:
    header = web.token(Role.VIEWER)
    assert web.client.get("/api/v1/runs", headers=header).status_code == 200
    with web.site.database.begin() as conn:
        assert access.revoke_token(conn, "script", who="test", now=web.now())
    assert web.client.get("/api/v1/runs", headers=header).status_code == 401


def test_who_signs_in_is_in_the_audit(web: Web) -> None:
    web.sign_in("anna")
    assert "user.signed_in" in web.get("/audit?who=anna")
