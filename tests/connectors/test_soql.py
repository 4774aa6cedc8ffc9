import re
from urllib.parse import parse_qs, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from guestlist.connectors.salesforce.soql import Lookup, in_address, literal, name, queries
from guestlist.domain.errors import Misconfigured

UNESCAPED = {r"\\": "\\", r"\'": "'", r"\"": '"', r"\n": "\n", r"\r": "\r", r"\t": "\t"} | {
    r"\b": "\b",
    r"\f": "\f",
}
TOKEN = re.compile(r"'((?:[^'\\]|\\.)*)'|IN|OR|[A-Za-z]\w*|[(),]|\s+", re.DOTALL)


def read_where(soql: str) -> dict[str, list[str]]:
    """Read back what a query asks for; fails on anything that is not ``A IN (..) OR B IN (..)``."""
    where = soql.split(" WHERE ", 1)[1]
    found: dict[str, list[str]] = {}
    position, field = 0, ""
    while position < len(where):
        token = TOKEN.match(where, position)
        assert token, where[position : position + 20]
        position = token.end()
        if token[1] is not None:
            plain = re.sub(r"\\.", lambda each: UNESCAPED[each[0]], token[1])
            found[field].append(plain)
        elif re.fullmatch(r"[A-Za-z]\w*", token[0]) and token[0] not in {"IN", "OR"}:
            field = token[0]
            assert field not in found
            found[field] = []
    return found


TEXT = st.text(st.characters(blacklist_categories=["Cs"]), max_size=50)


@given(st.lists(TEXT))
def test_values_never_become_query_text(values: list[str]) -> None:
    asked = queries(Lookup("Contact", ["Email"], {"Email": values}))

    found = [value for soql in asked for value in read_where(soql)["Email"]]
    findable = [each for each in dict.fromkeys(values) if each and not has_control(each)]
    assert found == findable


def has_control(text: str) -> bool:
    return any((ord(each) < 32 and each not in "\b\t\n\f\r") or ord(each) == 127 for each in text)


@given(
    st.dictionaries(
        st.sampled_from(["Email", "Phone", "HubSpot_Contact_Id__c"]),
        st.lists(st.text("abc'\\", min_size=1, max_size=30), unique=True, max_size=40),
    ),
    st.integers(150, 600),
)
def test_split_queries_ask_for_every_value_once_within_the_length(
    where: dict[str, list[str]], longest: int
) -> None:
    asked = queries(Lookup("Lead", ["Name"], where), longest=longest)

    found: dict[str, list[str]] = {}
    for soql in asked:
        assert len(soql) <= longest
        for field, values in read_where(soql).items():
            found.setdefault(field, []).extend(values)
    assert found == {field: values for field, values in where.items() if values}


def test_a_thousand_records_by_three_keys_are_one_query() -> None:
    numbers = range(1000)
    where = {
        "HubSpot_Contact_Id__c": [f"1715000{each:05}" for each in numbers],
        "Email": [f"firstname.lastname{each}@example.com" for each in numbers],
        "Id": [f"003AB0000000{each:03}YAJ" for each in numbers],
    }

    assert len(queries(Lookup("Contact", ["Email"], where))) == 1


def test_blank_values_and_what_is_no_id_find_nothing() -> None:
    assert queries(Lookup("Contact", [], {"Email": ["", ""], "Id": ["1' OR Name != '"]})) == []


def test_id_and_time_of_change_are_always_read() -> None:
    soql = queries(Lookup("Contact", ["Email", "Id"], {"Email": ["a@example.com"]}))[0]

    assert soql == (
        "SELECT Id, SystemModstamp, Email FROM Contact WHERE Email IN ('a@example.com')"
    )


@pytest.mark.parametrize(
    "text", ["", "1Name", "Name FROM User", "Na'me", "A.B.C", "Näme", "x" * 90, "Name\n"]
)
def test_only_names_stand_for_fields_and_types(text: str) -> None:
    with pytest.raises(Misconfigured):
        name(text)
    with pytest.raises(Misconfigured):
        queries(Lookup(text, [], {"Email": ["a"]}))
    with pytest.raises(Misconfigured):
        queries(Lookup("Contact", [text], {"Email": ["a"]}))


def test_parents_and_custom_names_are_names() -> None:
    assert [name(each) for each in ("Account.Name", "HubSpot_Contact_Id__c")]


def test_a_literal_closes_only_at_its_end() -> None:
    assert literal("O'Brien\\") == r"'O\'Brien\\'"


@given(TEXT)
def test_an_address_gives_the_query_back(soql: str) -> None:
    written = in_address(soql)

    assert unquote(written) == soql
    assert parse_qs(f"q={written}", keep_blank_values=True) == {"q": [soql]}
    assert not re.search(r"[\s&#+]", written)
