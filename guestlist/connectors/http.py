"""HTTP as both connectors use it: pooled, patient to a limit, never redirected, strict."""

import ssl
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import cache
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import orjson
import requests
from requests.adapters import HTTPAdapter
from requests.exceptions import (
    ChunkedEncodingError,
    ConnectTimeout,
    ContentDecodingError,
    InvalidURL,
    ProxyError,
    SSLError,
)
from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.exceptions import MaxRetryError

from guestlist.connectors.peer import NotSent, PublicPool
from guestlist.domain.errors import Misconfigured, RetryLater, Unusable

CONNECT_TIMEOUT_S = 10.0
MAX_BODY = 256 * 1024 * 1024
_CHUNK = 256 * 1024


class NoAnswer(RetryLater):
    """The connection broke or fell silent: the CRM may have done what was asked."""


class Answer(NamedTuple):
    """One HTTP answer, whatever its status."""

    status: int
    headers: Mapping[str, str]
    """Names are case-insensitive."""
    body: bytes
    request_id: str = ""
    """Ours, as sent in ``X-Request-Id``."""


class Transport:
    """Sends requests from any number of threads, each with a session of its own.

    With *public_only* no connection over https goes into a private network, but to a proxy.
    """

    def __init__(
        self,
        *,
        timeout_s: float,
        public_only: bool = False,
        monotonic: Callable[[], float] = time.monotonic,
        sessions: Callable[[], requests.Session] = requests.Session,
    ) -> None:
        self._timeout_s = timeout_s
        self._public_only = public_only
        self._monotonic = monotonic
        self._sessions = sessions
        self._threads = threading.local()

    def send(
        self, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """Return the answer, of whatever status, within the time limit from first to last byte."""
        session, surroundings = self._session(url)
        deadline = self._monotonic() + self._timeout_s
        timeout = (min(CONNECT_TIMEOUT_S, self._timeout_s), self._timeout_s)
        with _named_by_recovery():
            prepared = requests.Request(method, url, headers=headers, data=body).prepare()
            response = session.send(
                prepared, timeout=timeout, allow_redirects=False, **surroundings
            )
            with response:
                content = self._read(response, deadline)
        return Answer(response.status_code, response.headers, content)

    def _session(self, url: str) -> tuple[requests.Session, Mapping[str, Any]]:
        """Return this thread's session, and the proxy and certificates its surroundings ask for."""
        known: dict[str, tuple[requests.Session, Mapping[str, Any]]]
        known = self._threads.__dict__.setdefault("by_origin", {})
        parts = urlsplit(url)
        origin = f"{parts.scheme}://{parts.netloc}"
        if origin not in known:
            known[origin] = _prepare(self._sessions(), origin, public_only=self._public_only)
        return known[origin]

    def _read(self, response: requests.Response, deadline: float) -> bytes:
        pieces, size = [], 0
        for piece in response.iter_content(_CHUNK):
            pieces.append(piece)
            size += len(piece)
            if self._monotonic() > deadline:
                raise NoAnswer(f"the answer was not complete after {self._timeout_s:g} s")
            if size > MAX_BODY:
                raise Unusable(f"the answer is longer than {MAX_BODY} bytes")
        return b"".join(pieces)


class _OneContext(HTTPAdapter):
    """An adapter whose connections share one TLS context: loading the certificates costs 20 ms."""

    def __init__(self, certificates: str, *, public_only: bool) -> None:
        self._context = _tls_context(certificates)
        self._public_only = public_only
        super().__init__()

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs, ssl_context=self._context)
        if self._public_only:
            self.poolmanager.pool_classes_by_scheme = {"https": PublicPool}

    def proxy_manager_for(self, proxy: str, **kwargs: Any) -> Any:
        return super().proxy_manager_for(proxy, **kwargs, ssl_context=self._context)

    def cert_verify(self, conn: Any, *_: Any) -> None:
        """Leave the certificates to the context; a path here loads them for each connection."""
        conn.cert_reqs = "CERT_REQUIRED"


@cache
def _tls_context(certificates: str) -> ssl.SSLContext:
    return ssl.create_default_context(cafile=certificates)


def _prepare(
    session: requests.Session, origin: str, *, public_only: bool
) -> tuple[requests.Session, Mapping[str, Any]]:
    surroundings = session.merge_environment_settings(origin, {}, True, None, None)
    certificates = surroundings["verify"]  # True, or a path from REQUESTS_CA_BUNDLE
    if origin.startswith("https"):
        path = DEFAULT_CA_BUNDLE_PATH if certificates is True else str(certificates)
        session.mount("https://", _OneContext(path, public_only=public_only))
    return session, {**surroundings, "verify": True}


@contextmanager
def _named_by_recovery() -> Iterator[None]:
    """Turn what requests raises into what to do about it."""
    try:
        yield
    except (ConnectTimeout, ProxyError, SSLError) as error:
        raise NotSent(f"no connection: {_cause(error)}") from error
    except (ChunkedEncodingError, ContentDecodingError) as error:
        raise Unusable(f"the answer broke off: {_cause(error)}") from error
    except InvalidURL as error:
        raise Misconfigured(f"not an address: {error}") from error
    except requests.RequestException as error:
        refused = bool(error.args) and isinstance(error.args[0], MaxRetryError)
        if refused:
            raise NotSent(f"no connection: {_cause(error)}") from error
        raise NoAnswer(f"no answer: {_cause(error)}") from error


def _cause(error: BaseException) -> str:
    """Name the innermost error; the outer ones repeat addresses and object ids."""
    while error.args and isinstance(error.args[0], BaseException):
        error = error.args[0]
    reason = getattr(error, "reason", None)
    if isinstance(reason, BaseException):
        error = reason
    return f"{type(error).__name__}: {error.args[-1] if error.args else ''}"


def document(answer: Answer) -> Any:
    """Return the JSON of an answer; raises ``Unusable`` for anything else, an empty body too."""
    kind = answer.headers.get("content-type", "")
    if "json" not in kind:
        raise Unusable(f"expected JSON, got {kind or 'no type'} with status {answer.status}")
    try:
        return orjson.loads(answer.body)
    except orjson.JSONDecodeError as error:
        raise Unusable(f"the JSON of the answer is broken: {error}") from error


def mapping_in(value: Any) -> Mapping[str, Any]:
    """Return what should be an object, empty if it is none: for what an error may leave out."""
    return value if isinstance(value, dict) else {}


def list_in(value: Any) -> list[Any]:
    """Return what should be a list, empty if it is none."""
    return value if isinstance(value, list) else []


@contextmanager
def shaped(what: str) -> Iterator[None]:
    """Raise ``Unusable`` where the block trips over an answer of another shape than promised."""
    try:
        yield
    except (KeyError, TypeError, ValueError, IndexError, AttributeError) as error:
        message = f"{what} has another shape than promised: {type(error).__name__} {error}"
        raise Unusable(message) from error
