"""Settings are changed on the console: seen before, checked, kept as a version, taken back."""

import html
import os
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from console.web.app import create_app
from guestlist.domain.role import Role
from guestlist.store import audit
from tests.services.processes import wait_until
from tests.web.conftest import Web
from tests.web.test_api import Api, api
from tests.web.test_mapping_edit import reloaded
from worker.layers import VersionWatch, in_force
from worker.overrides import NAME

__all__ = ["api"]

SHARE = "guards.brake_share"


def hidden(page: str) -> dict[str, str]:
    """Return what a reviewed form would send."""
    _, _, form = page.partition('action="/settings/save"')
    pairs = re.findall(r'type="hidden" name="([^"]+)" value="([^"]*)"', form)
    return {name: html.unescape(value) for name, value in pairs if name != "csrf"}


def change(web: Web, **values: str) -> str:
    """Review values of one table, named with __ for the dot."""
    named = {name.replace("__", "."): value for name, value in values.items()}
    section = next(iter(named)).partition(".")[0]
    answer = web.post(f"/settings/change/{section}", **named)
    assert answer.status_code == 200, answer.text
    return answer.text


def save(web: Web, page: str, **more: str) -> None:
    answer = web.post("/settings/save", **hidden(page), **more)
    assert answer.status_code == 303, answer.text


def code(text: str) -> list[str]:
    """Return the lines of a settings file without comments."""
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def share(web: Web) -> float:
    return web.site.services.settings.guards.brake_share


def test_a_guard_is_changed_as_it_was_shown(admin: Web) -> None:
    version = admin.site.loaded.version
    assert "Part of the list that may enter or leave" in admin.get("/settings/change/guards")
    page = change(admin, guards__brake_share="0.30", guards__brake_records="100")
    assert SHARE in page
    assert "Part of the list that may enter or leave" in page
    assert "guards.brake_records" not in page, "that is as it was"
    assert share(admin) == 0.2, "showing it changes nothing"
    save(admin, page, note="a fair doubles the list")
    assert share(admin) == 0.3
    assert admin.site.services.inclusions._guards.brake_share == 0.3
    assert admin.site.loaded.version != version, "what runs note moves with it"
    shown = admin.get("/settings")
    assert "settings version 1" in shown
    assert "a fair doubles the list" in shown
    with admin.site.database.read() as conn:
        line = audit.recent(conn, limit=1)[0]
    assert (line.what, line.who) == ("settings.saved", "admin")
    assert line.detail["changes"] == [{"place": SHARE, "before": "0.2", "after": "0.3"}]


def test_everything_wrong_is_told_at_once_and_stays_in_the_form(admin: Web) -> None:
    form = {"budget.retries": "0.99", "budget.reads": "many", "budget.all": "2"}
    answer = admin.post("/settings/change/budget", **form)
    assert answer.status_code == 400
    for words in ("budget.reads: Not a valid number", "budget.all: Must be"):
        assert words in answer.text
    for value in form.values():
        assert f'value="{value}"' in answer.text
    across = admin.post("/settings/change/budget", **{"budget.retries": "0.93"})
    assert "Must not be more than reads" in across.text
    caps = admin.post("/settings/change/retries", **{"retries.cap_s": "0.001"})
    assert "Must not be less than first_s" in caps.text
    half = admin.post("/settings/change/alerts", **{"alerts.quiet_from": "22:00"})
    assert "Quiet hours need both ends" in half.text
    assert admin.site.loaded.versions == {}


def test_a_saved_form_is_checked_again(admin: Web) -> None:
    page = hidden(change(admin, guards__brake_share="0.3"))
    forged = admin.post("/settings/save", **(page | {SHARE: "7"}))
    assert forged.status_code == 409
    assert admin.post("/settings/save", **{SHARE: "0.3"}).status_code == 400
    assert share(admin) == 0.2


def test_the_budget_holds_for_the_limiter_that_is_there_already(admin: Web) -> None:
    save(admin, change(admin, budget__retries="0.1", budget__reads="0.2", budget__all="0.3"))
    assert admin.site.services.settings.budget.all == 0.3
    limiter = admin.site.services.limiter
    stated = [each.budget.all for each in limiter._stated.values()]  # type: ignore[attr-defined]
    assert stated == [0.3, 0.3]


def test_what_is_no_number_here_is_kept_too(admin: Web) -> None:
    night = {"alerts.quiet_from": "22:00", "alerts.quiet_until": "07:00"}
    save(admin, admin.post("/settings/change/alerts", **night).text)
    assert admin.site.services.settings.alerts.quiet_until == "07:00"
    form = admin.get("/settings/change/alerts")
    assert "The file says" in form
    assert "alerts.webhook_url" not in form
    assert "alerts.mail_to" not in form
    save(admin, admin.post("/settings/change/alerts", **dict.fromkeys(night, "")).text)
    assert admin.site.services.settings.alerts.quiet_until == ""
    assert admin.site.loaded.versions == {}, "that is what the file says"


