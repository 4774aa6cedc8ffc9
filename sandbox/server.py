"""A small HTTP/1.1 server for several apps on one loop, one request of a connection at a time.

All runs on one thread: an app needs no lock, and the order of arrival is the order of effect.
"""

import asyncio
import logging
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from email.utils import formatdate
from types import MappingProxyType
from typing import Any, cast
from urllib.parse import parse_qsl, unquote

import h11

from sandbox.clock import Clock
from sandbox.delivery import PLAIN, Ending, Treatment
from sandbox.wire import App, Request, Response

MAX_BODY = 64 * 1024 * 1024
MAX_HEAD = 64 * 1024
LOOPBACK = "127.0.0.1"

_EMPTY: Mapping[str, str] = MappingProxyType({})
_log = logging.getLogger(__name__)


def _plain(_request: Request) -> Treatment:
    return PLAIN


@dataclass(frozen=True, slots=True)
class Site:
    """One app on one port; ``port`` 0 takes any free one."""

    app: App
    clock: Clock
    treat: Callable[[Request], Treatment] = _plain
    port: int = 0
    max_body: int = MAX_BODY


def decode(method: str, target: str, headers: Mapping[str, str], body: bytes) -> Request:
    """Build the app's request from what came over the wire; HEAD is asked as GET."""
    path, _, query = target.partition("?")
    return Request(
        method="GET" if method == "HEAD" else method,
        path=unquote(path) if "%" in path else path,
        query=dict(parse_qsl(query, keep_blank_values=True)) if query else _EMPTY,
        headers=headers,
        body=_inflate(body) if headers.get("content-encoding") == "gzip" else body,
        raw_query=query,
        raw_path=path if "%" in path else "",
    )


def _inflate(body: bytes) -> bytes:
    inflater = zlib.decompressobj(wbits=31)
    plain = inflater.decompress(body, MAX_BODY)
    if not inflater.eof:
        raise zlib.error("it is cut, or too large when unpacked")
    return plain


_ROUNDS = 4
"""Turns of the loop within which a connection that was accepted is made."""


class Server:
    """Listens on loopback for each site until it is stopped."""

    def __init__(self) -> None:
        self._listeners: list[asyncio.Server] = []
        self._transports: set[asyncio.Transport] = set()

    async def start(self, site: Site) -> str:
        """Serve *site* and return its address, ``http://127.0.0.1:PORT``."""
        loop = asyncio.get_running_loop()
        date = _Date(site.clock)
        listener = await loop.create_server(
            lambda: _Connection(site, date, self._transports), LOOPBACK, site.port
        )
        self._listeners.append(listener)
        return f"http://{LOOPBACK}:{listener.sockets[0].getsockname()[1]}"

    async def stop(self) -> None:
        """Close every listener and connection at once; held requests are dropped."""
        loop = asyncio.get_running_loop()
        for listener in self._listeners:
            for each in listener.sockets:
                loop.remove_reader(each.fileno())
        for _ in range(_ROUNDS):  # what was accepted can only be ended once it is made
            await asyncio.sleep(0)
        for listener in self._listeners:
            listener.close()
        for transport in tuple(self._transports):
            transport.abort()
        for listener in self._listeners:
            await listener.wait_closed()
        self._listeners.clear()


