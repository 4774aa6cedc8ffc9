import pytest
from hypothesis import given
from hypothesis import strategies as st

from schemas.address import refusal
from schemas.records import Crm

ALLOWED = [
    (Crm.HUBSPOT, "https://api.hubapi.com"),
    (Crm.HUBSPOT, "https://api-eu1.hubapi.com/"),
    (Crm.SALESFORCE, "https://login.salesforce.com"),
    (Crm.SALESFORCE, "https://test.salesforce.com/"),
    (Crm.SALESFORCE, "https://acme--dev.sandbox.my.salesforce.com"),
    (Crm.SALESFORCE, "https://na1.visual.force.com"),
    (Crm.SALESFORCE, "HTTPS://ACME.My.Salesforce.com"),
]

REFUSED = [
    "http://login.salesforce.com",
    "https://salesforce.com.evil.io",
    "https://evilsalesforce.com",
    "https://salesforce.com",
    "https://x.salesforce.com@169.254.169.254",
    "https://x.salesforce.com:443@evil.io",
    "https://user@login.salesforce.com",
    "https://user:pw@login.salesforce.com",
    "https://login.salesforce.com:8443",
    "https://login.salesforce.com:443",
    "https://169.254.169.254",
    "https://[::1]",
    "https://2130706433",
    "https://0x7f.1",
    "https://localhost",
    "https://login.salesforce.com/path",
    "https://login.salesforce.com?x=1",
    "https://login.salesforce.com#x",
    "https://evil.io\\.salesforce.com",
    "https://evil.io\\@login.salesforce.com",
    "https://evil.io%2f.salesforce.com",
    "https://evil.io%00.salesforce.com",
    "https://xn--slesforce-w4a.com",
    "https://s\u0430lesforce.com",
    "https://login\u3002salesforce.com",
    "https://login.salesforce.com.",
    "https://.salesforce.com",
    "https://-x.salesforce.com",
    "https://login.salesforce.com\n.evil.io",
    "https://login.salesforce.com evil.io",
    "https://login.salesforce.com\t",
    "https:///login.salesforce.com",
    "https:login.salesforce.com",
    "//login.salesforce.com",
    "login.salesforce.com",
    "ftp://login.salesforce.com",
    "file:///etc/passwd",
    "javascript:alert(1)",
    "https://login.salesforce.com:port",
    "https://[",
    "",
]


@pytest.mark.parametrize(("crm", "address"), ALLOWED)
def test_the_vendors_own_hosts_are_allowed(crm: Crm, address: str) -> None:
    assert refusal(address, crm, development=False) is None


@pytest.mark.parametrize("address", REFUSED)
def test_everything_else_is_refused(address: str) -> None:
    why = refusal(address, Crm.SALESFORCE, development=False)
    assert why
    assert "pw" not in why


def test_one_vendors_host_is_not_the_others() -> None:
    assert refusal("https://api.hubapi.com", Crm.SALESFORCE, development=False)
    assert refusal("https://login.salesforce.com", Crm.HUBSPOT, development=False)


@pytest.mark.parametrize("address", ["http://127.0.0.1:41873", "https://sandbox.test:8443/"])
def test_development_allows_any_host_and_port(address: str) -> None:
    assert refusal(address, Crm.HUBSPOT, development=False)
    assert refusal(address, Crm.HUBSPOT, development=True) is None


@pytest.mark.parametrize(
    "address", ["http://u:p@127.0.0.1", "http://h/path", "ftp://h", "nonsense"]
)
def test_development_still_wants_a_plain_address(address: str) -> None:
    assert refusal(address, Crm.HUBSPOT, development=True)


@given(st.text())
def test_no_text_makes_the_check_fail_or_pass_by_accident(text: str) -> None:
    why = refusal(f"https://{text}", Crm.HUBSPOT, development=False)
    assert why or text.rstrip("/").lower().endswith(".hubapi.com")
