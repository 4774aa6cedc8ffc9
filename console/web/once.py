"""Start a run at most once, however often a program asks: the meaning of ``Idempotency-Key``."""

import hashlib
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any, NamedTuple

import orjson
from flask import request
from werkzeug.exceptions import BadRequest, UnprocessableEntity

from console.web.callers import caller
from console.web.running import reloaded
from console.web.site import site
from guestlist.domain.errors import Misconfigured
from guestlist.engine.services import Services
from guestlist.store import replays, runs
from guestlist.store.replays import Replay
from guestlist.store.runs import Run

HEADER = "Idempotency-Key"
REMEMBERED = timedelta(days=2)
LONGEST_KEY = 255


class Started(NamedTuple):
    run: Run
    replayed: bool
    """The key was used before: this is the run of then."""


def once(asked: Any, start: Callable[[Services], Run]) -> Started:
    """Start a run, or return the one that the same request under the same key started before.

    The run's id follows from who asks and the key, so that a try that died half-way goes on
    where it stopped.  Another request under a used key is refused.
    """
    here = site()
    services = here.connected
    key = request.headers.get(HEADER, "")
    if not key:
        return Started(reloaded(start(services)), replayed=False)
    if len(key) > LONGEST_KEY or not key.isprintable():
        raise BadRequest(f"{HEADER} may have {LONGEST_KEY} printable characters.")
    digest = _hash([caller().who, key])
    wanted = Replay(_hash([request.path, asked]), f"r_{digest[:12]}")
    now = here.clock()
    with here.database.begin() as conn:
        first = replays.remember(conn, digest, wanted, now=now, forget=now - REMEMBERED)
        before = runs.get(conn, first.run_id)
    if first.asked != wanted.asked:
        raise UnprocessableEntity(f"This {HEADER} was used for another request.")
    if before:
        return Started(before, replayed=True)
    return _start(services, first.run_id, start)


def _start(services: Services, run_id: str, start: Callable[[Services], Run]) -> Started:
    word = run_id.removeprefix("r_")
    try:
        run = start(replace(services, new_id=lambda: word))
    except Misconfigured:
        with services.database.read() as conn:
            meanwhile = runs.get(conn, run_id)
        if meanwhile is None:
            raise
        return Started(meanwhile, replayed=True)
    return Started(reloaded(run), replayed=False)


def _hash(parts: Any) -> str:
    return hashlib.sha256(orjson.dumps(parts, option=orjson.OPT_SORT_KEYS)).hexdigest()
