"""S8, S24: no token goes to a host that is not the vendor's, or that can not prove who it is."""

import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import orjson
import pytest
import redis
import requests
import trustme
from celery import Celery
from kombu.exceptions import OperationalError
from requests.adapters import BaseAdapter

from guestlist.connectors.allowance import Allowance
from guestlist.connectors.http import Transport
from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.peer import NotSent
from guestlist.connectors.salesforce import Salesforce
from guestlist.domain.errors import Misconfigured, SyncError, Unusable
from sandbox.wire import Request, Response
from schemas.address import refusal
from schemas.records import Crm
from schemas.settings import HubSpotSettings, SalesforceSettings, Secret, Settings
from tests.connectors.serving import json, serving
from tests.unit.settings.test_addresses import REFUSED
from worker.options import celery_options
from worker.settings import SettingsError, load

HUBSPOT_TOKEN, APP_SECRET = "pat-na1-canary-token", "canary-app-secret"


# --- S8 -------------------------------------------------------------------------------------------


def test_S08_at_least_thirty_hostile_addresses_are_tried() -> None:
    assert len(REFUSED) >= 30
    assert "https://x.salesforce.com@169.254.169.254" in REFUSED
    assert "https://salesforce.com.evil.io" in REFUSED


@pytest.mark.parametrize("address", [each for each in REFUSED if each.strip()])
@pytest.mark.parametrize("name", ["SALESFORCE_LOGIN_URL", "HUBSPOT_BASE_URL"])
def test_S08_a_hostile_address_in_the_settings_is_refused(
    name: str, address: str, tmp_path: Path
) -> None:
    if address.strip() == "https://login.salesforce.com":
        return  # blanks around a value are taken off
    with pytest.raises(SettingsError, match=name.lower().replace("_", r"\.", 1)):
        load({f"GUESTLIST_{name}": address}, directory=tmp_path)


class _Told(BaseAdapter):
    """Salesforce's login host, which hands out an instance address; every call is remembered."""

    def __init__(self, instance_url: str) -> None:
        super().__init__()
        self.instance_url = instance_url
        self.asked: list[str] = []

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        self.asked.append(str(request.url))
        answer = requests.Response()
        answer.status_code = 200
        answer.headers["content-type"] = "application/json"
        body = {
            "access_token": "00D!session",
            "instance_url": self.instance_url,
            "id": "https://login.salesforce.com/id/00DAB0000000001MAA/005AB0000000001MAA",
        }
        answer._content = orjson.dumps(body)
        answer.request = request
        return answer

    def close(self) -> None:
        """Hold nothing."""


@pytest.mark.parametrize("address", REFUSED)
def test_S08_a_hostile_instance_address_gets_no_call(address: str) -> None:
    told = _Told(address)

    def session() -> requests.Session:
        made = requests.Session()
        made.mount("https://", told)
        made.mount("http://", told)
        made.merge_environment_settings = lambda *_: {"verify": True}  # type: ignore[assignment, method-assign]
        return made

    class Here(Transport):
        def _session(self, url: str) -> Any:
            return session(), {}

    client = Salesforce.connect(
        SalesforceSettings(
            login_url="https://acme.my.salesforce.com",
            client_id="app",
            client_secret=Secret(APP_SECRET),
        ),
        limiter=LocalLimiter({crm: Allowance(account="test") for crm in Crm}),
        transport=Here(timeout_s=5),
    )
    with pytest.raises((Misconfigured, Unusable)):
        client.organization()
    assert told.asked == ["https://acme.my.salesforce.com/services/oauth2/token"]


def test_S08_the_vendors_own_instance_address_is_called() -> None:
    assert refusal("https://acme.my.salesforce.com", Crm.SALESFORCE, development=False) is None


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_S08_no_redirect_is_followed_and_no_token_goes_along(
    status: int, hubspot_at: Callable[..., HubSpot], salesforce_at: Callable[..., Salesforce]
) -> None:
    elsewhere: list[Request] = []

    def listen(request: Request) -> Response:
        elsewhere.append(request)
        return json(200, {})

    with (
        serving(listen) as evil,
        serving(lambda _: Response(status, b"", {"location": f"{evil}/stolen"})) as address,
    ):
        with pytest.raises(SyncError):
            hubspot_at(address).account()
        with pytest.raises(SyncError):
            salesforce_at(address).organization()
    assert elsewhere == []


def test_S08_a_password_file_lends_no_credential_and_takes_no_tokens_place(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    hubspot_at: Callable[..., HubSpot],
    salesforce_at: Callable[..., Salesforce],
) -> None:
    netrc = tmp_path / ".netrc"
    netrc.write_text("default login somebody password else\nmachine 127.0.0.1 login a password b\n")
    netrc.chmod(0o600)
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("NETRC", str(netrc))
    seen: list[str] = []

    def listen(request: Request) -> Response:
        seen.append(request.headers.get("authorization", ""))
        host = f"http://{request.headers['host']}"
        granted = {"access_token": "session", "instance_url": host, "id": f"{host}/id/00D/005"}
        return json(200, granted if request.method == "POST" else {"portalId": 1})

    with serving(listen) as address:
        for call in (hubspot_at(address).account, salesforce_at(address).allowance):
            with pytest.raises(SyncError):
                call()
    assert seen == ["Bearer a-token", "", "Bearer session"]


