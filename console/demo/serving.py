"""``demo --serve``: everything stays up until Ctrl-C, and what dies is started again."""

import shlex
import sys
import time
from collections import Counter
from pathlib import Path

from console.demo.processes import Part
from console.demo.stage import JOURNAL, SANDBOX, Stage
from console.demo.teller import Teller
from console.demo.website import Website, open_website

LOOK_EVERY_S = 0.2
MOST_REVIVALS = 20
"""What dies more often than that does so for a reason of its own."""


def serve_until_interrupted(stage: Stage, teller: Teller) -> None:
    """Say how to work with what runs, and keep it running; Ctrl-C is the ordinary end."""
    website = open_website(stage)
    for line in _directions(stage, website):
        teller.tell(line)
    revived: Counter[str] = Counter()
    try:
        while True:
            for part in stage.processes.ended():
                revived[part.name] += 1
                _revive(stage, teller, part, times=revived[part.name])
            time.sleep(LOOK_EVERY_S)
    except KeyboardInterrupt:
        teller.say("\nEnding everything.")


def _revive(stage: Stage, teller: Teller, part: Part, *, times: int) -> None:
    """Start a process again, as a supervisor would; a sandbox would come back as another world."""
    if part.name == SANDBOX or times > MOST_REVIVALS:
        stage.processes.refuse_ended()
    teller.say(f"{part.name} ended with {part.process.returncode} and is started again.")
    stage.processes.restart(part)


def _directions(stage: Stage, website: Website) -> list[str]:
    guestlist = shlex.quote(str(Path(sys.executable).with_name("guestlist")))
    folder = shlex.quote(str(stage.folder))
    return [
        "",
        "Everything keeps running until Ctrl-C.",
        f"  console     {website.url}  user {website.user}, password {website.password}",
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
