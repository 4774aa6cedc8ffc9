"""The mapping is changed on the console: seen before, checked, kept as a version, undone."""

import html
import os
import re
from dataclasses import replace
from datetime import timedelta

import pytest

from console.web.app import create_app
from guestlist.domain.role import Role
from guestlist.engine import launch
from guestlist.engine.services import Services
from guestlist.store import audit
from schemas.mapping import SyncRule
from tests.services.processes import wait_until
from tests.web.conftest import Web
from worker.layers import VersionWatch, in_force
from worker.settings import Loaded, load

TITLE = {
    "was": "jobtitle",
    "property": "jobtitle",
    "field-Contact": "Title",
    "field-Lead": "Title",
    "rule": "always_hubspot",
    "converter": "auto",
}


def hidden(page: str, name: str) -> str:
    """Return what a reviewed form would send."""
    if name == "text":
        found = re.search(r'<textarea name="text" hidden>\n(.*?)</textarea>', page, re.DOTALL)
    else:
        found = re.search(rf'name="{name}" value="([^"]*)"', page)
    assert found, page
    return html.unescape(found[1])


def save(web: Web, page: str, **more: str) -> None:
    answer = web.post("/mapping/save", text=hidden(page, "text"), seen=hidden(page, "seen"), **more)
    assert answer.status_code == 303, answer.text


def rule_of(web: Web, prop: str = "jobtitle") -> SyncRule | None:
    rows = web.site.services.schemas.object("contacts").fields
    return next((row.rule for row in rows if row.hubspot == prop), None)


def change(web: Web, **form: str) -> str:
    answer = web.post("/mapping/row", **(TITLE | form))
    assert answer.status_code == 200, answer.text
    return answer.text


def test_a_row_is_changed_as_it_was_shown(admin: Web) -> None:
    version = admin.site.loaded.version
    page = change(admin)
    assert "jobtitle.rule" in page
    assert "always_hubspot" in page
    assert rule_of(admin) == SyncRule.PREFER_SALESFORCE, "showing it changes nothing"
    save(admin, page, note="marketing keeps titles")
    assert rule_of(admin) == SyncRule.ALWAYS_HUBSPOT
    assert admin.site.loaded.version != version, "what runs note moves with it"
    shown = admin.get("/mapping")
    assert "marketing keeps titles" in shown
    assert "Resync all that is linked" in shown
    with admin.site.database.read() as conn:
        line = audit.recent(conn, limit=1)[0]
    assert line.what == "mapping.saved"
    assert line.who == "admin"
    assert [each["place"] for each in line.detail["changes"]] == ["jobtitle.rule"]


def test_a_row_is_added_and_removed(admin: Web) -> None:
    added = change(
        admin, was="", property="hs_language", **{"field-Lead": "", "field-Contact": "Department"}
    )
    save(admin, added)
    assert rule_of(admin, "hs_language") == SyncRule.ALWAYS_HUBSPOT
    removed = admin.post("/mapping/row", was="hs_language", do="remove").text
    save(admin, removed)
    assert rule_of(admin, "hs_language") is None
    assert admin.post("/mapping/row", was="hs_language", do="remove").status_code == 404


def test_a_row_of_another_property_takes_the_place_of_the_old(admin: Web) -> None:
    names = [row.hubspot for row in admin.site.services.schemas.object("contacts").fields]
    save(admin, change(admin, property="hs_language"))
    now = [row.hubspot for row in admin.site.services.schemas.object("contacts").fields]
    assert now == ["hs_language" if each == "jobtitle" else each for each in names]


@pytest.mark.parametrize(
    ("form", "words"),
    [
        ({"rule": "mine"}, "objects.contacts.fields.jobtitle.rule"),
        ({"property": "Job Title"}, "Not a HubSpot property name"),
        ({"field-Contact": "Phone"}, "is mapped to"),
        ({"field-Contact": "x; DROP"}, "Not a Salesforce API name"),
    ],
)
def test_a_row_that_can_not_be_is_refused_with_the_form(
    admin: Web, form: dict[str, str], words: str
) -> None:
    answer = admin.post("/mapping/row", **(TITLE | form))
    assert answer.status_code == 400
    assert words in answer.text
    assert 'name="converter"' in answer.text


def test_what_does_not_fit_the_crms_can_not_be_saved(admin: Web) -> None:
    page = change(admin, **{"field-Contact": "Nowhere__c"})
    assert "Does not fit the CRMs" in page
    assert "/mapping/save" not in page
    text = admin.get("/mapping/export.toml").replace('"Title"', '"Nowhere__c"')
    forced = admin.post("/mapping/save", text=text, seen="0")
    assert forced.status_code == 409
    assert "does not fit the CRMs" in forced.text
    assert admin.site.loaded.versions == {}