def test_versions_are_listed_and_restored(admin: Web) -> None:
    save(admin, change(admin, guards__brake_share="0.3"), note="first")
    save(admin, change(admin, polls__leaves_s="1800"), note="second")
    page = admin.get("/settings/versions")
    assert page.index("second") < page.index("first")
    assert "in force" in page
    back = admin.post("/settings/versions/1/restore").text
    assert "as in version 1" in back
    assert "polls.leaves_s" in back
    save(admin, back)
    polls = admin.site.services.settings.polls
    assert (share(admin), polls.leaves_s) == (0.3, 3600)
    assert admin.site.loaded.versions == {NAME: 3}
    save(admin, admin.post("/settings/versions/0/restore").text)
    assert share(admin) == 0.2
    assert admin.site.loaded.versions == {}
    assert "in force: the file" in admin.get("/settings/versions")
    assert admin.post("/settings/versions/9/restore").status_code == 404
    assert "Nothing: it is as it is now" in admin.post("/settings/versions/0/restore").text


def test_of_two_who_change_it_at_once_the_second_looks_again(admin: Web) -> None:
    mine, theirs = (change(admin, guards__brake_share=each) for each in ("0.3", "0.4"))
    save(admin, theirs)
    late = admin.post("/settings/save", **hidden(mine))
    assert late.status_code == 409
    assert "meanwhile" in late.text
    assert share(admin) == 0.4


def test_once_the_file_says_something_else_of_a_value_it_counts(admin: Web) -> None:
    save(admin, change(admin, guards__brake_share="0.3"))
    file = admin.console.folder / "guestlist.toml"
    was = file.read_text() if file.exists() else ""
    file.write_text(was + "\n[polls]\nleaves_s = 1800\n")
    web = reloaded(admin)
    assert share(web) == 0.3, "that is another value"
    assert web.site.services.settings.polls.leaves_s == 1800
    file.write_text(was + "\n[guards]\nbrake_share = 0.25\n")
    web = reloaded(admin)
    assert share(web) == 0.25
    web.sign_in()
    assert "is set aside" in web.get("/settings")
    assert "set aside" in web.get("/settings/versions")
    save(web, web.post("/settings/versions/1/restore").text)
    assert share(web) == 0.3


