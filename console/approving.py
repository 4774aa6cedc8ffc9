"""Wait until an administrator has approved an app in the browser, and come back with the code.

The browser comes back to a page of ours on loopback.  Only the answer to the question that this
process asked counts: its ``state`` is drawn anew each time and is good once.
"""

import hmac
import threading
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import parse_qs, urlsplit

from guestlist.domain.errors import Misconfigured

PATH = "/callback"
PATIENCE_S = 600.0
LONGEST_CODE = 1000


class NotOurs(Exception):
    """An answer to a question that was not asked here: it changes nothing."""


def code_in(address: str, *, state: str) -> str:
    """Return the code that an address of the redirect carries.

    Raises ``NotOurs`` for a wrong state, ``Misconfigured`` when the administrator said no.
    """
    query = parse_qs(urlsplit(address).query, keep_blank_values=True)
    given = query.get("state", [])
    if len(given) != 1 or not hmac.compare_digest(given[0].encode(), state.encode()):
        raise NotOurs("This is not the answer to the question that was asked.")
    if refused := query.get("error"):
        words = query.get("error_description", refused)[0][:200]
        raise Misconfigured(f"HubSpot was not connected: {_plain(words)}")
    code = query.get("code", [])
    if len(code) != 1 or not code[0].isascii() or not 0 < len(code[0]) <= LONGEST_CODE:
        raise NotOurs("The answer holds no code.")
    return code[0]


class Doorstep:
    """One question's page on loopback: it waits for one good answer, and refuses all others."""

    def __init__(self, port: int, *, state: str) -> None:
        self._answered = threading.Event()
        self._code = ""
        self._refused: Misconfigured | None = None
        self._server = HTTPServer(("127.0.0.1", port), _page(self._take, state))
        self._thread = threading.Thread(target=self._server.serve_forever, daemon=True)

    @property
    def redirect_uri(self) -> str:
        """The address that the app has to have as a redirect URL, to the letter."""
        return redirect_uri(self._server.server_port)

    def wait(self, patience_s: float = PATIENCE_S) -> str:
        """Return the code; raises ``Misconfigured`` when nobody came, or they said no."""
        self._thread.start()
        try:
            came = self._answered.wait(patience_s)
        finally:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
        if self._refused:
            raise self._refused
        if not came:
            raise Misconfigured(f"nobody approved the app within {patience_s:.0f} s")
        return self._code

    def _take(self, code: str, refused: Misconfigured | None) -> None:
        if not self._answered.is_set():
            self._code, self._refused = code, refused
            self._answered.set()


def redirect_uri(port: int) -> str:
    return f"http://localhost:{port}{PATH}"


def _page(
    take: Callable[[str, Misconfigured | None], None], state: str
) -> type[BaseHTTPRequestHandler]:
    class Page(BaseHTTPRequestHandler):
        timeout = 10
        used = False

        def do_GET(self) -> None:
            """Take the one answer that is ours."""
            if urlsplit(self.path).path != PATH:
                self._say(HTTPStatus.NOT_FOUND, "There is nothing here.")
                return
            if Page.used:
                self._say(HTTPStatus.BAD_REQUEST, "This was answered already.")
                return
            try:
                code = code_in(self.path, state=state)
            except NotOurs as error:
                self._say(HTTPStatus.BAD_REQUEST, str(error))
            except Misconfigured as error:
                Page.used = True
                self._say(HTTPStatus.OK, "Not approved. You can close this page.")
                take("", error)
            else:
                Page.used = True
                self._say(HTTPStatus.OK, "Approved. You can close this page.")
                take(code, None)

        def _say(self, status: HTTPStatus, words: str) -> None:
            body = words.encode()
            self.send_response(status)
            self.send_header("Content-Type", "text/plain; charset=utf-8")
            self.send_header("Content-Length", str(len(body)))
            self.send_header("Cache-Control", "no-store")
            self.send_header("Referrer-Policy", "no-referrer")
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Print nothing: the line of a request holds the code."""

    return Page


def _plain(words: str) -> str:
    return "".join(each if each.isprintable() else " " for each in words)