def test_settings_about_creating_and_deleting_are_changed(admin: Web) -> None:
    form = {
        "create_in_hubspot": "1",
        "create_as": "Lead",
        "on_salesforce_delete": "archive",
        "on_hubspot_delete": "unlink",
        "duplicates": "pinned",
    }
    page = admin.post("/mapping/settings", **form).text
    for place in ("create_in_salesforce", "create_in_hubspot", "create_as", "on_salesforce_delete"):
        assert f">{place}<" in page
    save(admin, page)
    now = admin.site.services.schemas.object("contacts")
    assert (now.create_as, now.create_in_salesforce, now.create_in_hubspot) == ("Lead", False, True)
    assert "mapping version 1" in admin.get("/settings")
    nonsense = admin.post("/mapping/settings", **(form | {"create_as": "Account"}))
    assert nonsense.status_code == 409


def test_the_text_is_exported_changed_and_imported(admin: Web) -> None:
    text = admin.get("/mapping/export.toml")
    assert text.startswith("[objects.contacts]")
    same = admin.post("/mapping/text", text=text).text
    assert "Nothing: it is as it is now" in same
    save(
        admin,
        admin.post("/mapping/text", text=text.replace('"two_way"', '"always_salesforce"', 1)).text,
    )
    assert rule_of(admin, "email") == SyncRule.ALWAYS_SALESFORCE
    broken = admin.post("/mapping/text", text="[objects")
    assert broken.status_code == 400
    assert "not TOML" in broken.text
    other = text.replace("HubSpot_Contact_Id__c", "Other__c")
    refused = admin.post("/mapping/text", text=other)
    assert refused.status_code == 400
    assert "links rest on it" in refused.text


def test_versions_are_listed_and_restored(admin: Web) -> None:
    save(admin, change(admin), note="first")
    save(admin, change(admin, rule="two_way"), note="second")
    page = admin.get("/mapping/versions")
    assert page.index("second") < page.index("first")
    assert "in force" in page
    back = admin.post("/mapping/versions/1/restore").text
    assert "as in version 1" in back
    save(admin, back)
    assert rule_of(admin) == SyncRule.ALWAYS_HUBSPOT
    assert admin.site.loaded.versions == {"contacts": 3}
    save(admin, admin.post("/mapping/versions/0/restore").text)
    assert rule_of(admin) == SyncRule.PREFER_SALESFORCE
    assert admin.site.loaded.versions == {}
    assert "in force: the file" in admin.get("/mapping/versions")
    assert admin.post("/mapping/versions/9/restore").status_code == 404


def test_of_two_who_change_it_at_once_the_second_looks_again(admin: Web) -> None:
    mine, theirs = change(admin), change(admin, rule="two_way")
    save(admin, theirs)
    late = admin.post("/mapping/save", text=hidden(mine, "text"), seen=hidden(mine, "seen"))
    assert late.status_code == 409
    assert "meanwhile" in late.text
    assert rule_of(admin) == SyncRule.TWO_WAY


def test_once_the_file_says_something_else_it_counts(admin: Web) -> None:
    save(admin, change(admin))
    file = admin.console.folder / "guestlist.toml"
    was = file.read_text() if file.exists() else ""
    file.write_text(was + '\n[[objects.contacts.fields]]\nhubspot = "phone"\nrule = "two_way"\n')
    web = reloaded(admin)
    assert rule_of(web) == SyncRule.PREFER_SALESFORCE
    assert rule_of(web, "phone") == SyncRule.TWO_WAY
    web.sign_in()
    assert "set aside" in web.get("/mapping")
    save(web, web.post("/mapping/versions/1/restore").text)
    assert rule_of(web) == SyncRule.ALWAYS_HUBSPOT
    assert rule_of(web, "phone") == SyncRule.PREFER_SALESFORCE


def reloaded(web: Web) -> Web:
    """Return the console as a process that starts now would be."""
    loaded = load(os.environ, directory=web.console.folder)
    services = replace(web.console.workers.employ(loaded), clock=web.clock)
    return Web(create_app(loaded, services), web.console, loaded, web.clock)


