"""Whoever has no id at hand finds people by their name, in both CRMs."""

import pytest

from guestlist.connectors.salesforce.soql import containing
from tests.web.conftest import Web
from tests.web.test_api import Api, api

__all__ = ["api"]


def somebody(web: Web) -> tuple[str, str]:
    """Return the id and last name of a contact."""
    person = web.console.person("professor without a title")

    def named() -> str:
        store = web.console.world.portal.store_of("contacts")
        found = store.live(person)
        assert found
        return str(found.values["lastname"])

    return person, web.console.addresses.listening.call(named)


def test_a_name_leads_to_whoever_is_called_so(admin: Web) -> None:
    person, last = somebody(admin)
    page = admin.get(f"/records?q={last}")
    assert "Who is called so" in page
    assert f"q={person}" in page


def test_a_record_is_headed_by_its_name(admin: Web) -> None:
    person, last = somebody(admin)
    page = admin.get(f"/records?q={person}")
    heading = page.partition("<h1>")[2].partition("</h1>")[0]
    assert heading.endswith(last)
    assert "contacts" not in heading


def test_a_name_that_nobody_has_is_said(admin: Web) -> None:
    answer = admin.client.get("/records?q=Zzyzx")
    assert answer.status_code == 404
    assert "no id, e-mail address or page" in answer.text


def test_names_over_rest_come_from_both_crms(api: Api) -> None:
    _, last = somebody(api.web)
    api.synced()
    found = api("GET", f"/records/named?q={last}")["records"]
    assert {each["crm"] for each in found} >= {"hubspot"}
    assert all(last.lower() in each["name"].lower() for each in found if each["crm"] != "hubspot")
    assert api("GET", "/records/named?q=x")["records"] == []


@pytest.mark.parametrize(
    ("words", "code"), [("100%_", 404), ("O'Brien", 200), ("back\\slash", 404), ('quo"te', 404)]
)
def test_what_is_special_to_soql_is_looked_for_as_it_is(admin: Web, words: str, code: int) -> None:
    assert admin.client.get("/records", query_string={"q": words}).status_code == code


def test_wildcards_are_plain_in_a_pattern() -> None:
    assert containing("a%b_c'") == r"'%a\%b\_c\'%'"
