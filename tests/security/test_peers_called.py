"""S8: a vendor's name that leads into a private network gets no connection, whoever answers last.

The resolver is a stub where the operating system's begins, and so is the way to a public address;
all above them is the product.
"""

import socket
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import trustme

from guestlist.connectors.allowance import Allowance
from guestlist.connectors.http import Transport
from guestlist.connectors.hubspot import HubSpot
from guestlist.connectors.local import LocalLimiter
from guestlist.connectors.peer import NotSent
from guestlist.connectors.salesforce import Salesforce
from schemas.address import is_inside
from schemas.records import Crm
from schemas.settings import HubSpotSettings, SalesforceSettings, Secret
from tests.security.test_addresses_called import HUBSPOT_TOKEN, secured, trusted

__all__ = ["trusted"]

NAME, LOGIN = "api.hubapi.com", "acme.my.salesforce.com"
PUBLIC = "8.8.4.4"
INSIDE = [
    "127.0.0.1",
    "127.255.0.9",
    "10.1.2.3",
    "172.16.0.1",
    "192.168.0.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",  # noqa: S104
    "224.0.0.1",
    "255.255.255.255",
    "::1",
    "::",
    "fe80::1",
    "fe80::1%eth0",
    "fd00::1",
    "ff02::1",
    "::ffff:10.0.0.1",
    "2002:7f00:1::",
    "64:ff9b::a00:1",
]
OUTSIDE = [PUBLIC, "104.16.1.1", "2606:4700::6810:101", "::ffff:8.8.4.4", "64:ff9b::808:404"]