def test_editing_may_be_turned_off(admin: Web) -> None:
    save(admin, change(admin))
    settings = admin.loaded.settings
    off = replace(settings, console=replace(settings.console, edit_mapping=False))
    loaded = replace(admin.loaded, settings=off)
    web = Web(create_app(loaded, admin.site.services), admin.console, loaded, admin.clock)
    web.sign_in()
    assert rule_of(web) == SyncRule.PREFER_SALESFORCE, "the file counts"
    assert "console.edit_mapping is off" in web.get("/mapping")
    refused = web.post("/mapping/row", **TITLE)
    assert "console.edit_mapping is off" in refused.text
    assert refused.status_code == 400


def test_only_an_admin_changes_it_and_says_the_password_again(admin: Web) -> None:
    page = change(admin)
    admin.clock.ahead = timedelta(minutes=11)
    form = {"text": hidden(page, "text"), "seen": hidden(page, "seen")}
    assert admin.post("/mapping/save", **form).status_code == 403
    admin.sign_in("olga", Role.OPERATOR)
    assert admin.post("/mapping/row", **TITLE).status_code == 403
    assert admin.get("/mapping/text").count("readonly") == 1
    assert "Change<span" not in admin.get("/mapping")


def test_C10_what_is_queued_is_written_by_the_mapping_that_was_saved_last(admin: Web) -> None:
    admin.console.workers.rest()
    run = launch.start_list(admin.site.services, "contacts", by="anna")
    removed = admin.post("/mapping/row", was="jobtitle", do="remove").text
    save(admin, removed)
    admin.console.workers.working = True
    ended = admin.ended(run.id)
    assert ended.created
    written = [entry.fields for entry in admin.console.journal() if entry.caller != "sandbox"]
    assert any("LastName" in fields for fields in written)
    assert not any("Title" in fields for fields in written)


def test_a_version_is_noticed_within_the_moment_it_takes_to_look(admin: Web) -> None:
    now = [0.0]
    loaded = in_force(admin.loaded, admin.site.database)
    watch = VersionWatch(loaded, admin.site.database, monotonic=lambda: now[0])
    save(admin, change(admin))
    assert not watch.changed()
    now[0] += 0.2
    assert watch.changed()
    again = in_force(admin.loaded, admin.site.database)
    assert again.versions == {"contacts": 1}
    later = VersionWatch(again, admin.site.database, monotonic=lambda: now[0])
    now[0] += 0.2
    assert not later.changed()


def test_fields_of_both_sides_are_listed_with_their_types(admin: Web) -> None:
    page = admin.get("/mapping/fields?words=title")
    assert "jobtitle" in page
    assert "Contact.Title" in page
    free = admin.get("/mapping/fields?words=title&free=on")
    assert "Contact.Title" not in free
    form = admin.get("/mapping/row?property=lifecyclestage&field-Contact=LeadSource")
    assert "enumeration" in form
    assert "subscriber" in form


def test_the_console_follows_a_changed_file_and_says_when_it_can_not_be_used(admin: Web) -> None:
    file = admin.console.folder / "guestlist.toml"
    was = file.read_text() if file.exists() else ""

    def build() -> tuple[Loaded, Services]:
        loaded = load(os.environ, directory=admin.console.folder)
        return loaded, replace(admin.console.workers.employ(loaded), clock=admin.clock)

    app = create_app(admin.loaded, admin.site.services, build)
    web = Web(app, admin.console, admin.loaded, admin.clock)
    web.sign_in()
    row = '\n[[objects.contacts.fields]]\nhubspot = "phone"\nrule = "two_way"\n'
    file.write_text(was + row)
    wait_until(lambda: rule_of(web, "phone") == SyncRule.TWO_WAY, what="the new row")
    file.write_text(was + row + "nonsense =")
    wait_until(lambda: "can not be used" in web.get("/"), what="what is wrong with it")
    assert rule_of(web, "phone") == SyncRule.TWO_WAY, "what was read before stays"
    file.write_text(was)
    wait_until(lambda: rule_of(web, "phone") == SyncRule.PREFER_SALESFORCE, what="the old row")
    assert "can not be used" not in web.get("/")


def test_a_field_that_is_held_already_stops_no_change_of_another(admin: Web) -> None:
    admin.console.field("salesforce/Contact/Fax", "gone")
    admin.console("mapping", "check")
    save(admin, change(admin))
    assert rule_of(admin) == SyncRule.ALWAYS_HUBSPOT
    page = change(
        admin, was="fax", property="fax", **{"field-Contact": "Fax", "field-Lead": "Fax2"}
    )
    assert "/mapping/save" not in page, "but it is no leave to name another field that is not there"
