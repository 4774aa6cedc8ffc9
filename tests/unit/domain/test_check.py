import pytest

from guestlist.domain.check import Severity, check_mapping
from guestlist.domain.mapping import compile_mapping, needs_owners
from schemas.mapping import SyncRule
from schemas.records import FieldDescription
from tests.builders import (
    EXTERNAL_ID,
    a_mapping,
    a_row,
    both,
    contact_description,
    descriptions,
    hubspot_choice,
    hubspot_description,
    hubspot_field,
    lead_description,
    salesforce_field,
    some_rows,
)

LAST_NAME = "Contact.LastName"


def problems(mapping=None, hubspot=None, contact=None, lead=None):
    salesforce = {
        "Contact": contact or contact_description(),
        "Lead": lead or lead_description(),
    }
    return check_mapping(mapping or a_mapping(), hubspot or hubspot_description(), salesforce)


def errors(**world):
    return [(each.field, each.message) for each in problems(**world) if each.severity == "error"]


def warnings(**world):
    return [(each.field, each.message) for each in problems(**world) if each.severity == "warning"]


def with_row(*row, **changes):
    return a_mapping(fields=(*some_rows(), a_row(*row, **changes)))


def one(source: FieldDescription, target: FieldDescription, **changes):
    """The problems of one more row between two fields of these kinds."""
    mapping = with_row(source.name, {"Contact": target.name}, **changes)
    world = {"hubspot": hubspot_description(source), "contact": contact_description(target)}
    return problems(mapping=mapping, **world)


def about(found, name):
    return [(each.severity, each.message) for each in found if name in each.field]


def test_the_mapping_of_the_tests_has_no_errors():
    assert errors() == []


def test_a_missing_property_is_named():
    found = errors(hubspot=hubspot_description(without="fax"))
    assert found == [
        ("fax -> Contact.Fax", "HubSpot has no such property"),
        ("fax -> Lead.Fax", "HubSpot has no such property"),
    ]


def test_a_missing_field_is_named_with_its_object():
    found = errors(contact=contact_description(without="Fax"))
    assert found == [
        (
            "fax -> Contact.Fax",
            "Salesforce has no such field, or hides it from the integration user",
        )
    ]


def test_an_object_that_is_not_visible_is_named():
    found = check_mapping(a_mapping(), hubspot_description(), {"Contact": contact_description()})
    assert [each.field for each in found if each.severity is Severity.ERROR] == ["Lead"]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"external_id": False}, "is not an External ID"),
        ({"unique": False}, "is not unique"),
        ({"updateable": False}, "can not be written"),
    ],
)
def test_an_external_id_field_has_to_be_fit_for_it(changes, message):
    flags = {"unique": True, "external_id": True} | changes
    contact = contact_description(salesforce_field(EXTERNAL_ID, **flags))
    assert errors(contact=contact) == [(f"Contact.{EXTERNAL_ID}", message)]


def test_a_missing_external_id_field_comes_with_how_to_create_it():
    found = problems(lead=lead_description(without=EXTERNAL_ID))
    assert found[0].field == f"Lead.{EXTERNAL_ID}"
    assert "External ID, Unique" in found[0].fix


def test_types_that_do_not_fit_are_named_both():
    found = one(hubspot_field("seen", "datetime"), salesforce_field("Seen__c", "currency"))
    expected = "the types do not fit: datetime in HubSpot, currency in Salesforce"
    assert about(found, "Seen__c") == [("error", expected)]


def test_a_converter_nobody_knows_is_an_error():
    found = one(hubspot_field("a"), salesforce_field("A__c"), converter="rot13")
    assert about(found, "A__c") == [("error", "there is no converter 'rot13'")]


@pytest.mark.parametrize(
    ("source", "target", "rule", "message"),
    [
        ({"calculated": True}, {}, SyncRule.TWO_WAY, "HubSpot's property is calculated"),
        ({"updateable": False}, {}, SyncRule.PREFER_SALESFORCE, "HubSpot's property is read-only"),
        (
            {},
            {"createable": False, "updateable": False, "calculated": True},
            SyncRule.PREFER_HUBSPOT,
            "Salesforce's field is calculated",
        ),
        (
            {},
            {"createable": False, "updateable": False},
            SyncRule.ALWAYS_HUBSPOT,
            "Salesforce's field is read-only",
        ),
    ],
)
def test_a_rule_that_writes_what_can_not_be_written_is_an_error(source, target, rule, message):
    found = one(hubspot_field("a", **source), salesforce_field("A__c", **target), rule=rule)
    assert about(found, "A__c") == [("error", message)]


