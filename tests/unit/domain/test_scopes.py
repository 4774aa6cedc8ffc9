"""Which scopes a mapping takes, what for, and which of them were not granted."""

from dataclasses import replace

import pytest

from guestlist.domain.scopes import asked_scopes, lacking, of_objects, scopes_for
from schemas.mapping import DeletePolicy, SyncRule
from tests.builders import a_mapping, a_row, both


def names(*mappings):
    return [each.name for each in scopes_for(mappings)]


def one_way():
    return a_mapping(fields=(a_row("phone", both("Phone"), rule=SyncRule.ALWAYS_HUBSPOT),))


def test_what_a_mapping_takes_is_named_once_with_its_use() -> None:
    found = scopes_for([a_mapping(), a_mapping()])
    assert len({each.name for each in found}) == len(found)
    assert all(each.use for each in found)
    assert names(a_mapping())[0] == "crm.lists.read"


def test_owners_are_asked_for_where_they_sync() -> None:
    owner = "crm.objects.owners.read"
    row = a_row("hubspot_owner_id", both("OwnerId"), converter="owner")
    assert owner in names(a_mapping(fields=(row,)))
    unsynced = replace(row, rule=SyncRule.DONT_SYNC)
    assert owner not in names(a_mapping(fields=(unsynced,)))


def test_writing_is_needed_only_where_something_is_written_there() -> None:
    def optional(mapping):
        return {each.name for each in scopes_for([mapping]) if each.optional}

    write = "crm.objects.contacts.write"
    assert write in optional(one_way())
    assert write not in optional(a_mapping())
    assert write not in optional(replace(one_way(), on_salesforce_delete=DeletePolicy.ARCHIVE))
    two = scopes_for([one_way(), a_mapping()])
    assert [each.optional for each in two if each.name == write] == [False]


def test_what_was_not_granted_and_is_needed_is_lacking() -> None:
    granted = set(asked_scopes([a_mapping()])) - {"crm.objects.contacts.write", "crm.lists.write"}
    assert [each.name for each in lacking([a_mapping()], granted)] == ["crm.objects.contacts.write"]
    assert lacking([one_way()], granted) == []
    assert lacking([a_mapping()], None) == [], "not told is not the same as not granted"


@pytest.mark.parametrize(
    ("type", "scope"),
    [
        ("contacts", "crm.objects.contacts.read"),
        ("tickets", "tickets"),
        ("2-3604285", "crm.objects.custom.read"),
        ("p12345678_cars", "crm.objects.custom.read"),
        ("products", "crm.objects.products.read"),
    ],
)
def test_tickets_and_custom_objects_have_scopes_of_their_own(type: str, scope: str) -> None:
    assert of_objects("objects", type, "read") == scope