# --- S24 ------------------------------------------------------------------------------------------


class _Secured(HTTPServer):
    """An HTTPS server that remembers every request it could read."""

    def __init__(self, certificate: trustme.LeafCert) -> None:
        super().__init__(("127.0.0.1", 0), _Listener)
        self.requests: list[str] = []
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        certificate.configure_cert(context)
        self.socket = context.wrap_socket(self.socket, server_side=True)

    def handle_error(self, *_: object) -> None:
        """Say nothing of a client that hung up."""


class _Listener(BaseHTTPRequestHandler):
    server: _Secured

    def _take(self) -> None:
        self.server.requests.append(str(self.headers))
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.end_headers()
        self.wfile.write(b'{"portalId": 1, "timeZone": "UTC"}')

    do_GET = do_POST = _take  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@contextmanager
def secured(certificate: trustme.LeafCert) -> Iterator[_Secured]:
    server = _Secured(certificate)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@pytest.fixture(scope="module")
def trusted(tmp_path_factory: pytest.TempPathFactory) -> tuple[trustme.CA, Path]:
    ca = trustme.CA()
    path = tmp_path_factory.mktemp("ca") / "ca.pem"
    ca.cert_pem.write_to_path(path)
    return ca, path


def _expired(ca: trustme.CA) -> trustme.LeafCert:
    return ca.issue_cert("127.0.0.1", not_after=datetime.now(UTC) - timedelta(days=1))


def _of_another_host(ca: trustme.CA) -> trustme.LeafCert:
    return ca.issue_cert("api.hubapi.com")


def _of_a_stranger(_ca: trustme.CA) -> trustme.LeafCert:
    return trustme.CA().issue_cert("127.0.0.1")


def _good(ca: trustme.CA) -> trustme.LeafCert:
    return ca.issue_cert("127.0.0.1")


def call_hubspot(port: int) -> None:
    settings = HubSpotSettings(base_url=f"https://127.0.0.1:{port}", token=Secret(HUBSPOT_TOKEN))
    limiter = LocalLimiter({crm: Allowance(account="test") for crm in Crm})
    HubSpot.connect(settings, limiter=limiter, development=True).account()


def call_salesforce(port: int) -> None:
    settings = SalesforceSettings(
        login_url=f"https://127.0.0.1:{port}", client_id="app", client_secret=Secret(APP_SECRET)
    )
    limiter = LocalLimiter({crm: Allowance(account="test") for crm in Crm})
    Salesforce.connect(settings, limiter=limiter, development=True).organization()


@pytest.mark.parametrize("call", [call_hubspot, call_salesforce])
@pytest.mark.parametrize("certificate", [_expired, _of_another_host, _of_a_stranger])
def test_S24_a_certificate_that_proves_nothing_gets_no_token(
    certificate: Callable[[trustme.CA], trustme.LeafCert],
    call: Callable[[int], None],
    trusted: tuple[trustme.CA, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ca, path = trusted
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    with secured(certificate(ca)) as server:
        with pytest.raises(NotSent, match="no connection"):
            call(server.server_port)
        assert server.requests == []


def test_S24_a_certificate_that_is_trusted_gets_it(
    trusted: tuple[trustme.CA, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    ca, path = trusted
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    with secured(_good(ca)) as server:
        call_hubspot(server.server_port)
        assert HUBSPOT_TOKEN in server.requests[0]


@pytest.mark.parametrize("name", ["PYTHONHTTPSVERIFY", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"])
def test_S24_no_variable_turns_the_check_off(
    name: str, trusted: tuple[trustme.CA, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(name, "0" if name.startswith("PYTHON") else "")
    with secured(_good(trusted[0])) as server:
        with pytest.raises(NotSent):
            call_hubspot(server.server_port)
        assert server.requests == []


@pytest.mark.parametrize("certificate", [_expired, _of_another_host, _of_a_stranger])
def test_S24_a_redis_that_proves_nothing_gets_no_password(
    certificate: Callable[[trustme.CA], trustme.LeafCert],
    trusted: tuple[trustme.CA, Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ca, path = trusted
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with secured(certificate(ca)) as server:
        url = f"rediss://:canary@127.0.0.1:{server.server_port}/0"
        with redis.Redis.from_url(url) as client, pytest.raises(redis.ConnectionError):
            client.ping()
        for address in (url, f"amqps://guest:canary@127.0.0.1:{server.server_port}//"):
            app = Celery(set_as_current=False)
            app.conf.update(celery_options(Settings(broker_url=address)))
            refused = pytest.raises((OperationalError, OSError), match=r"(?i)certificate")
            with app.connection_for_write(connect_timeout=5) as broker, refused:
                broker.ensure_connection(max_retries=1, interval_start=0)
        assert server.requests == []


def test_S24_a_broker_that_proves_who_it_is_is_spoken_to(
    trusted: tuple[trustme.CA, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Kombu, asked for rediss:// and nothing else, checked no certificate at all."""
    ca, path = trusted
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    with secured(_good(ca)) as server:
        app = Celery(set_as_current=False)
        url = f"rediss://127.0.0.1:{server.server_port}/0"
        app.conf.update(celery_options(Settings(broker_url=url)))
        reached = pytest.raises(OperationalError, match="Protocol error")
        with app.connection_for_write(connect_timeout=5) as broker, reached:
            broker.ensure_connection(max_retries=1, interval_start=0)
