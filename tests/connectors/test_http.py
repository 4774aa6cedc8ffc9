import ipaddress
import socket
import ssl
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from guestlist.connectors.http import Answer, NoAnswer, Transport, document, shaped
from guestlist.connectors.peer import NotSent
from guestlist.domain.errors import Misconfigured, Unusable
from sandbox.delivery import Ending, Treatment
from sandbox.wire import Request, Response
from tests.connectors.serving import Script, json, serving


def get(address: str, *, timeout_s: float = 5.0, **headers: str) -> Answer:
    return Transport(timeout_s=timeout_s).send("GET", f"{address}/", headers=headers)


def whole(_: Request) -> Response:
    return json(200, {"rows": list(range(1000))})


def test_any_status_is_an_answer() -> None:
    with serving(Script(json(503, {"message": "down"}))) as address:
        answer = get(address)

    assert answer.status == 503
    assert document(answer) == {"message": "down"}


def test_a_lost_connection_leaves_it_open_whether_the_call_was_made() -> None:
    with (
        serving(whole, treat=lambda _: Treatment(ending=Ending.LOST)) as address,
        pytest.raises(NoAnswer),
    ):
        get(address)


def test_an_answer_past_the_time_limit_leaves_it_open_too() -> None:
    with (
        serving(whole, treat=lambda _: Treatment(hold=5)) as address,
        pytest.raises(NoAnswer),
    ):
        get(address, timeout_s=0.2)


def test_an_answer_that_trickles_is_given_up_at_the_time_limit() -> None:
    now = iter(range(0, 1000, 3))  # every look at the clock finds three seconds gone
    transport = Transport(timeout_s=5, monotonic=lambda: float(next(now)))
    with serving(lambda _: json(200, "x" * 3_000_000)) as address, pytest.raises(NoAnswer):
        transport.send("GET", address, headers={})


def test_a_refused_connection_means_nothing_was_sent() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{taken.getsockname()[1]}"
        with pytest.raises(NotSent):
            get(address)


def test_a_truncated_answer_is_unusable() -> None:
    with (
        serving(whole, treat=lambda _: Treatment(ending=Ending.CUT)) as address,
        pytest.raises(Unusable),
    ):
        get(address)


def test_a_page_of_html_with_status_200_is_unusable() -> None:
    page = Response(200, b"<html>Please log in</html>", {"content-type": "text/html"})
    with serving(Script(page)) as address, pytest.raises(Unusable, match="text/html"):
        document(get(address))


@pytest.mark.parametrize("body", [b"", b'{"results":[', b"\xff"])
def test_broken_json_is_unusable(body: bytes) -> None:
    with pytest.raises(Unusable):
        document(Answer(200, {"content-type": "application/json"}, body))


def test_a_redirect_is_an_answer_and_not_followed() -> None:
    moved = Response(302, b"", {"location": "http://169.254.169.254/latest/meta-data"})
    with serving(script := Script(moved)) as address:
        assert get(address, Authorization="Bearer secret").status == 302

    assert len(script.requests) == 1


def test_cookies_are_not_sent_back() -> None:
    with serving(script := Script(json(200, 1, set_cookie="BrowserId=x"), json(200, 2))) as address:
        transport = Transport(timeout_s=5)
        for _ in range(2):
            transport.send("GET", address, headers={})

    assert "cookie" not in script.requests[1].headers


def test_no_password_file_lends_a_credential(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login someone password secret\n")
    monkeypatch.setenv("NETRC", str(netrc))
    with serving(script := Script(json(200, 1))) as address:
        get(address)

    assert "authorization" not in script.requests[0].headers


def test_what_is_no_address_is_a_wrong_setting() -> None:
    with pytest.raises(Misconfigured):
        get("http://")


def test_every_thread_has_a_connection_of_its_own_and_keeps_it() -> None:
    transport = Transport(timeout_s=5)
    together = threading.Barrier(4)

    def call(address: str) -> None:
        together.wait(5)
        for _ in range(5):
            assert transport.send("GET", address, headers={}).status == 200

    with counting() as (address, clients), ThreadPoolExecutor(4) as pool:
        for each in [pool.submit(call, address) for _ in range(4)]:
            each.result()

    assert len(clients) == 4


@contextmanager
def counting() -> Iterator[tuple[str, list[object]]]:
    """Serve, and collect whoever connects."""
    clients: list[object] = []

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def setup(self) -> None:
            clients.append(self.client_address)
            super().setup()

        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """The test's output is not a log."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        server.daemon_threads = True
        server.block_on_close = False
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}", clients
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate for 127.0.0.1 that nobody trusts, with its key in the same file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "127.0.0.1")])
    now = datetime.now(UTC)
    loopback = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([loopback]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    path.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + made.public_bytes(serialization.Encoding.PEM)
    )
    return path


@pytest.fixture
def tls_address(certificate: Path) -> Iterator[str]:
    """A server that answers every connection's first request over TLS, and closes."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    listener = socket.create_server(("127.0.0.1", 0))

    def answer() -> None:
        while True:
            try:
                plain, _ = listener.accept()
            except OSError:
                return
            try:
                with context.wrap_socket(plain, server_side=True) as secure:
                    secure.recv(65536)
                    secure.sendall(
                        b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n"
                        b"content-length: 2\r\nconnection: close\r\n\r\n{}"
                    )
            except OSError:
                continue  # the client did not trust us

    thread = threading.Thread(target=answer, daemon=True)
    thread.start()
    yield f"https://127.0.0.1:{listener.getsockname()[1]}"
    listener.shutdown(socket.SHUT_RDWR)
    listener.close()
    thread.join(5)


def test_an_unknown_certificate_is_refused_before_anything_is_sent(tls_address: str) -> None:
    with pytest.raises(NotSent):
        get(tls_address)


def test_certificates_named_by_the_surroundings_are_trusted(
    tls_address: str, certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(certificate))

    assert document(get(tls_address)) == {}


def test_another_shape_than_promised_is_unusable() -> None:
    answer: dict[str, object] = {}

    with pytest.raises(Unusable, match="the page"), shaped("the page"):
        answer.update(answer["results"])  # type: ignore[call-overload]
