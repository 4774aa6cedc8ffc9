import gzip
import http.client
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests

from sandbox.clock import Clock
from sandbox.delivery import PLAIN, Ending, Treatment
from sandbox.running import Listening, listen
from sandbox.server import Site
from sandbox.wire import Request, Response
from tests.services.processes import wait_until


class Recorder:
    """An app that keeps what it was asked and answers the same thing."""

    def __init__(self, response: Response) -> None:
        self.response = response
        self.seen: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.seen.append(request)
        return self.response


@pytest.fixture
def app() -> Recorder:
    return Recorder(Response(200, b'{"ok":true}', {"content-type": "application/json"}))


@contextmanager
def served(
    app: Callable[[Request], Response], treatment: Treatment = PLAIN, *, max_body: int = 1_000_000
) -> Iterator[str]:
    site = Site(app, Clock(), treat=lambda _request: treatment, max_body=max_body)
    with listen(site) as listening:
        yield listening.addresses[0]


@pytest.fixture
def address(app: Recorder) -> Iterator[str]:
    with served(app) as address:
        yield address


def ask(method: str, address: str, *, timeout: float = 10, **options: Any) -> requests.Response:
    return requests.request(method, address, timeout=timeout, **options)


def raw(address: str, sent: bytes) -> bytes:
    """Send bytes as they are and return all that comes back until the server closes."""
    with socket.create_connection((urlsplit(address).hostname, urlsplit(address).port)) as wire:
        wire.settimeout(10)
        wire.sendall(sent)
        received = b""
        while chunk := wire.recv(65536):
            received += chunk
        return received


def test_a_request_arrives_decoded(app: Recorder, address: str) -> None:
    ask("POST", f"{address}/a%20b/c?x=1&x=2&y=", data=b"body", headers={"X-Thing": "T"})
    (request,) = app.seen
    assert (request.method, request.path, request.body) == ("POST", "/a b/c", b"body")
    assert request.query == {"x": "2", "y": ""}
    assert request.headers["x-thing"] == "T"


def test_the_answer_carries_length_and_the_sandbox_date(app: Recorder) -> None:
    clock = Clock()
    clock.freeze(datetime(2031, 5, 6, 7, 8, 9, tzinfo=UTC))
    with listen(Site(app, clock)) as listening:
        answer = ask("GET", listening.addresses[0])
    assert answer.json() == {"ok": True}
    assert answer.headers["content-length"] == "11"
    assert answer.headers["date"] == "Tue, 06 May 2031 07:08:09 GMT"


def test_one_connection_serves_many_requests(app: Recorder, address: str) -> None:
    connection = http.client.HTTPConnection(urlsplit(address).netloc)
    ports = set()
    for _ in range(3):
        connection.request("GET", "/")
        assert connection.getresponse().read() == b'{"ok":true}'
        ports.add(connection.sock.getsockname())
    connection.close()
    assert len(ports) == 1
    assert len(app.seen) == 3


def test_a_chunked_body_is_put_together(app: Recorder, address: str) -> None:
    ask("POST", address, data=iter([b"one ", b"two ", b"three"]))
    assert app.seen[0].body == b"one two three"


def test_a_gzipped_body_is_unpacked(app: Recorder, address: str) -> None:
    ask("POST", address, data=gzip.compress(b"x" * 5000), headers={"Content-Encoding": "gzip"})
    assert app.seen[0].body == b"x" * 5000


def test_a_body_that_only_claims_to_be_gzip_is_refused(app: Recorder, address: str) -> None:
    answer = ask("POST", address, data=b"no", headers={"Content-Encoding": "gzip"})
    assert answer.status_code == 400
    assert app.seen == []


def test_pipelined_requests_are_answered_in_order() -> None:
    def echo(request: Request) -> Response:
        return Response(200, request.path.encode())

    count = 2000
    sent = b"".join(b"GET /%d HTTP/1.1\r\nhost: x\r\n\r\n" % n for n in range(count))
    sent += b"GET /last HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    with served(echo) as address:
        received = raw(address, sent)
    bodies = [part.rpartition(b"\r\n\r\n")[2] for part in received.split(b"HTTP/1.1 200 ")[1:]]
    assert bodies == [b"/%d" % n for n in range(count)] + [b"/last"]


def test_head_is_asked_as_get_and_answered_without_a_body(app: Recorder, address: str) -> None:
    answer = ask("HEAD", address)
    assert app.seen[0].method == "GET"
    assert (answer.content, answer.headers["content-length"]) == (b"", "11")


