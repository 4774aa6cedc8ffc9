"""One lane's line to one CRM: wait for its turn, count the call, name it, send it, listen."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from guestlist.connectors.allowance import Told
from guestlist.connectors.calls import Calls
from guestlist.connectors.http import Answer, NoAnswer, Transport
from guestlist.connectors.peer import NotSent
from guestlist.connectors.turn import PATIENCE_S, Limiter, Turn, waiting
from schemas.records import Crm

_NOTHING = Told()
_TURNED_AWAY = frozenset({400, 401, 403})
"""What a credential that is not good any more may be answered with; 400 by token endpoints."""


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
        retry: bool = False,
    ) -> None:
        self.crm = crm
        self.lane = lane
        self.retry = retry
        """What it is for was tried before."""
        self.calls = calls or Calls()
        self.server_time: datetime | None = None
        """What the last answer on this line had as its ``Date``: the CRM's clock, in seconds."""
        self._transport = transport
        self._limiter = limiter
        self._sleep = sleep
        self._new_id = new_id

    def on(self, lane: str, *, retry: bool = False) -> "Line":
        """Return a line of another lane that counts its own calls, and counts them here too."""
        return Line(
            self.crm,
            self._transport,
            limiter=self._limiter,
            lane=lane,
            sleep=self._sleep,
            new_id=self._new_id,
            calls=Calls(self.calls),
            retry=retry,
        )

    def send(
        self,
        kind: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: bytes = b"",
        told: Callable[[Answer], Told] = lambda _: _NOTHING,
    ) -> Answer:
        """Return the CRM's answer; raises ``Waiting`` when the lane's turn is too far off.

        *told* reads what an answer says of the allowance.
        """
        turn = self._wait(kind)
        request_id = self._new_id()
        self.calls.add(kind)
        named = {
            **headers,
            "User-Agent": user_agent(),
            "Accept": "application/json",
            "Accept-Encoding": "gzip",
            "X-Request-Id": request_id,
        }
        try:
            answer = self._transport.send(method, url, headers=named, body=body)
        except (NotSent, NoAnswer):
            self._limiter.fail(self.crm)
            raise
        if _failed(answer.status):
            self._limiter.fail(self.crm)
        else:
            welcome = answer.status not in _TURNED_AWAY
            self._limiter.hear(self.crm, kind, told(answer), turn=turn, welcome=welcome)
        self.server_time = _date(answer) or self.server_time
        return answer._replace(request_id=request_id)

    def refuse(self) -> None:
        """Let everybody know that the CRM refused our credential."""
        self._limiter.refuse(self.crm)

    def penalise(self, kind: str, seconds: float) -> None:
        """Let nobody call for a while: the CRM said that an allowance is used up."""
        self._limiter.penalise(self.crm, kind, seconds)

    def _wait(self, kind: str) -> Turn:
        waited = 0.0
        turn = self._limiter.acquire(self.crm, kind, self.lane, retry=self.retry)
        while turn.seconds > 0:
            if waited + turn.seconds > PATIENCE_S:
                raise waiting(turn)
            self._sleep(turn.seconds)
            waited += turn.seconds
            turn = self._limiter.acquire(self.crm, kind, self.lane, queued=True, retry=self.retry)
        return turn


def _failed(status: int) -> bool:
    """Tell a CRM that is out of order, or refuses everybody, from one that answers."""
    return status >= 500 or status in {408, 429}


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
