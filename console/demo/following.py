"""The second act: both CRMs are followed while people work in them."""

import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from itertools import islice
from typing import NamedTuple

from console.demo.proof import CALLER, EXTERNAL_ID, in_step_with
from console.demo.stage import Stage
from console.demo.teller import Teller
from console.demo.two_way import Edit, Followed, Row, caused
from console.demo.waiting import to_its_end
from console.printer import count
from console.session import Refusal, Session
from guestlist.domain.outcome import Outcome
from guestlist.domain.reason import Reason
from guestlist.engine import follow
from guestlist.engine.importing import import_ids
from guestlist.store import listing

OBJECT = "contacts"
EDITS = 48
"""At most; half of them in either CRM."""
EDIT_EVERY_S = 0.05
IMPORTED = 6
"""At most; a world has one such person in fifty contacts."""
REPORT = "report.csv"
ENTERED = "nora.newcomer@entered.example"
PATIENCE_S = 60.0
LOOK_EVERY_S = 0.2


class Pair(NamedTuple):
    """A member and its twin that hold the same."""

    key: str
    twin: str


class Following:
    """Acts as a person in either CRM, and through the engine as the commands do."""

    def __init__(self, stage: Stage, session: Session, teller: Teller, list_id: str) -> None:
        self._stage = stage
        self._session = session
        self._teller = teller
        self._list_id = list_id
        self._since = 0

    def perform(self) -> Followed:
        """Follow both CRMs, work in them, and return what came of it."""
        pairs = sorted(self._pairs())
        if len(pairs) < 3:
            raise Refusal("too few members are in step to edit: ask for more --contacts")
        self._since = self._stage.control.state()["journal"]
        self._turn_on()
        leaver, *others = pairs
        created = self._come_and_go(leaver)
        left_after = self._stage.control.state()["journal"]
        imported = self._import()
        edits = list(_planned(others))
        left = Edit("salesforce", leaver.key, leaver.twin, "city", "Somewhere else")
        self._work(edits, left, created)
        control = self._stage.control
        return Followed(
            list_id=self._list_id,
            edits=edits,
            left=left,
            left_after=left_after,
            entered=ENTERED,
            imported=imported,
            journal=control.journal(since=self._since),
            hubspot=control.records("hubspot", OBJECT),
            salesforce=[
                *control.records("salesforce", "Contact"),
                *control.records("salesforce", "Lead"),
            ],
        )

    def _pairs(self) -> Iterator[Pair]:
        control = self._stage.control
        members = control.members(self._list_id)
        contacts = {row["id"]: row["fields"] for row in control.records("hubspot", OBJECT)}
        for row in control.records("salesforce", "Contact"):
            key = row["fields"].get(EXTERNAL_ID)
            if key in members and key in contacts and in_step_with(contacts[key], row["fields"]):
                yield Pair(key, row["id"])

    def _turn_on(self) -> None:
        self._teller.step("Follow both CRMs")
        self._teller.typed("follow on")
        follow.turn_on(self._session.connected, OBJECT, by=self._session.who)
        every_s = self._session.loaded.settings.polls.hubspot_s
        self._teller.say(
            f"From now on beat has both CRMs asked for changes, here every {every_s:g} s."
        )

    def _come_and_go(self, leaver: Pair) -> str:
        """Let a contact leave the list and Salesforce create another; return the created id."""
        self._teller.step("One leaves the list, one is created in Salesforce")
        began = datetime.now(UTC)
        body = {"id": leaver.key, "properties": {"lifecyclestage": "other"}}
        self._edit("hubspot", OBJECT, "update", body)
        fields = {"FirstName": "Nora", "LastName": "Newcomer", "Email": ENTERED}
        created = str(self._edit("salesforce", "Contact", "insert", {"fields": fields})["id"])
        self._wait(
            lambda: self._held([leaver.key], Reason.LEFT_LIST, since=began),
            what="the contact that left is held",
        )
        self._wait(lambda: self._entered() is not None, what="the created contact is in HubSpot")
        self._teller.say(
            f"Contact {leaver.key} is now {Reason.LEFT_LIST}; contact {self._entered()} entered "
            "HubSpot although it is in no list, as the settings say."
        )
        return created

    def _import(self) -> list[str]:
        """Import some whom only Salesforce knows, by a report's ids; return their addresses."""
        self._teller.step("Import from Salesforce")
        self._teller.typed(f"import --ids {REPORT} --wait")
        found = dict(islice(self._strangers(), IMPORTED))
        (self._stage.folder / REPORT).write_text("\n".join(["Contact ID", *found]) + "\n")
        run = import_ids(self._session.connected, OBJECT, [*found], by=self._session.who)
        to_its_end(self._stage, self._session, self._teller, run)
        self._teller.say(
            f"{count(len(found))} people whom only Salesforce knew are in HubSpot now, with the "
            "e-mail address and no more: they are not in the list."
        )
        return [*found.values()]

    def _strangers(self) -> Iterator[tuple[str, str]]:
        """Yield id and address of Salesforce's contacts whom HubSpot does not have."""
        control = self._stage.control
        known = {row["fields"].get("email") for row in control.records("hubspot", OBJECT)}
        for row in control.records("salesforce", "Contact"):
            email = str(row["fields"].get("Email") or "").lower()
            if email and email not in known and not row["fields"].get(EXTERNAL_ID):
                yield row["id"], email

    def _work(self, edits: Sequence[Edit], left: Edit, created: str) -> None:
        """Edit on both sides, and wait until the last edit has reached the other one."""
        self._teller.step("Work in both CRMs")
        began, before = datetime.now(UTC), self._stage.control.state()["journal"]
        self._change(left)
        title = {"id": created, "fields": {"Title": "Head of Arrivals"}}
        self._edit("salesforce", "Contact", "update", title)
        for edit in edits:
            self._change(edit)
            time.sleep(EDIT_EVERY_S)  # people take their time
        self._teller.say(
            f"People made {count(len(edits))} edits, in HubSpot and in Salesforce by turns; "
            "somebody edited the contact that left, and the one that Salesforce created."
        )
        control = self._stage.control
        self._wait(
            lambda: caused(edits, control.journal(since=before)),
            what="every edit has reached the other side",
        )
        entered = str(self._entered())
        self._wait(
            lambda: (
                self._held([left.key, left.twin], Reason.LEFT_LIST, since=began)
                and self._held([entered, created], Reason.SF_CREATED_OUTSIDE_LIST, since=began)
            ),
            what="the edits of those outside the list have been looked at",
        )

    def _change(self, edit: Edit) -> None:
        type = OBJECT if edit.crm == "hubspot" else "Contact"
        self._edit(edit.crm, type, "update", edit.body)

    def _edit(self, crm: str, type: str, verb: str, body: Row) -> Row:
        return self._stage.control.edit(crm, type, verb, body)

    def _entered(self) -> str | None:
        """Return the id of the contact that Salesforce's creation became."""
        for entry in self._stage.control.journal(since=self._since):
            if entry["caller"] == CALLER and entry["fields"].get("email") == ENTERED:
                return str(entry["id"])
        return None

    def _held(self, names: Sequence[str], reason: Reason, *, since: datetime) -> bool:
        """Tell whether one of a record's names was looked at since then, and held for *reason*."""
        with self._session.database.read() as connection:
            looks = listing.history(connection, OBJECT, names)
        return any(
            row.outcome is Outcome.HELD
            and row.reason is reason
            and row.finished_at is not None
            and row.finished_at >= since
            for row in looks
        )

    def _wait(self, holds: Callable[[], bool], *, what: str) -> None:
        self._stage.processes.wait_until(holds, what=what, patience=PATIENCE_S, every=LOOK_EVERY_S)


def _planned(pairs: Sequence[Pair]) -> Iterator[Edit]:
    """Yield edits of both sides by turns; one pair is edited in both, each in another field."""
    for number, pair in enumerate(pairs[: EDITS - 1]):
        yield _edit_of(pair, number, crm="salesforce" if number % 2 else "hubspot")
    yield _edit_of(pairs[0], EDITS, crm="salesforce")


def _edit_of(pair: Pair, number: int, *, crm: str) -> Edit:
    if crm == "hubspot":
        return Edit(crm, *pair, "phone", f"+1 555 01{number:04}")
    return Edit(crm, *pair, "city", f"Springfield {number}")