def test_no_content_has_neither_body_nor_length() -> None:
    with served(lambda _request: Response(204)) as address:
        answer = ask("DELETE", address)
        assert "content-length" not in answer.headers
        assert ask("DELETE", address).status_code == 204


def test_a_client_that_waits_for_100_continue_is_invited(app: Recorder, address: str) -> None:
    head = b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 4\r\nexpect: 100-continue\r\n"
    with socket.create_connection((urlsplit(address).hostname, urlsplit(address).port)) as wire:
        wire.settimeout(10)
        wire.sendall(head + b"connection: close\r\n\r\n")
        assert wire.recv(100).startswith(b"HTTP/1.1 100 ")
        wire.sendall(b"body")
        assert wire.recv(1000).startswith(b"HTTP/1.1 200 ")
    assert app.seen[0].body == b"body"


def test_a_body_over_the_limit_is_refused_before_the_app_sees_it(app: Recorder) -> None:
    with served(app, max_body=10) as address:
        received = raw(
            address, b"POST / HTTP/1.1\r\nhost: x\r\ncontent-length: 11\r\n\r\n" + b"." * 11
        )
    assert received.startswith(b"HTTP/1.1 413 ")
    assert app.seen == []


def test_what_is_not_http_is_refused_and_closed(app: Recorder, address: str) -> None:
    assert raw(address, b"\x16\x03\x01 hello\r\n\r\n").startswith(b"HTTP/1.1 400 ")
    assert app.seen == []


def test_an_app_that_fails_answers_500_and_the_server_lives(
    caplog: pytest.LogCaptureFixture,
) -> None:
    def broken(_request: Request) -> Response:
        raise ZeroDivisionError

    with served(broken) as address:
        assert [ask("GET", address).status_code for _ in range(2)] == [500, 500]
    assert "the app failed on GET /" in caplog.text


def test_several_sites_live_on_one_loop(app: Recorder) -> None:
    other = Recorder(Response(418))
    with listen(Site(app, Clock()), Site(other, Clock())) as listening:
        statuses = [ask("GET", address).status_code for address in listening.addresses]
    assert statuses == [200, 418]


def test_a_closed_server_refuses_connections(app: Recorder) -> None:
    with served(app) as address:
        ask("GET", address)
    with pytest.raises(requests.ConnectionError):
        ask("GET", address)


def test_work_runs_on_the_servers_thread(app: Recorder) -> None:
    with listen(Site(app, Clock())) as listening:
        assert isinstance(listening, Listening)
        assert listening.call(lambda: len(app.seen)) == 0


def test_a_lost_response_is_applied_and_never_answered(app: Recorder) -> None:
    with served(app, Treatment(ending=Ending.LOST)) as address:
        with pytest.raises(requests.ConnectionError):
            ask("POST", address)
        assert len(app.seen) == 1


def test_a_duplicate_is_applied_twice_and_answered_once(app: Recorder) -> None:
    with served(app, Treatment(times=2)) as address:
        assert ask("POST", address).status_code == 200
        assert len(app.seen) == 2


def test_a_cut_body_is_shorter_than_its_length(app: Recorder) -> None:
    with served(app, Treatment(ending=Ending.CUT)) as address:
        with pytest.raises(requests.exceptions.ChunkedEncodingError):
            ask("POST", address)
        assert len(app.seen) == 1


def test_an_answer_instead_never_reaches_the_app(app: Recorder) -> None:
    with served(app, Treatment(instead=Response(503))) as address:
        assert ask("POST", address).status_code == 503
        assert app.seen == []


def test_a_zombie_is_applied_after_its_client_gave_up(app: Recorder) -> None:
    with served(app, Treatment(wait=0.3)) as address:
        with pytest.raises(requests.ReadTimeout):
            ask("POST", address, timeout=0.1)
        assert app.seen == []
        wait_until(lambda: len(app.seen) == 1, what="the request")


def test_a_held_answer_was_applied_before_its_client_gave_up(app: Recorder) -> None:
    with served(app, Treatment(hold=30)) as address:
        with pytest.raises(requests.ReadTimeout):
            ask("POST", address, timeout=0.2)
        assert len(app.seen) == 1


def test_requests_behind_a_delayed_one_wait_for_it() -> None:
    def treat(request: Request) -> Treatment:
        return Treatment(wait=0.1) if request.path == "/slow" else PLAIN

    site = Site(lambda request: Response(200, request.path.encode()), Clock(), treat=treat)
    sent = b"GET /slow HTTP/1.1\r\nhost: x\r\n\r\n"
    sent += b"GET /fast HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n"
    with listen(site) as listening:
        received = raw(listening.addresses[0], sent)
    assert received.index(b"/slow") < received.index(b"/fast")
