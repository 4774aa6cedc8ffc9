"""Ways in that need something of the caller's: a certificate, scopes, a client id."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import jwt
import pytest
import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from sandbox.mount import Addresses
from sandbox.world import World
from tests.sandbox.conftest import Control

KEY = rsa.generate_private_key(public_exponent=65537, key_size=2048)


def bare() -> str:
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    return KEY.public_key().public_bytes(encoding, form).decode()


def certificate() -> str:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "guestlist")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(KEY.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .sign(KEY, hashes.SHA256())
    )
    return made.public_bytes(serialization.Encoding.PEM).decode()


def token(address: str, **form: str) -> requests.Response:
    return requests.post(f"{address}/services/oauth2/token", form, timeout=10)


@pytest.mark.parametrize("pem", [bare, certificate])
def test_an_app_logs_in_by_assertion_once_its_certificate_is_trusted(
    control: Control, served: Addresses, world: World, pem: Callable[[], str]
) -> None:
    world.clock.thaw()
    trusted = control.ok("POST", "salesforce/trust", {"certificate": pem()})
    claims = {
        "iss": trusted["client_id"],
        "sub": trusted["username"],
        "aud": "https://login.salesforce.com",
        "exp": int(time.time()) + 10**9,
    }
    grant = "urn:ietf:params:oauth:grant-type:jwt-bearer"
    assertion = jwt.encode(claims, KEY, algorithm="RS256")
    answer = token(served.salesforce, grant_type=grant, assertion=assertion)
    assert answer.status_code == 200, answer.text


def test_what_is_no_certificate_is_refused(control: Control) -> None:
    for pem in ("nonsense", "-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----"):
        assert "PEM" in control.refused("POST", "salesforce/trust", {"certificate": pem})
    answer = control("POST", "salesforce/trust", {"certificate": bare(), "client_id": "stranger"})
    assert answer.status_code == 404


def test_a_refresh_token_opens_a_session(control: Control, served: Addresses, world: World) -> None:
    held = world.credentials
    made = control.ok("POST", "salesforce/refresh-token")
    answer = token(
        served.salesforce,
        grant_type="refresh_token",
        client_id=held.salesforce_client_id,
        client_secret=held.salesforce_client_secret,
        refresh_token=made["refresh_token"],
    )
    assert answer.status_code == 200, answer.text


def test_an_oauth_app_reads_what_its_scopes_allow(control: Control, served: Addresses) -> None:
    scopes = ["oauth", "crm.objects.contacts.read"]
    app: dict[str, Any] = control.ok("POST", "hubspot/oauth-app", {"scopes": scopes})
    form = {"grant_type": "refresh_token", **app}
    granted = requests.post(f"{served.hubspot}/oauth/v1/token", form, timeout=10).json()
    headers = {"Authorization": f"Bearer {granted['access_token']}"}
    contacts = f"{served.hubspot}/crm/v3/objects/contacts"
    assert requests.get(contacts, headers=headers, timeout=10).status_code == 200
    assert requests.post(contacts, headers=headers, json={}, timeout=10).status_code == 403


def test_a_scope_can_be_taken_away_and_given_back(
    control: Control, served: Addresses, world: World
) -> None:
    contacts = f"{served.hubspot}/crm/v3/objects/contacts"
    headers = {"Authorization": f"Bearer {world.credentials.hubspot_token}"}
    every = control.ok("PUT", "hubspot/scopes", {})["scopes"]
    less = [scope for scope in every if scope != "crm.objects.contacts.write"]
    assert control.ok("PUT", "hubspot/scopes", {"scopes": less})["scopes"] == less
    assert requests.get(contacts, headers=headers, timeout=10).status_code == 200
    assert requests.post(contacts, headers=headers, json={}, timeout=10).status_code == 403
    assert control.ok("PUT", "hubspot/scopes", {})["scopes"] == every
    assert requests.post(contacts, headers=headers, json={}, timeout=10).status_code == 400
    assert control("PUT", "hubspot/scopes", {"token": "x"}).status_code == 404
    assert "scopes" in control.refused("PUT", "hubspot/scopes", {"scopes": "all"})
