import json
import os
import tomllib
from pathlib import Path
from typing import Any

import pytest

from schemas.mapping import DeletePolicy, DuplicateMode, ObjectMapping, SyncRule
from worker.settings import SettingsError, load

SHARED = Path(os.environ.get("GUESTLIST_SHARED", Path(__file__).parents[4] / "shared")) / "data"


def contacts(tmp_path: Path, toml: str = "") -> ObjectMapping:
    (tmp_path / "guestlist.toml").write_text(toml)
    return load({}, directory=tmp_path).settings.objects["contacts"]


def problems(tmp_path: Path, toml: str) -> list[str]:
    with pytest.raises(SettingsError) as refused:
        contacts(tmp_path, toml)
    return refused.value.problems


def by_property(mapping: ObjectMapping) -> dict[str, Any]:
    return {row.hubspot: row for row in mapping.fields}


def test_the_built_in_mapping_syncs_contacts_with_leads_and_contacts(tmp_path: Path) -> None:
    mapping = contacts(tmp_path)
    assert mapping.salesforce_types == ("Contact", "Lead")
    assert mapping.match_on == ("email", {"Contact": "Email", "Lead": "Email"})
    rules = {row.hubspot: row.rule for row in mapping.fields}
    assert rules.pop("email") is SyncRule.TWO_WAY
    assert rules.pop("hubspot_owner_id") is SyncRule.TWO_WAY
    assert set(rules.values()) == {SyncRule.PREFER_SALESFORCE}
    assert by_property(mapping)["company"].salesforce == {"Lead": "Company"}
    assert by_property(mapping)["company"].when_blank == "[not provided]"


@pytest.mark.skipif(not SHARED.is_dir(), reason="recorded schemas are not here")
def test_every_built_in_row_exists_and_is_writable_on_a_stock_portal_and_org(
    tmp_path: Path,
) -> None:
    portal = json.loads((SHARED / "hubspot_properties_contact.json").read_text())["properties"]
    properties = {row["name"]: row for row in portal}
    org = {
        type_: {
            field["name"]: field
            for field in json.loads((SHARED / f"salesforce_describe_{type_}.json").read_text())[
                "fields"
            ]
        }
        for type_ in ("Contact", "Lead")
    }
    texts = {"string", "textarea", "phone", "email", "url", "picklist"}
    for row in contacts(tmp_path).fields:
        owner = row.converter == "owner"
        assert properties[row.hubspot]["type"] == ("enumeration" if owner else "string")
        assert not properties[row.hubspot]["readOnlyValue"]
        for type_, name in row.salesforce.items():
            field = org[type_][name]
            assert field["createable"]
            assert field["updateable"]
            assert field["type"] in ({"reference"} if owner else texts)
            assert not field["restrictedPicklist"]


@pytest.mark.skipif(not SHARED.is_dir(), reason="recorded schemas are not here")
@pytest.mark.parametrize("type_", ["Contact", "Lead"])
def test_the_built_in_mapping_covers_what_a_creation_needs(type_: str, tmp_path: Path) -> None:
    fields = json.loads((SHARED / f"salesforce_describe_{type_}.json").read_text())["fields"]
    needed = {
        field["name"]
        for field in fields
        if field["createable"] and not field["nillable"] and not field["defaultedOnCreate"]
    }
    mapped = {row.salesforce.get(type_) for row in contacts(tmp_path).fields}
    assert needed <= mapped


def test_a_row_overrides_a_built_in_one_key_by_key(tmp_path: Path) -> None:
    changed = contacts(tmp_path, '[[objects.contacts.fields]]\nhubspot = "company"\nrule="two_way"')
    row = by_property(changed)["company"]
    assert row.rule is SyncRule.TWO_WAY
    assert row.salesforce == {"Lead": "Company"}
    assert row.when_blank == "[not provided]"
    assert len(changed.fields) == len(contacts(tmp_path).fields)


def test_a_new_row_is_added_and_one_name_means_every_type(tmp_path: Path) -> None:
    toml = '[[objects.contacts.fields]]\nhubspot = "mobilephone"\nsalesforce = "MobilePhone"'
    row = contacts(tmp_path, toml).fields[-1]
    assert row.salesforce == {"Contact": "MobilePhone", "Lead": "MobilePhone"}


