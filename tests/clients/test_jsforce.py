"""A Node client nobody here wrote, unmodified, against the sandbox over http."""

import time
from collections.abc import Callable
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.crm import CRM
from sandbox.mount import serve
from sandbox.world import World
from tests.clients.jsforce_visit import visit

pytestmark = pytest.mark.xdist_group("jsforce")

See = Callable[[str], Any]


@pytest.fixture(scope="module")
def world() -> World:
    world = World("jsforce")
    world.set_options(CRM.SALESFORCE, {"page_size": 200, "usage_lag": 0.0})
    world.org.refresh_tokens["5Aep861"] = world.credentials.salesforce_client_id
    return world


@pytest.fixture(scope="module")
def visits(world: World) -> dict[str, Any]:
    """One run of the script; the tests look at its parts."""
    with serve(world) as addresses:
        return visit(
            {
                "address": addresses.salesforce,
                "clientId": world.credentials.salesforce_client_id,
                "clientSecret": world.credentials.salesforce_client_secret,
                "assertion": assertion(world),
                "refreshToken": "5Aep861",
            }
        )


def assertion(world: World) -> str:
    """A JSON web token signed with a key that the org has just come to trust."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = key.public_key().public_bytes(
        serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    )
    app = world.credentials.salesforce_client_id
    world.org.public_keys[app] = public.decode()
    claims = {
        "iss": app,
        "sub": "integration.user@acme-sandbox.example",
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 180,
    }
    return jwt.encode(claims, key, algorithm="RS256")


@pytest.fixture
def see(visits: dict[str, Any]) -> See:
    def part(name: str) -> Any:
        seen = visits[name]
        assert "failed" not in seen, seen["failed"]
        return seen

    return part


def test_sessions_open_by_credentials_and_by_assertion(see: See, world: World) -> None:
    seen = see("grants")
    assert seen["user"]["organizationId"] == world.org.organization_id
    assert seen["user"]["id"] == seen["identity"]["user_id"] == world.org.integration_user_id
    assert seen["found"] == seen["identity"]
    assert seen["asserted"] > 0
    assert seen["refused"]["name"] == "invalid_client"


def test_an_expired_session_is_renewed_with_the_refresh_token(see: See) -> None:
    assert see("refresh") == {"size": 0, "renewed": 1}


def test_a_contact_lives_from_create_to_destroy(see: See) -> None:
    seen = see("record")
    id = seen["made"]["id"]
    assert (seen["read"]["LastName"], seen["read"]["Email"]) == ("Lovelace", "ada@example.com")
    assert seen["updated"] == seen["destroyed"] == {"id": id, "success": True, "errors": []}
    assert seen["again"]["Title"] == "Countess"
    assert seen["gone"]["code"] == "ENTITY_IS_DELETED"


def test_an_upsert_says_created_or_updated(see: See) -> None:
    seen = see("upsert")
    assert (seen["created"]["created"], seen["updated"]["created"]) == (True, False)
    assert [result.get("created") for result in seen["many"]] == [False, True, None]
    assert seen["many"][2]["errors"][0]["statusCode"] == "REQUIRED_FIELD_MISSING"
    assert "created" not in seen["silent"]


def test_collections_answer_in_order_record_by_record(see: See) -> None:
    seen = see("collections")
    assert (seen["made"], seen["ok"]) == (450, True)
    assert [row["LastName"] for row in seen["rows"]] == ["N0000", "N0001", "N0002"]
    assert [result["success"] for result in seen["partly"]] == [True, False]
    codes = [result["errors"][0]["statusCode"] for result in seen["together"]]
    assert codes == ["ALL_OR_NONE_OPERATION_ROLLED_BACK", "STRING_TOO_LONG"]
    assert [result["success"] for result in seen["destroyed"]] == [True, True]


def test_queries_are_read_page_by_page(see: See) -> None:
    seen = see("query")
    names = [f"N{number:04}" for number in range(2, 450)]
    assert (seen["total"], seen["pages"]) == (450, [200, 200])
    assert seen["all"] == ["King", *names, "New"]
    assert seen["owner"] == "Integration User"
    assert seen["found"] == ["N0099", "N0098", "N0097"]
    assert seen["without"] == 90
    assert seen["deleted"] == 1
    assert (seen["refused"]["code"], "ERROR at Row:1" in seen["refused"]["message"]) == (
        "INVALID_FIELD",
        True,
    )


def test_objects_are_described(see: See) -> None:
    seen = see("schema")
    assert seen["company"] == 255
    assert {"Contact", "Lead", "Account"} <= set(seen["objects"])
    assert (seen["recent"], seen["versions"] >= 28) == ([], True)


def test_a_composite_passes_a_new_parent_to_its_children(see: See) -> None:
    seen = see("composite")
    company, people = seen["answer"]["compositeResponse"]
    assert (company["httpStatusCode"], people["httpStatusCode"]) == (201, 200)
    assert all(result["success"] for result in people["body"])
    assert seen["counted"] == 10


def test_changes_of_a_window_are_told(see: See) -> None:
    seen = see("changes")
    assert (seen["updated"], seen["deleted"]) == (460, 3)
    assert seen["covered"]


def test_the_allowance_is_in_limits_and_in_every_answer(see: See) -> None:
    seen = see("limits")
    used = seen["limits"]["Max"] - seen["limits"]["Remaining"]
    assert seen["info"]["apiUsage"] == {"used": used, "limit": 100_000}


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        ("required", "REQUIRED_FIELD_MISSING"),
        ("unknown", "INVALID_FIELD"),
        ("several", "MULTIPLE_CHOICES"),
        ("lost", "NOT_FOUND"),
    ],
)
def test_refusals_arrive_by_their_code(see: See, refusal: str, code: str) -> None:
    assert see("refusals")[refusal]["code"] == code
