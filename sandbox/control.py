"""The sandbox's own API under ``/sandbox/``: time, faults, options, edits by hand, the journal."""

from typing import Any
from urllib.parse import urlsplit

import orjson

from sandbox import control_routes
from sandbox.asked import Refused
from sandbox.wire import Request, Response
from sandbox.world import World

_LOCAL = frozenset({"127.0.0.1", "localhost", "::1"})


class Control:
    """Answers programs of this machine, never a web page."""

    def __init__(self, world: World) -> None:
        self._world = world

    def handle(self, request: Request) -> Response:
        """Answer one request; bad input is a 400 with one sentence that says why."""
        try:
            _trust(request)
            return _rendered(control_routes.answer(self._world, request))
        except Refused as error:
            return _json(error.status, {"error": error.message})


def _trust(request: Request) -> None:
    """Keep web pages out: they name their origin, or have pointed a name of theirs at us."""
    host = urlsplit(f"//{request.headers.get('host', 'localhost')}").hostname
    if host not in _LOCAL or "origin" in request.headers:
        raise Refused("Control answers programs of this machine only.", 403)


def _rendered(answer: Any) -> Response:
    if isinstance(answer, bytes):
        return Response(200, answer, {"content-type": "application/x-ndjson"})
    return _json(200, answer)


def _json(status: int, content: Any) -> Response:
    body = orjson.dumps(content, option=orjson.OPT_APPEND_NEWLINE)
    return Response(status, body, {"content-type": "application/json"})
