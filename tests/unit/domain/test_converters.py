import pickle

import pytest

from guestlist.domain import canonical
from guestlist.domain.converter import BadValue, Ends
from guestlist.domain.converters import resolve
from guestlist.domain.reason import Reason
from guestlist.domain.type_pairs import automatic
from tests.builders import INTERESTS, hubspot_choice, hubspot_field, salesforce_field


def between(hubspot, salesforce, *, name="auto", values=None):
    converter = resolve(name, Ends(hubspot, salesforce, values or {}))
    assert converter is not None
    return converter


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1000.0", "1000"),
        (1000.0, "1000"),
        ("1e3", "1000"),
        ("007", "7"),
        ("-0", "0"),
        ("0.10", "0.1"),
        (0.1 + 0.2, "0.3"),
        ("+5", "5"),
        ("1,5", "1,5"),
        ("NaN", "NaN"),
        ("1_000", "1_000"),
        (True, "True"),
    ],
)
def test_a_number_has_one_spelling(value, expected):
    assert canonical.number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-24", "2026-11-24"),
        ("1795478400000", "2026-11-24"),
        ("2026-11-24T23:59:59.000+0000", "2026-11-24"),
        ("2026-11-24T23:30:00-05:00", "2026-11-25"),
        ("-1000", "1969-12-31"),
        ("tomorrow", "tomorrow"),
        ("99999999999999999999", "99999999999999999999"),
    ],
)
def test_a_date_is_its_day_in_utc(value, expected):
    assert canonical.date(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("2026-11-24T09:30:00.000+0000", "2026-11-24T09:30:00Z"),
        ("2026-11-24T09:30:00Z", "2026-11-24T09:30:00Z"),
        ("2026-11-24T09:30:00.999Z", "2026-11-24T09:30:00Z"),
        ("2026-11-24T10:30:00+01:00", "2026-11-24T09:30:00Z"),
        ("1795512600000", "2026-11-24T09:30:00Z"),
        ("2026-11-24", "2026-11-24T00:00:00Z"),
        ("soon", "soon"),
    ],
)
def test_an_instant_is_whole_seconds_in_utc(value, expected):
    assert canonical.moment(value) == expected


def test_line_ends_and_outer_blanks_are_no_difference():
    assert canonical.text(" a\r\nb\r ") == canonical.text("a\nb") == "a\nb"


@pytest.mark.parametrize(
    "address", ["ada@example.com", "a.b+c@sub.example.co", "o'hara@example.com", "ädä@exämple.de"]
)
def test_a_usable_address_passes(address):
    assert canonical.is_email(address)


@pytest.mark.parametrize(
    "address",
    [
        "ada",
        "@example.com",
        "ada@",
        "ada@example",
        "ada@.com",
        "ada@example.com.",
        "ada@@example.com",
        "a da@example.com",
        "ada@exam ple.com",
        "ada..b@example.com",
        ".ada@example.com",
        "ada.@example.com",
        "ada@-example.com",
        "ada@example.c",
        "<ada@example.com>",
        "ada@example.com,bob@example.com",
    ],
)
def test_an_address_both_would_refuse_is_refused(address):
    assert not canonical.is_email(address)


@pytest.mark.parametrize(
    ("hubspot", "salesforce", "expected"),
    [
        (hubspot_field("a"), salesforce_field("A", "picklist"), "picklist"),
        (hubspot_field("a"), salesforce_field("A", "email"), "email"),
        (hubspot_field("a"), salesforce_field("A", "currency"), "number"),
        (hubspot_field("a", "bool"), salesforce_field("A", "boolean"), "boolean"),
        (hubspot_field("a", "bool"), salesforce_field("A"), None),
        (hubspot_field("a", "number"), salesforce_field("A", "double"), "number"),
        (hubspot_field("a", "date"), salesforce_field("A", "datetime"), "date"),
        (hubspot_field("a", "datetime"), salesforce_field("A", "datetime"), "datetime"),
        (hubspot_choice("a", "xy"), salesforce_field("A", "reference"), "picklist"),
        (hubspot_choice("a", "xy"), salesforce_field("A", "int"), None),
        (hubspot_choice("a", "xy", multiple=True), salesforce_field("A", "multipicklist"), "multi"),
        (hubspot_choice("a", "xy", multiple=True), salesforce_field("A", "picklist"), None),
        (hubspot_field("a", "object_coordinates"), salesforce_field("A"), None),
    ],
)
def test_the_live_types_choose_the_converter(hubspot, salesforce, expected):
    assert automatic(hubspot, salesforce) == expected


def test_a_date_becomes_midnight_where_salesforce_wants_an_instant():
    converter = between(hubspot_field("a", "date"), salesforce_field("A", "datetime"))
    assert converter.to_salesforce("2026-11-24") == "2026-11-24T00:00:00.000Z"
    assert converter.read_salesforce("2026-11-24T17:00:00.000+0000") == "2026-11-24"


def test_an_instant_becomes_its_day_where_salesforce_wants_a_date():
    converter = between(hubspot_field("a", "datetime"), salesforce_field("A", "date"))
    assert converter.read_hubspot("2026-11-24T17:00:00Z") == "2026-11-24"
    assert converter.to_hubspot("2026-11-24") == "2026-11-24T00:00:00.000Z"


def test_free_text_takes_the_spelling_of_the_picklist():
    target = salesforce_field("A", "picklist", options=frozenset({"Technology"}), restricted=True)
    converter = between(hubspot_field("a"), target)
    assert converter.to_salesforce(converter.read_hubspot(" technology")) == "Technology"


def test_several_options_are_translated_one_by_one():
    target = salesforce_field("A", "multipicklist", options=INTERESTS, restricted=True)
    source = hubspot_choice("a", ["ev", "nl"], multiple=True)
    converter = between(source, target, values={"ev": "Events", "nl": "Newsletter"})
    assert converter.read_hubspot("nl;ev") == "Events;Newsletter"
    assert converter.to_hubspot("Events;Newsletter") == "ev;nl"
    with pytest.raises(BadValue, match="not an option in HubSpot"):
        converter.to_hubspot("Webinars")


def test_an_open_picklist_takes_any_value():
    target = salesforce_field("A", "picklist", options=frozenset({"x"}))
    assert between(hubspot_field("a"), target).to_salesforce("new") == "new"


@pytest.mark.parametrize("value", ["12345678901234567890", "1e400", "-9007199254740993", "1_000"])
def test_a_number_that_would_come_back_changed_is_refused(value):
    converter = between(hubspot_field("a", "number"), salesforce_field("A", "double"))
    with pytest.raises(BadValue):
        converter.to_salesforce(converter.read_hubspot(value))


def test_a_text_too_long_for_hubspot_is_refused():
    converter = between(hubspot_field("a"), salesforce_field("A", "textarea", length=131_072))
    with pytest.raises(BadValue) as refused:
        converter.to_hubspot("x" * 65_537)
    assert refused.value.reason is Reason.TOO_LONG


def test_a_named_converter_overrules_the_types():
    converter = between(hubspot_field("a"), salesforce_field("A"), name="number")
    assert converter.to_salesforce("5") == 5


def test_a_bad_value_survives_pickling():
    copy = pickle.loads(pickle.dumps(BadValue(Reason.TOO_LONG, "too long")))  # noqa: S301
    assert (copy.reason, str(copy)) == (Reason.TOO_LONG, "too long")
