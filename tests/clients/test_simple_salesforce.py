"""A Python client nobody here wrote, unmodified, against the sandbox over a socket."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from requests.adapters import HTTPAdapter

from sandbox.crm import CRM
from sandbox.mount import Addresses
from sandbox.world import World

simple_salesforce = pytest.importorskip("simple_salesforce")
errors = pytest.importorskip("simple_salesforce.exceptions")

KEY = "HubSpot_Contact_Id__c"
USERNAME = "integration.user@acme-sandbox.example"


class Detour(HTTPAdapter):
    """Leads what is meant for a Salesforce to the sandbox; the client knows https only."""

    def __init__(self, address: str) -> None:
        super().__init__()
        self.address = address

    def send(self, request: requests.PreparedRequest, **given: Any) -> requests.Response:  # type: ignore[override]
        split = urlsplit(str(request.url))
        request.url = split._replace(scheme="http", netloc=urlsplit(self.address).netloc).geturl()
        return super().send(request, **{**given, "proxies": {}})


@pytest.fixture
def session(served: Addresses) -> Iterator[requests.Session]:
    with requests.Session() as session:
        session.trust_env = False
        session.mount("https://", Detour(served.salesforce))
        yield session


Connect = Callable[..., Any]


@pytest.fixture
def connect(session: requests.Session, world: World) -> Connect:
    def by_client_credentials(**changes: Any) -> Any:
        held = world.credentials
        given = {
            "consumer_key": held.salesforce_client_id,
            "consumer_secret": held.salesforce_client_secret,
            "domain": "acme.my",
        }
        return simple_salesforce.Salesforce(session=session, **{**given, **changes})

    return by_client_credentials


@pytest.fixture
def client(connect: Connect) -> Any:
    return connect(version="67.0")


def test_client_credentials_open_a_session(client: Any) -> None:
    assert client.auth_type == "client-credentials"
    assert client.describe()["maxBatchSize"] == 200


def test_a_signed_assertion_opens_a_session(
    session: requests.Session, world: World, served: Addresses
) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    app = world.credentials.salesforce_client_id
    served.listening.call(lambda: world.org.public_keys.update({app: public.decode()}))

    given = {"consumer_key": app, "privatekey": private.decode(), "session": session}
    client = simple_salesforce.Salesforce(username=USERNAME, domain="test", **given)

    assert client.query("SELECT COUNT() FROM User")["totalSize"] > 0
    with (
        pytest.warns(UserWarning, match="self-authorize"),
        pytest.raises(errors.SalesforceAuthenticationFailed, match="approved this consumer"),
    ):
        simple_salesforce.Salesforce(username="nobody@example.com", **given)


def test_a_wrong_secret_is_an_authentication_failure(connect: Connect) -> None:
    with pytest.raises(errors.SalesforceAuthenticationFailed, match="invalid client credentials"):
        connect(consumer_secret="wrong")


def test_an_expired_session_is_renewed_without_notice(
    client: Any, world: World, served: Addresses
) -> None:
    first = client.session_id
    served.listening.call(world.org.sessions.clear)

    assert client.query("SELECT COUNT() FROM Contact")["totalSize"] == 0

    assert client.session_id != first


def test_an_expired_session_that_was_given_is_told(
    client: Any, session: requests.Session, world: World, served: Addresses
) -> None:
    given = simple_salesforce.Salesforce(
        session_id=client.session_id, instance_url=served.salesforce, session=session
    )
    assert given.query("SELECT COUNT() FROM Contact")["totalSize"] == 0
    served.listening.call(world.org.sessions.clear)
    with pytest.raises(errors.SalesforceExpiredSession):
        given.query("SELECT COUNT() FROM Contact")


@pytest.mark.parametrize("version", ["41.0", "59.0", "68.0"])
def test_a_contact_lives_from_create_to_delete(connect: Connect, version: str) -> None:
    contacts = connect(version=version).Contact
    made = contacts.create({"LastName": "Lovelace", "Email": "Ada@Example.com"})
    assert (made["success"], made["errors"]) == (True, [])
    read = contacts.get(made["id"])
    assert (read["LastName"], read["Email"]) == ("Lovelace", "ada@example.com")
    assert contacts.update(made["id"], {"Title": "Countess"}) == 204
    assert contacts.get(made["id"][:15])["Title"] == "Countess"
    assert contacts.delete(made["id"]) == 204
    with pytest.raises(errors.SalesforceResourceNotFound, match="ENTITY_IS_DELETED"):
        contacts.get(made["id"])


@pytest.mark.parametrize(("version", "updated"), [("45.0", 204), ("46.0", 200), ("67.0", 200)])
def test_an_upsert_says_created_or_updated(connect: Connect, version: str, updated: int) -> None:
    contacts = connect(version=version).Contact
    assert contacts.upsert(f"{KEY}/a:1", {"LastName": "Lovelace"}) == 201
    assert contacts.upsert(f"{KEY}/a:1", {"LastName": "King"}) == updated
    assert contacts.get_by_custom_id(KEY, "a:1")["LastName"] == "King"


def test_an_upsert_that_matches_several_names_them(client: Any) -> None:
    ids = [
        client.Contact.create({"LastName": "L", "Email": "a@example.com"})["id"] for _ in range(2)
    ]
    with pytest.raises(errors.SalesforceMoreThanOneRecord) as caught:
        client.Contact.upsert("Email/a@example.com", {"Title": "T"})
    assert [url.rpartition("/")[2] for url in caught.value.content] == ids


def test_every_page_of_a_query_is_read(client: Any, world: World, served: Addresses) -> None:
    def fill() -> None:
        for number in range(950):
            fields = {"LastName": f"N{number:04}", KEY: str(number)}
            world.org.insert("Contact", fields, bypass_rules=True)

    served.listening.call(fill)
    options = {"page_size": 200, "shrink_pages": True}
    served.listening.call(lambda: world.set_options(CRM.SALESFORCE, options))
    soql = "SELECT Id, LastName FROM Contact ORDER BY LastName"

    read = client.query_all(soql)

    assert read["totalSize"] == 950
    names = [row["LastName"] for row in read["records"]]
    assert names == [f"N{number:04}" for number in range(950)]
    assert [row["LastName"] for row in client.query_all_iter(soql)] == names
    assert world.org.calls["GET query"] >= 10


def test_deleted_rows_come_only_when_asked_for(client: Any) -> None:
    made = client.Contact.create({"LastName": "Gone"})["id"]
    client.Contact.delete(made)
    soql = "SELECT Id, IsDeleted FROM Contact"
    assert client.query_all(soql)["totalSize"] == 0
    rows = client.query_all(soql, include_deleted=True)["records"]
    assert [(row["Id"], row["IsDeleted"]) for row in rows] == [(made, True)]


def test_an_object_is_described_in_full_and_in_short(client: Any) -> None:
    described = client.Lead.describe()
    fields = {field["name"]: field for field in described["fields"]}
    assert (fields["Company"]["nillable"], fields["Company"]["length"]) == (False, 255)
    assert fields[KEY]["externalId"]
    assert client.Lead.metadata()["objectDescribe"]["keyPrefix"] == "00Q"


def test_changes_of_a_window_are_told(client: Any, world: World, served: Addresses) -> None:
    kept = client.Contact.create({"LastName": "Kept"})["id"]
    gone = client.Contact.create({"LastName": "Gone"})["id"]
    client.Contact.delete(gone)
    served.listening.call(lambda: world.clock.move(timedelta(minutes=2)))
    now = datetime.now(UTC)
    window = (now - timedelta(minutes=5), now + timedelta(minutes=2))
    updated = client.Contact.updated(*window)
    assert updated["ids"] == [kept]
    assert updated["latestDateCovered"]
    assert [row["id"] for row in client.Contact.deleted(*window)["deletedRecords"]] == [gone]


def test_a_composite_goes_through_restful(client: Any) -> None:
    base = "/services/data/v67.0"
    records = [
        {"attributes": {"type": "Contact"}, "LastName": f"N{number}", KEY: str(number)}
        for number in range(200)
    ]
    records[199] |= {KEY: "x" * 99}
    asked = [
        {
            "method": "PATCH",
            "url": f"{base}/composite/sobjects/Contact/{KEY}",
            "referenceId": "saved",
            "body": {
                "allOrNone": False,
                "records": [*records[:199], {**records[0], KEY: "x" * 99}],
            },
        },
        {
            "method": "GET",
            "url": f"{base}/sobjects/Contact/@{{saved[7].id}}?fields=LastName",
            "referenceId": "read",
        },
    ]
    body = {"allOrNone": False, "compositeRequest": asked}
    saved, read = client.restful("composite", method="POST", json=body)["compositeResponse"]
    assert [result["success"] for result in saved["body"]] == [True] * 199 + [False]
    assert saved["body"][199]["errors"][0]["statusCode"] == "STRING_TOO_LONG"
    assert (read["httpStatusCode"], read["body"]["LastName"]) == (200, "N7")


def test_collections_go_through_restful(client: Any) -> None:
    rows = [{"attributes": {"type": "Contact"}, "LastName": name} for name in "AB"]
    path = "composite/sobjects"
    made = client.restful(path, method="POST", json={"allOrNone": True, "records": rows})
    ids = ",".join(each["id"] for each in made)
    read = client.restful(f"{path}/Contact", params={"ids": ids, "fields": "LastName"})
    assert [row["LastName"] for row in read] == ["A", "B"]
    gone = client.restful(path, method="DELETE", params={"ids": ids, "allOrNone": "true"})
    assert [each["success"] for each in gone] == [True, True]
    assert client.restful(f"{path}/Contact", params={"ids": ids, "fields": "Id"}) == [None, None]


def test_a_version_out_of_service_is_told(connect: Connect) -> None:
    soql = "SELECT COUNT() FROM User"
    assert connect(version="40.0").query(soql)["totalSize"] > 0
    with pytest.raises(errors.SalesforceResourceNotFound):
        connect(version="69.0").query(soql)
    with pytest.raises(errors.SalesforceGeneralError, match="410"):
        connect(version="30.0").query(soql)


def test_a_schema_known_already_is_not_sent_again(client: Any) -> None:
    headers = {"If-Modified-Since": "Wed, 01 Jan 2098 00:00:00 GMT"}
    # The client takes every status above 299 for an error; this one has no body to show.
    with pytest.raises(Exception, match="304"):
        client.Contact.describe(headers=headers)


def test_the_allowance_is_read_from_answers_and_limits(
    client: Any, world: World, served: Addresses
) -> None:
    options = {"per_app_usage": True, "usage_lag": 0.0}
    served.listening.call(lambda: world.set_options(CRM.SALESFORCE, options))
    limits = client.limits()["DailyApiRequests"]
    assert limits["Max"] - limits["Remaining"] == 1
    client.query("SELECT COUNT() FROM Lead")
    assert client.api_usage["api-usage"].used == 2
    assert client.api_usage["per-app-api-usage"].name == "guestlist"


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"FirstName": "Ada"}, "REQUIRED_FIELD_MISSING"),
        ({"LastName": "x" * 81}, "STRING_TOO_LONG"),
        ({"LastName": "L", "Email": "nobody"}, "INVALID_EMAIL_ADDRESS"),
        ({"LastName": "L", "Nonsense__c": "x"}, "INVALID_FIELD"),
        ({"LastName": "L", "OwnerId": "zzz"}, "MALFORMED_ID"),
    ],
)
def test_a_bad_record_is_a_malformed_request(
    client: Any, fields: dict[str, Any], code: str
) -> None:
    with pytest.raises(errors.SalesforceMalformedRequest) as caught:
        client.Contact.create(fields)
    assert caught.value.content[0]["errorCode"] == code


def test_a_bad_query_and_a_lost_record_are_told_apart(client: Any) -> None:
    with pytest.raises(errors.SalesforceMalformedRequest, match="ERROR at Row:1:Column:8"):
        client.query("SELECT Nonsense FROM Contact")
    with pytest.raises(errors.SalesforceResourceNotFound):
        client.Contact.get("003000000000001AAA")


def test_a_spent_allowance_is_a_refused_request(
    client: Any, world: World, served: Addresses
) -> None:
    served.listening.call(lambda: world.set_options(CRM.SALESFORCE, {"daily_limit": 0}))
    with pytest.raises(errors.SalesforceRefusedRequest, match="REQUEST_LIMIT_EXCEEDED"):
        client.query("SELECT COUNT() FROM Contact")
