"""What differs between two mappings is told place by place; what links rest on may not differ."""

from dataclasses import replace

from guestlist.domain.edit import Edit, edits, fixed
from schemas.mapping import DeletePolicy, FieldMapping, ObjectMapping, SyncRule

TYPES = ("Contact", "Lead")
PHONE = FieldMapping("phone", dict.fromkeys(TYPES, "Phone"))
TITLE = FieldMapping("jobtitle", dict.fromkeys(TYPES, "Title"))
BEFORE = ObjectMapping(
    name="contacts",
    hubspot_type="contacts",
    hubspot_type_id="0-1",
    salesforce_types=TYPES,
    create_as="Contact",
    external_id="HubSpot_Contact_Id__c",
    match_on=("email", {"Contact": "Email"}),
    fields=(PHONE, TITLE),
)


def test_equal_mappings_differ_nowhere() -> None:
    assert edits(BEFORE, replace(BEFORE)) == []
    assert fixed(BEFORE, replace(BEFORE, match_on=("email", {"Contact": "Email"}))) == []


def test_each_place_that_differs_is_told() -> None:
    phone = replace(
        PHONE,
        salesforce={"Contact": "MobilePhone"},
        rule=SyncRule.TWO_WAY,
        converter="text",
        values={"a": "b"},
        when_blank="",
    )
    fax = FieldMapping("fax", {"Lead": "Fax"}, when_blank="none")
    after = replace(
        BEFORE,
        fields=(phone, fax),
        create_as="Lead",
        create_in_hubspot=True,
        on_hubspot_delete=DeletePolicy.DELETE,
    )
    assert edits(BEFORE, after) == [
        Edit("create_as", "Contact", "Lead"),
        Edit("create_in_hubspot", "false", "true"),
        Edit("on_hubspot_delete", "unlink", "delete"),
        Edit("phone.Contact", "Phone", "MobilePhone"),
        Edit("phone.Lead", "Phone", None),
        Edit("phone.rule", "prefer_salesforce_unless_blank", "two_way"),
        Edit("phone.converter", "auto", "text"),
        Edit("phone.values", None, "a = b"),
        Edit("phone.when_blank", None, ""),
        Edit(
            "jobtitle",
            "Contact = Title; Lead = Title, prefer_salesforce_unless_blank, auto",
            None,
        ),
        Edit("fax", None, "Lead = Fax, prefer_salesforce_unless_blank, auto, when_blank none"),
    ]


def test_what_links_rest_on_is_named() -> None:
    after = replace(BEFORE, external_id="Other__c", salesforce_types=("Contact",), match_on=None)
    assert fixed(BEFORE, after) == ["salesforce_types", "external_id", "match_on"]
