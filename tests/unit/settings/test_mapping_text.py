"""A mapping that is written as TOML and read again is the same mapping."""

import tomllib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.domain.converters import CONVERTERS
from guestlist.domain.errors import Misconfigured
from schemas.mapping import DeletePolicy, DuplicateMode, FieldMapping, ObjectMapping, SyncRule
from schemas.mapping_text import table_of, text_of
from worker.mappings import imported, mapping_of
from worker.settings import SettingsError, load

TYPES = ("Contact", "Lead")
USUAL = load({}).settings.objects["contacts"]
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
NAMES = st.sampled_from(["phone", "fax", "mobilephone", "hs_language", "a.b"])


@st.composite
def rows(draw: st.DrawFn) -> tuple[FieldMapping, ...]:
    properties = draw(st.lists(NAMES, unique=True, min_size=1))
    made = []
    for number, name in enumerate(properties):
        types = draw(st.sampled_from([TYPES, ("Contact",), ("Lead",)]))
        blank = draw(st.none() | WORDS.map(str.strip))
        made.append(
            FieldMapping(
                name,
                {kind: f"{kind[0] if draw(st.booleans()) else 'Z'}_{number}" for kind in types},
                rule=draw(st.sampled_from(SyncRule)),
                converter=draw(st.sampled_from(["auto", *CONVERTERS])),
                values=draw(st.dictionaries(WORDS, WORDS, max_size=3)),
                when_blank=blank,
            )
        )
    return tuple(made)


@st.composite
def made_mappings(draw: st.DrawFn) -> ObjectMapping:
    return replace(
        USUAL,
        fields=draw(rows()),
        create_as=draw(st.sampled_from(TYPES)),
        create_in_salesforce=draw(st.booleans()),
        create_in_hubspot=draw(st.booleans()),
        on_salesforce_delete=draw(st.sampled_from([DeletePolicy.UNLINK, DeletePolicy.ARCHIVE])),
        on_hubspot_delete=draw(st.sampled_from([DeletePolicy.UNLINK, DeletePolicy.DELETE])),
        duplicates=draw(st.sampled_from(DuplicateMode)),
    )


@given(made_mappings())
def test_text_and_table_say_the_whole_mapping(mapping: ObjectMapping) -> None:
    assert imported(USUAL, text_of(mapping)) == mapping
    assert mapping_of(USUAL, table_of(mapping)) == mapping
    assert tomllib.loads(text_of(mapping))["objects"]["contacts"] == table_of(mapping)


def test_the_built_in_mapping_is_exported_whole() -> None:
    assert imported(USUAL, text_of(USUAL)) == USUAL


def test_an_import_may_be_laid_over_what_is_built_in() -> None:
    text = '[[objects.contacts.fields]]\nhubspot = "phone"\nrule = "two_way"\n'
    read = imported(USUAL, text)
    by_name = {row.hubspot: row for row in read.fields}
    assert by_name["phone"].rule == SyncRule.TWO_WAY
    assert len(read.fields) == len(USUAL.fields)


def test_a_pinned_list_is_no_part_of_a_version() -> None:
    pinned = replace(USUAL, inclusion_list="17")
    assert "17" not in text_of(pinned)
    text = text_of(USUAL).replace("defaults = false", 'defaults = false\ninclusion_list = "99"')
    assert imported(pinned, text).inclusion_list == "17"


@pytest.mark.parametrize(
    ("text", "error", "words"),
    [
        ("[objects", Misconfigured, "not TOML"),
        ("[objects.companies]", SettingsError, "no [objects.contacts]"),
        ("objects = 1", SettingsError, "no [objects.contacts]"),
        ('[objects.contacts]\nrulle = "x"', SettingsError, "Unknown setting"),
        (
            '[[objects.contacts.fields]]\nhubspot = "phone"\nrule = "mine"',
            SettingsError,
            "objects.contacts.fields.phone.rule",
        ),
        ("[objects.contacts]\nfields = 1", SettingsError, "double brackets"),
    ],
)
def test_what_can_not_be_read_is_said(text: str, error: type[Exception], words: str) -> None:
    with pytest.raises(error) as refused:
        imported(USUAL, text)
    assert words in str(refused.value)
