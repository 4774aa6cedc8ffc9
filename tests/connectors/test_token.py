import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.errors import Misconfigured, RetryLater, SyncError, Unauthorized, Unusable
from sandbox.wire import Request, Response
from schemas.settings import SalesforceSettings, Secret
from tests.connectors.serving import Script, json, serving

LIMITS = {"DailyApiRequests": {"Max": 10, "Remaining": 9}}


def granted(request: Request, token: str = "token-1") -> Response:
    address = f"http://{request.headers['host']}"
    identity = f"{address}/id/00DAB0000000001MAA/005AB0000000001MAA"
    return json(200, {"access_token": token, "instance_url": address, "id": identity})


def expired(_: Request) -> Response:
    told = {"errorCode": "INVALID_SESSION_ID", "message": "Session expired or invalid"}
    return json(401, [told])


def limits(_: Request) -> Response:
    return json(200, LIMITS)


def test_client_credentials_are_sent_as_a_form(salesforce_at: Callable[..., Salesforce]) -> None:
    with serving(script := Script(granted, limits)) as address:
        assert salesforce_at(address).allowance().limit == 10

    asked, called = script.requests
    assert (asked.method, asked.path) == ("POST", "/services/oauth2/token")
    assert parse_qs(asked.body.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["an-app"],
        "client_secret": ["its-secret"],
    }
    assert called.headers["authorization"] == "Bearer token-1"


def test_a_private_key_speaks_for_a_user(limiter: LocalLimiter) -> None:
    key = rsa.generate_private_key(65537, 2048)
    pem = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
    now = datetime(2026, 11, 24, tzinfo=UTC)
    with serving(script := Script(granted, limits)) as address:
        settings = SalesforceSettings(
            login_url=address,
            client_id="an-app",
            username="sync@example.com",
            private_key=Secret(pem.decode()),
        )
        client = Salesforce.connect(settings, limiter=limiter, development=True, clock=lambda: now)
        client.allowance()

    form = parse_qs(script.requests[0].body.decode())
    claims = jwt.decode(
        form["assertion"][0],
        key.public_key(),
        algorithms=["RS256"],
        options={"verify_exp": False, "verify_aud": False},
    )
    assert claims == {
        "iss": "an-app",
        "sub": "sync@example.com",
        "aud": "https://login.salesforce.com",
        "exp": int((now + timedelta(minutes=3)).timestamp()),
    }


def test_a_broken_key_is_a_persons_to_mend(limiter: LocalLimiter) -> None:
    settings = SalesforceSettings(
        client_id="an-app", username="sync@example.com", private_key=Secret("no key")
    )
    client = Salesforce.connect(settings, limiter=limiter)

    with pytest.raises(Unauthorized, match="private key") as caught:
        client.allowance()
    assert "no key" not in str(caught.value)


def test_without_credentials_nothing_is_sent(limiter: LocalLimiter) -> None:
    client = Salesforce.connect(SalesforceSettings(), limiter=limiter)

    with pytest.raises(Unauthorized, match="not connected"):
        client.allowance()
    assert client.calls == 0


def test_an_expired_token_is_renewed_once_and_the_call_repeated_with_its_headers(
    salesforce_at: Callable[..., Salesforce],
) -> None:
    script = Script(granted, expired, lambda request: granted(request, "token-2"), limits)
    with serving(script) as address:
        assert salesforce_at(address).allowance().limit == 10

    _, first, _, second = script.requests
    assert second.headers["authorization"] == "Bearer token-2"
    changed = ("authorization", "x-request-id")
    assert drop(second.headers, *changed) == drop(first.headers, *changed)
    assert second.headers["sforce-call-options"] == "client=guestlist"


def drop(headers: object, *names: str) -> dict[str, str]:
    return {name: value for name, value in dict(headers).items() if name not in names}  # type: ignore[call-overload]


def test_a_token_refused_twice_is_a_persons_to_mend(
    salesforce_at: Callable[..., Salesforce],
) -> None:
    with (
        serving(script := Script(granted, expired, granted, expired)) as address,
        pytest.raises(Unauthorized),
    ):
        salesforce_at(address).allowance()

    assert script.responses == []


