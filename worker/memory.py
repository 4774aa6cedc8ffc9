"""Keep a worker small: what a batch needed goes back to the system when it is done.

glibc gives each thread a heap of its own, and none of them shrinks; with eight threads that doubles
what their batches take.
"""

import ctypes
import sys
from typing import Any

from celery.signals import worker_init

_TRIM_THRESHOLD, _MMAP_THRESHOLD, _ARENA_MAX = -1, -3, -8
"""Of ``mallopt``, from ``malloc.h``."""
_OPTIONS = {_ARENA_MAX: 1, _TRIM_THRESHOLD: 65_536, _MMAP_THRESHOLD: 65_536}


def install() -> None:
    """Let every worker keep one heap for all its threads, from before it starts them."""
    worker_init.connect(_on_init, weak=False, dispatch_uid="guestlist.memory")


def _on_init(**_: Any) -> None:
    if sys.platform.startswith("linux"):
        one_heap()


def one_heap() -> bool:
    """Tell this process's malloc; ``False``: it is no glibc, and has no such thing."""
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is None:
        return False
    return all(mallopt(option, value) == 1 for option, value in _OPTIONS.items())
