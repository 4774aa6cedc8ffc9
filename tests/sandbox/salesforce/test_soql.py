import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.salesforce.errors import SalesforceError
from sandbox.salesforce.soql_lexer import decode, literals, tokens
from sandbox.salesforce.soql_like import like
from sandbox.salesforce.soql_parser import parse
from sandbox.salesforce.soql_tree import And, Comparison, In, Not, Or

ESCAPES = {"\\": "\\\\", "'": "\\'"} | {
    char: f"\\{letter}" for char, letter in zip("\n\r\t\b\f", "nrtbf", strict=True)
}


def quoted(text: str) -> str:
    return "'" + "".join(ESCAPES.get(char, char) for char in text) + "'"


def refusal(soql: str) -> SalesforceError:
    with pytest.raises(SalesforceError) as caught:
        parse(soql)
    return caught.value


def code_of(soql: str) -> str | None:
    """Return the code of its refusal; ``None``: it parses."""
    try:
        parse(soql)
    except SalesforceError as error:
        return error.code
    return None


@given(st.text(max_size=60))
def test_an_escaped_literal_reads_back(text: str) -> None:
    where = parse(f"SELECT Id FROM Contact WHERE LastName = {quoted(text)}").where
    assert isinstance(where, Comparison)
    assert where.value.value == text


@given(st.lists(st.text(max_size=20), min_size=1, max_size=30))
def test_a_list_of_literals_reads_back(values: list[str]) -> None:
    listed = ", ".join(map(quoted, values))
    where = parse(f"SELECT Id FROM Contact WHERE LastName IN ({listed})").where
    assert isinstance(where, In)
    read = [v if isinstance(v, str) else v.value for v in where.values]
    assert read == values


@given(st.text(max_size=80))
def test_any_text_is_parsed_or_refused_with_a_code(text: str) -> None:
    assert code_of(text) in {None, "MALFORMED_QUERY", "NUMBER_OUTSIDE_VALID_RANGE"}


@given(st.integers(0, 60))
def test_a_cut_query_is_never_taken_for_a_whole_one(length: int) -> None:
    whole = "SELECT Id, Name FROM Contact WHERE (Email = 'a' OR Name != 'b')"
    cut = whole[:length]
    if cut.strip() and cut not in ("SELECT Id, Name FROM Contact", whole):
        try:
            parsed = parse(cut)
        except SalesforceError:
            return
        assert parsed.where is None


def test_unicode_escapes_are_read() -> None:
    assert decode(r"'gr\u00fcn'", 0, "") == "grün"


def fits(pattern: str, value: str) -> bool:
    """LIKE as it is told: character by character, every way tried."""
    if not pattern:
        return not value
    head, rest = pattern[0], pattern[1:]
    if head == "%":
        return any(fits(rest, value[start:]) for start in range(len(value) + 1))
    return bool(value) and head in (value[0], "_") and fits(rest, value[1:])


@given(st.text("ab%_", max_size=7), st.text("ab", max_size=7))
def test_like_finds_what_it_is_told_to_find(pattern: str, value: str) -> None:
    assert (like(pattern).fullmatch(value) is not None) == fits(pattern, value)


def test_like_ends_on_a_hostile_pattern() -> None:
    assert like("%a" * 40 + "%b").fullmatch("a" * 250) is None


def test_an_unknown_escape_is_refused() -> None:
    error = refusal(r"SELECT Id FROM Contact WHERE Name = 'a\x'")
    assert "Illegal character sequence '\\x' in string literal." in error.message


def test_a_literal_over_4000_characters_is_refused() -> None:
    assert refusal(f"SELECT Id FROM Contact WHERE Name = '{'x' * 4001}'").code == "MALFORMED_QUERY"


def test_a_query_over_100000_characters_is_refused() -> None:
    error = refusal(f"SELECT Id FROM Contact WHERE Name IN ({','.join([quoted('x' * 90)] * 1100)})")
    assert error.code == "QUERY_TOO_COMPLICATED"


