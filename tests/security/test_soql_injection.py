"""S9: no value, name or condition makes a query another one than was meant."""

from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from guestlist.connectors.salesforce import Lookup, Salesforce
from guestlist.connectors.salesforce.condition import condition
from guestlist.connectors.salesforce.soql import literal, name, queries
from guestlist.domain.errors import Misconfigured
from tests.connectors.worlds import Served, served

PLANTED = [
    "' OR Email != '",
    "x' OR 'a'='a",
    "x') OR (Name LIKE '%",
    "\\' OR Name != \\'",
    "x\\",
    "%",
    "_",
    "x' LIMIT 1 --",
    "'; DELETE FROM Contact; --",
    "O'Brien",
    'a"b',
    "x\ny",
]
TEXT = st.one_of(st.text(max_size=60), st.sampled_from(PLANTED))


@pytest.fixture(scope="module")
def org() -> Iterator[tuple[Salesforce, Served]]:
    with served() as world:
        for number in range(5):
            fields = {"LastName": f"Name {number}", "Email": f"p{number}@example.com"}
            world.call(lambda held=fields: world.world.org.insert("Contact", held, caller="user"))  # type: ignore[misc]
        yield world.salesforce(), world


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(values=st.lists(TEXT, min_size=1, max_size=4), field=st.sampled_from(["Email", "LastName"]))
def test_S09_a_value_finds_what_equals_it_and_nothing_else(
    org: tuple[Salesforce, Served], values: list[str], field: str
) -> None:
    salesforce, _ = org
    found = salesforce.lookup([Lookup("Contact", ["Email", "LastName"], {field: values})])
    wanted = {each.strip().lower() for each in values}
    rows = [row for each in found.values() for row in each]
    assert {str(row.fields[field]).lower() for row in rows} <= wanted


@pytest.mark.parametrize("value", PLANTED)
def test_S09_a_planted_value_opens_no_row(org: tuple[Salesforce, Served], value: str) -> None:
    found = org[0].lookup([Lookup("Contact", ["Email"], {"Email": [value], "Id": [value]})])
    assert [row for rows in found.values() for row in rows] == []


@given(TEXT)
def test_S09_what_is_no_name_is_refused(text: str) -> None:
    plain = text.isascii() and text.replace("_", "a").replace(".", "a", 1).isalnum()
    if plain:
        return
    with pytest.raises(Misconfigured):
        name(text)
    with pytest.raises(Misconfigured):
        queries(Lookup(text, [], {"Email": ["x"]}))
    with pytest.raises(Misconfigured):
        queries(Lookup("Contact", [text], {"Email": ["x"]}))
    with pytest.raises(Misconfigured):
        queries(Lookup("Contact", [], {text: ["x"]}))


@given(TEXT)
def test_S09_a_literal_ends_where_it_should(text: str) -> None:
    inside = literal(text)[1:-1]
    assert "'" not in inside.replace("\\\\", "").replace("\\'", "")
    assert not inside.replace("\\\\", "").endswith("\\")


@pytest.mark.parametrize(
    "text",
    [
        "Name = 'x') OR (Name != ''",
        "Name = 'x",
        "Name = 'x' LIMIT 1",
        "Name = 'x' ORDER BY Name",
        "Name = 'x'; DELETE",
        "Id IN (SELECT ContactId FROM Case",
        "Name = 'x' GROUP BY Name",
        "",
        " ",
        ")(",
    ],
)
def test_S09_a_condition_of_a_person_stays_one_condition(text: str) -> None:
    with pytest.raises(Misconfigured):
        condition(text)
