"""Whatever is asked of an org, it answers in its own words and does not break."""

from functools import cache
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.wire import Request
from tests.sandbox.salesforce.caller import Caller, new_org

KEY = "HubSpot_Contact_Id__c"
ROUTES = (
    "sobjects/Contact",
    "sobjects/Contact/003000000000001AAA",
    f"sobjects/Contact/{KEY}/1",
    "sobjects/Contact/Id/1",
    "sobjects/Nope",
    "sobjects/Contact/updated",
    "sobjects/Contact/describe",
    "composite",
    "composite/batch",
    "composite/tree/Contact",
    "composite/sobjects",
    "composite/sobjects/Contact",
    f"composite/sobjects/Contact/{KEY}",
    "query",
    "queryAll/01g-5",
    "limits/recordCount",
    "nonsense",
)
NAMES = (
    "records attributes type referenceId LastName Email Id id ids fields allOrNone Account "
    "AccountId compositeRequest batchRequests method url body richInput httpHeaders haltOnError"
)
WORDS = ("Contact", "GET", "POST", "/services/data/v67.0/sobjects/Contact", "@{a.id}", "@{}", "x")
numbers = st.integers(-(2**63), 2**63 - 1) | st.floats(allow_nan=False)
leaves = st.none() | st.booleans() | numbers | st.text()
values = st.recursive(
    leaves | st.sampled_from(WORDS),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.sampled_from(NAMES.split()), inner, max_size=4)
    ),
    max_leaves=12,
)
parts = st.fixed_dictionaries(
    {
        "referenceId": st.sampled_from(["a", "b"]),
        "method": st.sampled_from(["GET", "POST", "PATCH"]),
        "url": st.sampled_from([f"/services/data/v67.0/{route}" for route in ROUTES]),
    },
    optional={"body": values, "httpHeaders": values},
)
bodies = (
    values
    | st.fixed_dictionaries({"records": st.lists(values, max_size=3)})
    | st.fixed_dictionaries({"ids": values, "fields": values})
    | st.fixed_dictionaries({"compositeRequest": st.lists(parts, max_size=2)})
    | st.fixed_dictionaries({"batchRequests": st.lists(parts, max_size=2)})
)
SOQL = """
SELECT|Id|LastName|,|COUNT()|COUNT(Id)|MailingAddress|Description|Birthdate|IsDeleted|Account.Name
|FROM|Contact|WHERE|AND|OR|NOT|(|)|=|!=|<|LIKE|IN|'x'|('a', 'b')|null|true|5|2026-01-01
|2026-01-01T00:00:00Z|TODAY|LAST_N_DAYS:5|LAST_N_DAYS:99999999999|ORDER BY|DESC|LIMIT|OFFSET
"""
soql = st.lists(st.sampled_from([word.strip() for word in SOQL.split("|")]), max_size=12)


@cache
def caller() -> Caller:
    org = new_org()
    org.insert("Contact", {"LastName": "A", "MailingCity": "Ulm", "Birthdate": "1980-05-01"})
    org.options.daily_limit = 10**9
    return Caller(org)


@given(st.sampled_from(["GET", "POST", "PATCH", "DELETE", "PUT"]), st.sampled_from(ROUTES), bodies)
def test_no_body_breaks_the_org(method: str, route: str, body: Any) -> None:
    assert caller().call(method, route, body).status < 500


@given(soql, st.sampled_from(["", "SELECT Id FROM Contact WHERE ", "SELECT Id FROM Contact "]))
def test_no_query_breaks_the_org(words: list[str], start: str) -> None:
    assert caller().query(start + " ".join(words)).status in {200, 400}


@pytest.mark.parametrize("sent", [b"\xff", b"grant_type=\xff", b"%", b"{}"])
@pytest.mark.parametrize("door", ["token", "revoke", "userinfo"])
def test_no_form_breaks_the_doors(door: str, sent: bytes) -> None:
    asked = Request("POST", f"/services/oauth2/{door}", body=sent)
    assert caller().send(asked).status in {200, 400, 403}


@pytest.mark.parametrize("deep", [200, 260, 900])
def test_deep_nesting_is_refused(deep: int) -> None:
    body = b'{"compositeRequest": [{"method": "POST", "referenceId": "a", "body": '
    body += b'{"LastName":' * deep + b'"@{b.id}"' + b"}" * deep
    body += b', "url": "/services/data/v67.0/sobjects/Contact"}]}'
    asked = Request("POST", "/services/data/v67.0/composite", headers=caller().headers, body=body)
    assert caller().send(asked).body["compositeResponse"][0]["httpStatusCode"] == 400
    nested = f"SELECT Id FROM Contact WHERE {'(' * deep}Id != null{')' * deep}"
    assert caller().error(nested)[0] == "QUERY_TOO_COMPLICATED"
