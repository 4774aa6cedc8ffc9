"""Small servers for tests: any function from request to response, behind a real socket."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import orjson

from sandbox.clock import Clock
from sandbox.delivery import PLAIN, Treatment
from sandbox.running import listen
from sandbox.server import Site
from sandbox.wire import App, Request, Response


@contextmanager
def serving(app: App, *, treat: Callable[[Request], Treatment] = lambda _: PLAIN) -> Iterator[str]:
    """Serve *app* on loopback until the block ends, and yield its address."""
    with listen(Site(app, Clock(), treat)) as listening:
        yield listening.addresses[0]


def json(status: int, body: object, **headers: str) -> Response:
    kind = {"content-type": "application/json;charset=utf-8"}
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return Response(status, orjson.dumps(body), kind | named)


class Script:
    """An app that answers with one response after the other, and remembers what it was asked."""

    def __init__(self, *responses: Response | Callable[[Request], Response]) -> None:
        self.responses = list(responses)
        self.requests: list[Request] = []

    def __call__(self, request: Request) -> Response:
        self.requests.append(request)
        response = self.responses.pop(0)
        return response if isinstance(response, Response) else response(request)
