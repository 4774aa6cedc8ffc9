"""Named steps at which a test may kill, stop or fail this process; unarmed they do nothing.

``failpoint.hit("drain.claimed")`` marks a step.  A process that was armed looks for a file of that
name in a folder, which holds the action to take there, once.  Only a worker in development arms
itself, when it starts.
"""

import os
import signal
from collections.abc import Callable, Mapping
from contextlib import suppress
from enum import StrEnum
from pathlib import Path
from types import MappingProxyType

ENV = "GUESTLIST_FAILPOINTS"

POINTS: Mapping[str, str] = MappingProxyType(
    {
        "poll.page_fetched": "a page of changes was read, and nothing of it stored",
        "poll.rows_inserted": "its work rows and its cursor are in a transaction not committed yet",
        "poll.watermark_committed": "that transaction is committed, and no message sent",
        "drain.claimed": "records are claimed in a transaction not committed yet",
        "drain.intent_committed": "that transaction is committed, and nothing read",
        "gate.proof_received": "membership was proved, and nothing decided",
        "write.sent": "a CRM has done a write, and its answer was not looked at",
        "write.between": "Salesforce has answered, and HubSpot was not written",
        "write.response_received": "both CRMs have answered, and nothing is recorded",
        "write.recorded": "outcomes and links are in a transaction not committed yet",
        "write.result_committed": "that transaction is committed",
        "ack.before": "a batch is done, and its message is not acknowledged",
        "token.response": "a token was granted, and not kept",
        "token.committed": "a token is kept, and not used",
        "run.page_committed": "a run's page and checkpoint are committed, and no message sent",
        "sweep.stamped": "rows are marked as sent again, and no message sent",
        "list.page_k": "a page of the whole list was read, and not noted",
        "list.swap": "who entered and who left is in a transaction not committed yet",
        "reconcile.page_k": "a page of an audit was read, and not handed over",
        "settings.read_anew": "changed settings were read, and nothing done by them",
    }
)
"""Every step, and what has and has not happened by then."""


class Action(StrEnum):
    """What happens at an armed step."""

    KILL = "kill"
    """This process ends at once, as by the kernel for want of memory."""
    KILL_MAIN = "kill_main"
    """The parent of this process ends at once; this one goes on without it."""
    STOP = "stop"
    """This process stands still until somebody lets it go on."""
    RAISE = "raise"
    """An error that nothing expects."""


class Failed(Exception):
    """What nobody expects."""


def unarmed(_name: str) -> None:
    """Do nothing."""


hit: Callable[[str], None] = unarmed
"""Pass a step of this name."""


def arm(folder: Path | None) -> None:
    """Look into *folder* at every step from now on; ``None``: never again."""
    global hit  # noqa: PLW0603
    hit = unarmed if folder is None else _Armed(folder)


class _Armed:
    """Takes a step's file, so that of several processes one acts, and does what it says.

    The file is left as ``<step>.hit`` with the id of the process that acted.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def __call__(self, name: str) -> None:
        taken = self._folder / f"{name}.{os.getpid()}"
        try:
            (self._folder / name).rename(taken)
        except FileNotFoundError:
            return
        action = Action(taken.read_text())
        taken.write_text(str(os.getpid()))
        taken.rename(self._folder / f"{name}.hit")
        _act(action, name)


def _act(action: Action, name: str) -> None:
    match action:
        case Action.KILL:
            os.kill(os.getpid(), signal.SIGKILL)
        case Action.KILL_MAIN:
            with suppress(ProcessLookupError):
                os.kill(os.getppid(), signal.SIGKILL)
        case Action.STOP:
            os.kill(os.getpid(), signal.SIGSTOP)
        case Action.RAISE:
            raise Failed(f"failpoint {name}")
