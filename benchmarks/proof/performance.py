"""The proof from the first process to the verdict."""

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import NamedTuple

from benchmarks.proof import accounts
from benchmarks.proof.evidence import Evidence, Marks
from benchmarks.proof.judge import CONVERGED_WITHIN_S, Finding, judge
from benchmarks.proof.people import People, Worked
from benchmarks.proof.script import FIELDS, Cast, Pair, Script
from benchmarks.proof.settings import toml
from console.demo.control import Row
from console.demo.proof import EXTERNAL_ID, in_step_with
from console.demo.stage import Stage, staged
from console.session import Session
from guestlist.domain.outcome import Outcome
from guestlist.engine import follow, launch, lists
from guestlist.store import runs
from guestlist.store.database import Database
from guestlist.store.runs import Run

OBJECT, BY = "contacts", "proof"
CYCLES = 20
"""Quiet ones, after which nothing may have been written."""
LOOK_EVERY_S = 0.25
ENOUGH_S = 600.0
"""For what has no promised time."""


class Load(NamedTuple):
    """How much is asked of it."""

    contacts: int
    rate: float
    """Edits a second, on each side."""
    seconds: float
    seed: str
    poll_s: float
    lag_s: float
    """From a contact's change to the membership that follows from it."""


class Proved(NamedTuple):
    """What it came to."""

    members: int
    broker: str
    worked: Worked
    first_sync_s: float
    settled_s: float
    """Until every edit had been looked at and nothing was left to do."""
    writes: int
    findings: list[Finding]


def prove(session: Session, load: Load, *, tell: Callable[[str], None]) -> Proved:
    """Run everything, and judge it."""
    settings = toml(poll_s=load.poll_s, settle_s=load.lag_s + 2)
    with staged(load.contacts, load.seed, toml=settings) as stage:
        try:
            return _Performance(stage, session, load, tell).whole()
        finally:
            session.close()


