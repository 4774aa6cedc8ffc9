"""One lane's line to one CRM: wait for its turn, count the call, name it, send it."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from guestlist.connectors.calls import Calls
from guestlist.connectors.http import Answer, Transport
from guestlist.connectors.limiter import PATIENCE_S, Limiter, waiting
from schemas.records import Crm


class Line:
    """What a client sends through.  Lines of other lanes share the transport and the counts."""

    def __init__(
        self,
        crm: Crm,
        transport: Transport,
        *,
        limiter: Limiter,
        lane: str,
        sleep: Callable[[float], object],
        new_id: Callable[[], str],
        calls: Calls | None = None,
    ) -> None:
        self.crm = crm
        self.lane = lane
        self.calls = calls or Calls()
        self.server_time: datetime | None = None
        """What the last answer on this line had as its ``Date``: the CRM's clock, in seconds."""
        self._transport = transport
        self._limiter = limiter
        self._sleep = sleep
        self._new_id = new_id

    def on(self, lane: str) -> "Line":
        """Return a line of another lane that counts its own calls, and counts them here too."""
        return Line(
            self.crm,
            self._transport,
            limiter=self._limiter,
            lane=lane,
            sleep=self._sleep,
            new_id=self._new_id,
            calls=Calls(self.calls),
        )

    def send(
        self, kind: str, method: str, url: str, *, headers: Mapping[str, str], body: bytes = b""
    ) -> Answer:
        """Return the CRM's answer; raises ``Waiting`` when the lane's turn is too far off."""
        self._wait(kind)
        request_id = self._new_id()
        self.calls.add(kind)
        named = {
            **headers,
            "User-Agent": user_agent(),
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "X-Request-Id": request_id,
        }
        answer = self._transport.send(method, url, headers=named, body=body)
        self.server_time = _date(answer) or self.server_time
        return answer._replace(request_id=request_id)

    def penalise(self, kind: str, seconds: float) -> None:
        """Let nobody call for a while: the CRM said that an allowance is used up."""
        self._limiter.penalise(self.crm, kind, seconds)

    def _wait(self, kind: str) -> None:
        waited = 0.0
        wait = self._limiter.acquire(self.crm, kind, self.lane)
        while wait > 0:
            if waited + wait > PATIENCE_S:
                raise waiting(wait)
            self._sleep(wait)
            waited += wait
            wait = self._limiter.acquire(self.crm, kind, self.lane, queued=True)


def _date(answer: Answer) -> datetime | None:
    """Return the time an answer bears; a proxy may leave it out, or write what it likes."""
    try:
        return parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return None


@cache
def user_agent() -> str:
    try:
        return f"guestlist/{version('guestlist')}"
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "guestlist"


def bearer(token: str, **more: Any) -> dict[str, str]:
    """Headers of a JSON call with a token."""
    return {"Authorization": f"Bearer {token}", "Content-Type": "application/json", **more}