def test_what_the_environment_says_wins_and_is_not_asked_for(
    admin: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(admin, change(admin, guards__brake_share="0.3", guards__brake_records="50"))
    monkeypatch.setenv("GUESTLIST_GUARDS_BRAKE_SHARE", "0.1")
    web = reloaded(admin)
    assert share(web) == 0.1
    assert web.site.services.settings.guards.brake_records == 50, "the rest of it goes on"
    assert web.site.loaded.source(SHARE) == "env GUESTLIST_GUARDS_BRAKE_SHARE"
    web.sign_in()
    form = web.get("/settings/change/guards")
    assert "not set here: env GUESTLIST_GUARDS_BRAKE_SHARE" in form
    assert f'name="{SHARE}"' not in form
    forged = web.post("/settings/change/guards", **{SHARE: "0.9"})
    assert forged.status_code == 400
    assert "not to be set here" in forged.text


def test_setting_may_be_turned_off(admin: Web) -> None:
    save(admin, change(admin, guards__brake_share="0.3"))
    settings = admin.loaded.settings
    off = replace(settings, console=replace(settings.console, edit_settings=False))
    loaded = replace(admin.loaded, settings=off)
    web = Web(create_app(loaded, admin.site.services), admin.console, loaded, admin.clock)
    web.sign_in()
    assert share(web) == 0.2, "the file counts"
    page = web.get("/settings")
    assert "console.edit_settings is off" in page
    assert "in the file, <a" in page
    assert web.post("/settings/change/guards", **{SHARE: "0.3"}).status_code == 400
    assert web.client.get("/settings/change/guards").status_code == 409


def test_only_an_admin_changes_it_and_says_the_password_again(admin: Web) -> None:
    page = hidden(change(admin, guards__brake_share="0.3"))
    admin.clock.ahead = timedelta(minutes=11)
    assert admin.post("/settings/save", **page).status_code == 403
    admin.sign_in("olga", Role.OPERATOR)
    assert admin.post("/settings/change/guards", **{SHARE: "0.3"}).status_code == 403
    assert admin.client.get("/settings/change/guards").status_code == 403
    assert "by an admin, here" in admin.get("/settings")
    assert admin.client.get("/settings/change/hubspot").status_code == 403


def test_only_these_tables_are_changed_here(admin: Web) -> None:
    assert admin.client.get("/settings/change/hubspot").status_code == 404
    assert admin.post("/settings/change/console").status_code == 404
    same = admin.post("/settings/change/guards", **{"guards.four_eyes": "true"}).text
    assert "Nothing: it is as it is now" in same


def test_what_is_in_force_is_exported_as_code(admin: Web) -> None:
    assert code(admin.get("/settings/export.toml")) == []
    save(admin, change(admin, guards__brake_share="0.3"))
    save(admin, change(admin, polls__hubspot_s="30"))
    text = admin.get("/settings/export.toml")
    assert code(text) == ["[polls]", "hubspot_s = 30", "[guards]", "brake_share = 0.3"]
    assert "# guards.settle_s comes from env GUESTLIST_GUARDS_SETTLE_S" in text
    file = admin.console.folder / "guestlist.toml"
    file.write_text((file.read_text() if file.exists() else "") + "\n" + text)
    web = reloaded(admin)
    assert web.site.loaded.versions == {}, "the change is code now"
    assert (share(web), web.site.services.settings.polls.hubspot_s) == (0.3, 30)


def test_a_version_reaches_a_worker_without_a_restart(admin: Web) -> None:
    now = [0.0]
    workers = admin.console.workers.employ(admin.loaded)
    save(admin, change(admin, guards__ask_above_creates="7"))
    loaded = in_force(admin.loaded, admin.site.database)
    assert loaded.versions == {NAME: 1}
    watch = VersionWatch(loaded, admin.site.database, monotonic=lambda: now[0])
    now[0] += 0.2
    assert not watch.changed()
    wait_until(workers.superseded, what="a worker to see that there is a version")
    again = admin.console.workers.employ(admin.loaded)
    assert again.settings.guards.ask_above_creates == 7


def test_settings_over_rest(api: Api) -> None:
    before = api("GET", "/settings")
    assert (before["in_force"], before["newest"]) == (None, 0)
    wanted = {"values": {SHARE: "0.3"}}
    assert api("POST", "/settings/diff", json=wanted)["changes"] == [
        {"place": SHARE, "before": "0.2", "after": "0.3"}
    ]
    saved = api("PATCH", "/settings", json={**wanted, "newest": 0, "note": "why"})
    assert (saved["in_force"], saved["newest"]) == (1, 1)
    assert saved["version"] != before["version"]
    by_name = {each["name"]: each for each in saved["settings"]}
    assert by_name[SHARE]["source"] == "settings version 1"
    assert by_name[SHARE]["editable"]
    assert not by_name["guards.four_eyes"]["editable"]
    assert not by_name["hubspot.token"]["editable"]
    assert "brake_share = 0.3" in api("GET", "/settings/text")["toml"]
    page = api("GET", "/settings/versions")
    assert [(each["version"], each["note"]) for each in page["versions"]] == [(1, "why")]
    wrong = {"values": {SHARE: "7", "polls.audit_s": "soon"}}
    told = api("PATCH", "/settings", json=wrong, code=409)
    assert len(told["problems"]) == 2
    unknown = api("PATCH", "/settings", json={"values": {"guards.brake_shares": "1"}}, code=409)
    assert "Did you mean" in unknown["problems"][0]
    assert (
        "meanwhile"
        in api(
            "PATCH",
            "/settings",
            json={**wrong, **wanted, "newest": 0, "values": {SHARE: "0.4"}},
            code=409,
        )["detail"]
    )
    assert api("PATCH", "/settings", json={"values": {SHARE: None}})["in_force"] is None
    assert api("POST", "/settings/versions/1/restore", json={})["in_force"] == 3
    api("POST", "/settings/versions/9/restore", json={}, code=404)
    assert api("POST", "/settings/versions/0/restore", json={})["in_force"] is None


def test_the_command_sets_exports_lists_and_restores(admin: Web) -> None:
    console = admin.console
    made = console.json("config", "set", SHARE, "0.3", "--note", "by hand")
    assert made["version"] == 1
    assert made["changes"] == [{"place": SHARE, "before": "0.2", "after": "0.3"}]
    wait_until(lambda: share(admin) == 0.3, what="the console to see it too")
    told = console.json("config", "show")
    assert told["in_force"] == 1
    by_name = {each["name"]: each for each in told["settings"]}
    assert by_name[SHARE]["source"] == "settings version 1"
    assert code(console.json("config", "export")["toml"]) == ["[guards]", "brake_share = 0.3"]
    assert [each["note"] for each in console.json("config", "versions")["versions"]] == ["by hand"]
    assert console.json("config", "set", SHARE)["changes"][0]["after"] == "0.2"
    assert console.json("config", "restore", "1")["version"] == 3
    assert console.json("config", "restore", "0")["version"] == 4
    wait_until(lambda: share(admin) == 0.2, what="the console to see it too")
    assert "nothing would change" in console("config", "restore", "0", "--yes").output
    wrong = console("config", "set", SHARE, "7", "--yes")
    assert wrong.exit_code == 78
    assert SHARE in wrong.output
    assert console("config", "set", "hubspot.token", "x", "--yes").exit_code == 78
    assert console("config", "set", SHARE, "0.4", "--no-input").exit_code == 2, "it asks first"
    assert console("config", "restore", "9", "--yes").exit_code != 0


def test_a_version_that_can_not_be_used_any_more_stops_the_work_in_words(
    admin: Web, monkeypatch: pytest.MonkeyPatch
) -> None:
    save(admin, change(admin, budget__retries="0.85"))
    monkeypatch.setenv("GUESTLIST_BUDGET_READS", "0.8")
    done = admin.console("config", "check")
    assert done.exit_code == 78
    assert "settings version 1 can not be used: budget.retries" in done.output
    assert os.environ["GUESTLIST_BUDGET_READS"] == "0.8"
