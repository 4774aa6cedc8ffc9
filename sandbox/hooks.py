"""What the CRMs send by themselves: HubSpot's webhooks, Salesforce's outbound messages.

Sent from a thread of its own, so that a receiver that is slow or gone slows no request.  Either
CRM sends again what was not answered well, and some of it twice, in no order.
"""

import itertools
import queue
import random
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.clock import Clock
from sandbox.crm import CRM
from sandbox.hubspot import webhooks
from sandbox.journal import Entry
from sandbox.salesforce import outbound

GATHER_S = 0.1
"""How long events are gathered before they are sent."""
TIMEOUT_S = 5.0
"""HubSpot: an answer that takes longer is none."""
ATTEMPTS = 10
"""HubSpot: a call is sent at most so often again.  It spreads them over a day; we do not."""
AGAIN_S = 0.3


@dataclass(slots=True)
class Hook:
    """One receiver."""

    crm: CRM
    url: str
    secret: str = ""
    """HubSpot: the app's client secret."""
    types: frozenset[str] = frozenset()
    """Object types it is told of."""
    repeat: float = 0.0
    """Share of the calls (0 to 1) that are sent twice."""
    sent: int = 0
    failed: int = 0
    waiting: int = 0

    def shown(self) -> dict[str, Any]:
        """Return it without its secret."""
        counts = {"sent": self.sent, "failed": self.failed, "waiting": self.waiting}
        return {"crm": self.crm.value, "url": self.url, "types": sorted(self.types), **counts}


@dataclass(order=True, slots=True)
class _Call:
    """One call to make, the next attempt first."""

    at: float
    number: int
    hook: Hook = field(compare=False)
    content: list[Any] = field(compare=False)
    attempt: int = field(default=0, compare=False)


class Hooks:
    """The receivers of one world, and the thread that sends."""

    def __init__(self, clock: Clock) -> None:
        self.portal_id = 0
        self.organization_id = ""
        self._clock = clock
        self._hooks: list[Hook] = []
        self._ids = itertools.count(1)
        self._gathered: dict[int, tuple[Hook, list[Any]]] = {}
        self._lock = threading.Lock()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None

    def add(self, hook: Hook) -> None:
        """Tell *hook* of what is written from now on."""
        self._hooks.append(hook)
        if self._thread is None:
            self._ended = threading.Event()
            work = _Sender(self, self._ended)
            self._thread = threading.Thread(target=work.run, name="hooks", daemon=True)
            self._thread.start()

    def shown(self) -> list[dict[str, Any]]:
        """Return every receiver with what it was sent."""
        return [hook.shown() for hook in self._hooks]

    def clear(self) -> None:
        """Tell nobody any more."""
        self._hooks = []
        self._ended.set()
        if self._thread and self._thread is not threading.current_thread():
            self._thread.join(timeout=TIMEOUT_S)
        self._thread = None
        with self._lock:
            self._gathered = {}

    def hear(self, entry: Entry) -> None:
        """Note what a write causes; called on the world's own thread."""
        for hook in self._hooks:
            if hook.crm.value == entry.crm and entry.type in hook.types:
                self._gather(hook, self._caused(entry))

    def _caused(self, entry: Entry) -> list[Any]:
        if entry.crm == CRM.HUBSPOT.value:
            return [*webhooks.events_of(entry, portal_id=self.portal_id, ids=self._ids)]
        made = outbound.notification_of(entry, self._ids)
        return [made] if made else []

    def _gather(self, hook: Hook, caused: list[Any]) -> None:
        if not caused:
            return
        with self._lock:
            hook.waiting += len(caused)
            self._gathered.setdefault(id(hook), (hook, []))[1].extend(caused)

    def take(self) -> Iterator[tuple[Hook, list[Any]]]:
        """Yield what was gathered, a hundred at a time."""
        with self._lock:
            gathered, self._gathered = self._gathered, {}
        for hook, caused in gathered.values():
            for start in range(0, len(caused), webhooks.MOST_EVENTS):
                yield hook, caused[start : start + webhooks.MOST_EVENTS]

    def note(self, hook: Hook, *, done: bool, events: int) -> None:
        """Count a call that will not be made again."""
        with self._lock:
            hook.waiting -= events
            hook.sent += done

    def call(self, hook: Hook, content: list[Any], attempt: int) -> bool:
        """Make one call; return whether it was answered as it has to be."""
        if hook.crm is CRM.HUBSPOT:
            events = [{**each, "attemptNumber": attempt} for each in content]
            at = self._clock.timestamp()
            body, headers = webhooks.signed(hook.url, hook.secret, events, at=at)
            status, _ = post(hook.url, body, headers)
            return 200 <= status < 300
        body = outbound.message(self.organization_id, content)
        return outbound.acknowledged(*post(hook.url, body, outbound.HEADERS))


class _Sender:
    """Makes the calls, one after the other, and again those that failed."""

    def __init__(self, hooks: Hooks, ended: threading.Event) -> None:
        self._hooks = hooks
        self._ended = ended
        self._dice = random.Random(1)
        self._due: queue.PriorityQueue[_Call] = queue.PriorityQueue()
        self._numbers = itertools.count()

    def run(self) -> None:
        elapsed = 0.0
        while not self._ended.wait(GATHER_S):
            elapsed += GATHER_S
            for hook, content in self._hooks.take():
                self._due.put(_Call(elapsed, next(self._numbers), hook, content))
            self._send(elapsed)

    def _send(self, now: float) -> None:
        later = []
        while not self._due.empty() and not self._ended.is_set():
            call = self._due.get()
            if call.at > now:
                later.append(call)
                break
            if again := self._try(call):
                later.append(again)
        for call in later:
            self._due.put(call)

    def _try(self, call: _Call) -> _Call | None:
        hook = call.hook
        done = self._hooks.call(hook, call.content, call.attempt)
        if done and self._dice.random() < hook.repeat:
            self._hooks.call(hook, call.content, call.attempt)
        if done or call.attempt >= ATTEMPTS:
            self._hooks.note(hook, done=done, events=len(call.content))
            return None
        hook.failed += 1
        at = call.at + AGAIN_S * (call.attempt + 1)
        return _Call(at, next(self._numbers), hook, call.content, call.attempt + 1)


def post(url: str, body: bytes, headers: Mapping[str, str]) -> tuple[int, bytes]:
    """Return status and body of the answer; 0: there was none."""
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}), _Stay())
    request = urllib.request.Request(url, data=body, headers=dict(headers))  # noqa: S310
    try:
        with opener.open(request, timeout=TIMEOUT_S) as answer:
            return answer.status, answer.read()
    except urllib.error.HTTPError as error:
        with error:
            return error.code, error.read()
    except OSError:
        return 0, b""


class _Stay(urllib.request.HTTPRedirectHandler):
    """Neither CRM follows a redirect."""

    def redirect_request(self, *_: Any, **__: Any) -> None:
        return None