def test_a_session_that_a_refresh_cannot_cure_is_not_refreshed(
    salesforce_at: Callable[..., Salesforce],
) -> None:
    told = {
        "errorCode": "INVALID_SESSION_ID",
        "message": "This session is not valid for use with the REST API",
    }
    with (
        serving(script := Script(granted, json(401, [told]))) as address,
        pytest.raises(Unauthorized, match="not valid for use"),
    ):
        salesforce_at(address).allowance()

    assert len(script.requests) == 2


def test_D3_threads_that_find_the_token_expired_renew_it_together_once(
    salesforce_at: Callable[..., Salesforce],
) -> None:
    tokens: list[str] = []
    together = threading.Barrier(12)

    def app(request: Request) -> Response:
        if request.path.endswith("/token"):
            tokens.append(f"token-{len(tokens)}")
            return granted(request, tokens[-1])
        good = request.headers["authorization"] == f"Bearer {tokens[-1]}"
        return limits(request) if good else expired(request)

    with serving(app) as address:
        client = salesforce_at(address)
        client.allowance()
        tokens.append("the org ended the session")

        def call() -> None:
            together.wait(5)
            client.on("bulk").allowance()

        with ThreadPoolExecutor(12) as pool:
            for each in [pool.submit(call) for _ in range(12)]:
                each.result()

    assert tokens == ["token-0", "the org ended the session", "token-2"]
    assert client.calls_by_kind()["token"] == 2


def test_D4_a_refused_client_is_not_asked_again_for_a_minute(limiter: LocalLimiter) -> None:
    now = [datetime(2026, 11, 24, tzinfo=UTC)]
    refused = json(400, {"error": "invalid_grant", "error_description": "user is locked"})
    with serving(script := Script(refused, refused)) as address:
        settings = SalesforceSettings(
            login_url=address, client_id="an-app", client_secret=Secret("its-secret")
        )
        client = Salesforce.connect(
            settings, limiter=limiter, development=True, clock=lambda: now[0]
        )
        for _ in range(3):
            with pytest.raises(Unauthorized, match="user is locked"):
                client.allowance()
        now[0] += timedelta(seconds=61)
        with pytest.raises(Unauthorized):
            client.allowance()

    assert len(script.requests) == 2


@pytest.mark.parametrize(
    ("response", "error"),
    [
        (json(503, {}), RetryLater),
        (json(429, {}), RetryLater),
        (Response(302, b"", {"location": "http://127.0.0.1/"}), Unusable),
        (Response(200, b"<html>", {"content-type": "text/html"}), Unusable),
        (Response(400, b"<html>", {"content-type": "text/html"}), Unusable),
        (json(405, {}), Misconfigured),
        (json(200, {"access_token": "x"}), Unusable),
        (json(200, {"access_token": "x", "instance_url": "https://x", "id": 7}), Unusable),
    ],
)
def test_an_odd_answer_to_a_token_request_is_named_by_its_recovery(
    salesforce_at: Callable[..., Salesforce], response: Response, error: type[SyncError]
) -> None:
    with serving(Script(response)) as address, pytest.raises(error) as caught:
        salesforce_at(address).allowance()

    assert type(caught.value) is error


@pytest.mark.parametrize(
    "instance_url",
    [
        "https://acme.my.salesforce.com@169.254.169.254",
        "https://acme.my.salesforce.com.evil.example",
        "http://acme.my.salesforce.com",
        "https://169.254.169.254",
        "https://acme.my.salesforce.com:8443",
        "https://acme.my.salesforce.com/elsewhere",
        "https://ãcme.my.salesforce.com",
    ],
)
def test_D6_the_token_never_goes_to_an_address_that_is_not_salesforces(
    limiter: LocalLimiter, instance_url: str
) -> None:
    from guestlist.connectors.address import checked
    from schemas.records import Crm

    with pytest.raises(Misconfigured):
        checked(instance_url, Crm.SALESFORCE, development=False)
    with pytest.raises(Misconfigured):
        Salesforce.connect(SalesforceSettings(login_url=instance_url), limiter=limiter)
    assert checked("https://acme.my.salesforce.com/", Crm.SALESFORCE, development=False)
