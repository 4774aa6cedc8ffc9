"""Keep a worker small and quick: what a batch needed goes back to the system when it is done.

glibc gives each thread a heap of its own, and none of them shrinks; with eight threads that doubles
what their batches take.  Python looks for cycles after every 700 new objects; a batch makes a
million, and no cycles.
"""

import ctypes
import gc
import sys
from typing import Any

from celery.signals import worker_init

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Of ``mallopt``, from ``malloc.h``."""
_OPTIONS = {_ARENA_MAX: 1, _TRIM_THRESHOLD: 65_536, _MMAP_THRESHOLD: 65_536}


_OBJECTS = 50_000
"""New objects, less those that are gone, after which cycles are looked for."""


def install() -> None:
    """Let every worker keep one heap for all its threads, and look for cycles seldom."""
    worker_init.connect(_on_init, weak=False, dispatch_uid="guestlist.memory")


def _on_init(**_: Any) -> None:
    if sys.platform.startswith("linux"):
        one_heap()
    gc.freeze()  # what was imported stays
    gc.set_threshold(_OBJECTS, 20, 20)


def one_heap() -> bool:
    """Tell this process's malloc; ``False``: it is no glibc, and has no such thing."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return all(mallopt(option, value) == 1 for option, value in _OPTIONS.items())
