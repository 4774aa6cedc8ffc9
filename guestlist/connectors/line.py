"""One lane's line to one CRM: wait for its turn, count the call, name it, send it, listen."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any, TypeVar

from guestlist.connectors.allowance import Told
from guestlist.connectors.calls import Calls
from guestlist.connectors.http import Answer, NoAnswer, Transport
from guestlist.connectors.peer import NotSent
from guestlist.connectors.turn import PATIENCE_S, SOON_OVER, Limiter, Turn, waiting
from guestlist.domain.errors import Waiting
from schemas.records import Crm

T = TypeVar("T")

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
        patience_s: float = PATIENCE_S,
    ) -> None:
        self.crm = crm
        self.lane = lane
        self.retry = retry
        """What it is for was tried before."""
        self.patience_s = patience_s
        """How long it waits for its turn; never less than a worker does."""
        self.calls = calls or Calls()
        self.server_time: datetime | None = None
        """What the last answer on this line had as its ``Date``: the CRM's clock, in seconds."""
        self._transport = transport
        self._limiter = limiter
        self._sleep = sleep
        self._new_id = new_id

    def on(self, lane: str, *, retry: bool = False, patience_s: float | None = None) -> "Line":
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
            patience_s=self.patience_s if patience_s is None else patience_s,
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

    def patiently(self, call: Callable[[], T]) -> T:
        """Make a call again that the CRM turned away, others having used up its allowance.

        For whoever has more patience than a worker; :meth:`send` then waits as long as it has to.
        """
        left_s = self.patience_s
        while True:
            try:
                return call()
            except Waiting as held:
                left_s -= held.seconds
                hasty = self.patience_s <= PATIENCE_S or held.reason not in SOON_OVER
                if hasty or left_s < 0:
                    raise

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
            patience_s = self.patience_s if turn.reason in SOON_OVER else PATIENCE_S
            if waited + turn.seconds > patience_s:
                raise waiting(turn, self.crm)
            self._sleep(turn.seconds)
            waited += turn.seconds
            placed = turn.seconds <= PATIENCE_S
            turn = self._limiter.acquire(self.crm, kind, self.lane, queued=placed, retry=self.retry)
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