@pytest.mark.parametrize(
    ("source", "target", "rule"),
    [
        ({"calculated": True}, {}, SyncRule.ALWAYS_HUBSPOT),
        ({}, {"createable": False, "updateable": False}, SyncRule.ALWAYS_SALESFORCE),
        ({"calculated": True}, {"updateable": False}, SyncRule.DONT_SYNC),
    ],
)
def test_a_rule_that_only_reads_what_is_read_only_is_fine(source, target, rule):
    found = one(hubspot_field("a", **source), salesforce_field("A__c", **target), rule=rule)
    assert about(found, "A__c") == []


def test_a_field_that_only_takes_a_value_at_creation_is_a_warning():
    found = one(hubspot_field("a"), salesforce_field("A__c", updateable=False))
    expected = "Salesforce's field can be filled at creation, and never changed"
    assert about(found, "A__c") == [("warning", expected)]


def test_a_field_mapped_twice_is_an_error_on_both_sides():
    found = errors(mapping=with_row("fax", both("Fax")))
    assert found == [
        ("fax", "is mapped 2 times"),
        ("Contact.Fax", "is mapped 2 times"),
        ("Lead.Fax", "is mapped 2 times"),
    ]


def test_a_required_field_without_a_row_is_an_error():
    rows = tuple(row for row in some_rows() if row.hubspot != "lastname")
    found = errors(mapping=a_mapping(fields=rows))
    assert found == [(LAST_NAME, "Salesforce requires it, and no row fills it")]


def test_a_required_field_whose_rule_never_fills_it_is_an_error():
    rows = tuple(row for row in some_rows() if row.hubspot != "lastname")
    row = a_row("lastname", both("LastName"), rule=SyncRule.ALWAYS_SALESFORCE)
    found = errors(mapping=a_mapping(fields=(*rows, row)))
    assert found == [(LAST_NAME, "Salesforce requires it, and no row fills it")]


def test_a_required_field_that_may_be_blank_is_a_warning():
    expected = "Salesforce requires it: records without lastname are refused"
    assert warnings() == [(LAST_NAME, expected)]


def test_options_without_a_counterpart_are_named_for_each_direction():
    source = hubspot_choice("tier", ["GOLD", "BRONZE"])
    options = frozenset({"Gold", "Silver"})
    target = salesforce_field("Tier__c", "picklist", options=options, restricted=True)
    assert about(one(source, target), "Tier__c") == [
        ("warning", "Salesforce refuses HubSpot's BRONZE"),
        ("warning", "HubSpot refuses Salesforce's Silver"),
    ]


def test_options_named_in_values_are_covered():
    source = hubspot_choice("tier", ["1", "2"])
    options = frozenset({"Gold", "Silver"})
    target = salesforce_field("Tier__c", "picklist", options=options, restricted=True)
    found = one(source, target, values={"1": "Gold", "2": "Silver"})
    assert about(found, "Tier__c") == []


def test_values_that_neither_crm_has_are_named():
    source = hubspot_choice("tier", ["1", "2"])
    options = frozenset({"Gold", "Silver"})
    target = salesforce_field("Tier__c", "picklist", options=options, restricted=True)
    found = one(source, target, values={"1": "Gold", "2": "Silver", "3": "gold", "4": "Brass"})
    assert about(found, "Tier__c") == [
        ("warning", "HubSpot has no 3, 4, which values names"),
        ("warning", "Salesforce has no Brass, which values names"),
    ]


def test_an_option_too_long_for_the_field_is_a_warning():
    source = hubspot_choice("tier", ["short", "much too long"])
    found = one(source, salesforce_field("Tier__c", length=5))
    assert about(found, "Tier__c") == [("warning", "Salesforce refuses HubSpot's much too long")]


def test_many_options_are_counted():
    source = hubspot_choice("tier", map(str, range(9)))
    target = salesforce_field("Tier__c", "picklist", options=frozenset({"x"}), restricted=True)
    found = one(source, target, rule=SyncRule.ALWAYS_HUBSPOT)
    expected = "Salesforce refuses HubSpot's 0, 1, 2, 3, 4 and 4 more"
    assert about(found, "Tier__c") == [("warning", expected)]


def test_a_when_blank_that_salesforce_refuses_is_an_error():
    found = one(hubspot_field("a"), salesforce_field("A__c", length=3), when_blank="none")
    assert about(found, "A__c") == [
        ("error", "Salesforce refuses its when_blank: 4 characters, 3 fit")
    ]


def test_a_when_blank_that_never_applies_is_a_warning():
    found = one(
        hubspot_field("a"),
        salesforce_field("A__c"),
        when_blank="none",
        rule=SyncRule.ALWAYS_SALESFORCE,
    )
    assert about(found, "A__c") == [("warning", "when_blank never applies with always_salesforce")]


