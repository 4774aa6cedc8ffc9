"""``demo --serve``: everything stays up until Ctrl-C, and what dies is started again."""

import shlex
import sys
import time
from pathlib import Path

from console.demo.stage import JOURNAL, Stage
from console.demo.teller import Teller

LOOK_EVERY_S = 0.2


def serve_until_interrupted(stage: Stage, teller: Teller) -> None:
    """Say how to work with what runs, and keep it running; Ctrl-C is the ordinary end."""
    for line in _directions(stage):
        teller.say(line)
    try:
        while True:
            _revive(stage, teller)
            time.sleep(LOOK_EVERY_S)
    except KeyboardInterrupt:
        teller.say("\nending everything")


def _revive(stage: Stage, teller: Teller) -> None:
    for part in stage.processes.ended():
        teller.say(f"{part.name} ended with {part.process.returncode}; it is started again")
        stage.processes.restart(part)


def _directions(stage: Stage) -> list[str]:
    guestlist = shlex.quote(str(Path(sys.executable).with_name("guestlist")))
    folder = shlex.quote(str(stage.folder))
    return [
        "",
        "Everything keeps running until Ctrl-C.",
        f"  HubSpot     {stage.sandbox['hubspot']}",
        f"  Salesforce  {stage.sandbox['salesforce']}",
        f"  broker      {stage.broker.url}",
        f"  journal     {stage.folder / JOURNAL}",
        "In another shell:",
        f"  cd {folder}",
        f"  {guestlist} doctor",
        f"  {guestlist} errors ls",
        f"  {guestlist} sync start --wait",
    ]
