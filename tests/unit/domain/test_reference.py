import pytest

from guestlist.domain.reference import Email, RecordId, long_id, read_reference
from schemas.records import Crm

SHORT, LONG = "0035g00000AbCdE", "0035g00000AbCdEAAV"


def test_the_long_form_says_which_letters_are_upper_case() -> None:
    assert long_id(SHORT) == LONG
    assert long_id(LONG) == LONG


@pytest.mark.parametrize(
    "text",
    [
        SHORT,
        f" {LONG}\n",
        f"https://acme.lightning.force.com/lightning/r/Contact/{LONG}/view",
        f"https://acme.my.salesforce.com/{SHORT}",
    ],
)
def test_a_salesforce_record_is_named_by_its_id_or_its_page(text: str) -> None:
    assert read_reference(text) == RecordId(Crm.SALESFORCE, LONG)


@pytest.mark.parametrize(
    "text", ["501", "https://app-eu1.hubspot.com/contacts/123/record/0-1/501?x=y"]
)
def test_a_hubspot_record_is_named_by_its_id_or_its_page(text: str) -> None:
    assert read_reference(text) == RecordId(Crm.HUBSPOT, "501")


def test_an_address_is_one_whatever_it_looks_like_else() -> None:
    assert read_reference("a@b.example") == Email("a@b.example")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "Ana",
        "@b.example",
        f"{SHORT}AAA",
        f"{SHORT}A",
        f"https://acme.my.salesforce.com/{SHORT}AAA",
        "https://acme.my.salesforce.com/501",
    ],
)
def test_what_names_nothing_names_nothing(text: str) -> None:
    assert read_reference(text) is None
