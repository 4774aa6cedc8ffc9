"""Say that a worker or beat is alive: in files that ``worker.probes`` reads, and in Redis.

The file is touched from the worker's timer and from beat's loop.
"""

import os
import socket
import time
from collections.abc import Mapping
from functools import cache, partial
from pathlib import Path
from threading import Event, Thread
from typing import Any

import celery
from celery import bootsteps
from celery.beat import PersistentScheduler
from celery.signals import worker_ready

from guestlist.connectors.presence import EVERY_S, Kind, Presence, open_presence
from worker.options import beat_schedule
from worker.pace import PollPace
from worker.probes import BEAT_EVERY_S, LIVE, READY, clear, mark, probe_dir
from worker.settings import load

BEAT_NODE = "beat"


class Noted:
    """Lets the other processes know of a node, not too often."""

    def __init__(self, kind: Kind, node: str) -> None:
        self._kind = kind
        self._node = node
        self._at = -EVERY_S

    def __call__(self) -> None:
        now = time.monotonic()
        if now - self._at >= EVERY_S:
            self._at = now
            _presence().note(self._kind, self._node)


class Heartbeat(bootsteps.StartStopStep):
    """Touches a file as long as the worker's timer runs, under prefork and under threads alike.

    The timer stands still while the consumer waits for a lost broker; a restart would not bring
    that back, so meanwhile a thread vouches for the worker.
    """

    requires = ("celery.worker.components:Timer", "celery.worker.components:Pool")

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self._folder = probe_dir(os.environ)
        self._timer_entry: Any = None
        self._stopped = Event()
        self._voucher: Thread | None = None

    def start(self, parent: Any) -> None:
        clear(self._folder, parent.hostname)
        mark(self._folder, parent.hostname, LIVE)
        self._timer_entry = parent.timer.call_repeatedly(
            BEAT_EVERY_S, mark, (self._folder, parent.hostname, LIVE)
        )
        self._voucher = Thread(target=self._vouch, args=(parent,), name="heartbeat", daemon=True)
        self._voucher.start()

    def stop(self, parent: Any) -> None:
        self._stopped.set()
        if self._voucher is not None:
            self._voucher.join(timeout=BEAT_EVERY_S)
        if self._timer_entry is not None:
            self._timer_entry.cancel()
            self._timer_entry = None
        clear(self._folder, parent.hostname)

    def terminate(self, parent: Any) -> None:
        self.stop(parent)

    def _vouch(self, parent: Any) -> None:
        noted = Noted(Kind.WORKER, parent.hostname)
        noted()
        while not self._stopped.wait(BEAT_EVERY_S):
            noted()
            if getattr(parent.consumer, "connection", None) is None:
                mark(self._folder, parent.hostname, LIVE)


class HeartbeatScheduler(PersistentScheduler):
    """Beat's usual scheduler, leaving a heartbeat at every turn of its loop.

    Polls come as often as the settings in force say, whenever those change.
    """

    max_interval = int(BEAT_EVERY_S)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._noted = Noted(Kind.BEAT, f"{BEAT_NODE}@{socket.gethostname()}")
        self._pace = PollPace(partial(load, os.environ))
        super().__init__(*args, **kwargs)

    def tick(self, *args: Any, **kwargs: Any) -> Any:
        for kind in (LIVE, READY):  # beat that ticks is ready: it waits for nothing
            mark(_folder(), BEAT_NODE, kind)
        self._noted()
        if polls := self._pace.news():
            self._take(beat_schedule(polls))
        return super().tick(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Open the file of the schedule; on a new machine its folder is not there yet."""
        file: Any = vars(self)["schedule_filename"]  # which the stubs do not know
        Path(file).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        super().setup_schedule()

    def _take(self, entries: Mapping[str, Any]) -> None:
        """Go by these intervals; an entry keeps the time of its last run."""
        for name, entry in entries.items():
            if name in self.schedule:
                self.schedule[name].update(self.Entry(name=name, app=self.app, **entry))
        self._heap = None

    def close(self) -> None:
        clear(_folder(), BEAT_NODE)
        super().close()


def install(app: "celery.Celery[Any]") -> None:
    """Give every worker of *app* a heartbeat and a ready file; beat has both by its scheduler."""
    app.steps["worker"].add(Heartbeat)
    worker_ready.connect(_on_ready, weak=False, dispatch_uid="guestlist.ready")


def _on_ready(sender: Any, **_: Any) -> None:
    mark(_folder(), sender.hostname, READY)


def _folder() -> Path:
    return probe_dir(os.environ)


@cache
def _presence() -> Presence:
    return open_presence(load(os.environ).settings)