class _Date:
    """The ``date`` header, rendered once a second of the sandbox's clock."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._second = -1
        self._text = ""

    def text(self) -> str:
        second = int(self._clock.timestamp())
        if second != self._second:
            self._second = second
            self._text = formatdate(second, usegmt=True)
        return self._text


class _Connection(asyncio.Protocol):
    """One client's connection: h11 keeps the protocol, the site decides."""

    def __init__(self, site: Site, date: _Date, transports: set[asyncio.Transport]) -> None:
        self._site = site
        self._date = date
        self._transports = transports
        self._http = h11.Connection(h11.SERVER, max_incomplete_event_size=MAX_HEAD)
        self._transport: asyncio.Transport = cast(asyncio.Transport, None)
        self._head: h11.Request | None = None
        self._chunks: list[bytes] = []
        self._size = 0
        self._advancing = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)
        self._transports.add(self._transport)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._transports.discard(self._transport)

    def data_received(self, data: bytes) -> None:
        self._http.receive_data(data)
        self._advance()

    def _advance(self) -> None:
        """Take events until more data is needed or an answer is held; never nested."""
        if self._advancing:
            return
        self._advancing = True
        try:
            while self._take(self._http.next_event()):
                pass
        except h11.RemoteProtocolError as error:
            self._refuse(error.error_status_hint, str(error))
        finally:
            self._advancing = False

    def _take(self, event: Any) -> bool:
        """Handle one event and say whether to ask for the next."""
        match event:
            case h11.Request():
                self._head, self._chunks, self._size = event, [], 0
            case h11.Data():
                return self._collect(bytes(event.data))
            case h11.EndOfMessage():
                self._receive()
                return self._http.our_state is h11.IDLE
            case h11.NEED_DATA:
                self._invite()
                return False
            case h11.ConnectionClosed():
                self._transport.close()
                return False
            case _:
                return False
        return True

    def _invite(self) -> None:
        if self._http.they_are_waiting_for_100_continue:
            self._send(h11.InformationalResponse(status_code=100, headers=[]))

    def _collect(self, data: bytes) -> bool:
        self._size += len(data)
        if self._size > self._site.max_body:
            self._refuse(413, f"The body is larger than {self._site.max_body} bytes.")
            return False
        self._chunks.append(data)
        return True

    def _receive(self) -> None:
        head = cast(h11.Request, self._head)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in head.headers}
        try:
            request = decode(
                head.method.decode("ascii"),
                head.target.decode("latin-1"),
                headers,
                b"".join(self._chunks),
            )
        except zlib.error as error:
            self._refuse(400, f"The body is not gzip: {error}")
            return
        self._chunks = []
        self._deliver(request, self._site.treat(request))

    def _deliver(self, request: Request, treatment: Treatment) -> None:
        if treatment.wait:
            self._transport.pause_reading()
            self._later(treatment.wait, self._apply, request, treatment)
        else:
            self._apply(request, treatment)

    def _apply(self, request: Request, treatment: Treatment) -> None:
        """Let the app handle it; done even when the client has gone, as a zombie write is."""
        response = treatment.instead or self._handle(request, times=treatment.times)
        if treatment.hold:
            self._transport.pause_reading()
            self._later(treatment.hold, self._answer, response, treatment.ending)
        else:
            self._answer(response, treatment.ending)

    def _later(self, seconds: float, call: Callable[..., None], *args: Any) -> None:
        asyncio.get_running_loop().call_later(seconds, call, *args)

    def _handle(self, request: Request, *, times: int) -> Response:
        try:
            for _ in range(times - 1):
                self._site.app(request)
            return self._site.app(request)
        except Exception as error:  # noqa: BLE001
            _log.exception("the app failed on %s %s", request.method, request.path)
            return Response(500, f"sandbox: {error!r}".encode(), {"content-type": "text/plain"})

    def _answer(self, response: Response, ending: Ending) -> None:
        if self._transport.is_closing():
            return
        if ending is Ending.LOST:
            self._transport.close()
            return
        self._write(response, cut=ending is Ending.CUT)
        if ending is Ending.CUT or self._http.our_state is h11.MUST_CLOSE:
            self._transport.close()
            return
        self._http.start_next_cycle()
        self._transport.resume_reading()
        self._advance()

    def _write(self, response: Response, *, cut: bool) -> None:
        headers = list(response.headers.items())
        headers.append(("date", self._date.text()))
        if response.status != 204:
            headers.append(("content-length", str(len(response.body))))
        self._send(h11.Response(status_code=response.status, headers=headers))
        body = response.body[: len(response.body) // 2] if cut else response.body
        if body and not (self._head and self._head.method == b"HEAD"):
            self._send(h11.Data(data=body))
        if not cut:
            self._send(h11.EndOfMessage())

    def _refuse(self, status: int, text: str) -> None:
        """Answer what the app never sees, and close: the rest of the stream cannot be trusted."""
        if self._http.our_state in (h11.IDLE, h11.SEND_RESPONSE):
            headers = {"content-type": "text/plain", "connection": "close"}
            self._write(Response(status, text.encode(), headers), cut=False)
        self._transport.close()

    def _send(self, event: Any) -> None:
        if data := self._http.send(event):
            self._transport.write(data)
