"""Carries a script out, at a steady rate, as people in both CRMs."""

import time
from collections.abc import Callable
from typing import NamedTuple

from benchmarks.proof.script import Act, Script
from console.demo.control import Control


class Worked(NamedTuple):
    """How it went."""

    edits: int
    seconds: float

    @property
    def rate(self) -> float:
        """Return the edits a second, of both sides together."""
        return self.edits / self.seconds if self.seconds else 0.0


class People:
    """Everybody who works in the CRMs."""

    def __init__(self, control: Control) -> None:
        self._control = control
        self._ids: dict[str, str] = {}
        """Of what was created, by its name in the script."""

    def work(
        self, script: Script, *, rate: float, seconds: float, alive: Callable[[], None]
    ) -> Worked:
        """Act *rate* times a second on each side, for so long; *alive* may end it with an error."""
        began, done = time.monotonic(), 0
        while (passed := time.monotonic() - began) < seconds:
            due = int(passed * rate) + 1
            if done >= due:
                time.sleep(max(0.0, done / rate - passed))
                continue
            self.act(script.hubspot())
            self.act(script.salesforce())
            done += 1
            alive()
        return Worked(2 * done, time.monotonic() - began)

    def act(self, act: Act) -> None:
        """Make one request, past every limit."""
        kept = "properties" if act.crm == "hubspot" else "fields"
        body: dict[str, object] = {kept: act.fields, "bypass_rules": True}
        if act.verb == "update":
            body["id"] = self._ids.get(act.who, act.who)
        made = self._control.edit(act.crm, act.type, act.verb, body)
        if act.verb != "update":
            self._ids[act.who] = str(made["id"])