def test_without_defaults_only_the_own_rows_count(tmp_path: Path) -> None:
    mapping = contacts(
        tmp_path,
        """
        [objects.contacts]
        defaults = false
        hubspot = "contacts"
        hubspot_type_id = "0-1"
        salesforce = "Lead"
        external_id = "HubSpot_Contact_Id__c"
        [[objects.contacts.fields]]
        hubspot = "email"
        salesforce = "Email"
        values = { a = "b" }
        converter = "email"
        """,
    )
    assert [row.hubspot for row in mapping.fields] == ["email"]
    assert mapping.fields[0].values == {"a": "b"}
    assert mapping.create_as == "Lead"
    assert mapping.match_on is None


def test_without_defaults_what_is_needed_is_asked_for(tmp_path: Path) -> None:
    found = problems(tmp_path, "[objects.contacts]\ndefaults = false")
    assert {line.partition(":")[0] for line in found} == {
        "objects.contacts.hubspot",
        "objects.contacts.hubspot_type_id",
        "objects.contacts.salesforce",
        "objects.contacts.external_id",
    }


def test_leads_only_keeps_the_lead_half_of_the_built_in_rows(tmp_path: Path) -> None:
    mapping = contacts(tmp_path, '[objects.contacts]\nsalesforce = ["Lead"]')
    assert mapping.create_as == "Lead"
    assert all(set(row.salesforce) == {"Lead"} for row in mapping.fields)
    assert mapping.match_on == ("email", {"Lead": "Email"})


def test_contacts_only_drops_the_rows_that_are_of_leads(tmp_path: Path) -> None:
    mapping = contacts(tmp_path, '[objects.contacts]\nsalesforce = "Contact"')
    assert not {"company", "website", "industry"} & by_property(mapping).keys()


def test_another_object_stands_beside_the_built_in_one(tmp_path: Path) -> None:
    (tmp_path / "guestlist.toml").write_text(
        """
        [objects.companies]
        hubspot = "companies"
        hubspot_type_id = "0-2"
        salesforce = "Account"
        external_id = "HubSpot_Company_Id__c"
        [[objects.companies.fields]]
        hubspot = "name"
        salesforce = "Name"
        """
    )
    objects = load({}, directory=tmp_path).settings.objects
    assert list(objects) == ["contacts", "companies"]
    assert objects["companies"].name == "companies"


def test_the_source_of_a_row_is_kept(tmp_path: Path) -> None:
    (tmp_path / "guestlist.toml").write_text(
        '[[objects.contacts.fields]]\nhubspot = "fax"\nrule = "dont_sync"'
    )
    loaded = load({}, directory=tmp_path)
    assert loaded.source("objects.contacts.fields.fax") == "guestlist.toml"
    assert loaded.source("objects.contacts.fields.phone") == "default"


@pytest.mark.parametrize(
    ("toml", "line"),
    [
        (
            '[[objects.contacts.fields]]\nhubspot = "mobilephone"\nsalesforce = "phone"',
            "objects.contacts.fields.mobilephone: Contact.phone is mapped to phone already.",
        ),
        (
            '[[objects.contacts.fields]]\nhubspot = "x"\nsalesforce = { Account = "Name" }',
            "objects.contacts.fields.x: Account is not one of this object's Salesforce types.",
        ),
        (
            '[objects.contacts]\ncreate_as = "Account"',
            "objects.contacts.create_as: Must be one of: Contact, Lead.",
        ),
        (
            '[objects.contacts.match]\nhubspot = "email"\nsalesforce = { Account = "Name" }',
            "objects.contacts.match: Account is not one of this object's Salesforce types.",
        ),
        (
            '[objects.contacts]\nfields = [{ hubspot = "fax" }, { hubspot = "fax" }]',
            "objects.contacts.fields.fax: Is mapped twice; one property has one row.",
        ),
        (
            '[[objects.contacts.fields]]\nhubspot = "x"\nsalesforce = "Name\' OR \'a"',
            "objects.contacts.fields.x.salesforce: Not a Salesforce API name.",
        ),
        (
            '[objects.contacts]\nhubspot = "../lists"',
            "objects.contacts.hubspot: Not a HubSpot object type.",
        ),
        (
            '[objects.contacts]\nexternal_id = "Id__c = 1"',
            "objects.contacts.external_id: Not a Salesforce API name.",
        ),
        (
            '[objects.contacts]\non_salesforce_delete = "delete"',
            "objects.contacts.on_salesforce_delete: Must be one of: unlink, archive.",
        ),
        (
            '[objects.contacts]\non_hubspot_delete = "archive"',
            "objects.contacts.on_hubspot_delete: Must be one of: unlink, delete.",
        ),
        (
            '[objects.contacts]\non_hubspot_delete = "purge"',
            "objects.contacts.on_hubspot_delete: Must be one of: unlink, delete.",
        ),
        (
            '[objects.contacts]\nduplicates = "merge"',
            "objects.contacts.duplicates: Must be one of: pinned, native.",
        ),
    ],
)
def test_a_mapping_that_can_not_be_meant_is_refused(toml: str, line: str, tmp_path: Path) -> None:
    assert [found.removesuffix(" (guestlist.toml)") for found in problems(tmp_path, toml)] == [line]