class _Performance:
    def __init__(
        self, stage: Stage, session: Session, load: Load, tell: Callable[[str], None]
    ) -> None:
        self._stage = stage
        self._control = stage.control
        self._session = session
        self._load = load
        self._tell = tell
        self._list_id = str(stage.sandbox["lists"]["inclusion"])

    @property
    def _database(self) -> Database:
        return self._session.database

    def whole(self) -> Proved:
        """Sync the list, follow, let people work, wait, be quiet, look once more, judge."""
        before = self._control.members(self._list_id)
        first_sync_s = self._begin()
        cast = self._cast()
        self._control.set_options("hubspot", {"list_lag": self._load.lag_s})
        edits_after = self._journalled()
        worked = self._work(cast)
        edits_until, ended = self._journalled(), time.monotonic()
        self._settle()
        settled_s = time.monotonic() - ended
        self._tell(f"nothing is left to do, {settled_s:.1f} s after the last edit")
        quiet_after = self._journalled()
        self._be_quiet()
        last = self._sync()
        marks = Marks(edits_after, edits_until, quiet_after)
        evidence = self._evidence(before, marks, last)
        return Proved(
            members=len(evidence.members),
            broker=self._stage.broker.name,
            worked=worked,
            first_sync_s=first_sync_s,
            settled_s=settled_s,
            writes=len(evidence.ours),
            findings=judge(evidence),
        )

    def _begin(self) -> float:
        """Start everything, sync the list once, and follow both CRMs; return the sync's seconds."""
        self._stage.start_workers()
        self._session.prepare_database()
        self._stage.start_beat()
        services = self._session.connected
        lists.use(services, OBJECT, lists.find_list(services, OBJECT, self._list_id), by=BY)
        self._stage.wait_for_workers()
        began = time.monotonic()
        run = self._sync()
        took = time.monotonic() - began
        self._tell(f"{run.enumerated:,} members synced in {took:.1f} s")
        moment = datetime.now(UTC)
        follow.turn_on(services, OBJECT, by=BY)
        self._wait(lambda: accounts.looked_since(self._database, moment), "everything is followed")
        self._wait(lambda: not accounts.busy(self._database), "the first looks have ended")
        return took

    def _sync(self) -> Run:
        """Sync the whole list, and return the run as it ended."""
        run = launch.start_list(self._session.connected, OBJECT, by=BY)
        self._wait(lambda: self._run(run.id).finished_at is not None, "the list is synced")
        return self._run(run.id)

    def _run(self, run_id: str) -> Run:
        with self._database.read() as connection:
            found = runs.get(connection, run_id)
        assert found
        return found

    def _work(self, cast: Cast) -> Worked:
        load = self._load
        self._tell(
            f"{load.rate:g} edits a second on each side for {load.seconds:g} s: "
            f"{len(cast.pairs):,} pairs, {len(cast.outsiders):,} contacts outside the list"
        )
        worked = People(self._control).work(
            Script(cast, seed=load.seed),
            rate=load.rate,
            seconds=load.seconds,
            alive=self._stage.processes.refuse_ended,
        )
        self._tell(f"{worked.edits:,} edits made, {worked.rate:.1f} a second")
        return worked

    def _settle(self) -> None:
        """Wait until every stream was looked at and no work is left, but not for ever.

        The list follows the last edits late: who joined by them is told only after that.
        """
        moment = datetime.now(UTC) + timedelta(seconds=self._load.lag_s + 1)
        until = time.monotonic() + 2 * CONVERGED_WITHIN_S
        steady = 0
        while steady < 3 and time.monotonic() < until:
            self._stage.processes.refuse_ended()
            time.sleep(LOOK_EVERY_S)
            looked = accounts.looked_since(self._database, moment)
            steady = steady + 1 if looked and not accounts.busy(self._database) else 0

    def _be_quiet(self) -> None:
        for _ in range(CYCLES):
            moment = datetime.now(UTC)
            self._wait(lambda at=moment: accounts.looked_since(self._database, at), "a poll")  # type: ignore[misc]
        self._tell(f"{CYCLES} quiet polls of every stream")

    def _wait(self, holds: Callable[[], bool], what: str) -> None:
        self._stage.processes.wait_until(holds, what=what, patience=ENOUGH_S, every=LOOK_EVERY_S)

    def _journalled(self) -> int:
        return int(self._control.state()["journal"])

    def _salesforce(self) -> Iterator[tuple[str, Row]]:
        for type in ("Contact", "Lead"):
            for row in self._control.records("salesforce", type):
                yield type, row

    def _cast(self) -> Cast:
        """Return who may be edited: pairs in step, who is outside, and whom Salesforce has too."""
        members = self._control.members(self._list_id)
        contacts = {row["id"]: row["fields"] for row in self._control.records("hubspot", OBJECT)}
        outsiders = {
            fields["email"].lower(): key
            for key, fields in contacts.items()
            if key not in members and fields.get("email")
        }
        pairs, strangers = [], []
        for type, row in self._salesforce():
            fields = row["fields"]
            key = fields.get(EXTERNAL_ID)
            if key in members and _in_step(contacts.get(key, {}), fields, type):
                pairs.append(Pair(key, type, row["id"]))
            outside = outsiders.get(str(fields.get("Email") or "").lower())
            if outside and not key and not fields.get("IsConverted"):
                strangers.append(Pair(outside, type, row["id"]))
        return Cast(sorted(pairs), sorted(outsiders.values()), sorted(strangers))

    def _evidence(self, before: frozenset[str], marks: Marks, last: Run) -> Evidence:
        services, kept = self._session.connected, accounts.read(self._database)
        return Evidence(
            list_id=self._list_id,
            lag_s=self._load.lag_s,
            proof_age_s=services.settings.guards.proof_age_s,
            before=before,
            members=self._control.members(self._list_id),
            journal=self._control.journal(),
            hubspot=self._control.records("hubspot", OBJECT),
            salesforce=[row for _, row in self._salesforce()],
            marks=marks,
            **kept._asdict(),
            unchanged=last.unchanged,
            refused=last.outcomes[Outcome.FAILED] + last.outcomes[Outcome.HELD],
        )


def _in_step(contact: Row, fields: Row, type: str) -> bool:
    names = {name: by[type] for name, by in FIELDS.items()}
    same = all((contact.get(a) or None) == (fields.get(b) or None) for a, b in names.items())
    return same and in_step_with(contact, fields)
