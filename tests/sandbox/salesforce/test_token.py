import base64
import time
from typing import Any
from urllib.parse import urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from sandbox.salesforce.auth import JWT_GRANT
from sandbox.salesforce.org import Org
from sandbox.wire import Request
from tests.sandbox.salesforce.caller import TOKEN_FORM, Caller

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)
PUBLIC = (
    KEY.public_key()
    .public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    .decode()
)
USERNAME = "integration.user@acme-sandbox.example"


def assertion(*, key: rsa.RSAPrivateKey = KEY, **claims: object) -> str:
    stated = {
        "iss": "consumer",
        "sub": USERNAME,
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 180,
    }
    return jwt.encode({**stated, **claims}, key, algorithm="RS256")


@pytest.fixture
def trusted(org: Org) -> Caller:
    org.public_keys["consumer"] = PUBLIC
    return Caller(org)


def refused(caller: Caller, **form: str) -> str:
    answer = caller.token(form)
    assert answer.status == 400
    return f"{answer.body['error']}: {answer.body['error_description']}"


def test_client_credentials_by_body_open_a_session(caller: Caller) -> None:
    body = caller.token(TOKEN_FORM).body
    assert set(body) == {
        "access_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at",
    }  # fmt: skip
    assert body["instance_url"] == "http://127.0.0.1:8080"
    assert body["issued_at"].isdigit()


def test_client_credentials_by_basic_header_open_a_session(caller: Caller) -> None:
    secret = base64.b64encode(b"sandbox-client-id:sandbox-client-secret").decode()
    answer = caller.token({"grant_type": "client_credentials"}, authorization=f"Basic {secret}")
    assert answer.status == 200


def test_no_grant_says_how_long_a_token_lives(caller: Caller) -> None:
    assert "expires_in" not in caller.token(TOKEN_FORM).body


def test_the_identity_names_organization_and_user(caller: Caller, org: Org) -> None:
    path = urlsplit(caller.token(TOKEN_FORM).body["id"]).path
    assert path == f"/id/{org.organization_id}/{org.integration_user_id}"
    answer = caller.send(Request("GET", path, headers=caller.headers))
    assert answer.body["username"] == USERNAME


def test_user_info_is_that_of_the_session(caller: Caller, org: Org) -> None:
    answer = caller.send(Request("GET", "/services/oauth2/userinfo", headers=caller.headers))
    assert answer.body["user_id"] == org.integration_user_id
    assert caller.send(Request("GET", "/services/oauth2/userinfo")).status == 403


def test_a_signed_assertion_opens_a_session_without_refresh_token(trusted: Caller) -> None:
    body = trusted.token({"grant_type": JWT_GRANT, "assertion": assertion()}).body
    assert set(body) == {"access_token", "scope", "instance_url", "id", "token_type"}
    trusted.headers["authorization"] = f"Bearer {body['access_token']}"
    assert trusted.call("GET", "limits").status == 200


def test_an_assertion_signed_by_another_key_is_refused(trusted: Caller) -> None:
    other = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    assert refused(trusted, grant_type=JWT_GRANT, assertion=assertion(key=other)) == (
        "invalid_grant: invalid assertion"
    )


def test_an_unsigned_assertion_is_refused(trusted: Caller) -> None:
    unsigned = jwt.encode({"iss": "consumer", "sub": USERNAME}, "", algorithm="none")
    assert refused(trusted, grant_type=JWT_GRANT, assertion=unsigned) == (
        "invalid_grant: invalid assertion"
    )


@pytest.mark.parametrize(
    ("claims", "reason"),
    [
        ({"aud": "https://example.com"}, "invalid_grant: audience is invalid"),
        ({"exp": 1_000_000_000}, "invalid_grant: expired authorization code"),
        ({"exp": "1000000000"}, "invalid_grant: expired authorization code"),
        ({"exp": "soon"}, "invalid_grant: expired authorization code"),
        ({"sub": "nobody@example.com"}, "invalid_grant: user hasn't approved this consumer"),
        ({"iss": "stranger"}, "invalid_client_id: client identifier invalid"),
        ({"sub": "former.employee@acme-sandbox.example"}, "invalid_grant: user is locked"),
    ],
)
def test_an_assertion_with_a_wrong_claim_is_refused(
    trusted: Caller, claims: dict[str, Any], reason: str
) -> None:
    assert refused(trusted, grant_type=JWT_GRANT, assertion=assertion(**claims)) == reason


def test_a_refresh_token_opens_a_session(caller: Caller, org: Org) -> None:
    org.refresh_tokens["5Aep861"] = "sandbox-client-id"
    form = TOKEN_FORM | {"grant_type": "refresh_token", "refresh_token": "5Aep861"}
    assert caller.token(form).status == 200
    assert refused(caller, **form | {"refresh_token": "gone"}) == (
        "invalid_grant: expired access/refresh token"
    )


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"client_secret": "wrong"}, "invalid_client: invalid client credentials"),
        ({"client_id": "wrong"}, "invalid_client_id: client identifier invalid"),
        ({"grant_type": "password"}, "invalid_grant: authentication failure - Invalid Password"),
        ({"grant_type": "magic"}, "unsupported_grant_type: grant type not supported"),
    ],
)
def test_a_wrong_token_request_is_refused(
    caller: Caller, change: dict[str, str], reason: str
) -> None:
    assert refused(caller, **TOKEN_FORM | change) == reason


def test_a_token_is_asked_for_by_post(caller: Caller) -> None:
    answer = caller.send(Request("GET", "/services/oauth2/token", query=TOKEN_FORM))
    assert answer.status == 400
    assert answer.body == {"error": "invalid_request", "error_description": "must use HTTP POST"}


def test_a_session_expires_by_the_sandbox_clock(caller: Caller, org: Org) -> None:
    org.options.session_ttl = -1.0
    caller.log_in()
    answer = caller.call("GET", "limits")
    assert (answer.status, answer.body) == (
        401,
        [{"message": "Session expired or invalid", "errorCode": "INVALID_SESSION_ID"}],
    )


def test_the_message_that_no_refresh_cures_can_be_switched_on(caller: Caller, org: Org) -> None:
    org.options.session_variant = True
    answer = caller.call("GET", "limits", headers={"authorization": "Bearer nonsense"})
    assert answer.body[0]["message"] == "This session is not valid for use with the REST API"


def test_a_revoked_token_is_no_session(caller: Caller) -> None:
    token = caller.headers["authorization"].removeprefix("Bearer ")
    caller.send(Request("POST", "/services/oauth2/revoke", body=f"token={token}".encode()))
    assert caller.call("GET", "limits").status == 401
