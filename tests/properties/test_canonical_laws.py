"""Laws of canonical forms and converters: reading is total, and writing undoes it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain import canonical
from guestlist.domain.converter import BadValue, Ends
from guestlist.domain.converters import CONVERTERS, resolve
from guestlist.domain.type_pairs import BY_TYPES
from tests.builders import INTERESTS, hubspot_field, salesforce_field
from tests.properties.strategies import hostile_text

FORMS = [
    canonical.text,
    canonical.email,
    canonical.boolean,
    canonical.number,
    canonical.date,
    canonical.moment,
    canonical.choices,
]
raw = st.one_of(hostile_text, st.integers(), st.floats(), st.booleans())
TYPE_PAIRS = [
    (hubspot, salesforce) for hubspot, fitting in BY_TYPES.items() for salesforce in fitting
]


def ends_of(hubspot: str, salesforce: str) -> Ends:
    options = INTERESTS if "picklist" in salesforce else frozenset()
    return Ends(
        hubspot_field(
            "source",
            hubspot if hubspot != "checkboxes" else "enumeration",
            multiple=hubspot == "checkboxes",
        ),
        salesforce_field("target", salesforce, options=options, length=100),
    )


@pytest.mark.parametrize("form", FORMS)
@given(value=raw)
def test_reading_what_was_read_changes_nothing(form, value):
    once = form(value)
    assert form(once) == once


@pytest.mark.parametrize("form", FORMS)
@given(value=raw)
def test_a_blank_is_always_none_and_never_an_empty_text(form, value):
    assert form(value) != ""
    assert form(None) is None
    assert form("  ") is None


@pytest.mark.parametrize(("hubspot", "salesforce"), TYPE_PAIRS)
@given(value=hostile_text)
def test_what_is_written_reads_back_as_the_same_value(hubspot, salesforce, value):
    converter = resolve("auto", ends_of(hubspot, salesforce))
    assert converter is not None
    known = converter.read_hubspot(value)
    try:
        there, back = converter.to_salesforce(known), converter.to_hubspot(known)
    except BadValue:
        return
    assert converter.read_salesforce(there) == (known or converter.blank)
    assert converter.read_hubspot(back) == known


@pytest.mark.parametrize("name", sorted(CONVERTERS))
@given(value=raw)
def test_salesforce_values_of_any_kind_can_be_read(name, value):
    converter = resolve(name, ends_of("string", "string"))
    assert converter is not None
    read = converter.read_salesforce(value)
    assert read is None or isinstance(read, str)


@given(st.integers(min_value=-(10**15), max_value=10**15))
def test_whole_numbers_are_exact_in_either_spelling(number):
    assert canonical.number(f"{number}.0") == canonical.number(number) == str(number)


@given(st.lists(st.sampled_from(sorted(INTERESTS))))
def test_the_order_of_chosen_options_does_not_matter(options):
    assert canonical.choices(";".join(options)) == canonical.choices(";".join(reversed(options)))
