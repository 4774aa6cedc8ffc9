"""The sandbox without sockets: a ``requests`` adapter that calls a CRM directly.

Delays cost no time: they move the sandbox's clock, past the caller's time limit if need be.
"""

import heapq
import io
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import timedelta
from email.utils import formatdate
from typing import Any

import requests
import urllib3
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from sandbox import mount
from sandbox.crm import CRM
from sandbox.delivery import Ending, Treatment
from sandbox.server import decode
from sandbox.wire import App, Request, Response
from sandbox.world import World

Watch = Callable[[CRM, Request], None]
"""Called before each request is treated: the place to change the world in the middle of things."""


def _look_away(_crm: CRM, _request: Request) -> None:
    pass


class InProcess(BaseAdapter):
    """Mount it on a session for the CRM's address; faults and control work as over the wire."""

    def __init__(self, world: World, crm: CRM, *, watch: Watch = _look_away) -> None:
        super().__init__()
        self._world = world
        self._crm = crm
        self._app: App = mount.app(world, crm)
        self._watch = watch
        self._under_way: list[tuple[float, int, Request]] = []
        self._count = 0

    def send(  # noqa: PLR0917
        self,
        request: requests.PreparedRequest,
        stream: bool = False,  # noqa: ARG002, FBT001, FBT002
        timeout: float | tuple[float | None, float | None] | None = None,
        verify: bool | str = True,  # noqa: ARG002, FBT001, FBT002
        cert: Any = None,  # noqa: ARG002
        proxies: Mapping[str, str] | None = None,  # noqa: ARG002
    ) -> requests.Response:
        """Answer *request*, or fail as the network would."""
        asked = _decoded(request)
        self._watch(self._crm, asked)
        self.land()
        treatment = mount.treat(self._world, self._crm, asked)
        limit = timeout[1] if isinstance(timeout, tuple) else timeout
        response = self._apply(request, asked, treatment, limit)
        if treatment.ending is Ending.LOST:
            raise requests.ConnectionError("Remote end closed connection", request=request)
        date = formatdate(self._world.clock.timestamp(), usegmt=True)
        dated = replace(response, headers={**response.headers, "date": date})
        return _answer(request, dated, cut=treatment.ending is Ending.CUT)

    def land(self) -> None:
        """Apply the requests whose callers have given up and whose time has come."""
        while self._under_way and self._under_way[0][0] <= self._world.clock.timestamp():
            self._app(heapq.heappop(self._under_way)[2])

    def close(self) -> None:
        """Nothing is held open."""

    def _apply(
        self,
        request: requests.PreparedRequest,
        asked: Request,
        treatment: Treatment,
        limit: float | None,
    ) -> Response:
        if limit is not None and treatment.wait > limit:
            due = self._world.clock.timestamp() + treatment.wait
            self._count += 1
            heapq.heappush(self._under_way, (due, self._count, asked))
            self._give_up(request, limit)
        self._spend(treatment.wait)
        response = treatment.instead or self._handle(asked, treatment.times)
        if limit is not None and treatment.wait + treatment.hold > limit:
            self._give_up(request, limit - treatment.wait)
        self._spend(treatment.hold)
        return response

    def _handle(self, asked: Request, times: int) -> Response:
        return [self._app(asked) for _ in range(times)][-1]

    def _give_up(self, request: requests.PreparedRequest, seconds: float) -> None:
        self._spend(seconds)
        raise requests.ReadTimeout("Read timed out.", request=request)

    def _spend(self, seconds: float) -> None:
        if seconds:
            self._world.clock.move(timedelta(seconds=seconds))


def session(
    world: World, addresses: Mapping[CRM, str], *, watch: Watch = _look_away
) -> requests.Session:
    """Return a session that reaches each CRM of *world* at its address, without a socket."""
    made = requests.Session()
    made.trust_env = False
    for crm, address in addresses.items():
        made.mount(address, InProcess(world, crm, watch=watch))
    return made


def _decoded(request: requests.PreparedRequest) -> Request:
    body = request.body or b""
    if not isinstance(body, bytes | str):
        body = b"".join(body)
    headers = {name.lower(): str(value) for name, value in request.headers.items()}
    headers.setdefault("host", urllib3.util.parse_url(str(request.url)).netloc or "")
    encoded = body.encode() if isinstance(body, str) else body
    return decode(str(request.method), request.path_url, headers, encoded)


def _answer(
    request: requests.PreparedRequest, response: Response, *, cut: bool
) -> requests.Response:
    body = b"" if request.method == "HEAD" else response.body
    raw = urllib3.HTTPResponse(
        body=io.BytesIO(body[: len(body) // 2] if cut else body),
        status=response.status,
        headers={**response.headers, "content-length": str(len(body))},
        preload_content=False,
        request_method=request.method,
    )
    made = requests.Response()
    made.status_code = response.status
    made.headers = CaseInsensitiveDict(raw.headers)
    made.encoding = requests.utils.get_encoding_from_headers(made.headers)
    made.raw = raw
    made.url = str(request.url)
    made.request = request
    made.reason = ""
    return made
