"""The steps of the demo: what a person would do, in that order."""

from typing import Any

from console.commands.errors import draw as draw_errors
from console.commands.explain import draw as draw_explained
from console.demo.stage import Stage
from console.demo.teller import Teller
from console.demo.waiting import to_its_end
from console.planning import Planned, planned
from console.printer import clean, count
from console.session import Refusal, Session
from console.words import show_changes, show_planned
from guestlist.engine import launch, lists
from guestlist.engine.explain import explain
from guestlist.store import problems
from guestlist.store.runs import Run

OBJECT = "contacts"


class Story:
    """Acts through the engine as the commands do; what they would print is shown as it comes."""

    def __init__(self, stage: Stage, session: Session, teller: Teller) -> None:
        self._stage = stage
        self._session = session
        self._teller = teller
        self.list_id = str(stage.sandbox["lists"]["inclusion"])

    def choose(self) -> None:
        """Choose who syncs."""
        self._teller.step("Choose who syncs")
        self._teller.typed(f"list use {self.list_id}")
        services = self._session.connected
        definition = lists.find_list(services, OBJECT, self.list_id)
        lists.use(services, OBJECT, definition, by=self._session.who)
        contacts = self._stage.control.state()["records"]["hubspot"][OBJECT]
        self._teller.say(
            f"HubSpot's active list {clean(definition.name)!r} holds "
            f"{count(definition.size or 0)} of {count(contacts)} contacts. "
            "Choosing it syncs nobody."
        )

    def plan(self) -> Planned:
        """Show what a sync would do, and what it would cost."""
        self._teller.step("Plan")
        self._teller.typed("plan")
        made = planned(self._session, OBJECT)
        self._teller.show(lambda: self._draw_plan(made))
        return made

    def _draw_plan(self, made: Planned) -> None:
        printer, preview = self._session.printer, made.preview
        show_planned(printer, preview.outcomes)
        for key, changes in preview.samples[:1]:
            printer.line(f"for example record {clean(key)}:")
            show_changes(printer, changes)
        for crm, cost in preview.cost._asdict().items():
            printer.line(f"{crm}: about {count(cost)} API calls{made.allowances[crm].words()}")

    def sync(self) -> Run:
        """Sync every member of the list."""
        self._teller.typed("sync start --wait")
        return self._ended(launch.start_list(self._session.connected, OBJECT, by=self._session.who))

    def explain(self) -> None:
        """Say why somebody who is not in the list did not sync."""
        self._teller.step("Explain one contact who did not sync")
        key = self._outsider()
        self._teller.typed(f"explain {key}")
        told = explain(self._session.connected, OBJECT, key)
        self._teller.show(lambda: draw_explained(self._session, told, history=False))

    def _outsider(self) -> str:
        members = self._stage.control.members(self.list_id)
        contacts = self._stage.control.records("hubspot", OBJECT)
        outside = (each["id"] for each in contacts if each["id"] not in members)
        return str(next(outside, contacts[0]["id"]))

    def mend(self) -> Run:
        """Mend a sync error where a person would, in HubSpot, and sync that contact again."""
        self._teller.step("Mend a sync error")
        fixable = self._stage.sandbox["fixable"]
        key = str(fixable["id"])
        self._teller.typed(f"errors show {key}")
        with self._session.database.read() as connection:
            problem = problems.get(connection, OBJECT, key)
        if problem is None:
            raise Refusal(f"contact {key} has no sync error, although Salesforce must refuse it")
        self._teller.show(lambda: draw_errors(self._session, [problem]))
        self._edit(fixable)
        self._teller.typed(f"sync start --record {key} --wait")
        return self._ended(
            launch.start_records(self._session.connected, OBJECT, [key], by=self._session.who)
        )

    def _edit(self, fixable: dict[str, Any]) -> None:
        self._stage.control.edit("hubspot", OBJECT, "update", fixable)
        said = ", ".join(f"{name} to {value!r}" for name, value in fixable["properties"].items())
        self._teller.say(f"Somebody opens the contact in HubSpot and sets {said}.")

    def _ended(self, run: Run) -> Run:
        return to_its_end(self._stage, self._session, self._teller, run)