def test_to_follow_duplicates_takes_a_match_value(tmp_path: Path) -> None:
    toml = """
        [objects.companies]
        hubspot = "companies"
        hubspot_type_id = "0-2"
        salesforce = "Account"
        external_id = "HubSpot_Company_Id__c"
        duplicates = "native"
        fields = [{ hubspot = "name", salesforce = "Name" }]
    """
    (line,) = problems(tmp_path, toml)
    assert line.startswith("objects.companies.duplicates: native needs [match]")


def test_the_packaged_mapping_names_no_property_twice() -> None:
    path = Path(__file__).parents[3] / "schemas" / "defaults.toml"
    rows = tomllib.loads(path.read_text())["objects"]["contacts"]["fields"]
    names = [row["hubspot"] for row in rows]
    assert len(names) == len(set(names))


def test_what_is_created_deleted_and_followed_is_a_setting(tmp_path: Path) -> None:
    built_in = contacts(tmp_path)
    assert built_in.create_in_salesforce
    assert not built_in.create_in_hubspot
    assert built_in.on_salesforce_delete is DeletePolicy.UNLINK
    assert built_in.on_hubspot_delete is DeletePolicy.UNLINK
    assert built_in.duplicates is DuplicateMode.PINNED
    changed = contacts(
        tmp_path,
        """
        [objects.contacts]
        create_in_salesforce = false
        create_in_hubspot = true
        on_salesforce_delete = "archive"
        on_hubspot_delete = "delete"
        duplicates = "native"
        """,
    )
    assert not changed.create_in_salesforce
    assert changed.create_in_hubspot
    assert changed.on_salesforce_delete is DeletePolicy.ARCHIVE
    assert changed.on_hubspot_delete is DeletePolicy.DELETE
    assert changed.duplicates is DuplicateMode.NATIVE


def test_a_semantic_setting_can_be_given_by_the_environment(tmp_path: Path) -> None:
    environ = {
        "GUESTLIST_OBJECTS_CONTACTS_CREATE_IN_HUBSPOT": "true",
        "GUESTLIST_OBJECTS_CONTACTS_ON_HUBSPOT_DELETE": "delete",
    }
    mapping = load(environ, directory=tmp_path).settings.objects["contacts"]
    assert mapping.create_in_hubspot
    assert mapping.on_hubspot_delete is DeletePolicy.DELETE


def test_an_object_without_semantic_settings_has_the_careful_ones(tmp_path: Path) -> None:
    mapping = contacts(
        tmp_path,
        """
        [objects.contacts]
        defaults = false
        hubspot = "contacts"
        hubspot_type_id = "0-1"
        salesforce = "Lead"
        external_id = "HubSpot_Contact_Id__c"
        fields = [{ hubspot = "email", salesforce = "Email" }]
        """,
    )
    assert mapping.create_in_salesforce
    assert not mapping.create_in_hubspot
    assert mapping.on_hubspot_delete is DeletePolicy.UNLINK
