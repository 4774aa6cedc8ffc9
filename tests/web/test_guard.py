"""What is not allowed is refused: roles, forged forms, foreign names, and headers on everything."""

import pytest
from flask import Flask

from console.web import guard
from console.web.callers import CONFIRMED_FOR
from console.web.guard import OPEN, needed
from console.web.headers import HEADERS
from guestlist.domain.role import Role
from tests.web.conftest import ORIGIN, Web, with_settings

OPEN_VIEWS = {
    "static",
    "login.form",
    "login.enter",
    "probes.alive",
    "probes.ready",
    "outbound.salesforce",
    "webhooks.hubspot",
}
FOR_ADMINS = {
    "lists.use",
    "lists.clear",
    "lists.new",
    "lists.create",
    "access.index",
    "access.add_token",
    "access.revoke_token",
    "brake.approve",
    "brake.reject",
    "mapping_edit.row",
    "mapping_edit.propose_row",
    "mapping_edit.propose_settings",
    "mapping_edit.propose_text",
    "mapping_review.keep",
    "mapping_versions.restore",
    "settings_edit.form",
    "settings_edit.propose",
    "settings_edit.keep",
    "settings_edit.restore",
    "api_lists.use",
    "api_lists.clear",
    "api_lists.create",
    "api_brake.approve",
    "api_brake.reject",
    "api_mapping.put",
    "api_mapping.restore",
    "api_settings.patch",
    "api_settings.restore",
    "api_system.access",
    "api_system.revoke",
    "system.reconnect",
}


def test_each_view_says_who_may_call_it(web: Web) -> None:
    said = {name: needed(web.app, name) for name in web.app.view_functions}
    assert {name for name, role in said.items() if role == OPEN} == OPEN_VIEWS
    assert {name for name, role in said.items() if role is Role.ADMIN} == FOR_ADMINS


def test_a_view_that_says_nothing_is_for_admins() -> None:
    app = Flask("forgetful")
    app.add_url_rule("/new", "new", lambda: "")
    assert needed(app, "new") is Role.ADMIN


def test_whatever_changes_something_needs_an_operator(web: Web) -> None:
    for rule in web.app.url_map.iter_rules():
        role = needed(web.app, rule.endpoint)
        changes = {"POST", "PUT", "PATCH", "DELETE"} & (rule.methods or set())
        if changes and role != OPEN and rule.endpoint != "login.leave":
            assert Role(role).may(Role.OPERATOR), rule


@pytest.mark.parametrize("role", list(Role))
def test_a_role_may_what_it_may_and_no_more(web: Web, role: Role) -> None:
    web.sign_in("somebody", role)
    may = {Role.VIEWER: 0, Role.OPERATOR: 1, Role.ADMIN: 2}[role]
    assert web.client.get("/").status_code == 200
    assert web.post("/pause").status_code == (303 if may >= 1 else 403)
    assert web.client.get("/access").status_code == (200 if may >= 2 else 403)
    header = web.token(role)
    assert web.client.get("/api/v1/runs", headers=header).status_code == 200
    chosen = web.client.put("/api/v1/list", json={"list_id": "1"}, headers=header).status_code
    assert chosen == (200 if may >= 2 else 403)


@pytest.mark.parametrize(
    ("headers", "csrf"),
    [
        ({"Origin": ORIGIN}, ""),
        ({"Origin": ORIGIN}, "made-up"),
        ({}, None),
        ({"Origin": "https://evil.test"}, None),
        ({"Origin": "null"}, None),
        ({"Referer": "https://evil.test/page"}, None),
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "cross-site"}, None),
        ({"Origin": ORIGIN, "Sec-Fetch-Site": "same-site"}, None),
    ],
)
def test_a_forged_form_changes_nothing(
    admin: Web, headers: dict[str, str], csrf: str | None
) -> None:
    token = admin.csrf() if csrf is None else csrf
    answer = admin.client.post("/list/sync", data={"csrf": token}, headers=headers)
    assert answer.status_code == 403
    assert admin.runs() == []


def test_the_token_of_another_session_is_no_token(admin: Web) -> None:
    foreign = admin.csrf()
    admin.sign_in("other")
    answer = admin.client.post("/pause", data={"csrf": foreign}, headers={"Origin": ORIGIN})
    assert answer.status_code == 403


def test_another_site_can_not_sign_somebody_in(web: Web) -> None:
    web.add_user("admin")
    answer = web.client.post("/login", data={"name": "admin", "password": "x"})
    assert answer.status_code == 403


def test_a_program_that_uses_the_cookie_needs_the_token_of_the_session(admin: Web) -> None:
    answer = admin.client.post("/api/v1/runs", json={}, headers={"Origin": ORIGIN})
    assert answer.status_code == 403
    assert answer.content_type == "application/problem+json"


def test_what_matters_most_asks_for_the_password_again(admin: Web) -> None:
    admin.clock.ahead += 2 * CONFIRMED_FOR
    form = {"name": "ci", "role": "viewer"}
    assert admin.post("/access/tokens", **form).status_code == 403
    assert admin.post("/access/tokens", password="wrong", **form).status_code == 403
    assert "Your password again" in admin.get("/access")
    done = admin.post("/access/tokens", password="correct horse battery", **form)
    assert done.status_code == 200
    assert "gl_" in done.text


@pytest.mark.parametrize("host", ["evil.test", "localhost.evil.test", "127.0.0.1.evil.test"])
def test_it_answers_to_its_own_names_only(web: Web, host: str) -> None:
    assert web.client.get("/", headers={"Host": host}).status_code == 421
    assert web.client.get("/healthz", headers={"Host": host}).status_code == 200


def test_it_answers_to_its_public_name(web: Web) -> None:
    public = with_settings(web, public_url="https://sync.acme.example")
    answer = public.client.get("/login", headers={"Host": "sync.acme.example"})
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "path", ["/", "/login", "/healthz", "/nowhere", "/api/v1/runs", "/static/console.css"]
)
def test_every_answer_has_the_security_headers(web: Web, path: str) -> None:
    answer = web.client.get(path)
    for name, value in HEADERS.items():
        assert answer.headers[name] == value
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    if path != "/static/console.css":
        assert answer.headers["Cache-Control"] == "no-store"
    answer.close()


def test_no_template_has_inline_script_or_style(admin: Web) -> None:
    from pathlib import Path

    folder = Path(guard.__file__).parent / "templates"
    for template in folder.glob("*.html"):
        text = template.read_text()
        assert "<style" not in text
        assert " style=" not in text
        assert " onclick=" not in text
        assert "javascript:" not in text
        assert "|safe" not in text


def test_an_error_in_the_guard_refuses(admin: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise RuntimeError("secret detail")

    monkeypatch.setattr(guard, "identify", broken)
    answer = admin.client.get("/runs")
    assert answer.status_code == 500
    assert "secret detail" not in answer.text


def test_a_body_that_is_too_large_is_refused(admin: Web) -> None:
    answer = admin.client.post(
        "/runs", data={"records": "x" * 2_000_000}, headers={"Origin": ORIGIN}
    )
    assert answer.status_code == 413


def test_a_page_that_is_not_there_says_so_to_people_and_to_programs(admin: Web) -> None:
    page = admin.client.get("/nowhere")
    assert page.status_code == 404
    assert "<h1>Not Found</h1>" in page.text
    body = admin.client.get("/api/v1/nowhere")
    assert body.content_type == "application/problem+json"
    assert body.get_json()["status"] == 404