def test_an_error_points_at_its_word() -> None:
    assert refusal("SELECT Id FROM Contact WHERE Name == 'x'").message == (
        "\nSELECT Id FROM Contact WHERE Name == 'x'\n"
        "                                   ^\n"
        "ERROR at Row:1:Column:36\n"
        "unexpected token: '='"
    )


def test_an_error_in_a_later_line_names_its_row() -> None:
    assert "ERROR at Row:2:Column:6" in refusal("SELECT Id\nFROM WHERE x = 1").message


@pytest.mark.parametrize(
    "soql",
    [
        "SELECT FROM Contact",
        "SELECT * FROM Contact",
        "SELECT Id FROM Contact WHERE",
        "SELECT Id FROM Contact WHERE Name",
        "SELECT Id FROM Contact WHERE Name = ",
        "SELECT Id FROM Contact WHERE Name = x",
        "SELECT Id FROM Contact WHERE Name LIKE 5",
        "SELECT Id FROM Contact WHERE Name IN ()",
        "SELECT Id FROM Contact WHERE Name IN 'a'",
        "SELECT Id FROM Contact WHERE (Name = 'a'",
        "SELECT Id FROM Contact WHERE Name = 'a",
        "SELECT Id FROM Contact WHERE Name = 'a' OR Email = 'b' AND Title = 'c'",
        "SELECT Id FROM Contact WHERE Name = 'a' AND Email = 'b' OR Title = 'c'",
        "SELECT Id FROM Contact WHERE Name != 'a' AND NOT Name LIKE 'b'",
        "SELECT Id FROM Contact WHERE NOT Name = 'a' AND Email = 'b'",
        "SELECT Id FROM Contact WHERE NOT NOT Name = 'a'",
        "SELECT Id FROM Contact ORDER Name",
        "SELECT Id FROM Contact LIMIT -1",
        "SELECT Id FROM Contact LIMIT 5 WHERE Name = 'a'",
        "SELECT Id, (SELECT Id FROM Contacts) FROM Account",
        "SELECT COUNT(), Id FROM Contact",
        "SELECT Id FROM Contact GROUP BY Id",
        "SELECT Id FROM Contact FOR UPDATE",
        "SELECT Id FROM Contact; DROP",
        "UPDATE Contact SET Name = 'x'",
        "SELECT Id FROM Contact WHERE Name INCLUDES ('a')",
        "",
    ],
)
def test_what_the_grammar_does_not_know_is_refused(soql: str) -> None:
    code = code_of(soql)
    assert code in {None, "MALFORMED_QUERY"}
    if code is None:
        # A bare word parses as a date word; evaluation refuses it.
        parsed = parse(soql).where
        assert isinstance(parsed, Comparison)
        assert parsed.value.kind == "word"


def test_a_long_list_is_one_token() -> None:
    text = f"({', '.join(quoted(str(n)) for n in range(1000))})"
    found = tokens(text)
    assert [token.kind for token in found] == ["list", "end"]
    assert literals(found[0], text) == [str(n) for n in range(1000)]


def test_conditions_nest() -> None:
    where = parse(
        "SELECT Id FROM Lead WHERE (NOT (Name = 'a' OR Name = 'b')) AND Email NOT IN ('c')"
    ).where
    assert isinstance(where, And)
    inner, listed = where.conditions
    assert isinstance(inner, Not)
    assert isinstance(inner.condition, Or)
    assert isinstance(listed, In)
    assert listed.negated


def test_keys_of_order_by_have_directions_and_nulls() -> None:
    order = parse("SELECT Id FROM Lead ORDER BY Name, Email DESC, City ASC NULLS LAST").order
    assert [(k.path.text, k.descending, k.nulls_first) for k in order] == [
        ("Name", False, True),
        ("Email", True, False),
        ("City", False, False),
    ]
