"""The mapping over REST: read, compare, save and restore, as the pages do."""

from tests.web.conftest import Web
from tests.web.test_api import Api, api

__all__ = ["api"]


def test_a_mapping_is_read_compared_saved_and_restored(api: Api) -> None:
    text = api("GET", "/mapping/text")
    assert text["newest"] == 0
    wanted = text["toml"].replace('rule = "two_way"', 'rule = "always_salesforce"', 1)
    compared = api("POST", "/mapping/diff", json={"toml": wanted})
    assert compared["fits"]
    assert compared["changes"] == [
        {"place": "email.rule", "before": "two_way", "after": "always_salesforce"}
    ]
    before = api("GET", "/mapping")
    assert before["version"] is None
    saved = api("PUT", "/mapping", json={"toml": wanted, "newest": 0, "note": "why"})
    assert saved["version"] == 1
    assert saved["settings_version"] != before["settings_version"]
    rules = {row["hubspot"]: row["rule"] for row in saved["fields"]}
    assert rules["email"] == "always_salesforce"
    page = api("GET", "/mapping/versions")
    assert page["in_force"] == 1
    assert [(each["version"], each["note"]) for each in page["versions"]] == [(1, "why")]
    restored = api("POST", "/mapping/versions/0/restore", json={})
    assert restored["version"] is None
    assert restored["settings_version"] == before["settings_version"]
    assert api("POST", "/mapping/versions/1/restore", json={})["version"] == 3
    api("POST", "/mapping/versions/9/restore", json={}, code=404)


def test_what_may_not_be_saved_is_refused_in_words(api: Api) -> None:
    text = api("GET", "/mapping/text")["toml"]
    told = api("PUT", "/mapping", json={"toml": text}, code=409)
    assert told["detail"] == "nothing would change"
    changed = text.replace('"two_way"', '"always_salesforce"', 1)
    told = api("PUT", "/mapping", json={"toml": changed, "newest": 7}, code=200)
    told = api("PUT", "/mapping", json={"toml": text, "newest": 7}, code=409)
    assert "meanwhile" in told["detail"]
    told = api("PUT", "/mapping", json={"toml": "[objects.contacts]\nrulle = 1"}, code=409)
    assert any("Unknown setting" in each for each in told["problems"])
    other = text.replace("HubSpot_Contact_Id__c", "Other__c")
    assert "links rest on it" in api("PUT", "/mapping", json={"toml": other}, code=409)["detail"]


def test_fields_of_both_sides_are_read_with_their_types(api: Api) -> None:
    sides = api("GET", "/mapping/fields")
    email = next(each for each in sides["hubspot"] if each["name"] == "email")
    assert email["type"] == "string"
    assert {"Contact", "Lead"} == set(sides["salesforce"])
    salutation = next(e for e in sides["salesforce"]["Contact"] if e["name"] == "Salutation")
    assert "Ms." in salutation["options"]


def test_the_command_exports_compares_imports_and_restores(admin: Web) -> None:
    console, path = admin.console, admin.console.folder / "mapping.toml"
    text = console.json("mapping", "export")["toml"]
    path.write_text(text.replace('"two_way"', '"always_salesforce"', 1))
    changes = console.json("mapping", "diff", str(path))["changes"]
    assert [each["place"] for each in changes] == ["email.rule"]
    assert console.json("mapping", "diff")["changes"] == []
    made = console.json("mapping", "import", str(path), "--note", "from the repository")
    assert (made["version"], made["changes"]) == (1, changes)
    assert console.json("mapping", "show")["version"] == 1
    assert console.json("mapping", "diff")["changes"] == changes, "beside the settings file"
    assert admin.site.loaded.versions == {"contacts": 1}, "the console sees it too"
    listed = console.json("mapping", "versions")
    assert [each["note"] for each in listed["versions"]] == ["from the repository"]
    assert console.json("mapping", "restore", "0")["version"] == 2
    assert console.json("mapping", "show")["version"] is None
    assert console("mapping", "restore", "9", "--yes").exit_code == 2
    assert "nothing would change" in console("mapping", "restore", "0", "--yes").output
    assert console("mapping", "import", str(path), "--no-input").exit_code == 2, "it asks first"