class Net:
    """What names resolve to, who was asked, and where connections really go."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.answers: dict[str, list[list[str]]] = {}
        """By name, one look-up after another; the last stays."""
        self.asked: Counter[str] = Counter()
        self.tried: list[tuple[str, int]] = []
        self.port = 0
        """Where a public address is served on this machine."""
        self._resolve, self._connect = socket.getaddrinfo, socket.socket.connect
        monkeypatch.setattr(socket, "getaddrinfo", self._getaddrinfo)
        net = self

        class Socket(socket.socket):
            def connect(self, place: Any) -> None:
                net.tried.append(place[:2])
                here = ("127.0.0.1", net.port) if place[0] == PUBLIC else place
                super().connect(here)

        monkeypatch.setattr(socket, "socket", Socket)

    def _getaddrinfo(self, host: Any, port: Any, *rest: Any, **more: Any) -> Any:
        if host not in self.answers:
            return self._resolve(host, port, *rest, **more)
        self.asked[host] += 1
        left = self.answers[host]
        found = left.pop(0) if len(left) > 1 else left[0]
        return [
            (
                socket.AF_INET6 if ":" in each else socket.AF_INET,
                socket.SOCK_STREAM,
                6,
                "",
                (each, port),
            )
            for each in found
        ]


@pytest.fixture
def net(monkeypatch: pytest.MonkeyPatch) -> Net:
    for name in ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)
    return Net(monkeypatch)


def limiter() -> LocalLimiter:
    return LocalLimiter({crm: Allowance(account="test") for crm in Crm})


def call_hubspot() -> None:
    settings = HubSpotSettings(base_url=f"https://{NAME}", token=Secret(HUBSPOT_TOKEN))
    HubSpot.connect(settings, limiter=limiter()).account()


def call_salesforce() -> None:
    settings = SalesforceSettings(
        login_url=f"https://{LOGIN}", client_id="app", client_secret=Secret("secret")
    )
    Salesforce.connect(settings, limiter=limiter()).organization()


@pytest.mark.parametrize("ip", INSIDE)
def test_S08_what_is_no_public_address_is_known(ip: str) -> None:
    assert is_inside(ip)


@pytest.mark.parametrize("ip", OUTSIDE)
def test_S08_a_public_address_is_known(ip: str) -> None:
    assert not is_inside(ip)


@pytest.mark.parametrize("ip", ["127.0.0.1", "169.254.169.254", "10.0.0.5", "::1", "fd00::1"])
@pytest.mark.parametrize("call", [call_hubspot, call_salesforce])
def test_S08_a_name_that_leads_inside_gets_no_connection(call: Any, ip: str, net: Net) -> None:
    net.answers = {NAME: [[ip]], LOGIN: [[ip]]}
    with pytest.raises(NotSent, match="leads into a private network"):
        call()
    assert net.tried == []


def test_S08_one_private_address_among_public_ones_is_enough(net: Net) -> None:
    net.answers = {NAME: [[PUBLIC, "10.0.0.5"]]}
    with pytest.raises(NotSent, match="private network"):
        call_hubspot()
    assert net.tried == []


@pytest.fixture
def ca(trusted: tuple[trustme.CA, Path], monkeypatch: pytest.MonkeyPatch) -> trustme.CA:
    """Who signs certificates that our calls trust."""
    authority, path = trusted
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", str(path))
    return authority


def test_S08_what_was_checked_is_what_is_called(net: Net, ca: trustme.CA) -> None:
    """The second answer of a resolver that changes its mind is never asked for."""
    net.answers = {NAME: [[PUBLIC], ["127.0.0.1"]]}
    with secured(ca.issue_cert(NAME)) as server:
        net.port = server.server_port
        call_hubspot()
        assert HUBSPOT_TOKEN in server.requests[0]
        assert f"Host: {NAME}" in server.requests[0]
    assert net.asked[NAME] == 1
    assert net.tried == [(PUBLIC, 443)]


def test_S08_the_certificate_is_the_names_not_the_addresss(net: Net, ca: trustme.CA) -> None:
    net.answers = {NAME: [[PUBLIC]]}
    with secured(ca.issue_cert(PUBLIC)) as server:
        net.port = server.server_port
        with pytest.raises(NotSent, match=r"CERTIFICATE_VERIFY_FAILED|mismatch"):
            call_hubspot()
        assert server.requests == []


def test_S08_every_new_connection_is_checked(net: Net, ca: trustme.CA) -> None:
    net.answers = {NAME: [[PUBLIC], ["192.168.1.1"]]}
    transport = Transport(timeout_s=5, public_only=True)
    with secured(ca.issue_cert(NAME)) as server:
        net.port = server.server_port
        assert transport.send("GET", f"https://{NAME}/", headers={}).status == 200
        with pytest.raises(NotSent, match="private network"):  # the server closes after each answer
            transport.send("GET", f"https://{NAME}/", headers={})
    assert net.tried == [(PUBLIC, 443)]


def test_S08_the_next_address_is_tried_where_one_does_not_answer(net: Net, ca: trustme.CA) -> None:
    transport = Transport(timeout_s=5, public_only=True)
    unroutable = "2606:4700::1"
    net.answers = {NAME: [[unroutable, PUBLIC]]}
    with secured(ca.issue_cert(NAME)) as server:
        net.port = server.server_port
        assert transport.send("GET", f"https://{NAME}/", headers={}).status == 200
    assert [place[0] for place in net.tried] == [unroutable, PUBLIC]


def test_S08_a_name_that_is_unknown_is_told_as_such(net: Net) -> None:
    net.answers = {NAME: [[]]}
    with pytest.raises(NotSent, match="no address"):
        call_hubspot()


@contextmanager
def a_proxy(said: list[bytes]) -> Iterator[int]:
    """Take one CONNECT, and refuse it."""
    with socket.create_server(("127.0.0.1", 0)) as listening:

        def take() -> None:
            client, _ = listening.accept()
            with client:
                said.append(client.recv(4096))
                client.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

        thread = threading.Thread(target=take)
        thread.start()
        yield listening.getsockname()[1]
        thread.join(5)


def test_S08_behind_a_proxy_the_name_is_the_proxys_to_resolve(
    net: Net, monkeypatch: pytest.MonkeyPatch
) -> None:
    said: list[bytes] = []
    net.answers = {NAME: [["10.0.0.5"]]}
    with a_proxy(said) as port:
        monkeypatch.setenv("HTTPS_PROXY", f"http://127.0.0.1:{port}")
        with pytest.raises(NotSent):
            call_hubspot()
    assert said[0].startswith(f"CONNECT {NAME}:443".encode())
    assert HUBSPOT_TOKEN.encode() not in said[0]
    assert net.asked[NAME] == 0