def test_an_object_outside_the_mapping_is_an_error():
    found = errors(mapping=with_row("extra", {"Account": "Name"}), hubspot=_with_extra())
    assert found == [("extra -> Account", "is an object that is not mapped")]


def _with_extra():
    return hubspot_description(hubspot_field("extra"))


def test_creating_as_an_object_that_is_not_mapped_is_an_error():
    found = errors(mapping=a_mapping(create_as="Account"))
    assert found == [("Account", "new records can not become an object that is not mapped")]


def test_a_match_that_names_what_is_not_there_is_an_error():
    mapping = a_mapping(match_on=("mail", {"Contact": "Mail__c"}))
    assert [field for field, _ in errors(mapping=mapping)] == ["mail", "Contact.Mail__c"]


def test_errors_come_before_warnings():
    found = problems(hubspot=hubspot_description(without="fax"))
    assert [each.severity for each in found] == ["error", "error", "warning"]


def test_a_checked_mapping_compiles_to_every_pair_of_both_objects():
    compiled = compile_mapping(a_mapping(), *descriptions())
    assert len(compiled.types["Contact"].pairs) == 17
    assert len(compiled.types["Lead"].pairs) == 20


def test_what_does_not_sync_is_neither_compared_nor_read():
    rows = (a_row("fax", both("Fax"), rule=SyncRule.DONT_SYNC), a_row("phone", both("Phone")))
    compiled = compile_mapping(a_mapping(fields=rows), *descriptions())
    always = {"email", "hs_additional_emails", "hs_merged_object_ids"}
    assert set(compiled.hubspot_properties) == always | {"phone"}
    assert "Fax" not in compiled.types["Contact"].fields


def test_what_has_to_be_read_of_a_lead_tells_a_converted_one():
    fields = compile_mapping(a_mapping(), *descriptions()).types["Lead"].fields
    assert {"Id", "SystemModstamp", EXTERNAL_ID, "IsConverted", "ConvertedContactId"} <= set(fields)
    assert "OwnerId" not in fields


def test_the_address_is_known_by_the_type_of_the_fields_it_matches():
    assert compile_mapping(a_mapping(), *descriptions()).email_property == "email"
    by_name = a_mapping(match_on=("company", {"Lead": "Company"}))
    assert compile_mapping(by_name, *descriptions()).email_property is None


OWNER = hubspot_field("hubspot_owner_id", "enumeration")
REFERENCE = salesforce_field("OwnerId", "reference")


def test_the_owner_is_known_by_its_name_and_syncs_two_ways():
    assert about(one(OWNER, REFERENCE, rule=SyncRule.TWO_WAY), "hubspot_owner_id") == []


def test_an_owner_can_not_always_be_hubspot_s():
    found = about(one(OWNER, REFERENCE, rule=SyncRule.ALWAYS_HUBSPOT), "hubspot_owner_id")
    message = "an owner that Salesforce does not take goes back to Salesforce's"
    assert found == [(Severity.ERROR, message)]


@pytest.mark.parametrize(("kind", "converter"), [("string", "owner"), ("reference", "auto")])
def test_only_the_owner_of_a_record_is_matched(kind, converter):
    field = salesforce_field("Seller__c", kind)
    found = about(one(OWNER, field, converter=converter), "hubspot_owner_id")
    assert found == [(Severity.ERROR, "only the owner of a record can be matched")]


@pytest.mark.parametrize("rule", [SyncRule.TWO_WAY, SyncRule.DONT_SYNC])
def test_owners_are_needed_only_where_one_syncs(rule):
    row = a_row("hubspot_owner_id", {"Contact": "OwnerId"}, rule=rule)
    hubspot = hubspot_description(OWNER)
    salesforce = {"Contact": contact_description(REFERENCE)}
    needed = needs_owners(a_mapping(fields=(row,)), hubspot, salesforce)
    assert needed == (rule is SyncRule.TWO_WAY)
    assert not needs_owners(a_mapping(), *descriptions())


def test_what_stops_everything_comes_before_what_holds_a_field():
    rows = a_row("gone", {"Contact": "Gone__c"}), a_row("odd", {"Lead": "Odd__c"}, converter="x")
    mapping = a_mapping(fields=(*some_rows(), *rows))
    lead = lead_description(salesforce_field("Odd__c"))
    found = problems(mapping, hubspot_description(hubspot_field("odd")), lead=lead)
    assert [(each.field, bool(each.holds)) for each in found if each.severity == "error"] == [
        ("odd -> Lead.Odd__c", False),
        ("gone -> Contact.Gone__c", True),
    ]
